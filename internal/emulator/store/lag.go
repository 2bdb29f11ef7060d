package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// How a tenant shows late what it has taken at once.
//
// The database always holds the truth. While a part of the tenant is to lag,
// each change of an entry leaves an echo: where the entry is, what it was, and
// until when that is shown. A reading of the part undoes the echoes that are
// still sounding, newest first, inside a transaction that is never committed.
// So whatever a service reads (entries, lists, what follows from several of
// them) is consistently old, and no service knows of it.

// The parts of a tenant that can lag, by the names that configurations have for
// what is in them.
const (
	PartApps             = "app"
	PartSetupPolicy      = "setup_policy"
	PartPermissionPolicy = "permission_policy"
	PartGroups           = "group_assignment"
	PartPeople           = "policy_assignment"
	PartSettings         = "org_settings"
	PartAvailability     = "app_availability"
)

// Parts lists them.
func Parts() []string {
	return []string{PartApps, PartAvailability, PartGroups, PartPeople, PartPermissionPolicy, PartSettings, PartSetupPolicy}
}

// Mode is how a part lags.
type Mode string

// The modes.
const (
	LagReads    Mode = "lag"           // every read shows what was before
	LagLists    Mode = "list-lag"      // lists do; a read of the one entry shows the change
	Flap        Mode = "flapping"      // reads show old and new in turn
	SlowPublish Mode = "slow-publish"  // new and changed entries count later, also for people
	SlowDelete  Mode = "slow-delete"   // what was deleted goes later, also for people
	SlowRelease Mode = "slow-unassign" // a policy counts as held after its last holder has gone
)

// Lag says that changes of a part are shown later.
type Lag struct {
	Mode  Mode
	Parts []string // empty: all
	For   time.Duration
}

func (l Lag) fits(part string) bool { return len(l.Parts) == 0 || slices.Contains(l.Parts, part) }

// Request is what the transactions of one request do differently.
type Request struct {
	Lags []Lag // of what it changes
	Drop bool  // what it changes is not kept, and it is not told so
	// Partial: of a batch of people only every second one is done.
	Partial bool
	Part    string // what it reads, if it is a reading of one part
	List    bool   // it reads a list
	// People: it asks what counts for people, whom only slow changes concern.
	People bool
}

type requestKey struct{}

