package packages

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/diag"
)

// Build makes the zip of a package that is fit to be published.
type Build struct {
	Input Input
	Out   string // the zip; "" is the path of the folder with .zip behind it
	Bump  string // part of the version to raise, of apppackage.BumpParts; "" leaves it
}

// Built is a package that was written.
type Built struct {
	Out        string
	Package    *apppackage.Package
	Findings   []apppackage.Finding
	SHA256     string // of the zip's bytes, hexadecimal
	Bytes      int
	OldVersion string // that --bump raised; "" without
	Manifest   string // file of the folder that has the raised version now; "" when none was changed
}

// Run writes the zip, unless the package has errors: then it is returned with
// its findings and Out is empty. Everything is made before the first file is
// written, and each is replaced as a whole.
func (o *Build) Run() (*Built, hcl.Diagnostics) {
	options, rules, diags := o.Input.options()
	out, more := o.target()
	if diags = append(diags, more...); diags.HasErrors() {
		return nil, diags
	}
	built := &Built{Out: out}
	var raised []byte // manifest.json of the folder, with the new version
	if o.Bump != "" {
		if raised, more = o.bump(built, &options); more.HasErrors() {
			return nil, append(diags, more...)
		}
	}
	p, findings, err := apppackage.Check(o.Input.Path, options, rules)
	if err != nil {
		return nil, append(diags, diag.FromError("Package cannot be read", err)...)
	}
	diags = append(diags, o.Input.unused(p)...)
	built.Package, built.Findings = p, findings
	if p == nil || apppackage.HasErrors(findings) {
		built.Out, built.Manifest = "", ""
		return built, diags
	}
	zip, err := p.Zip()
	if err != nil {
		return nil, append(diags, diag.FromError("Package cannot be built", err)...)
	}
	sum := sha256.Sum256(zip)
	built.SHA256, built.Bytes = hex.EncodeToString(sum[:]), len(zip)
	if err := replace(out, zip); err != nil {
		return nil, append(diags, diag.FromError("Package cannot be written", err)...)
	}
	if raised != nil {
		if err := replace(built.Manifest, raised); err != nil {
			return nil, append(diags, diag.Error(nil, "Version cannot be written", "%s has version %s, but %s still has %s: %s", out, p.Manifest.Version, built.Manifest, built.OldVersion, err))
		}
	}
	return built, diags
}

// target says where the zip goes, and refuses places that would spoil the
// source.
func (o *Build) target() (string, hcl.Diagnostics) {
	info, err := os.Stat(o.Input.Path)
	if err != nil {
		return "", diag.FromError("Package cannot be read", err)
	}
	if !info.IsDir() && strings.EqualFold(filepath.Ext(o.Input.Path), ".json") {
		return "", hcl.Diagnostics{diag.Error(nil, "Nothing to build", "A package is more than its manifest. Name the folder that holds %s and the icons.", filepath.Base(o.Input.Path))}
	}
	out := o.Out
	if out == "" {
		if !info.IsDir() {
			return "", hcl.Diagnostics{diag.Error(nil, "No place for the package", "%s is a zip already. Say by --out where the new one goes.", o.Input.Path)}
		}
		whole, err := filepath.Abs(o.Input.Path)
		if err != nil {
			return "", diag.FromError("Package cannot be read", err)
		}
		out = filepath.Clean(o.Input.Path) + ".zip"
		if base := filepath.Base(out); base == "..zip" || base == "...zip" { // of "." and ".."
			out = whole + ".zip"
		}
	}
	if inside(o.Input.Path, out) {
		return "", hcl.Diagnostics{diag.Error(nil, "Package inside its own folder", "%s is in the folder of the package, and would be part of the next one. Choose another place by --out.", out)}
	}
	if target, err := os.Stat(out); err == nil {
		switch {
		case target.IsDir():
			return "", hcl.Diagnostics{diag.Error(nil, "No place for the package", "%s is a folder. Say by --out which file to write.", out)}
		case os.SameFile(info, target):
			return "", hcl.Diagnostics{diag.Error(nil, "No place for the package", "%s is the package itself. Say by --out where the new one goes.", out)}
		}
	}
	return out, nil
}

func inside(folder, path string) bool {
	from, err := filepath.Abs(folder)
	to, err2 := filepath.Abs(path)
	if err != nil || err2 != nil {
		return false
	}
	rel, err := filepath.Rel(from, to)
	return err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// bump raises the version: of a folder in its manifest.json, whose new text is
// returned, of a zip in what is built only.
func (o *Build) bump(built *Built, options *apppackage.Options) ([]byte, hcl.Diagnostics) {
	if !slices.Contains(apppackage.BumpParts(), o.Bump) {
		return nil, hcl.Diagnostics{diag.Error(nil, "Invalid part of a version", "--bump raises major, minor or patch, not %q.", o.Bump)}
	}
	p, problems, err := apppackage.Look(o.Input.Path, *options)
	if err != nil {
		return nil, diag.FromError("Package cannot be read", err)
	}
	if p == nil {
		return nil, hcl.Diagnostics{diag.Error(nil, "Invalid app package", "%s: %s", o.Input.Path, problems)}
	}
	built.OldVersion = p.Manifest.Version
	next := apppackage.Bump(built.OldVersion, o.Bump)
	if next == "" {
		return nil, hcl.Diagnostics{diag.Error(nil, "Version cannot be raised", `"version" in manifest.json is %.80q. Write MAJOR.MINOR.PATCH there, such as "1.0.0".`, built.OldVersion)}
	}
	options.Version = next
	if info, err := os.Stat(o.Input.Path); err != nil || !info.IsDir() {
		return nil, diag.FromError("Package cannot be read", err)
	}
	built.Manifest = filepath.Join(o.Input.Path, "manifest.json")
	text, err := os.ReadFile(built.Manifest)
	if err != nil {
		return nil, diag.FromError("Package cannot be read", err)
	}
	raised, err := apppackage.SetVersion(text, next)
	var problem *apppackage.Error
	if errors.As(err, &problem) {
		return nil, hcl.Diagnostics{diag.Error(nil, "Version cannot be raised", "%s: %s", o.Input.Path, problem)}
	}
	return raised, diag.FromError("Version cannot be raised", err)
}

// replace writes a file as a whole or not at all.
func replace(path string, data []byte) (err error) {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if e := f.Sync(); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Chmod(f.Name(), mode)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
