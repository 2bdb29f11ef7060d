package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

// The directory lives in a numbered generation, so that a new people file is
// built beside the old one and takes its place in a single small transaction.
// Buckets of a generation:
//
//	users    id                    -> flags, upn, name, mail
//	upns     lower-case upn        -> id
//	groups   id                    -> name, mail
//	names    lower-case name NUL id-> nothing
//	mails    lower-case mail NUL id-> nothing
//	members  group, kind, member   -> nothing        direct members
//	of       member, group         -> nothing        direct memberships
//	totals   "users"               -> count
var (
	bktUsers   = []byte("users")
	bktUPNs    = []byte("upns")
	bktGroups  = []byte("groups")
	bktNames   = []byte("names")
	bktMails   = []byte("mails")
	bktMembers = []byte("members")
	bktOf      = []byte("of")
	bktTotals  = []byte("totals")
)

// Kinds of group members, in the order in which they are listed.
const (
	memberUser  = 'u'
	memberGroup = 'v'
)

// User is one person of the directory.
type User struct {
	ID      ids.ID
	UPN     string
	Name    string
	Mail    string
	Guest   bool
	Enabled bool
}

// Group is one group of the directory.
type Group struct {
	ID   ids.ID
	Name string
	Mail string
}

func (tx *Tx) generation() *bbolt.Bucket {
	key := tx.b.Bucket(bktMeta).Get([]byte("directory"))
	if key == nil {
		return nil
	}
	return tx.b.Bucket(bktDir).Bucket(key)
}

func (tx *Tx) dir(name []byte) *bbolt.Bucket { return tx.generation().Bucket(name) }

const (
	flagGuest    = 1
	flagDisabled = 2
)

func appendText(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

func cutText(src []byte) (string, []byte) {
	n, used := binary.Uvarint(src)
	if used <= 0 || uint64(len(src)-used) < n {
		return "", nil
	}
	return string(src[used : used+int(n)]), src[used+int(n):]
}

func decodeUser(key, value []byte) User {
	u := User{Enabled: true}
	copy(u.ID[:], key)
	if len(value) == 0 {
		return u
	}
	u.Guest, u.Enabled = value[0]&flagGuest != 0, value[0]&flagDisabled == 0
	rest := value[1:]
	u.UPN, rest = cutText(rest)
	u.Name, rest = cutText(rest)
	u.Mail, _ = cutText(rest)
	return u
}

func decodeGroup(key, value []byte) Group {
	var g Group
	copy(g.ID[:], key)
	rest := value
	g.Name, rest = cutText(rest)
	g.Mail, _ = cutText(rest)
	return g
}

// User finds a person by id.
func (tx *Tx) User(id ids.ID) (User, error) {
	value := tx.dir(bktUsers).Get(id[:])
	if value == nil {
		return User{}, fmt.Errorf("user %s: %w", id, ErrNotFound)
	}
	return decodeUser(id[:], value), nil
}

// UserByUPN finds a person by user principal name, in any letter case.
func (tx *Tx) UserByUPN(upn string) (User, error) {
	key := tx.dir(bktUPNs).Get([]byte(strings.ToLower(upn)))
	if key == nil {
		return User{}, fmt.Errorf("user %s: %w", upn, ErrNotFound)
	}
	return tx.User(ids.ID(key))
}

// FindUser finds a person by id or user principal name.
func (tx *Tx) FindUser(ref string) (User, error) {
	if id, err := ids.Parse(ref); err == nil {
		return tx.User(id)
	}
	return tx.UserByUPN(ref)
}

// HasUser tells whether a person is in the directory.
func (tx *Tx) HasUser(id ids.ID) bool { return tx.dir(bktUsers).Get(id[:]) != nil }

// CountUsers is the number of people in the directory.
func (tx *Tx) CountUsers() int {
	n, _ := binary.Uvarint(tx.dir(bktTotals).Get(bktUsers))
	return int(n)
}

// Users goes through people in order of id, starting after the given one
// (nil: at the first), until yield says stop.
func (tx *Tx) Users(after *ids.ID, yield func(User) bool) {
	walk(tx.dir(bktUsers), after, func(k, v []byte) bool { return yield(decodeUser(k, v)) })
}

// Groups goes through groups in order of id, as Users does.
func (tx *Tx) Groups(after *ids.ID, yield func(Group) bool) {
	walk(tx.dir(bktGroups), after, func(k, v []byte) bool { return yield(decodeGroup(k, v)) })
}

func walk(b *bbolt.Bucket, after *ids.ID, yield func(k, v []byte) bool) {
	c := b.Cursor()
	k, v := c.First()
	if after != nil {
		if k, v = c.Seek(after[:]); bytes.Equal(k, after[:]) {
			k, v = c.Next()
		}
	}
	for ; k != nil; k, v = c.Next() {
		if !yield(k, v) {
			return
		}
	}
}

// Group finds a group by id.
func (tx *Tx) Group(id ids.ID) (Group, error) {
	value := tx.dir(bktGroups).Get(id[:])
	if value == nil {
		return Group{}, fmt.Errorf("group %s: %w", id, ErrNotFound)
	}
	return decodeGroup(id[:], value), nil
}

// GroupsByName finds groups by display name, in order of id. Names are not
// unique.
func (tx *Tx) GroupsByName(name string) []Group { return tx.groupsBy(bktNames, name) }

// GroupsByMail finds groups by mail address, in order of id.
func (tx *Tx) GroupsByMail(mail string) []Group { return tx.groupsBy(bktMails, mail) }

func (tx *Tx) groupsBy(index []byte, text string) []Group {
	var out []Group
	prefix := append([]byte(strings.ToLower(text)), 0)
	c := tx.dir(index).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		if g, err := tx.Group(ids.ID(k[len(prefix):])); err == nil {
			out = append(out, g)
		}
	}
	return out
}
