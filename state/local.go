package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// DefaultPath is where the local backend keeps the document, relative to the
// folder of the configuration.
const DefaultPath = ".teamsform/state.json"

// LocalOptions configure a local backend. Clock and NewID are required.
type LocalOptions struct {
	Path        string // of the document; "" means DefaultPath in the working directory
	Clock       func() time.Time
	NewID       func() string
	LockTimeout time.Duration // how long Lease waits; 0: not at all
	// Waiting is told once that Lease waits, and for whom. nil: nobody is.
	Waiting func(*LockedError)
	// Sleep waits, or returns the context's error. nil: a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Local keeps the document in a file:
//
//	state.json             the document, mode 0600
//	state.json.backup      the content before this run's first write
//	state.json.damaged     the same, if it did not fit its digest
//	state.json.journal     the journal of a run that has not finished
//	state.json.journal.aside-*  journals that did not fit; nothing reads them
//	state.json.lock        the lease: a lock of the operating system, never deleted
//	state.json.lock.info   who holds it; informs only
//	state.json.lock.write  held while the document is compared and replaced
//	.state.json.tmp-*      being written, or left by a crash; swept
//
// All lie beside the document, where a symbolic link at the path leads. The
// folder is made with mode 0700. One Local serves one run.
//
// The lease ends with its process. On network file systems (NFS, SMB, cloud
// folders) such locks may be local to a machine or missing; there only the
// comparison of serial and lineage protects, so use a remote backend.
type Local struct {
	o  LocalOptions
	fs fileSystem

	writing sync.Mutex // one Write at a time in this process

	mu       sync.Mutex // guards what follows
	lease    *localLease
	journal  journalFile
	backedUp bool
}

var _ Backend = (*Local)(nil)

// NewLocal returns a backend for the file at o.Path. It does not touch the disk.
func NewLocal(o LocalOptions) *Local {
	if o.Path == "" {
		o.Path = filepath.FromSlash(DefaultPath)
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return &Local{o: o, fs: disk{}}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// localPaths are the files of one document.
type localPaths struct{ dir, state, backup, damaged, journal, lock, info, write, tmp string }

// paths follows symbolic links at the path, so that a link stays a link when
// the document is replaced, and two links to one document share its lease.
func (l *Local) paths() (localPaths, error) {
	path := filepath.Clean(l.o.Path)
	for range 40 {
		fi, err := l.fs.Lstat(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return localPaths{}, err
		}
		if err != nil || fi.Mode()&fs.ModeSymlink == 0 {
			dir, base := filepath.Split(path)
			return localPaths{
				dir: filepath.Clean(dir), state: path, backup: path + ".backup", damaged: path + ".damaged", journal: path + ".journal",
				lock: path + ".lock", info: path + ".lock.info", write: path + ".lock.write",
				tmp: filepath.Join(dir, "."+base+".tmp-"),
			}, nil
		}
		target, err := l.fs.Readlink(path)
		if err != nil {
			return localPaths{}, err
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return localPaths{}, fmt.Errorf("%s: too many symbolic links", l.o.Path)
}

// prepare returns the paths for writing: the folder exists.
func (l *Local) prepare() (localPaths, error) {
	p, err := l.paths()
	if err != nil {
		return p, err
	}
	if _, err := l.fs.Lstat(p.dir); err == nil {
		return p, nil
	}
	if err := l.fs.MkdirAll(p.dir); err != nil {
		return p, err
	}
	return p, l.fs.SyncDir(filepath.Dir(p.dir))
}

// Read implements Backend. The journal is read before the document: a document
// that is replaced in between names the journal as contained. Only if the
// journal has given way to another one meanwhile is it all read again.
func (l *Local) Read(ctx context.Context) (Snapshot, error) {
	p, err := l.paths()
	if err != nil {
		return Snapshot{}, err
	}
	snap := Snapshot{StateName: p.state, JournalName: p.journal}
	for range 5 {
		if err := ctx.Err(); err != nil {
			return Snapshot{}, err
		}
		if snap.Journal, err = l.readFile(p.journal); err != nil {
			return Snapshot{}, err
		}
		if snap.State, err = l.readFile(p.state); err != nil {
			return Snapshot{}, err
		}
		if snap.Journal == nil {
			break
		}
		again, err := l.readFile(p.journal)
		if err != nil {
			return Snapshot{}, err
		}
		if bytes.HasPrefix(again, snap.Journal) {
			break
		}
	}
	if snap.State != nil {
		if snap.Meta, err = metaOf(bytes.NewReader(snap.State), int64(len(snap.State))); err != nil {
			return Snapshot{}, err
		}
	}
	return snap, nil
}

// ReadBackup returns the content of the document before the last run that
// wrote it; nil if there is none.
func (l *Local) ReadBackup(context.Context) ([]byte, error) {
	p, err := l.paths()
	if err != nil {
		return nil, err
	}
	return l.readFile(p.backup)
}

// BackupPath is where ReadBackup reads.
func (l *Local) BackupPath() (string, error) {
	p, err := l.paths()
	return p.backup, err
}

// readFile returns the content of a file, never nil, or nil if there is none.
func (l *Local) readFile(name string) ([]byte, error) {
	f, err := l.open(name)
	if f == nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(make([]byte, 0, fi.Size()+bytes.MinRead))
	if _, err := b.ReadFrom(f); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// open opens a file for reading; a missing one is no error and nil.
func (l *Local) open(name string) (file, error) {
	f, err := l.fs.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// sweep removes temporary files that a crash left. The lock for writing is
// held, so none is in use.
func (l *Local) sweep(p localPaths) error {
	names, err := l.fs.List(p.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, filepath.Base(p.tmp)) {
			if err := l.retry(func() error { return l.fs.Remove(filepath.Join(p.dir, name)) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// retry repeats an operation that failed only because another process held the
// file for a moment.
func (l *Local) retry(op func() error) error {
	var err error
	for range 10 {
		if err = op(); err == nil || !l.fs.Transient(err) {
			return err
		}
		if l.o.Sleep(context.Background(), 50*time.Millisecond) != nil {
			return err
		}
	}
	return err
}

// replace puts a file in place of name so that after a crash at any point the
// old or the new one is there, whole.
func (l *Local) replace(p localPaths, name string, write func(io.Writer) error) (err error) {
	tmp := p.tmp + l.o.NewID()
	f, err := l.fs.Create(tmp, os.O_EXCL)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = l.fs.Remove(tmp) // swept later if this fails
		}
	}()
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err = l.retry(func() error { return l.fs.Rename(tmp, name) }); err != nil {
		return err
	}
	return l.fs.SyncDir(p.dir)
}

// Peek identifies the present document by its first and last bytes, without
// reading it. The zero Meta: there is none.
func (l *Local) Peek(context.Context) (Meta, error) {
	p, err := l.paths()
	if err != nil {
		return Meta{}, err
	}
	return l.present(p)
}
