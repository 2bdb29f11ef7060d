package store

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"
)

// Policy is one policy instance.
type Policy struct {
	Type    string                     `json:"-"`
	Name    string                     `json:"name"`    // without "Tag:"
	Number  uint32                     `json:"number"`  // what assignments refer to; never used twice
	GraphID string                     `json:"graphId"` // opaque id of the Graph API
	BuiltIn bool                       `json:"builtIn,omitempty"`
	Values  map[string]json.RawMessage `json:"values"`
}

// Identity is the name as the service spells it: Global, or Tag:<name>.
func (p Policy) Identity() string {
	if p.Name == GlobalName {
		return GlobalName
	}
	return "Tag:" + p.Name
}

// IsGlobal tells whether this is the tenant's default.
func (p Policy) IsGlobal() bool { return p.Name == GlobalName }

// ReadOnlyError says that a built-in policy cannot be changed.
type ReadOnlyError struct{ Name string }

func (e *ReadOnlyError) Error() string {
	return fmt.Sprintf("policy %s is built in and cannot be changed", e.Name)
}

// AssignedError says that a policy that somebody has cannot be deleted.
type AssignedError struct {
	Name          string
	Users, Groups int
}

func (e *AssignedError) Error() string {
	return fmt.Sprintf("policy %s is currently assigned to %d users and %d groups; unassign it first", e.Name, e.Users, e.Groups)
}

// bareName takes the Tag: prefix off a name.
func bareName(name string) string {
	if len(name) >= 4 && strings.EqualFold(name[:4], "tag:") {
		return name[4:]
	}
	return name
}

func policyKey(name string) []byte { return []byte(strings.ToLower(bareName(name))) }

func (tx *Tx) policyBucket(t string) *bbolt.Bucket { return tx.b.Bucket(bktPolicy).Bucket([]byte(t)) }

func (tx *Tx) createPolicies() error {
	for _, t := range PolicyTypes() {
		for _, parent := range [][]byte{bktPolicy, bktDirect} {
			if _, err := tx.b.Bucket(parent).CreateBucketIfNotExists([]byte(t)); err != nil {
				return err
			}
		}
		if _, err := tx.insertPolicy(Policy{Type: t, Name: GlobalName, Values: defaults(t)}); err != nil {
			return err
		}
	}
	values := defaults(SetupPolicy)
	for k, v := range firstLineWorker() {
		values[k] = json.RawMessage(v)
	}
	_, err := tx.insertPolicy(Policy{Type: SetupPolicy, Name: FirstLineName, BuiltIn: true, Values: values})
	return err
}

func defaults(t string) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	for _, f := range Fields(t) {
		values[f.Name] = json.RawMessage(f.Default)
	}
	return values
}

func (tx *Tx) insertPolicy(p Policy) (Policy, error) {
	b := tx.policyBucket(p.Type)
	n, err := b.NextSequence()
	if err != nil {
		return p, err
	}
	p.Number = uint32(n)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%s|%d", tx.s.info.ID, p.Type, strings.ToLower(p.Name), n))
	p.GraphID = base64.RawURLEncoding.EncodeToString(sum[:])
	if err := tx.b.Bucket(bktPolicyID).Put([]byte(p.GraphID), []byte(p.Type+"\x00"+strings.ToLower(p.Name))); err != nil {
		return p, err
	}
	tx.touch(policyPart(p.Type), policyKey(p.Name), bktPolicy, []byte(p.Type))
	return p, put(b, policyKey(p.Name), p)
}

// Policy finds a policy by name, in any letter case, with or without "Tag:".
func (tx *Tx) Policy(t, name string) (Policy, error) {
	var p Policy
	if err := get(tx.policyBucket(t), policyKey(name), &p); err != nil {
		return p, fmt.Errorf("policy %s of type %s: %w", bareName(name), t, err)
	}
	p.Type = t
	return p, nil
}

// PolicyByGraphID finds a policy by the opaque id that Graph gave for it.
func (tx *Tx) PolicyByGraphID(id string) (Policy, error) {
	t, name, ok := strings.Cut(string(tx.b.Bucket(bktPolicyID).Get([]byte(id))), "\x00")
	if !ok {
		return Policy{}, fmt.Errorf("policy id %s: %w", id, ErrNotFound)
	}
	return tx.Policy(t, name)
}

