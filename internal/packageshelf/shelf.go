package packageshelf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Kept is how many packages of one app stay on a shelf. Only the last published
// one is needed; a few more serve to go back.
const Kept = 5

// maxPackage bounds what is read back, in bytes. Packages are refused above it
// before they get here.
const maxPackage = 256 << 20

// Shelf is a folder of packages: <manifest id>/<digest in hex>.zip.
type Shelf struct{ dir string }

// New returns the shelf in a folder, which need not exist yet.
func New(dir string) *Shelf { return &Shelf{dir} }

var (
	digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	idForm     = regexp.MustCompile(`^[0-9a-f-]{36}$`)
)

// path is where a package stands; ok is false for names that are none.
func (s *Shelf) path(manifestID, digest string) (path string, ok bool) {
	id := strings.ToLower(manifestID)
	if !digestForm.MatchString(digest) || !idForm.MatchString(id) {
		return "", false
	}
	return filepath.Join(s.dir, id, strings.TrimPrefix(digest, "sha256:")+".zip"), true
}

// Get returns the zip with a digest ("sha256:" and 64 hexadecimal digits), or
// nil when the shelf does not have it. The caller checks that the content has
// the digest.
func (s *Shelf) Get(manifestID, digest string) ([]byte, error) {
	path, ok := s.path(manifestID, digest)
	if !ok {
		return nil, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && info.Size() > maxPackage {
		return nil, fmt.Errorf("kept package: %s has %d bytes, which no package has", path, info.Size())
	}
	if err != nil {
		return nil, fmt.Errorf("kept package: %w", err)
	}
	zip, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("kept package: %w", err)
	}
	return zip, nil
}

// Put keeps a zip, whole or not at all, and drops the oldest packages of the
// same app beyond Kept.
func (s *Shelf) Put(manifestID, digest string, zip []byte) error {
	path, ok := s.path(manifestID, digest)
	if !ok {
		return fmt.Errorf("keep the package: %q with the digest %q is no name for one", manifestID, digest)
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("keep the package: %w", err)
	}
	temp, err := os.CreateTemp(folder, ".new-*")
	if err != nil {
		return fmt.Errorf("keep the package: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	_, err = temp.Write(zip)
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("keep the package: %w", err)
	}
	return prune(folder, filepath.Base(path))
}

// prune drops what is too old, and what an interrupted Put left behind.
func prune(folder, newest string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("kept packages: %w", err)
	}
	type aged struct {
		name string
		age  int64
	}
	var zips []aged
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !strings.HasSuffix(e.Name(), ".zip") || e.Name() == newest {
			continue
		}
		zips = append(zips, aged{e.Name(), info.ModTime().UnixNano()})
	}
	slices.SortFunc(zips, func(a, b aged) int {
		if a.age != b.age {
			return int(max(-1, min(1, b.age-a.age)))
		}
		return strings.Compare(a.name, b.name)
	})
	var failed error
	for i := Kept - 1; i < len(zips); i++ {
		failed = errors.Join(failed, os.Remove(filepath.Join(folder, zips[i].name)))
	}
	return failed
}
