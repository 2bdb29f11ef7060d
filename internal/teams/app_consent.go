package teams

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/schema"
)

// This file says what an update of an app means to the people who use it: what
// changes in the manifest, and which changes make the service ask them to
// consent again. The catalog gives no package back, so the published one is
// taken from the shelf of packages by the digest in the state. Where it is not
// there, or somebody else has published since, what the catalog itself tells of
// a version (its bot and its resource-specific permissions) is compared, and the
// plan says that the rest is not known.

// PackageShelf keeps published packages by their digest.
type PackageShelf interface {
	// Get returns a zip, or nil when it is not there.
	Get(manifestID, digest string) ([]byte, error)
	Put(manifestID, digest string, zip []byte) error
}

// packages is where apps are read from and kept.
type packages struct {
	dir   string // folder that paths are relative to
	shelf PackageShelf
	// unkept is told why a package could not be kept; the publishing goes on.
	unkept func(error)
}

// KeepPackages names the folder that paths of packages are relative to, and
// where published packages are kept. Without it the content of an update cannot
// be compared with what is published.
func (t *Reading) KeepPackages(dir string, shelf PackageShelf, unkept func(error)) {
	t.packages = &packages{dir, shelf, unkept}
}

const acceptConsent = "accept_consent"

// acceptConsentBlock lets the configuration accept that an update asks people.
func acceptConsentBlock() *schema.Block {
	return &schema.Block{
		Name: acceptConsent, Doc: "Accepts that the update to one version asks people to consent again. It counts for that version only; one of another version is reported as stale.",
		Attrs: []*schema.Attr{
			{Name: "version", Type: schema.String{}, Required: true, Doc: "The version of the package that it is about."},
			{Name: "rules", Type: schema.StringList{Set: true}, Required: true, Doc: "The rules that may ask, such as \"bot-added\"; the plan names those that do."},
		},
	}
}

// checkAcceptances refuses rules that do not exist: a typo would accept nothing.
func checkAcceptances(in schema.DeriveInput) hcl.Diagnostics {
	known := apppackage.ConsentRules()
	var diags hcl.Diagnostics
	for _, b := range in.Blocks[acceptConsent] {
		for _, rule := range rulesOf(b) {
			if slices.Contains(known, rule) {
				continue
			}
			rng := b.Range
			if r, ok := b.Ranges["rules"]; ok {
				rng = r
			}
			diags = append(diags, diag.WithAddress(diag.Error(&rng, "Unknown consent rule", "There is no rule %q.%s The rules are %s.", rule, diag.DidYouMean(rule, known), strings.Join(known, ", ")), in.Addr.String()))
		}
	}
	return diags
}

// rulesOf returns the rules that an accept_consent block names.
func rulesOf(b schema.BlockInstance) []string {
	list, _ := b.Attrs["rules"].([]any)
	return texts(list)
}

// Explain implements engine.Explainer.
func (c *catalog) Explain(ctx context.Context, asked []engine.Explicable) ([]engine.Explanation, error) {
	if c.packages == nil {
		return nil, nil
	}
	var out []engine.Explanation
	for _, e := range asked {
		if e.Desired.Input["package"] == nil {
			continue
		}
		told, err := c.explain(ctx, e)
		if err != nil {
			return nil, err
		}
		out = append(out, told)
	}
	return out, nil
}

// consentCase is one app of which a plan says what its update means.
type consentCase struct {
	engine.Explicable
	told    engine.Explanation
	version string // of the package
}

func (c *catalog) explain(ctx context.Context, e engine.Explicable) (engine.Explanation, error) {
	x := &consentCase{Explicable: e, told: engine.Explanation{Addr: e.Desired.Addr}}
	x.version, _ = e.Desired.Attrs["version"].(string)
	now, err := c.explained(x)
	if now != nil {
		x.told.Details = silenced(now, x.Desired.Blocks[ruleBlockName])
		if x.updates() {
			err = c.compareUpdate(ctx, x, now)
		}
	}
	x.stale()
	if err == nil {
		err = c.waiting(ctx, x)
	}
	return x.told, err
}

