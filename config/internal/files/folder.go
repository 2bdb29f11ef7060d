package files

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/diag"
)

// File is one file that was read.
type File struct {
	Path   string // relative to the folder, with "/"; "../" only for modules and --var-file
	SHA256 [sha256.Size]byte
}

// Folder reads files that lie inside one folder, links resolved, and remembers
// the digest of each for the configuration digest.
type Folder struct {
	dir  string // as given
	Real string // absolute, links resolved
	read map[string][sha256.Size]byte
	// Prefix leads from the configuration's folder to this one, "" for itself:
	// what a module reads is shown and recorded as seen from there.
	Prefix string
}

// Below opens the folder of a module, source being relative to this one. It
// may lie outside of this folder.
func (f *Folder) Below(source string) (*Folder, error) {
	child, err := Open(filepath.Join(f.dir, filepath.FromSlash(source)))
	if err != nil {
		return nil, err
	}
	child.read, child.Prefix = f.read, f.Shown(source)
	return child, nil
}

// Shown gives a name of this folder as seen from the configuration's folder.
func (f *Folder) Shown(name string) string { return path.Join(f.Prefix, Slashed(name)) }

// Open opens a folder; "" is the working directory.
func Open(dir string) (*Folder, error) {
	if dir == "" {
		dir = "."
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(real); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, errors.New("it is a file")
	}
	return &Folder{dir: dir, Real: real, read: map[string][sha256.Size]byte{}}, nil
}

// Problem is a path that cannot be used, with its summary and remedy.
type Problem struct{ summary, detail string }

func (p *Problem) Error() string { return p.summary + ": " + p.detail }

// Diagnostic reports an error of this package at the place that names the path.
func Diagnostic(rng *hcl.Range, err error) *hcl.Diagnostic {
	if p := new(Problem); errors.As(err, &p) {
		return diag.Error(rng, p.summary, "%s", p.detail)
	}
	return diag.Error(rng, problem.Unreadable, "%s.", Cause(err))
}

// Slashed writes a path with "/" between folders. A configuration may be
// written on Windows, with the other slash, and run elsewhere.
func Slashed(name string) string { return strings.ReplaceAll(name, `\`, "/") }

// Resolve checks that name, written relative to the folder, exists and lies
// inside it, and returns the path to open. Errors are [*Problem].
func (f *Folder) Resolve(name string) (string, error) {
	if err := f.Local(name); err != nil {
		return "", err
	}
	name = Slashed(name)
	full := filepath.Join(f.dir, filepath.FromSlash(name))
	real, err := filepath.EvalSymlinks(filepath.Join(f.Real, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return "", &Problem{problem.NoFile, fmt.Sprintf("%q does not exist in this folder.%s", name, f.hint(name))}
	}
	if err != nil {
		return "", &Problem{problem.Unreadable, fmt.Sprintf("%q cannot be read: %s.", name, Cause(err))}
	}
	if rel, err := filepath.Rel(f.Real, real); err != nil || !filepath.IsLocal(rel) {
		return "", &Problem{problem.Outside, fmt.Sprintf("%q is a link that leads out of the configuration's folder. Copy what it points to into the folder.", name)}
	}
	return full, nil
}

// Local checks that name is relative and does not climb out of the folder by
// its text alone. What it names need not exist.
func (f *Folder) Local(name string) error {
	given := name
	name = Slashed(name)
	drive := len(name) >= 2 && name[1] == ':'
	if name == "" {
		return &Problem{problem.NoFile, `The path is empty. Write a path relative to the configuration's folder, such as "packages/helpdesk".`}
	}
	if drive || strings.HasPrefix(name, "/") || !filepath.IsLocal(filepath.FromSlash(name)) {
		return &Problem{problem.Outside, fmt.Sprintf("%q leads out of the configuration's folder. Paths are relative to the folder and stay inside it; copy the file into the folder.", given)}
	}
	return nil
}

// hint says what may be meant by a name that does not exist.
func (f *Folder) hint(name string) string {
	dir, base := path.Split(name)
	entries, err := os.ReadDir(filepath.Join(f.Real, filepath.FromSlash(dir)))
	if err != nil {
		return " Check the path; it is relative to the configuration's folder."
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if near := diag.Nearest(base, names); near != "" {
		return fmt.Sprintf(" Did you mean %q?", dir+near)
	}
	return " Check the path; it is relative to the configuration's folder."
}

// Read returns the content of a file inside the folder and records it.
func (f *Folder) Read(name string) ([]byte, error) {
	full, err := f.Resolve(name)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(full); err == nil && info.IsDir() {
		return nil, &Problem{problem.Unreadable, fmt.Sprintf("%q is a folder, and a file is needed. Name a file in it.", name)}
	}
	data, err := os.ReadFile(full)
	if err != nil {
		return nil, &Problem{problem.Unreadable, fmt.Sprintf("%q cannot be read: %s.", name, Cause(err))}
	}
	f.Record(name, data)
	return data, nil
}

// Record remembers a file that was read by other means.
func (f *Folder) Record(name string, data []byte) { f.read[f.Shown(name)] = sha256.Sum256(data) }

// RecordPath records a file that a kind has read by itself, as resolve gave
// its path or below that.
func (f *Folder) RecordPath(full string) error {
	rel, err := filepath.Rel(f.dir, full)
	if err != nil || !filepath.IsLocal(rel) {
		abs, errAbs := filepath.Abs(full)
		if errAbs != nil {
			return errAbs
		}
		if rel, err = filepath.Rel(f.Real, abs); err != nil {
			return err
		}
	}
	name := filepath.ToSlash(rel)
	if _, done := f.read[f.Shown(name)]; done {
		return nil
	}
	_, err = f.Read(name)
	return err
}

// Files returns what was read, sorted by path.
func (f *Folder) Files() []File {
	out := make([]File, 0, len(f.read))
	for name, sum := range f.read {
		out = append(out, File{Path: name, SHA256: sum})
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// Cause gives the reason of a file error without the path, which is absolute
// and differs from machine to machine, and in words that do not depend on the
// system where that is possible.
func Cause(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