// With returns a context for the transactions of a request.
func With(ctx context.Context, r Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

func requestOf(ctx context.Context) Request {
	r, _ := ctx.Value(requestKey{}).(Request)
	return r
}

// Partial reports whether a request is to do only a part of its batch.
func Partial(ctx context.Context) bool { return requestOf(ctx).Partial }

// Plainly returns a context whose transactions read what is so now.
func Plainly(ctx context.Context) context.Context { return With(ctx, Request{}) }

var bktEchoes = []byte("echoes") // sequence number -> echo

// echo is one entry as it was.
type echo struct {
	Part  string    `json:"part"`
	Mode  Mode      `json:"mode"`
	Path  [][]byte  `json:"path"` // of buckets
	Key   []byte    `json:"key"`
	Old   []byte    `json:"old"` // nil: there was none
	Until time.Time `json:"until"`
	Reads int       `json:"reads,omitempty"` // flapping: how often it was read since

	seq []byte
}

func (e *echo) same(o *echo) bool {
	return bytes.Equal(e.Key, o.Key) && slices.EqualFunc(e.Path, o.Path, bytes.Equal)
}

// shown reports whether a reading shows the entry as it was.
func (e *echo) shown(r Request) bool {
	switch e.Mode {
	case LagReads:
		return r.Part == e.Part
	case LagLists:
		return r.Part == e.Part && r.List
	case Flap:
		return r.Part == e.Part && e.Reads%2 == 0
	case SlowPublish, SlowDelete:
		return r.Part == e.Part || r.People
	case SlowRelease:
	}
	return false
}

// touched is an entry that a transaction changes, as it was.
type touched struct {
	part string
	path [][]byte
	key  []byte
	old  []byte
	had  bool
}

// touch remembers an entry before it is changed, if echoes are kept.
func (tx *Tx) touch(part string, key []byte, path ...[]byte) {
	if !tx.echoing {
		return
	}
	b := tx.bucket(path)
	if b == nil {
		tx.touched = append(tx.touched, touched{part: part, path: path, key: bytes.Clone(key)})
		return
	}
	old := b.Get(key)
	tx.touched = append(tx.touched, touched{part, path, bytes.Clone(key), bytes.Clone(old), old != nil})
}

func (tx *Tx) bucket(path [][]byte) *bbolt.Bucket {
	b := tx.b.Bucket(path[0])
	for _, name := range path[1:] {
		if b == nil {
			return nil
		}
		b = b.Bucket(name)
	}
	return b
}

func policyPart(t string) string {
	if t == PermissionPolicy {
		return PartPermissionPolicy
	}
	return PartSetupPolicy
}

// errDropped undoes a transaction that is to look as if it were done.
var errDropped = errors.New("dropped on purpose")

// startEchoes decides whether a writing transaction keeps echoes: when it is to
// lag, and while others sound, which a prompt change of the same entry ends.
func (tx *Tx) startEchoes(r Request) {
	tx.echoing = len(r.Lags) > 0
	if b := tx.b.Bucket(bktEchoes); b != nil && !tx.echoing {
		k, _ := b.Cursor().First()
		tx.echoing = k != nil
	}
}

// keepEchoes stores the echoes of what the transaction has changed.
func (tx *Tx) keepEchoes(r Request) error {
	if !tx.echoing || len(tx.touched) == 0 {
		return nil
	}
	b, err := tx.b.CreateBucketIfNotExists(bktEchoes)
	if err != nil {
		return err
	}
	known, err := tx.echoes()
	if err != nil {
		return err
	}
	for _, t := range tx.touched {
		now, exists := []byte(nil), false
		if in := tx.bucket(t.path); in != nil {
			now = in.Get(t.key)
			exists = now != nil
		}
		kept := false
		for _, l := range r.Lags {
			if !l.fits(t.part) || !l.Mode.concerns(t, exists) {
				continue
			}
			kept = true
			e := echo{Part: t.part, Mode: l.Mode, Path: t.path, Key: t.key, Until: tx.Now().Add(l.For)}
			if t.had {
				e.Old = t.old
			}
			seq, err := b.NextSequence()
			if err != nil {
				return err
			}
			if err := put(b, binary.BigEndian.AppendUint64(nil, seq), e); err != nil {
				return err
			}
		}
		if err := tx.endEchoes(b, known, t, kept); err != nil {
			return err
		}
	}
	return nil
}

// concerns reports whether a mode applies to such a change of an entry.
func (m Mode) concerns(t touched, exists bool) bool {
	switch m {
	case SlowPublish:
		return exists
	case SlowDelete:
		return t.had && !exists
	case SlowRelease:
		return t.had
	default: // the others concern every change
		return true
	}
}

// endEchoes drops echoes of an entry that are over, and those of an entry that
// is changed without delay.
func (tx *Tx) endEchoes(b *bbolt.Bucket, known []*echo, t touched, kept bool) error {
	for _, e := range known {
		mine := e.same(&echo{Path: t.path, Key: t.key})
		if mine && (!kept || !tx.Now().Before(e.Until)) {
			if err := b.Delete(e.seq); err != nil {
				return err
			}
		}
	}
	return nil
}

// echoes lists all echoes, the newest first.
func (tx *Tx) echoes() ([]*echo, error) {
	b := tx.b.Bucket(bktEchoes)
	if b == nil {
		return nil, nil
	}
	var out []*echo
	c := b.Cursor()
	for k, v := c.Last(); k != nil; k, v = c.Prev() {
		e := &echo{seq: bytes.Clone(k)}
		if err := json.Unmarshal(v, e); err != nil {
			return nil, fmt.Errorf("echo %x is damaged: %w", k, err)
		}
		out = append(out, e)
	}
	return out, nil
}

// sounding lists the echoes that a reading shows, the newest first. An entry
// whose newest echo is over is shown as it is.
func (tx *Tx) sounding(r Request) ([]*echo, error) {
	all, err := tx.echoes()
	if err != nil {
		return nil, err
	}
	var out, over []*echo
	for _, e := range all {
		switch {
		case !tx.Now().Before(e.Until):
			over = append(over, e)
		case slices.ContainsFunc(over, e.same):
		case e.shown(r):
			out = append(out, e)
		}
	}
	return out, nil
}

// viewOld is View for a reading that may show what was before. Reads of entries
// that flap are counted, so that the next one shows the other value.
func (s *Store) viewOld(ctx context.Context, r Request, fn func(*Tx) error) error {
	var shown []*echo
	flaps := false
	err := s.file.view(ctx, func(b *bbolt.Tx) error {
		tx := &Tx{b: b, s: s}
		var err error
		if shown, err = tx.sounding(r); err != nil {
			return err
		}
		if flaps, err = tx.flaps(r); err != nil || len(shown) > 0 || flaps {
			return err
		}
		return fn(tx)
	})
	if err != nil || len(shown) == 0 && !flaps {
		return err
	}
	if flaps {
		if err := s.countReads(ctx, r); err != nil {
			return err
		}
	}
	err = s.file.update(ctx, func(b *bbolt.Tx) error {
		tx := &Tx{b: b, s: s}
		if err := tx.undo(shown); err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		return errDropped
	})
	if errors.Is(err, errDropped) {
		return nil
	}
	return err
}

func (tx *Tx) flaps(r Request) (bool, error) {
	all, err := tx.echoes()
	return slices.ContainsFunc(all, func(e *echo) bool {
		return e.Mode == Flap && e.Part == r.Part && tx.Now().Before(e.Until)
	}), err
}

// countReads notes a reading of a part whose entries flap.
func (s *Store) countReads(ctx context.Context, r Request) error {
	return s.file.update(ctx, func(b *bbolt.Tx) error {
		tx := &Tx{b: b, s: s}
		all, err := tx.echoes()
		if err != nil {
			return err
		}
		for _, e := range all {
			if e.Mode == Flap && e.Part == r.Part && tx.Now().Before(e.Until) {
				e.Reads++
				if err := put(b.Bucket(bktEchoes), e.seq, e); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// undo puts entries back to what they were.
func (tx *Tx) undo(list []*echo) error {
	for _, e := range list {
		b := tx.bucket(e.Path)
		if b == nil {
			continue
		}
		var err error
		if e.Old == nil {
			err = b.Delete(e.Key)
		} else {
			err = b.Put(e.Key, e.Old)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// released reports whether a policy still counts as held by those whose
// assignment was taken away a short while ago: as long as that does not count
// everywhere the service refuses to delete the policy (policy-plane facts 2.5).
func (tx *Tx) released(p Policy) (bool, error) {
	all, err := tx.echoes()
	for _, e := range all {
		if !tx.Now().Before(e.Until) || e.Old == nil {
			continue
		}
		switch e.Part {
		case PartPeople:
			if len(e.Old) == 4 && binary.BigEndian.Uint32(e.Old) == p.Number && bytes.Equal(e.Path[1], []byte(p.Type)) {
				return true, err
			}
		case PartGroups:
			var grants []GroupGrant
			if json.Unmarshal(e.Old, &grants) == nil && string(e.Key) == p.Type &&
				slices.ContainsFunc(grants, func(g GroupGrant) bool { return g.Policy == p.Number }) {
				return true, err
			}
		}
	}
	return false, err
}

// Notes are small texts that a tenant keeps for those who look after it, such
// as the faults that are switched on.

// Note reads a note into v; ErrNotFound when there is none.
func (tx *Tx) Note(name string, v any) error { return tx.meta("note/"+name, v) }

// PutNote keeps a note.
func (tx *Tx) PutNote(name string, v any) error {
	return put(tx.b.Bucket(bktMeta), []byte("note/"+name), v)
}