// waiting says which versions of the app wait for approval. One that the
// package has too is in the way: the service knows each version once.
func (c *catalog) waiting(ctx context.Context, x *consentCase) error {
	if x.Actual == nil {
		return nil
	}
	apps, err := c.catalogList(ctx)
	if err != nil {
		return err
	}
	for _, app := range apps {
		if app.ID != x.Actual.ID {
			continue
		}
		for _, d := range app.Definitions {
			if !d.PublishingState.Is(msgraph.Submitted) || d.Version != x.version || c.approving[submissionKey(app.ExternalID, d.Version)] {
				continue
			}
			x.told.Refusals = append(x.told.Refusals, fmt.Sprintf(
				"%s cannot publish version %s: somebody has submitted that version, and it waits for approval. Approve it with a submission block, reject it, or raise the version of the package (next: %s).",
				x.Desired.Addr, d.Version, apppackage.NextVersion(d.Version)))
		}
	}
	return nil
}

// updates reports whether a version that people have gives way to another.
func (x *consentCase) updates() bool {
	if x.Change == nil || x.Change.Action != engine.Update || x.Actual == nil {
		return false
	}
	return slices.ContainsFunc(x.Change.Attrs, func(a engine.AttrChange) bool { return a.Attr.Name == "version" })
}

// explained opens the package of an app that is published, in its first version
// or another; nil when nothing of it is.
func (c *catalog) explained(x *consentCase) (*apppackage.Package, error) {
	created := x.Change != nil && x.Change.Action == engine.Create
	if !x.updates() && (!created || len(x.Desired.Blocks[ruleBlockName]) == 0) {
		return nil, nil
	}
	rel, _ := x.Desired.Input["package"].(string)
	path := (&Writing{Reading: c.Reading, dir: c.packages.dir}).resolve(rel)
	now, err := apppackage.Open(path, apppackage.Options{Values: textValues(x.Desired.Input["values"])})
	if err != nil {
		return nil, fmt.Errorf("package of %s: %w", x.Desired.Addr, err)
	}
	return now, nil
}

func (c *catalog) compareUpdate(ctx context.Context, x *consentCase, now *apppackage.Package) error {
	old, why := c.published(x)
	if old != nil {
		c := apppackage.Compare(old, now, apppackage.CompareOptions{})
		x.differences(c.Differences)
		x.judge(c.Changes)
		return nil
	}
	x.detail("the content of the published version is not known here (%s); what the catalog tells of it is compared", why)
	facts, err := c.catalogFacts(ctx, x)
	if err != nil {
		return err
	}
	x.judge(apppackage.CompareCatalog(facts, now, apppackage.CompareOptions{}).Changes)
	x.told.Attention = append(x.told.Attention, fmt.Sprintf(
		"Whether the update of %s to %s asks people to consent again is known in part only: %s. Of what is published, the catalog tells no more than the bot and the permissions for teams and chats.", x.Desired.Addr, x.version, why))
	return nil
}

// published returns the package that people have, or why it is not known.
func (c *catalog) published(x *consentCase) (pkg *apppackage.Package, why string) {
	digest, _ := x.Prior["digest"].(string)
	applied, _ := x.Prior["version"].(string)
	inCatalog, _ := x.Actual.Attrs["version"].(string)
	switch {
	case digest == "":
		return nil, "it was not published from here"
	case applied != inCatalog:
		return nil, fmt.Sprintf("somebody else published %s after %s", inCatalog, applied)
	}
	zip, err := c.packages.shelf.Get(x.Desired.Key, digest)
	if err != nil {
		return nil, err.Error()
	}
	if zip == nil {
		return nil, "its package is not kept on this machine"
	}
	if pkg, err = apppackage.Read(zip); err != nil || pkg.Digest != digest {
		return nil, "the package kept on this machine is not the one that was published"
	}
	return pkg, ""
}

// catalogFacts is what the catalog tells of the published version.
func (c *catalog) catalogFacts(ctx context.Context, x *consentCase) (apppackage.CatalogFacts, error) {
	facts := apppackage.CatalogFacts{ManifestID: x.Desired.Key}
	app, err := c.graph.CatalogAppWithBots(ctx, x.Actual.ID)
	if msgraph.IsNotFound(err) {
		return facts, nil
	}
	if err != nil {
		return facts, err
	}
	if d := currentDefinition(app); d != nil {
		facts = factsOf(d)
	}
	return facts, nil
}

