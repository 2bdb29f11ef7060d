package ops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/folder"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
)

// An export writes down what a tenant has, as a configuration whose plan is
// empty. It reads through the collections that a plan reads through, and writes
// by the schema that a configuration is read by, so that a new kind or
// attribute needs nothing here but its file.
//
// What it cannot write it says: attributes at their default, objects of other
// configurations, values that no configuration can hold, properties that the
// program does not know. Nothing is dropped in silence.

// Export writes what a tenant has as a configuration.
type Export struct {
	Runtime *Runtime
	Source  Source // the tenant block; a folder without a configuration stands for an emulated tenant beside it
	Into    string // folder without a configuration; made if need be
	// Adopt records the objects in a state of the new configuration instead of
	// writing import blocks. Nothing is sent to the tenant.
	Adopt       bool
	LockTimeout time.Duration
}

// Exported is what an export wrote and what it left out.
type Exported struct {
	Tenant  engine.TenantInfo
	Into    string
	Written []string // relative to Into, sorted
	Counts  []ExportCount

	Defaults  []ExportNote   // attributes at the documented default, by block
	Skipped   []ExportNote   // built-in objects and those of other configurations
	Cannot    []ExportNote   // what no configuration can express
	Unknown   []UnknownValue // properties that have a value and no attribute
	UnknownOf []ExportNote   // properties that are empty in every object, by kind

	Adopted *Applied // with Adopt
	Calls   map[string]int
	Files   map[string]*hcl.File
	Diags   hcl.Diagnostics
}

// ExportCount counts what was written of one sort.
type ExportCount struct {
	Count     int
	One, Many string // what was counted
}

// ExportNote is something that was left out.
type ExportNote struct {
	What  string   // address of a block, or kind and name of an object
	Attrs []string // attributes or properties; nil: the object as a whole
	Why   string
}

// UnknownValue is a property of the service that no attribute stands for.
type UnknownValue struct {
	Kind, Key      string
	Addr           string // of the block, "" when the object has none
	Property, JSON string
}

// Run exports.
func (e *Export) Run(ctx context.Context) *Exported {
	out := &Exported{Into: e.Into}
	s := e.open(ctx)
	defer func() {
		out.Diags, out.Files, out.Calls = s.diags, s.files(), s.calls()
		if out.Adopted != nil {
			out.Diags = append(out.Diags, out.Adopted.Diags...)
			out.Files = out.Adopted.Files
		}
	}()
	if s.ok() {
		e.checkFolder(s)
	}
	if !s.ok() || !e.export(ctx, s, out) {
		return out
	}
	if e.Adopt {
		out.Adopted = e.adopt(ctx)
	}
	return out
}

// open loads the configuration that names the tenant. Its state plays no part.
func (e *Export) open(ctx context.Context) *session {
	s := &session{rt: e.Runtime, kinds: teams.Kinds(), strings: table.NewStrings(teams.PolicyTypes()...)}
	if first := firstSource(e.Source.Dir); first == "" {
		s.cfg = config.Absent(e.Source.Dir)
		return s
	}
	s.cfg, s.diags = e.Runtime.load(ctx, e.Source, s.kinds)
	return s
}

// firstSource names a configuration file of a folder, or nothing.
func firstSource(dir string) string {
	found, _ := filepath.Glob(filepath.Join(dir, "*.teams.hcl"))
	if len(found) == 0 {
		return ""
	}
	return filepath.Base(found[0])
}

// checkFolder refuses a folder that is in use.
func (e *Export) checkFolder(s *session) {
	if first := firstSource(e.Into); first != "" {
		s.wrong("Folder holds a configuration", "%s holds a configuration already (%s). Choose an empty folder with --into.", filepath.ToSlash(e.Into), first)
		return
	}
	if _, err := os.Stat(absolute(e.Into, config.DefaultStatePath)); err == nil {
		s.wrong("Folder holds a state", "%s holds a state already (%s), of a configuration that is not there. Choose an empty folder with --into, or move the state away.", filepath.ToSlash(e.Into), config.DefaultStatePath)
	}
}

// export reads the tenant and writes the files.
func (e *Export) export(ctx context.Context, s *session, out *Exported) bool {
	defer s.close()
	if s.connect(ctx); !s.ok() {
		return false
	}
	out.Tenant = s.conn.Info
	x := newExporter(s, out, e.Adopt)
	if err := x.read(ctx); err != nil {
		s.fail("The tenant could not be read", err)
		return false
	}
	files, err := x.files()
	if err == nil {
		s.close() // before its database is copied
		s.conn.Close = nil
		err = e.write(s, files, out)
	}
	if err != nil {
		s.fail("The configuration could not be written", err)
	}
	return s.ok()
}

// write puts the files into the folder, none of which may be there.
func (e *Export) write(s *session, files []exportFile, out *Exported) error {
	copies := e.copies(s.cfg)
	for _, name := range append(fileNames(files), slices.Collect(maps.Values(copies))...) {
		if _, err := os.Lstat(absolute(e.Into, name)); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s exists already in %s; nothing was written", name, filepath.ToSlash(e.Into))
		}
	}
	for _, f := range files {
		path := absolute(e.Into, f.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := folder.WriteNew(path, f.data, 0o644); err != nil {
			return err
		}
		out.Written = append(out.Written, f.name)
	}
	if err := folder.WriteNew(filepath.Join(e.Into, ".gitignore"), []byte(".teamsform/\n"), 0o644); err == nil {
		out.Written = append(out.Written, ".gitignore")
	}
	for from, to := range copies {
		if err := copyFile(absolute(s.cfg.Dir, from), absolute(e.Into, to)); err != nil {
			return fmt.Errorf("copy of %s: %w", from, err)
		}
		out.Written = append(out.Written, to)
	}
	slices.Sort(out.Written)
	return nil
}

func fileNames(files []exportFile) []string {
	var out []string
	for _, f := range files {
		out = append(out, f.name)
	}
	return out
}

// copies are the files that a tenant block cannot name from another folder,
// with the names they get: the database of an emulated tenant, the certificate
// of a proxy.
func (e *Export) copies(cfg *config.Config) map[string]string {
	out := map[string]string{}
	if cfg.Tenant.Driver == config.DriverEmulated {
		out[cfg.Tenant.Path] = config.DefaultTenantPath
	} else if cfg.Tenant.CAFile != "" {
		out[cfg.Tenant.CAFile] = cfg.Tenant.CAFile
	}
	for from, to := range out {
		if sameFile(absolute(cfg.Dir, from), absolute(e.Into, to)) {
			delete(out, from)
		}
	}
	return out
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, in); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// adopt records what was exported in the state of the new configuration. A
// plan that would send anything is refused: then the tenant has changed in the
// meantime, or the export is at fault.
func (e *Export) adopt(ctx context.Context) *Applied {
	a := &Apply{
		Runtime: e.Runtime, Source: Source{Dir: e.Into}, Choice: Choice{Adopt: true}, Parallelism: 1, LockTimeout: e.LockTimeout,
		Confirm: func(*Planned) (bool, error) {
			return false, errors.New("the tenant is not any more what was exported; the files are written, and nothing was recorded. See what differs with plan")
		},
	}
	return a.Run(ctx)
}
