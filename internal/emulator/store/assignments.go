package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

// MaxGroups is the number of groups that may hold policies of one type.
const MaxGroups = 64

// Assign gives a person a policy directly.
func (tx *Tx) Assign(user ids.ID, p Policy) error {
	tx.touch(PartPeople, user[:], bktDirect, []byte(p.Type))
	return tx.b.Bucket(bktDirect).Bucket([]byte(p.Type)).Put(user[:], binary.BigEndian.AppendUint32(nil, p.Number))
}

// Unassign takes a person's direct policy of a type away, if there is one.
func (tx *Tx) Unassign(user ids.ID, policyType string) error {
	tx.touch(PartPeople, user[:], bktDirect, []byte(policyType))
	return tx.b.Bucket(bktDirect).Bucket([]byte(policyType)).Delete(user[:])
}

// DirectAll goes through all direct assignments of a type in order of user id.
func (tx *Tx) DirectAll(policyType string, yield func(user ids.ID, policy uint32) error) error {
	return tx.b.Bucket(bktDirect).Bucket([]byte(policyType)).ForEach(func(k, v []byte) error {
		return yield(ids.ID(k), binary.BigEndian.Uint32(v))
	})
}

// GroupGrant is one policy held by a group. Its rank is its place in the list,
// from 1.
type GroupGrant struct {
	Group   ids.ID    `json:"group"`
	Policy  uint32    `json:"policy"`
	Created time.Time `json:"created"`
	By      string    `json:"by"` // object id
}

// GroupRefusal says why a group cannot be given a policy.
type GroupRefusal struct{ Message string }

func (e *GroupRefusal) Error() string { return e.Message }

// GroupGrants lists the group assignments of a type in rank order.
func (tx *Tx) GroupGrants(policyType string) ([]GroupGrant, error) {
	var list []GroupGrant
	err := get(tx.b.Bucket(bktGroup), []byte(policyType), &list)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return list, err
}

func (tx *Tx) putGroupGrants(policyType string, list []GroupGrant) error {
	tx.touch(PartGroups, []byte(policyType), bktGroup)
	return put(tx.b.Bucket(bktGroup), []byte(policyType), list)
}

// AssignGroup gives a group a policy at a rank. The rank is clamped to 1..n+1;
// 0 means last. What stands at the rank and below moves down by one. Giving
// the same policy again changes nothing, another one is refused: a group must
// let go of its policy of a type before it gets another, or another rank.
func (tx *Tx) AssignGroup(p Policy, g GroupGrant, rank int) error {
	if p.Type == PermissionPolicy {
		return &GroupRefusal{Message: "app permission policies cannot be assigned to groups"}
	}
	list, err := tx.GroupGrants(p.Type)
	if err != nil {
		return err
	}
	if at := slices.IndexFunc(list, func(x GroupGrant) bool { return x.Group == g.Group }); at >= 0 {
		if list[at].Policy == p.Number && (rank == 0 || rank == at+1) {
			return nil
		}
		return &GroupRefusal{Message: fmt.Sprintf("group %s already has a policy of type %s at rank %d; remove it first", g.Group, p.Type, at+1)}
	}
	if len(list) >= MaxGroups {
		return &GroupRefusal{Message: fmt.Sprintf("%d groups have policies of type %s, which is the most there can be", len(list), p.Type)}
	}
	at := len(list)
	if rank != 0 {
		at = min(max(rank, 1)-1, len(list))
	}
	g.Policy = p.Number
	return tx.putGroupGrants(p.Type, slices.Insert(list, at, g))
}

// UnassignGroup takes a group's policy of a type away; the ranks below close
// the gap. It gives ErrNotFound if the group has none.
func (tx *Tx) UnassignGroup(policyType string, group ids.ID) error {
	list, err := tx.GroupGrants(policyType)
	if err != nil {
		return err
	}
	kept := slices.DeleteFunc(slices.Clone(list), func(g GroupGrant) bool { return g.Group == group })
	if len(kept) == len(list) {
		return fmt.Errorf("assignment of a %s to group %s: %w", policyType, group, ErrNotFound)
	}
	return tx.putGroupGrants(policyType, kept)
}

// FindGroup finds one group by id or mail address.
func (tx *Tx) FindGroup(ref string) (Group, error) {
	if id, err := ids.Parse(ref); err == nil {
		return tx.Group(id)
	}
	if strings.Contains(ref, "@") {
		if found := tx.GroupsByMail(ref); len(found) == 1 {
			return found[0], nil
		}
	}
	return Group{}, fmt.Errorf("group %s: %w", ref, ErrNotFound)
}
