package apppackage

import (
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// Comparison says what an update from one package to another means.
type Comparison struct {
	Consent Consent
	Changes []Change // what the verdict rests on, and notes
	// Order is that of the versions: below 0 when the new one is lower.
	Order int
	// Same is true when both have the same content.
	Same bool
	// Findings are about the update itself: an id that changes, a version that
	// does not rise. They are about the new manifest.
	Findings []Finding
}

// Compare returns what updating from old to new means to the people who use
// the app, and whether the update can be published at all.
func Compare(old, new *Package, o ValidateOptions) Comparison {
	c := compareRoots(old.tree(), new.tree(), old.Digest == new.Digest)
	c.Findings = o.apply(c.Findings)
	return c
}

// CompareManifests is Compare for manifests without their packages.
func CompareManifests(old, new []byte, o ValidateOptions) (Comparison, error) {
	before, problem := parseManifest(jsondoc.TrimBOM(old))
	if problem != nil {
		return Comparison{}, fmt.Errorf("old manifest: %w", problem)
	}
	after, problem := parseManifest(jsondoc.TrimBOM(new))
	if problem != nil {
		return Comparison{}, fmt.Errorf("new manifest: %w", problem)
	}
	c := compareRoots(before, after, before.Canonical() == after.Canonical())
	c.Findings = o.apply(c.Findings)
	return c, nil
}

func compareRoots(old, new *jsondoc.Node, same bool) Comparison {
	c := Comparison{Same: same}
	c.Consent, c.Changes = CompareSurfaces(surfaceOf(old), surfaceOf(new))
	before, after := old.Get("version").Str(), new.Get("version").Str()
	c.Order = CompareVersions(after, before)
	in := newInspection(new)
	oldID, newID := old.Get("id").Str(), new.Get("id").Str()
	if !strings.EqualFold(oldID, newID) {
		in.report("ManifestIdChanged", in.at("id"), fmt.Sprintf("id changes from %.80q to %.80q", oldID, newID), "keep the id; with another it is another app")
	}
	switch {
	case same:
	case c.Order == 0:
		in.report("VersionNotRaised", in.at("version"), fmt.Sprintf("the content changes, but version stays %.80q; clients would keep the old content", after), "raise the version")
	case c.Order < 0:
		in.report("VersionLowered", in.at("version"), fmt.Sprintf("version goes down from %.80q to %.80q", before, after), "raise the version above the published one")
	}
	c.Findings = in.out
	return c
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