// factsOf takes over what the catalog tells of one version.
func factsOf(d *msgraph.AppDefinition) apppackage.CatalogFacts {
	facts := apppackage.CatalogFacts{Version: d.Version, Name: d.DisplayName}
	if d.Bot != nil {
		facts.Bot = d.Bot.ID
	}
	if d.Authorization != nil {
		for _, p := range d.Authorization.PermissionSet.Permissions {
			facts.Resource = append(facts.Resource, apppackage.ResourceAccess{Type: resourceType(p.Type), Name: p.Value})
		}
	}
	return facts
}

// resourceType gives Graph's word for the kind of a permission the manifest's spelling.
func resourceType(s string) string {
	if strings.EqualFold(s, "application") {
		return "Application"
	}
	return "Delegated"
}

// mostDifferences bounds what a plan tells of one package; "package diff" tells
// all of it.
const mostDifferences = 20

// differences says in plain words what the update changes. The version stands
// above them already.
func (x *consentCase) differences(list []apppackage.Difference) {
	list = slices.DeleteFunc(list, func(d apppackage.Difference) bool { return d.Path == "/version" })
	for _, d := range list[:min(len(list), mostDifferences)] {
		x.detail("%s", d.Text)
	}
	if n := len(list) - mostDifferences; n > 0 {
		x.detail("and %d more changes; teamsform package diff tells all", n)
	}
}

// judge sorts what changes by whether people are asked, and by whether somebody
// accepted that.
func (x *consentCase) judge(changes []apppackage.Change) {
	for _, ch := range changes {
		by := fmt.Sprintf("rule %s, lists %s", ch.Rule, strings.Join(ch.Lists, " "))
		switch at, accepted := x.acceptance(ch.Rule); {
		case ch.Rule == "":
			x.detail("note: %s", ch.Message)
		case ch.Consent == apppackage.ConsentPossible:
			x.detail("may ask people to consent again: %s (%s)", ch.Message, by)
		case ch.Consent != apppackage.ConsentRequired:
			x.detail("%s", ch.Message)
		case accepted:
			x.detail("asks people to consent again: %s (%s; accepted)", ch.Message, by)
			x.told.Accepted = append(x.told.Accepted, engine.Finding{Addr: x.Desired.Addr, Text: fmt.Sprintf(
				"The update of %s to %s asks people to consent again: %s. Accepted at %s:%d.", x.Desired.Addr, x.version, ch.Message, at.Filename, at.Start.Line)})
		default:
			x.detail("asks people to consent again: %s (%s)", ch.Message, by)
			x.told.Consent = append(x.told.Consent, engine.Finding{Addr: x.Desired.Addr, Text: fmt.Sprintf(
				"The update of %s to %s asks people to consent again: %s. To accept it, put accept_consent with version = %q and rules = [%q] into its block.", x.Desired.Addr, x.version, ch.Message, x.version, ch.Rule)})
		}
	}
	if len(x.told.Consent)+len(x.told.Accepted) > 0 {
		x.detail("how many people have the app is not known; for those whom a setup policy gives it, it is updated without a question")
	}
}

func (x *consentCase) detail(format string, args ...any) {
	x.told.Details = append(x.told.Details, fmt.Sprintf(format, args...))
}

// acceptance finds the block that accepts a rule for the version.
func (x *consentCase) acceptance(rule string) (at hcl.Range, ok bool) {
	for _, b := range x.Desired.Blocks[acceptConsent] {
		if b.Attrs["version"] == x.version && slices.Contains(rulesOf(b), rule) {
			return b.Range, true
		}
	}
	return at, false
}

// stale reports acceptances of another version than the package has.
func (x *consentCase) stale() {
	for _, b := range x.Desired.Blocks[acceptConsent] {
		if b.Attrs["version"] != x.version {
			x.told.Accepted = append(x.told.Accepted, engine.Finding{Addr: x.Desired.Addr, Text: fmt.Sprintf(
				"The acceptance at %s:%d is stale: it is about version %v of %s, and the package has %s. Remove it.", b.Range.Filename, b.Range.Start.Line, b.Attrs["version"], x.Desired.Addr, x.version)})
		}
	}
}
