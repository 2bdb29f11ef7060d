package folder

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/teamsform/teamsform/internal/diag"
)

// Format puts configuration files into canonical form.
type Format struct {
	Paths     []string // files, or folders
	Recursive bool
	Write     bool // else only report
}

// Formatted is one file that is not in canonical form.
type Formatted struct {
	Path          string
	Before, After []byte
}

// Run formats the files and returns those that differ. A file that does not
// parse is reported and left alone.
func (f *Format) Run() ([]Formatted, hcl.Diagnostics, map[string]*hcl.File) {
	files, diags := f.files()
	sources := map[string]*hcl.File{}
	var out []Formatted
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			diags = append(diags, diag.FromError("File cannot be read", err)...)
			continue
		}
		after, problems := FormatSource(path, src)
		if problems.HasErrors() {
			diags = append(diags, problems...)
			sources[path] = &hcl.File{Bytes: src}
			continue
		}
		if bytes.Equal(src, after) {
			continue
		}
		out = append(out, Formatted{path, src, after})
		if f.Write {
			if err := os.WriteFile(path, after, 0o644); err != nil {
				diags = append(diags, diag.FromError("File cannot be written", err)...)
			}
		}
	}
	return out, diags, sources
}

// FormatSource returns the canonical form of one file. Line ends become "\n".
func FormatSource(name string, src []byte) ([]byte, hcl.Diagnostics) {
	if _, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos); diags.HasErrors() {
		return nil, diags
	}
	return hclwrite.Format(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))), nil
}

// files lists what is to be formatted, in order.
func (f *Format) files() ([]string, hcl.Diagnostics) {
	var out []string
	var diags hcl.Diagnostics
	for _, path := range f.Paths {
		info, err := os.Stat(path)
		if err != nil {
			diags = append(diags, diag.FromError("File cannot be read", err)...)
			continue
		}
		if !info.IsDir() {
			out = append(out, path)
			continue
		}
		err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && p != path && (!f.Recursive || strings.HasPrefix(d.Name(), ".")):
				return filepath.SkipDir
			case !d.IsDir() && isConfiguration(d.Name()):
				out = append(out, p)
			}
			return nil
		})
		if err != nil {
			diags = append(diags, diag.FromError("Folder cannot be read", fmt.Errorf("%s: %w", path, err))...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), diags
}

func isConfiguration(name string) bool {
	return strings.HasSuffix(name, ".teams.hcl") || strings.HasSuffix(name, ".teamsvars.hcl")
}
