package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

// Format is the version of the file's layout. A file of another version is
// refused, never converted silently.
const Format = 1

// Top-level buckets.
var (
	bktMeta     = []byte("meta")        // info, format, digest and generation of the directory
	bktDir      = []byte("directory")   // generation -> buckets of directory.go
	bktPolicy   = []byte("policies")    // type -> lower-case name -> policy JSON
	bktPolicyID = []byte("policyids")   // Graph policy id -> type NUL lower-case name
	bktDirect   = []byte("direct")      // type -> user id -> policy number
	bktGroup    = []byte("groupgrants") // type -> JSON list in rank order
	bktApps     = []byte("apps")        // catalog id -> app JSON
	bktAppExt   = []byte("appmanifest") // lower-case manifest id -> catalog id
	bktPackages = []byte("packages")    // catalog id, version -> zip
	bktSettings = []byte("settings")    // name -> JSON
	bktOps      = []byte("operations")  // batch operation id -> JSON
	bktAvail    = []byte("appcentric")  // app id in lower case -> app record JSON; made when first needed
)

// Sentinel errors. Services turn them into answers.
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("exists already")
)

// Info is what a tenant says about itself.
type Info struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	AccessModel string    `json:"accessModel"`
	Created     time.Time `json:"created"`
}

// Options open a store.
type Options struct {
	File FileOptions
	// Want says what the tenant shall be, given the digest of the people file
	// that it knows. Empty fields keep what the file has.
	Want     func(peopleDigest string) (Info, error)
	Defaults Info // fill the gaps of a tenant that is created now
	Clock    func() time.Time
}

// Store is one tenant's file.
type Store struct {
	file  *file
	clock func() time.Time
	info  Info
}

// Open opens or creates the file. The lock is free again when it returns.
func Open(ctx context.Context, o Options) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(o.File.Path), 0o700); err != nil {
		return nil, fmt.Errorf("create the folder of the emulated tenant: %w", err)
	}
	s := &Store{file: newFile(o.File), clock: o.Clock}
	fresh, digest := false, ""
	err := s.View(ctx, func(tx *Tx) error {
		if tx.b.Bucket(bktMeta) == nil {
			fresh = true
			return nil
		}
		digest = tx.DirectoryDigest()
		return firstError(tx.checkFormat, func() error { return tx.meta("info", &s.info) })
	})
	if err == nil {
		err = s.settle(ctx, o, fresh, digest)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// settle creates the tenant or changes what the caller wants changed.
func (s *Store) settle(ctx context.Context, o Options, fresh bool, digest string) error {
	want, err := o.Want(digest)
	if err != nil {
		return err
	}
	differs := want.Name != "" && want.Name != s.info.Name ||
		want.AccessModel != "" && want.AccessModel != s.info.AccessModel ||
		want.ID != "" && !strings.EqualFold(want.ID, s.info.ID)
	if !fresh && !differs {
		return nil
	}
	return s.Update(ctx, func(tx *Tx) error { return tx.initialise(want, o.Defaults) })
}

func (tx *Tx) checkFormat() error {
	var format int
	if err := tx.meta("format", &format); err != nil {
		return err
	}
	if format != Format {
		return fmt.Errorf("emulated tenant %s has format %d, this program reads format %d; use the program that wrote it or start with a new file", tx.s.file.opt.Path, format, Format)
	}
	return nil
}

// Close waits for running transactions and closes the file.
func (s *Store) Close() error { return s.file.close() }

// Info tells which tenant this is.
func (s *Store) Info() Info { return s.info }

// Path is where the file is.
func (s *Store) Path() string { return s.file.opt.Path }

// TenantID is the tenant's id as a key.
func (s *Store) TenantID() ids.ID {
	id, _ := ids.Parse(s.info.ID) // checked when the tenant was created
	return id
}

// View runs a read-only transaction. Transactions do not nest, and nothing
// that blocks on a client may run inside one.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	if r := requestOf(ctx); r.Part != "" || r.People {
		return s.viewOld(ctx, r, fn)
	}
	return s.file.view(ctx, func(b *bbolt.Tx) error { return fn(&Tx{b: b, s: s}) })
}

