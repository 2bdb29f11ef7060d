package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/people"
)

// chunk is the number of entries that one transaction of an import writes:
// large enough to be quick, small enough that memory stays bounded and other
// processes get their turn in between.
const chunk = 100_000

// DirectoryDigest is the digest of the people file that the directory was
// made from, empty for a tenant without a directory.
func (tx *Tx) DirectoryDigest() string {
	return string(tx.b.Bucket(bktMeta).Get([]byte("peopleDigest")))
}

// errOvertaken says that another process finished an import in the meantime.
var errOvertaken = errors.New("the directory was replaced by another process in the meantime; run it again")

// ReplaceDirectory makes d the directory. People and groups that are gone take
// their assignments with them. It is written as a new generation in several
// transactions; the last one switches over, so an import that is killed leaves
// the old directory in place.
func (s *Store) ReplaceDirectory(ctx context.Context, d *people.Directory, digest string) error {
	err := s.replaceDirectory(ctx, d, digest)
	if !errors.Is(err, errOvertaken) {
		return err
	}
	same := false
	if err := s.View(ctx, func(tx *Tx) error { same = tx.DirectoryDigest() == digest; return nil }); err != nil {
		return err
	}
	if same {
		return nil
	}
	return s.replaceDirectory(ctx, d, digest)
}

func (s *Store) replaceDirectory(ctx context.Context, d *people.Directory, digest string) error {
	var gen []byte
	err := s.Update(ctx, func(tx *Tx) error {
		var err error
		gen, err = tx.newGeneration()
		return err
	})
	if err != nil {
		return err
	}
	if err := s.fill(ctx, gen, d); err != nil {
		return err
	}
	return s.Update(ctx, func(tx *Tx) error { return tx.switchTo(gen, d, digest) })
}

func (tx *Tx) newGeneration() ([]byte, error) {
	root := tx.b.Bucket(bktDir)
	n, err := root.NextSequence()
	if err != nil {
		return nil, err
	}
	gen := binary.BigEndian.AppendUint32(nil, uint32(n))
	b, err := root.CreateBucket(gen)
	if err != nil {
		return nil, err
	}
	for _, name := range [][]byte{bktUsers, bktUPNs, bktGroups, bktNames, bktMails, bktMembers, bktOf, bktTotals} {
		if _, err := b.CreateBucket(name); err != nil {
			return nil, err
		}
	}
	return gen, nil
}

// fill writes every bucket of a generation in key order, which is what bbolt
// is fast at.
func (s *Store) fill(ctx context.Context, gen []byte, d *people.Directory) error {
	return firstError(
		func() error {
			return s.load(ctx, gen, bktUsers, len(d.Users), func(i int) ([]byte, []byte) { return d.Users[i].ID[:], encodeUser(d.Users[i]) })
		},
		func() error { return s.loadUPNs(ctx, gen, d.Users) },
		func() error {
			return s.load(ctx, gen, bktGroups, len(d.Groups), func(i int) ([]byte, []byte) {
				return d.Groups[i].ID[:], appendText(appendText(nil, d.Groups[i].Name), d.Groups[i].Mail)
			})
		},
		func() error { return s.loadGroupIndexes(ctx, gen, d.Groups) },
		func() error { return s.loadMembership(ctx, gen, d.Groups) },
	)
}

func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func encodeUser(u people.User) []byte {
	var flags byte
	if u.Guest {
		flags |= flagGuest
	}
	if u.Disabled {
		flags |= flagDisabled
	}
	out := make([]byte, 1, 8+len(u.UPN)+len(u.Name)+len(u.Mail))
	out[0] = flags
	return appendText(appendText(appendText(out, u.UPN), u.Name), u.Mail)
}

