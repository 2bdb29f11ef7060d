package store

import (
	"bytes"
	"encoding/binary"

	"go.etcd.io/bbolt"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

// Where a person's policy comes from.
const (
	FromDirect = "direct"
	FromGroup  = "group"
	FromGlobal = "global"
)

// EffectivePolicy is the one policy of a type that counts for a person.
type EffectivePolicy struct {
	Policy Policy
	Source string // direct, group or global
	Group  ids.ID // if the source is a group
}

// Resolver answers for many people which policy of one type counts: the one
// they hold directly, else that of the best-ranked group they are a direct
// member of, else Global. It reads people in order of id fastest.
type Resolver struct {
	names  map[uint32]Policy
	global Policy
	grants []GroupGrant
	direct *follower
	of     *follower
}

// Resolver prepares to answer for one policy type.
func (tx *Tx) Resolver(policyType string) (*Resolver, error) {
	names, err := tx.PolicyNames(policyType)
	if err != nil {
		return nil, err
	}
	r := &Resolver{names: names, direct: follow(tx.b.Bucket(bktDirect).Bucket([]byte(policyType)))}
	for _, p := range names {
		if p.IsGlobal() {
			r.global = p
		}
	}
	if r.grants, err = tx.GroupGrants(policyType); err != nil {
		return nil, err
	}
	r.of = follow(tx.dir(bktOf))
	return r, nil
}

// Effective finds the policy that counts for a person.
func (r *Resolver) Effective(user ids.ID) EffectivePolicy {
	if k, v := r.direct.seek(user[:]); bytes.Equal(k, user[:]) {
		return EffectivePolicy{Policy: r.names[binary.BigEndian.Uint32(v)], Source: FromDirect}
	}
	best := len(r.grants)
	if best > 0 {
		for k, _ := r.of.seek(user[:]); bytes.HasPrefix(k, user[:]); k, _ = r.of.next() {
			for i := range best {
				if bytes.Equal(r.grants[i].Group[:], k[16:]) {
					best = i
					break
				}
			}
		}
	}
	if best < len(r.grants) {
		return EffectivePolicy{Policy: r.names[r.grants[best].Policy], Source: FromGroup, Group: r.grants[best].Group}
	}
	return EffectivePolicy{Policy: r.global, Source: FromGlobal}
}

// follower is a cursor that is asked for ever larger keys: it knows that no
// key lies between the last question and its place, and steps forward a
// little before it searches from the root again.
type follower struct {
	c    *bbolt.Cursor
	last []byte // no key of the bucket is in [last, k)
	k, v []byte
}

func follow(b *bbolt.Bucket) *follower { return &follower{c: b.Cursor()} }

// seek moves to the first key that is not before key.
func (f *follower) seek(key []byte) ([]byte, []byte) {
	defer func() { f.last = key }()
	if f.last == nil || bytes.Compare(f.last, key) >= 0 {
		f.k, f.v = f.c.Seek(key)
		return f.k, f.v
	}
	for range 8 {
		if f.k == nil || bytes.Compare(f.k, key) >= 0 {
			return f.k, f.v
		}
		f.k, f.v = f.c.Next()
	}
	f.k, f.v = f.c.Seek(key)
	return f.k, f.v
}

func (f *follower) next() ([]byte, []byte) {
	f.last = f.k
	f.k, f.v = f.c.Next()
	return f.k, f.v
}

// EffectiveOf finds the policy of one type that counts for one person.
func (tx *Tx) EffectiveOf(user ids.ID, policyType string) (EffectivePolicy, error) {
	r, err := tx.Resolver(policyType)
	if err != nil {
		return EffectivePolicy{}, err
	}
	return r.Effective(user), nil
}