// Update runs one read-write transaction, durable when it returns nil.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	r := requestOf(ctx)
	err := s.file.update(ctx, func(b *bbolt.Tx) error {
		tx := &Tx{b: b, s: s}
		tx.startEchoes(r)
		if err := fn(tx); err != nil {
			return err
		}
		if r.Drop {
			return errDropped
		}
		return tx.keepEchoes(r)
	})
	if errors.Is(err, errDropped) {
		return nil
	}
	return err
}

// Tx is one transaction on a tenant.
type Tx struct {
	b *bbolt.Tx
	s *Store

	echoing bool // what it changes is remembered
	touched []touched
}

// Now is the tenant's clock in UTC, whole seconds.
func (tx *Tx) Now() time.Time { return tx.s.clock().UTC().Truncate(time.Second) }

func (tx *Tx) meta(key string, v any) error {
	return get(tx.b.Bucket(bktMeta), []byte(key), v)
}

// initialise writes a fresh tenant, or changes what may change of an old one.
func (tx *Tx) initialise(want, defaults Info) error {
	meta, err := tx.b.CreateBucketIfNotExists(bktMeta)
	if err != nil {
		return err
	}
	have := defaults
	have.Created = tx.Now()
	fresh := meta.Get([]byte("info")) == nil
	if !fresh {
		if err := tx.meta("info", &have); err != nil {
			return err
		}
		if want.ID != "" && !strings.EqualFold(want.ID, have.ID) {
			return fmt.Errorf("emulated tenant %s is tenant %s, not %s; use another file, or remove this one to start afresh", tx.s.file.opt.Path, have.ID, want.ID)
		}
	}
	info := Info{ID: either(want.ID, have.ID), Name: either(want.Name, have.Name), AccessModel: either(want.AccessModel, have.AccessModel), Created: have.Created}
	tx.s.info = info
	if fresh {
		if err := tx.create(meta); err != nil {
			return err
		}
	}
	return put(meta, []byte("info"), info)
}

// reset makes the tenant what it was when it was new: no apps, Microsoft's
// defaults, no directory in use. What want leaves empty stays as it is.
// Generations of the directory stay too, so that one can be put to use.
func (tx *Tx) reset(want Info) error {
	have := tx.s.info
	var names [][]byte
	err := tx.b.ForEach(func(name []byte, _ *bbolt.Bucket) error {
		if !bytes.Equal(name, bktDir) {
			names = append(names, bytes.Clone(name))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := tx.b.DeleteBucket(name); err != nil {
			return err
		}
	}
	return tx.initialise(want, have)
}

// Current reads who the tenant is as the file has it now; another process may
// have changed it since it was opened.
func (tx *Tx) Current() (Info, error) {
	var info Info
	return info, tx.meta("info", &info)
}

func (tx *Tx) create(meta *bbolt.Bucket) error {
	for _, name := range [][]byte{bktDir, bktPolicy, bktPolicyID, bktDirect, bktGroup, bktApps, bktAppExt, bktPackages, bktSettings, bktOps} {
		if _, err := tx.b.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	if err := put(meta, []byte("format"), Format); err != nil {
		return err
	}
	if err := tx.createPolicies(); err != nil {
		return err
	}
	return tx.createSettings()
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// get decodes the JSON value of a key. It gives ErrNotFound when there is none.
func get(b *bbolt.Bucket, key []byte, v any) error {
	raw := b.Get(key)
	if raw == nil {
		return ErrNotFound
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("emulated tenant: entry %q is damaged: %w", key, err)
	}
	return nil
}

func put(b *bbolt.Bucket, key []byte, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.Put(key, raw)
}
