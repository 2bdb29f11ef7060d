package apppackage

import (
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/wording"
)

// CatalogFacts is what an organisation's catalog tells of a published version:
// the old side of a comparison where its package is not known.
type CatalogFacts struct {
	ManifestID, Version              string
	Name, ShortDescription, FullText string // as the definition has them; "" where it tells none
	// Bot is the bot's application id; "" where the app has no bot.
	Bot string
	// EntraAppID is the id of webApplicationInfo; "" where there is none.
	EntraAppID string
	// Resource are the resource-specific permissions.
	Resource []ResourceAccess
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
	web := new.tree().At("webApplicationInfo", "id").Str()
	switch {
	case strings.EqualFold(web, old.EntraAppID):
	case old.EntraAppID == "":
		before.WebApplicationInfo = ""
	default:
		before.WebApplicationInfo = "{" + strings.ToLower(old.EntraAppID) + "}" // some other
	}
	before.Resource = old.Resource
	c := Comparison{}
	c.Consent, c.Changes = CompareSurfaces(before, after, o.Judge)
	if c.Consent != ConsentRequired {
		c.Consent = ConsentUnknown
	}
	c.catalogTexts(old, new.Manifest)
	c.NotCompared = []string{
		"what the bot may do (files, calls, video, notifications only)", "message extensions, tabs and connectors", "the deprecated list of permissions",
		"icons, language files and other files", "the rest of the manifest",
	}
	c.versions(new.tree(), old.ManifestID, old.Version, o)
	return c
}

func (c *Comparison) catalogTexts(old CatalogFacts, m Manifest) {
	for _, t := range []struct{ path, what, old, new string }{
		{"/version", "version", old.Version, m.Version},
		{"/name/short", "short name", old.Name, m.Name.Short},
		{"/description/short", "short description", old.ShortDescription, m.Description.Short},
		{"/description/full", "long description", old.FullText, m.Description.Full},
	} {
		if t.old != "" && t.old != t.new {
			c.Differences = append(c.Differences, wording.Text(t.path, t.what, t.old, t.new))
		}
	}
}
