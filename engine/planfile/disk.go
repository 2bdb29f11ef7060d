package planfile

import (
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// Save writes a plan file. It holds names of people and all values of the
// configuration that are not sensitive, so only its owner may read it. A file
// that is there is replaced once the new one is whole.
func Save(path string, f *File) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".plan-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if err = Write(tmp, f); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// Open reads a plan file.
func Open(path string, kinds *schema.Registry, strings *table.Strings) (*File, hcl.Diagnostics) {
	in, err := os.Open(path)
	if err != nil {
		return nil, diag.FromError("Plan file cannot be read", err)
	}
	defer in.Close()
	f, err := Read(in, ReadOptions{Name: filepath.ToSlash(path), Kinds: kinds, Strings: strings})
	if err != nil {
		return nil, diag.FromError("Plan file cannot be read", err)
	}
	return f, nil
}
