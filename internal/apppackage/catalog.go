package apppackage

import (
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/wording"
)

// CatalogFacts is what an organisation's catalog tells of a published version:
// the old side of a comparison where its package is not known.
type CatalogFacts struct {
	ManifestID, Version string
	Name                string           // the short name; "" where it is not told
	Bot                 string           // the bot's application id; "" where the app has no bot
	Resource            []ResourceAccess // the resource-specific permissions
}

// CompareCatalog compares a package with what the catalog tells of the version
// that it replaces. What the catalog does not tell stands in NotCompared, and
// since any of it may ask people again the verdict is unknown unless something
// is required.
func CompareCatalog(old CatalogFacts, new *Package, o CompareOptions) Comparison {
	after := new.Surface()
	before := after // what is not known does not differ
	before.Version = old.Version
	before.Bot = nil
	if old.Bot != "" {
		known := SurfaceBot{ID: strings.ToLower(old.Bot)}
		if after.Bot != nil {
			known = *after.Bot
			known.ID = strings.ToLower(old.Bot)
		}
		before.Bot = &known
	}
	before.Resource = old.Resource
	c := Comparison{}
	c.Consent, c.Changes = CompareSurfaces(before, after, o.Judge)
	if c.Consent != ConsentRequired {
		c.Consent = ConsentUnknown
	}
	if old.Name != "" && old.Name != new.Manifest.Name.Short {
		c.Differences = append(c.Differences, wording.Text("/name/short", "short name", old.Name, new.Manifest.Name.Short))
	}
	c.NotCompared = []string{
		"what the bot may do (files, calls, video, notifications only)", "message extensions, tabs and connectors", "the Entra application and the deprecated list of permissions",
		"icons, language files and other files", "the rest of the manifest",
	}
	c.versions(new.tree(), old.ManifestID, old.Version, o)
	return c
}