// Policies lists the policies of a type: Global first, then by name.
func (tx *Tx) Policies(t string) ([]Policy, error) {
	var out []Policy
	err := tx.policyBucket(t).ForEach(func(k, v []byte) error {
		p := Policy{Type: t}
		if err := json.Unmarshal(v, &p); err != nil {
			return fmt.Errorf("policy %q is damaged: %w", k, err)
		}
		out = append(out, p)
		return nil
	})
	slices.SortStableFunc(out, func(a, b Policy) int {
		switch {
		case a.IsGlobal() == b.IsGlobal():
			return 0
		case a.IsGlobal():
			return -1
		}
		return 1
	})
	return out, err
}

// PolicyNames maps the numbers that assignments hold to policies.
func (tx *Tx) PolicyNames(t string) (map[uint32]Policy, error) {
	all, err := tx.Policies(t)
	out := make(map[uint32]Policy, len(all))
	for _, p := range all {
		out[p.Number] = p
	}
	return out, err
}

// CreatePolicy makes a policy. What values leaves out is copied from Global.
func (tx *Tx) CreatePolicy(t, name string, values map[string]json.RawMessage) (Policy, error) {
	if _, err := tx.Policy(t, name); err == nil {
		return Policy{}, fmt.Errorf("policy %s: %w", bareName(name), ErrExists)
	}
	base, err := tx.Policy(t, GlobalName)
	if err != nil {
		return Policy{}, err
	}
	for k, v := range values {
		base.Values[k] = v
	}
	return tx.insertPolicy(Policy{Type: t, Name: bareName(name), Values: base.Values})
}

// UpdatePolicy sets the given properties and keeps all others.
func (tx *Tx) UpdatePolicy(t, name string, values map[string]json.RawMessage) (Policy, error) {
	p, err := tx.Policy(t, name)
	if err != nil {
		return p, err
	}
	if p.BuiltIn {
		return p, &ReadOnlyError{Name: p.Name}
	}
	for k, v := range values {
		p.Values[k] = v
	}
	tx.touch(policyPart(t), policyKey(p.Name), bktPolicy, []byte(t))
	return p, put(tx.policyBucket(t), policyKey(p.Name), p)
}

// DeletePolicy removes a policy that nobody has. Global goes back to the
// defaults of a new organisation instead.
func (tx *Tx) DeletePolicy(t, name string) error {
	p, err := tx.Policy(t, name)
	if err != nil {
		return err
	}
	if p.BuiltIn {
		return &ReadOnlyError{Name: p.Name}
	}
	if p.IsGlobal() {
		p.Values = defaults(t)
		tx.touch(policyPart(t), policyKey(p.Name), bktPolicy, []byte(t))
		return put(tx.policyBucket(t), policyKey(p.Name), p)
	}
	users, groups, err := tx.holders(p)
	if err != nil {
		return err
	}
	still, err := tx.released(p)
	if err != nil {
		return err
	}
	if users+groups > 0 || still {
		return &AssignedError{Name: p.Name, Users: users, Groups: groups}
	}
	if err := tx.b.Bucket(bktPolicyID).Delete([]byte(p.GraphID)); err != nil {
		return err
	}
	tx.touch(policyPart(t), policyKey(p.Name), bktPolicy, []byte(t))
	return tx.policyBucket(t).Delete(policyKey(p.Name))
}

// holders counts who has a policy. It reads every assignment of the type:
// policies are deleted rarely, and a count kept apart could go wrong.
func (tx *Tx) holders(p Policy) (users, groups int, err error) {
	err = tx.b.Bucket(bktDirect).Bucket([]byte(p.Type)).ForEach(func(_, v []byte) error {
		if binary.BigEndian.Uint32(v) == p.Number {
			users++
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	grants, err := tx.GroupGrants(p.Type)
	for _, g := range grants {
		if g.Policy == p.Number {
			groups++
		}
	}
	return users, groups, err
}
