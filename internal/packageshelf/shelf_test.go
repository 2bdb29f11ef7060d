package packageshelf_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/teamsform/teamsform/internal/packageshelf"
)

const app = "6D3F0D5E-8a4b-4f6e-9c1d-2b7a51e0c8f4"

func digest(i int) string { return fmt.Sprintf("sha256:%064x", i) }

func TestShelf(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "packages")
	s := packageshelf.New(dir)
	if zip, err := s.Get(app, digest(1)); zip != nil || err != nil {
		t.Fatalf("an empty shelf gave %q, %v", zip, err)
	}
	for i := range packageshelf.Kept + 2 {
		if err := s.Put(app, digest(i), []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
		// The order must not hang on how fine the clock of the disk is.
		name := strings.TrimPrefix(digest(i), "sha256:") + ".zip"
		when := time.Unix(int64(1000+i), 0)
		if err := os.Chtimes(filepath.Join(dir, strings.ToLower(app), name), when, when); err != nil {
			t.Fatal(err)
		}
	}
	for i := range packageshelf.Kept + 2 {
		zip, err := s.Get(strings.ToLower(app), digest(i))
		if err != nil {
			t.Fatal(err)
		}
		if kept := i >= 2; kept != bytes.Equal(zip, []byte{byte(i)}) {
			t.Errorf("package %d: %v", i, zip)
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, strings.ToLower(app)))
	if err != nil || len(entries) != packageshelf.Kept {
		t.Errorf("%d files are kept, want %d (%v)", len(entries), packageshelf.Kept, err)
	}
}

// A package that is put again is the newest, whatever its age was.
func TestPutAgain(t *testing.T) {
	s := packageshelf.New(t.TempDir())
	for _, i := range []int{1, 2, 3, 4, 5, 1, 6} {
		if err := s.Put(app, digest(i), []byte("zip")); err != nil {
			t.Fatal(err)
		}
	}
	if zip, _ := s.Get(app, digest(6)); zip == nil {
		t.Error("the last package is not there")
	}
}

// Names come from states and manifests, so they are not trusted to be names.
func TestForeignNames(t *testing.T) {
	dir := t.TempDir()
	s := packageshelf.New(filepath.Join(dir, "packages"))
	for _, tt := range []struct{ id, digest string }{
		{"../../outside-outside-outside-outside", digest(1)},
		{app, "sha256:../../../outside"},
		{app, ""},
		{"", digest(1)},
		{app, strings.ToUpper(digest(11))},
	} {
		if err := s.Put(tt.id, tt.digest, []byte("zip")); err == nil {
			t.Errorf("%q, %q was kept", tt.id, tt.digest)
		}
		if zip, err := s.Get(tt.id, tt.digest); zip != nil || err != nil {
			t.Errorf("%q, %q gave %q, %v", tt.id, tt.digest, zip, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("something was written: %v", entries)
	}
}

// What cannot be written is an error, and leaves nothing half.
func TestFull(t *testing.T) {
	dir := t.TempDir()
	blocked := filepath.Join(dir, "packages")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := packageshelf.New(blocked).Put(app, digest(1), []byte("zip")); err == nil || !strings.Contains(err.Error(), "keep the package") {
		t.Errorf("error: %v", err)
	}
}
