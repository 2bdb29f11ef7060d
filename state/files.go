package state

import (
	"io"
	"io/fs"
	"os"
)

// fileSystem is what Local does to the disk, one method per operation that can
// fail, so that tests can fail each of them.
type fileSystem interface {
	Lstat(name string) (fs.FileInfo, error)
	Readlink(name string) (string, error)
	MkdirAll(dir string) error
	List(dir string) ([]string, error)
	Open(name string) (file, error)
	Create(name string, flag int) (file, error) // for writing, mode 0600
	Rename(from, to string) error
	Remove(name string) error
	SyncDir(dir string) error
	Transient(err error) bool // whether trying again at once may help
}

// file is an open file.
type file interface {
	io.Reader
	io.ReaderAt
	io.Writer
	io.Closer
	Stat() (fs.FileInfo, error)
	Sync() error
}

// disk is the fileSystem of the operating system.
type disk struct{}

func (disk) Lstat(name string) (fs.FileInfo, error) { return os.Lstat(name) }
func (disk) Readlink(name string) (string, error)   { return os.Readlink(name) }
func (disk) MkdirAll(dir string) error              { return os.MkdirAll(dir, 0o700) }
func (disk) Rename(from, to string) error           { return os.Rename(from, to) }
func (disk) Remove(name string) error               { return os.Remove(name) }
func (disk) SyncDir(dir string) error               { return syncDir(dir) }
func (disk) Transient(err error) bool               { return isTransient(err) }

func (disk) Open(name string) (file, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (disk) Create(name string, flag int) (file, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|flag, 0o600)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (disk) List(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}
