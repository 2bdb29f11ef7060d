package config

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

	"github.com/teamsform/teamsform/internal/diag"
)

// folder reads files that lie inside one folder, links resolved, and remembers
// the digest of each for the configuration digest.
type folder struct {
	dir  string // as given
	real string // absolute, links resolved
	read map[string][sha256.Size]byte
	// prefix leads from the configuration's folder to this one, "" for itself:
	// what a module reads is shown and recorded as seen from there.
	prefix string
}

// below opens the folder of a module, source being relative to this one. It
// may lie outside of this folder.
func (f *folder) below(source string) (*folder, error) {
	child, err := openFolder(filepath.Join(f.dir, filepath.FromSlash(source)))
	if err != nil {
		return nil, err
	}
	child.read, child.prefix = f.read, f.shown(source)
	return child, nil
}

// shown gives a name of this folder as seen from the configuration's folder.
func (f *folder) shown(name string) string { return path.Join(f.prefix, slashed(name)) }

func openFolder(dir string) (*folder, error) {
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
	return &folder{dir: dir, real: real, read: map[string][sha256.Size]byte{}}, nil
}

// pathProblem is a path that cannot be used, with its summary and remedy.
type pathProblem struct{ summary, detail string }

func (p *pathProblem) Error() string { return p.summary + ": " + p.detail }

// slashed writes a path with "/" between folders. A configuration may be
// written on Windows, with the other slash, and run elsewhere.
func slashed(name string) string { return strings.ReplaceAll(name, `\`, "/") }

// resolve checks that name, written relative to the folder, exists and lies
// inside it, and returns the path to open. Errors are *pathProblem.
func (f *folder) resolve(name string) (string, error) {
	if err := f.local(name); err != nil {
		return "", err
	}
	name = slashed(name)
	full := filepath.Join(f.dir, filepath.FromSlash(name))
	real, err := filepath.EvalSymlinks(filepath.Join(f.real, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return "", &pathProblem{sumNoFile, fmt.Sprintf("%q does not exist in this folder.%s", name, f.hint(name))}
	}
	if err != nil {
		return "", &pathProblem{sumUnreadable, fmt.Sprintf("%q cannot be read: %s.", name, cause(err))}
	}
	if rel, err := filepath.Rel(f.real, real); err != nil || !filepath.IsLocal(rel) {
		return "", &pathProblem{sumOutside, fmt.Sprintf("%q is a link that leads out of the configuration's folder. Copy what it points to into the folder.", name)}
	}
	return full, nil
}

// local checks that name is relative and does not climb out of the folder by
// its text alone. What it names need not exist.
func (f *folder) local(name string) error {
	given := name
	name = slashed(name)
	drive := len(name) >= 2 && name[1] == ':'
	if name == "" {
		return &pathProblem{sumNoFile, `The path is empty. Write a path relative to the configuration's folder, such as "packages/helpdesk".`}
	}
	if drive || strings.HasPrefix(name, "/") || !filepath.IsLocal(filepath.FromSlash(name)) {
		return &pathProblem{sumOutside, fmt.Sprintf("%q leads out of the configuration's folder. Paths are relative to the folder and stay inside it; copy the file into the folder.", given)}
	}
	return nil
}

// hint says what may be meant by a name that does not exist.
func (f *folder) hint(name string) string {
	dir, base := path.Split(name)
	entries, err := os.ReadDir(filepath.Join(f.real, filepath.FromSlash(dir)))
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

// readFile returns the content of a file inside the folder and records it.
func (f *folder) readFile(name string) ([]byte, error) {
	full, err := f.resolve(name)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(full); err == nil && info.IsDir() {
		return nil, &pathProblem{sumUnreadable, fmt.Sprintf("%q is a folder, and a file is needed. Name a file in it.", name)}
	}
	data, err := os.ReadFile(full)
	if err != nil {
		return nil, &pathProblem{sumUnreadable, fmt.Sprintf("%q cannot be read: %s.", name, cause(err))}
	}
	f.record(name, data)
	return data, nil
}

func (f *folder) record(name string, data []byte) { f.read[f.shown(name)] = sha256.Sum256(data) }

// recordPath records a file that a kind has read by itself, as resolve gave
// its path or below that.
func (f *folder) recordPath(full string) error {
	rel, err := filepath.Rel(f.dir, full)
	if err != nil || !filepath.IsLocal(rel) {
		abs, errAbs := filepath.Abs(full)
		if errAbs != nil {
			return errAbs
		}
		if rel, err = filepath.Rel(f.real, abs); err != nil {
			return err
		}
	}
	name := filepath.ToSlash(rel)
	if _, done := f.read[f.shown(name)]; done {
		return nil
	}
	_, err = f.readFile(name)
	return err
}

// files returns what was read, sorted by path.
func (f *folder) files() []File {
	out := make([]File, 0, len(f.read))
	for name, sum := range f.read {
		out = append(out, File{Path: name, SHA256: sum})
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// cause gives the reason of a file error without the path, which is absolute
// and differs from machine to machine, and in words that do not depend on the
// system where that is possible.
func cause(err error) string {
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
