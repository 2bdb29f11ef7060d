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

// Import is a directory on its way into a tenant.
type Import struct {
	Directory *people.Directory
	// Digest is that of the people file, recorded for DirectoryDigest; empty
	// keeps the one that is recorded, for people that come from elsewhere.
	Digest string
	// Fresh, if any, runs in the last transaction of an import into a tenant
	// that had no directory yet.
	Fresh func(*Tx) error
	// Reset says that the tenant becomes a fresh one of that kind in the last
	// transaction. What it leaves empty stays as it is.
	Reset *Info
	// Progress, if any, is told how many entries of the total are written.
	Progress func(done, total int)

	done, total int
}

// ReplaceDirectory makes d the directory. People and groups that are gone take
// their assignments with them. It is written as a new generation in several
// transactions; the last one switches over, so an import that is killed leaves
// the old directory in place.
func (s *Store) ReplaceDirectory(ctx context.Context, d *people.Directory, digest string) error {
	return s.Import(ctx, Import{Directory: d, Digest: digest})
}

// Import is ReplaceDirectory with more to say.
func (s *Store) Import(ctx context.Context, m Import) error {
	err := s.importOnce(ctx, m)
	if !errors.Is(err, errOvertaken) {
		return err
	}
	same := false
	if err := s.View(ctx, func(tx *Tx) error { same = m.Digest != "" && tx.DirectoryDigest() == m.Digest; return nil }); err != nil {
		return err
	}
	if same {
		return nil
	}
	return s.importOnce(ctx, m)
}

func (s *Store) importOnce(ctx context.Context, m Import) error {
	var gen []byte
	err := s.Update(ctx, func(tx *Tx) error {
		var err error
		gen, err = tx.newGeneration()
		return err
	})
	if err != nil {
		return err
	}
	if err := s.fill(ctx, gen, &m); err != nil {
		return err
	}
	return s.Update(ctx, func(tx *Tx) error {
		if m.Reset != nil {
			if err := tx.reset(*m.Reset); err != nil {
				return err
			}
		}
		fresh := tx.generation() == nil
		if err := tx.switchTo(gen, m.Directory, m.Digest); err != nil || !fresh || m.Fresh == nil {
			return err
		}
		return m.Fresh(tx)
	})
}

// step counts entries that are written.
func (m *Import) step(n int) {
	m.done += n
	if m.Progress != nil {
		m.Progress(m.done, m.total)
	}
}

// size is the number of entries to write.
func (m *Import) size() int {
	n := 2 * len(m.Directory.Users)
	for _, g := range m.Directory.Groups {
		n += 2 + 2*(len(g.Users)+len(g.Groups))
		if g.Mail != "" {
			n++
		}
	}
	return n
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
func (s *Store) fill(ctx context.Context, gen []byte, m *Import) error {
	d := m.Directory
	m.total = m.size()
	load := func(bucket []byte, n int, entry func(i int) (k, v []byte)) error {
		return s.load(ctx, gen, bucket, n, entry, m.step)
	}
	return firstError(
		func() error {
			return load(bktUsers, len(d.Users), func(i int) ([]byte, []byte) { return d.Users[i].ID[:], encodeUser(d.Users[i]) })
		},
		func() error { return loadUPNs(load, d.Users) },
		func() error {
			return load(bktGroups, len(d.Groups), func(i int) ([]byte, []byte) {
				return d.Groups[i].ID[:], appendText(appendText(nil, d.Groups[i].Name), d.Groups[i].Mail)
			})
		},
		func() error { return loadGroupIndexes(load, d.Groups) },
		func() error { return loadMembership(load, d.Groups) },
	)
}

// loader puts n entries, which come in key order, into one bucket.
type loader func(bucket []byte, n int, entry func(i int) (k, v []byte)) error

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

// load is a loader that writes in chunks and counts them.
func (s *Store) load(ctx context.Context, gen, bucket []byte, n int, entry func(i int) (k, v []byte), step func(int)) error {
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
		step(min(chunk, n-from))
	}
	return nil
}

func loadUPNs(load loader, users []people.User) error {
	type row struct {
		upn string
		at  int
	}
	rows := make([]row, len(users))
	for i, u := range users {
		rows[i] = row{strings.ToLower(u.UPN), i}
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.upn, b.upn) })
	return load(bktUPNs, len(rows), func(i int) ([]byte, []byte) { return []byte(rows[i].upn), users[rows[i].at].ID[:] })
}

func loadGroupIndexes(load loader, groups []people.Group) error {
	var names, mails [][]byte
	for _, g := range groups {
		names = append(names, append(append([]byte(strings.ToLower(g.Name)), 0), g.ID[:]...))
		if g.Mail != "" {
			mails = append(mails, append(append([]byte(strings.ToLower(g.Mail)), 0), g.ID[:]...))
		}
	}
	return firstError(
		func() error { return loadKeys(load, bktNames, names) },
		func() error { return loadKeys(load, bktMails, mails) },
	)
}

func loadKeys(load loader, bucket []byte, keys [][]byte) error {
	slices.SortFunc(keys, bytes.Compare)
	return load(bucket, len(keys), func(i int) ([]byte, []byte) { return keys[i], nil })
}

// loadMembership writes who is in which group, both ways round. All groups go
// in together: with a transaction for each, thousands of groups would wait for
// the disk thousands of times.
func loadMembership(load loader, groups []people.Group) error {
	type pair struct {
		group  ids.ID
		member Member
	}
	var all []pair
	for _, g := range groups {
		for _, id := range g.Users {
			all = append(all, pair{g.ID, Member{ID: id}})
		}
		for _, id := range g.Groups {
			all = append(all, pair{g.ID, Member{ID: id, Group: true}})
		}
	}
	err := load(bktMembers, len(all), func(i int) ([]byte, []byte) { return memberKey(all[i].group, all[i].member), nil })
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b pair) int {
		if c := ids.Compare(a.member.ID, b.member.ID); c != 0 {
			return c
		}
		return ids.Compare(a.group, b.group)
	})
	return load(bktOf, len(all), func(i int) ([]byte, []byte) {
		return append(all[i].member.ID[:], all[i].group[:]...), nil
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
	if digest != "" {
		if err := meta.Put([]byte("peopleDigest"), []byte(digest)); err != nil {
			return err
		}
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
	return tx.dropGoneAssignees()
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
