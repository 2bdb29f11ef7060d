package state_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/teamsform/teamsform/state"
)

// faultMode says what happens at the operation that fails.
type faultMode int

const (
	failOnce     faultMode = iota // it fails, the disk works again afterwards
	crashBefore                   // the process dies before it; a write gets half way
	crashAfter                    // the process dies after it
	powerFailure                  // as crashAfter, and what was not synced is lost
	powerReorder                  // as powerFailure, but the newest change of a folder is kept
)

var errFault = errors.New("injected fault")

// faulty is a file system whose n-th operation fails.
type faulty struct {
	state.FileSystem
	mode faultMode
	at   int // the operation that fails, from 0
	done int
	down bool // the process is dead: nothing reaches the disk any more

	synced map[string]int64 // written files: bytes that are safe
	undo   []undo           // changes of folders that are not safe yet, oldest first
}

// undo takes back one change of a folder.
type undo struct {
	dir  string
	back func()
}

func newFaulty(mode faultMode, at int) *faulty {
	return &faulty{FileSystem: state.Disk(), mode: mode, at: at, synced: map[string]int64{}}
}

// step runs one operation, or fails it. half is what is left of it when the
// process dies in the middle; it may be nil.
func (f *faulty) step(op func() error, half func()) error {
	if f.down {
		return errFault
	}
	f.done++
	if f.done-1 != f.at {
		return op()
	}
	switch f.mode {
	case failOnce, crashBefore:
		f.down = f.mode == crashBefore
		if half != nil {
			half()
		}
	default:
		_ = op()
		f.down = true
		if f.mode >= powerFailure {
			f.losePower()
		}
	}
	return errFault
}

// hit reports whether the fault came to pass.
func (f *faulty) hit() bool { return f.done > f.at }

// losePower takes back what was not synced.
func (f *faulty) losePower() {
	for name, size := range f.synced {
		_ = os.Truncate(name, size)
	}
	lost := f.undo
	if f.mode == powerReorder && len(lost) > 1 {
		lost = lost[:len(lost)-1]
	}
	for i := len(lost) - 1; i >= 0; i-- {
		lost[i].back()
	}
}

// note remembers how to take back a change of the folder of names.
func (f *faulty) note(names ...string) {
	var backs []func()
	for _, name := range names {
		content, err := os.ReadFile(name)
		backs = append(backs, func() {
			if err != nil {
				_ = os.Remove(name)
				return
			}
			_ = os.WriteFile(name, content, 0o600)
		})
	}
	f.undo = append(f.undo, undo{filepath.Dir(names[0]), func() {
		for _, back := range backs {
			back()
		}
	}})
}

func (f *faulty) MkdirAll(dir string) error {
	return f.step(func() error { return f.FileSystem.MkdirAll(dir) }, nil)
}

func (f *faulty) Rename(from, to string) error {
	return f.step(func() error {
		f.note(to, from)
		size, open := f.synced[from]
		delete(f.synced, from)
		delete(f.synced, to)
		if open {
			f.synced[to] = size
		}
		return f.FileSystem.Rename(from, to)
	}, nil)
}

func (f *faulty) Remove(name string) error {
	return f.step(func() error {
		f.note(name)
		delete(f.synced, name)
		return f.FileSystem.Remove(name)
	}, nil)
}

func (f *faulty) SyncDir(dir string) error {
	return f.step(func() error {
		kept := f.undo[:0]
		for _, u := range f.undo {
			if u.dir != dir {
				kept = append(kept, u)
			}
		}
		f.undo = kept
		return nil // the machine stays on: syncing for real would only take time
	}, nil)
}

func (f *faulty) Open(name string) (state.File, error) {
	var file state.File
	err := f.step(func() (err error) { file, err = f.FileSystem.Open(name); return err }, nil)
	return file, err
}

func (f *faulty) Create(name string, flag int) (state.File, error) {
	var file state.File
	err := f.step(func() (err error) {
		f.note(name)
		file, err = f.FileSystem.Create(name, flag)
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	f.synced[name] = 0
	return &faultyFile{File: file, fs: f, name: name}, nil
}

// faultyFile is a file open for writing.
type faultyFile struct {
	state.File
	fs   *faulty
	name string
}

func (w *faultyFile) Write(b []byte) (n int, err error) {
	err = w.fs.step(func() (err error) { n, err = w.File.Write(b); return err }, func() { _, _ = w.File.Write(b[:len(b)/2]) })
	return n, err
}

func (w *faultyFile) Sync() error {
	return w.fs.step(func() error {
		fi, err := w.Stat()
		if err != nil {
			return err
		}
		w.fs.synced[w.name] = fi.Size()
		return nil
	}, nil)
}

// Close reaches the system also when the process is "dead".
func (w *faultyFile) Close() error {
	err := w.File.Close()
	if w.fs.down {
		return errFault
	}
	return err
}

func (w *faultyFile) Stat() (fs.FileInfo, error) { return w.File.Stat() }
