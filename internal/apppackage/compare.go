package apppackage

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/consent"
	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
	"github.com/teamsform/teamsform/internal/apppackage/internal/wording"
)

// Comparison says what an update from one package to another means.
type Comparison struct {
	Consent Consent
	Changes []Change // what the verdict rests on, and notes
	// Differences are all changes of the manifest and the files, in plain words.
	Differences []Difference
	// NotCompared says what could not be compared, a sentence without its end
	// each: the verdict holds without it.
	NotCompared            []string
	OldVersion, NewVersion string
	// Order is that of the versions: below 0 when the new one is lower.
	Order int
	// Next is the version to propose where the new one is not higher, "" elsewhere.
	Next string
	// Same is true when both have the same content: there is nothing to update.
	Same bool
	// Findings are about the update itself: an id that changes, a version that
	// does not rise. They are about the new manifest.
	Findings []Finding
}

// Difference is one change in plain words.
type Difference = wording.Difference

// CompareOptions adjust a comparison.
type CompareOptions struct {
	Severity map[string]Severity // of the rules that Findings name
	Judge    Judge
}

// Compare returns what updating from old to new means to the people who use
// the app, and whether the update can be published at all. Where one of the two
// is a manifest alone, other files are not compared.
func Compare(old, new *Package, o CompareOptions) Comparison {
	before, after := old.tree(), new.tree()
	if old.Bare || new.Bare {
		c := compareRoots(before, after, before.Canonical() == after.Canonical(), o)
		c.NotCompared = append(c.NotCompared, "icons, language files and other files, because only the manifest of one side is known")
		return c
	}
	c := compareRoots(before, after, old.Digest == new.Digest, o)
	c.Differences = append(c.Differences, compareFiles(old, new)...)
	return c
}

// compareFiles tells which files beside the manifest came, went or changed.
func compareFiles(old, new *Package) []Difference {
	var out []Difference
	note := func(name string, kind wording.Kind) {
		if name != manifestName && len(out) < maxFindings {
			out = append(out, Difference{Path: "", Kind: kind, Text: fmt.Sprintf("file %q %s", name, kind)})
		}
	}
	for _, f := range new.Files {
		was, ok := old.File(f.Name)
		switch {
		case !ok:
			note(f.Name, wording.Added)
		case !bytes.Equal(was.Data, f.Data):
			note(f.Name, wording.Changed)
		}
	}
	for _, f := range old.Files {
		if _, ok := new.File(f.Name); !ok {
			note(f.Name, wording.Removed)
		}
	}
	return out
}

// CompareManifests is Compare for manifests without their packages.
func CompareManifests(old, new []byte, o CompareOptions) (Comparison, error) {
	before, _, problem := readManifest(old)
	if problem != nil {
		return Comparison{}, fmt.Errorf("old manifest: %w", problem)
	}
	after, _, problem := readManifest(new)
	if problem != nil {
		return Comparison{}, fmt.Errorf("new manifest: %w", problem)
	}
	return compareRoots(before, after, before.Canonical() == after.Canonical(), o), nil
}

func compareRoots(old, new *jsondoc.Node, same bool, o CompareOptions) Comparison {
	c := Comparison{Same: same}
	c.Consent, c.Changes = CompareSurfaces(consent.SurfaceOf(old), consent.SurfaceOf(new), o.Judge)
	c.Differences = wording.Compare(old, new)
	c.versions(new, old.Get("id").Str(), old.Get("version").Str(), o)
	return c
}

// versions judges id and version of the new manifest against the published ones.
func (c *Comparison) versions(new *jsondoc.Node, oldID, before string, o CompareOptions) {
	after := new.Get("version").Str()
	c.OldVersion, c.NewVersion, c.Order = before, after, CompareVersions(after, before)
	in := newInspection(new)
	if newID := new.Get("id").Str(); !strings.EqualFold(oldID, newID) {
		in.report("ManifestIdChanged", in.at("id"), fmt.Sprintf("id changes from %.80q to %.80q", oldID, newID), "keep the id; with another it is another app")
	}
	if !c.Same && c.Order <= 0 {
		c.Next = NextVersion(before)
	}
	raise := "raise the version above the published one"
	if c.Next != "" {
		raise += ", for example to " + c.Next
	}
	switch {
	case c.Same:
	case c.Order == 0:
		in.report("VersionNotRaised", in.at("version"), fmt.Sprintf("the content changes, but version stays %.80q; clients would keep the old content", after), raise)
	case c.Order < 0:
		in.report("VersionLowered", in.at("version"), fmt.Sprintf("version goes down from %.80q to %.80q", before, after), raise)
	}
	c.Findings = ValidateOptions{Severity: o.Severity}.apply(in.out)
}

// CompareVersions orders app versions part by part as numbers of any length,
// missing parts counting as 0. Parts that are no numbers are compared as text,
// after all numbers.
func CompareVersions(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		if d := comparePart(part(x, i), part(y, i)); d != 0 {
			return d
		}
	}
	return 0
}

func part(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return "0"
}

func comparePart(a, b string) int {
	aNumber, bNumber := strings.Trim(a, "0123456789") == "", strings.Trim(b, "0123456789") == ""
	switch {
	case aNumber && bNumber:
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		if len(a) != len(b) {
			return len(a) - len(b)
		}
	case aNumber:
		return -1
	case bNumber:
		return 1
	}
	return strings.Compare(a, b)
}