// load puts n entries, which come in key order, into one bucket.
func (s *Store) load(ctx context.Context, gen, bucket []byte, n int, entry func(i int) (k, v []byte)) error {
	for from := 0; from < n; from += chunk {
		err := s.Update(ctx, func(tx *Tx) error {
			g := tx.b.Bucket(bktDir).Bucket(gen)
			if g == nil {
				return errOvertaken
			}
			b := g.Bucket(bucket)
			b.FillPercent = 1
			for i := from; i < min(from+chunk, n); i++ {
				k, v := entry(i)
				if err := b.Put(k, v); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) loadUPNs(ctx context.Context, gen []byte, users []people.User) error {
	type row struct {
		upn string
		at  int
	}
	rows := make([]row, len(users))
	for i, u := range users {
		rows[i] = row{strings.ToLower(u.UPN), i}
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.upn, b.upn) })
	return s.load(ctx, gen, bktUPNs, len(rows), func(i int) ([]byte, []byte) { return []byte(rows[i].upn), users[rows[i].at].ID[:] })
}

func (s *Store) loadGroupIndexes(ctx context.Context, gen []byte, groups []people.Group) error {
	var names, mails [][]byte
	for _, g := range groups {
		names = append(names, append(append([]byte(strings.ToLower(g.Name)), 0), g.ID[:]...))
		if g.Mail != "" {
			mails = append(mails, append(append([]byte(strings.ToLower(g.Mail)), 0), g.ID[:]...))
		}
	}
	return firstError(
		func() error { return s.loadKeys(ctx, gen, bktNames, names) },
		func() error { return s.loadKeys(ctx, gen, bktMails, mails) },
	)
}

func (s *Store) loadKeys(ctx context.Context, gen, bucket []byte, keys [][]byte) error {
	slices.SortFunc(keys, bytes.Compare)
	return s.load(ctx, gen, bucket, len(keys), func(i int) ([]byte, []byte) { return keys[i], nil })
}

func (s *Store) loadMembership(ctx context.Context, gen []byte, groups []people.Group) error {
	type pair struct{ member, group ids.ID }
	var of []pair
	for _, g := range groups {
		for _, list := range []struct {
			of    []ids.ID
			group bool
		}{{g.Users, false}, {g.Groups, true}} {
			err := s.load(ctx, gen, bktMembers, len(list.of), func(i int) ([]byte, []byte) {
				return memberKey(g.ID, Member{ID: list.of[i], Group: list.group}), nil
			})
			if err != nil {
				return err
			}
			for _, m := range list.of {
				of = append(of, pair{m, g.ID})
			}
		}
	}
	slices.SortFunc(of, func(a, b pair) int {
		if c := ids.Compare(a.member, b.member); c != 0 {
			return c
		}
		return ids.Compare(a.group, b.group)
	})
	return s.load(ctx, gen, bktOf, len(of), func(i int) ([]byte, []byte) {
		return append(of[i].member[:], of[i].group[:]...), nil
	})
}

// switchTo makes a filled generation the directory and drops all others.
func (tx *Tx) switchTo(gen []byte, d *people.Directory, digest string) error {
	meta, root := tx.b.Bucket(bktMeta), tx.b.Bucket(bktDir)
	if root.Bucket(gen) == nil {
		return errOvertaken
	}
	totals := root.Bucket(gen).Bucket(bktTotals)
	if err := totals.Put(bktUsers, binary.AppendUvarint(nil, uint64(len(d.Users)))); err != nil {
		return err
	}
	if err := meta.Put([]byte("directory"), gen); err != nil {
		return err
	}
	if err := meta.Put([]byte("peopleDigest"), []byte(digest)); err != nil {
		return err
	}
	var others [][]byte
	err := root.ForEachBucket(func(k []byte) error {
		if !bytes.Equal(k, gen) {
			others = append(others, bytes.Clone(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range others {
		if err := root.DeleteBucket(k); err != nil {
			return err
		}
	}
	return tx.dropOrphans()
}

// dropOrphans removes the assignments of people and groups that are gone.
func (tx *Tx) dropOrphans() error {
	for _, t := range PolicyTypes() {
		if err := tx.dropOrphanUsers(t); err != nil {
			return err
		}
		grants, err := tx.GroupGrants(t)
		if err != nil {
			return err
		}
		kept := slices.DeleteFunc(slices.Clone(grants), func(g GroupGrant) bool {
			_, err := tx.Group(g.Group)
			return err != nil
		})
		if len(kept) != len(grants) {
			if err := tx.putGroupGrants(t, kept); err != nil {
				return err
			}
		}
	}
	return nil
}

func (tx *Tx) dropOrphanUsers(t string) error {
	b := tx.b.Bucket(bktDirect).Bucket([]byte(t))
	if b == nil {
		return nil
	}
	var gone [][]byte
	err := b.ForEach(func(k, _ []byte) error {
		if !tx.HasUser(ids.ID(k)) {
			gone = append(gone, bytes.Clone(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return deleteAll(b, gone)
}

func deleteAll(b *bbolt.Bucket, keys [][]byte) error {
	for _, k := range keys {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}
