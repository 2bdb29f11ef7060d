package folder

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/examples"
	"github.com/teamsform/teamsform/internal/diag"
)

// Examples lists the examples that can be written.
func Examples() []string {
	entries, _ := examples.FS.ReadDir(".")
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names
}

// WriteExample writes an example into a folder, which must hold no
// configuration yet. It returns the files written, relative to dir.
func WriteExample(name, dir string) ([]string, error) {
	if !slices.Contains(Examples(), name) {
		return nil, fmt.Errorf("there is no example %q; there are: %s.%s", name, strings.Join(Examples(), ", "), diag.DidYouMean(name, Examples()))
	}
	if existing, _ := filepath.Glob(filepath.Join(dir, "*.teams.hcl")); len(existing) > 0 {
		return nil, fmt.Errorf("%s holds a configuration already (%s): choose an empty folder with -C", dir, filepath.Base(existing[0]))
	}
	source, err := fs.Sub(examples.FS, name)
	if err != nil {
		return nil, fmt.Errorf("example %s: %w", name, err)
	}
	var written []string
	err = fs.WalkDir(source, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(source, path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := WriteNew(to, data, 0o644); err != nil {
			return err
		}
		written = append(written, path)
		return nil
	})
	if err != nil {
		return written, fmt.Errorf("write example %s: %w", name, err)
	}
	ignore := filepath.Join(dir, ".gitignore")
	if err := WriteNew(ignore, []byte(".teamsform/\n"), 0o644); err == nil {
		written = append(written, ".gitignore")
	}
	slices.Sort(written)
	return written, nil
}
