package teams

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams/internal/delay"
)

// modelAppCentric is the access model with availability per app.
const modelAppCentric = "app_centric"

// App is the kind of apps in the organisation's catalog.
const App = "app"

func appKind() *schema.Kind {
	return &schema.Kind{
		Name: App, Version: 1, Title: "app", Plural: "apps", Rank: schema.RankApp, Delay: delay.App(),
		Doc:     "A custom app in the organisation's app catalog (Teams admin centre: Teams apps > Manage apps). Its identity is the manifest id (\"External app ID\"), which never changes; the catalog id (\"App ID\"), which policies name, is made by the tenant when the app is published.",
		KeyAttr: "manifest_id", NameAttr: "display_name",
		KeyChangeError: "The manifest id is an app's identity: another id is another app, with its own catalog id, installs and policy entries. " +
			"Give the new package a block of its own, or put the former id back into the manifest.",
		Lost:     &schema.Lost{Guard: "delete_app", From: "the catalog", ID: "App ID", And: "its installs and pins"},
		Derive:   derivePackage,
		Check:    nil,
		KeptAway: func(attrs schema.Attrs) bool { return attrs["blocked"] == true },
		Attrs: []*schema.Attr{
			{Name: "package", Input: true, Type: schema.String{What: "path of a folder or .zip"}, Doc: "The app package: a folder with manifest.json and icons, or the .zip of it. Without it, give manifest_id."},
			{Name: "values", Input: true, Type: schema.StringMap{}, Doc: "Values for the ${{NAME}} placeholders of the package."},
			{Name: "manifest_id", Label: "External app ID", Type: schema.String{Fold: true, Check: checkManifestID}, Doc: "The id in the manifest. Written alone, without a package, it names an app that somebody else publishes: who gets it is managed here, its content is not."},
			{Name: "display_name", Derived: true, Input: true, Type: schema.String{}, Doc: "The short name in the manifest."},
			{Name: "version", Derived: true, Type: schema.String{}, Doc: "The version in the manifest. To update an app, raise it."},
			{Name: "digest", Derived: true, Untold: true, Type: schema.String{}, Doc: "Digest of the package's content, independent of how it was zipped."},
			{
				Name: "blocked", Label: "Blocked", Untold: true, Type: schema.Bool{}, Default: false, AffectsAccess: true, Narrow: narrowBlock, Afterwards: []string{modelAppCentric}, Withhold: withholdApp,
				Doc: "true keeps the app from everybody, whatever else the files say: it is taken out of every permission policy, also out of those that nobody manages here, and they get it back when the block ends. On a tenant with app-centric management the app itself is blocked. In an emergency: `teamsform block`.",
			},
			{
				Name: published, Label: "Publishing status", Derived: true, Type: schema.Bool{}, Models: []string{modelAppCentric}, Unset: schema.LetGo, Closed: false,
				AffectsAccess: true, Narrow: narrowSwitch,
				Doc: "Whether the app is published. One in review has its App ID and is visible to nobody. Managed with app-centric management.",
			},
			{Name: schema.CatalogID, Label: "App ID", Late: true, Type: schema.String{}, Doc: "The id that the tenant gives the app."},
		},
		Blocks:      []*schema.Block{ruleBlock(), acceptConsentBlock()},
		CheckChange: checkVersion,
		CheckCreate: checkPublishable,
	}
}

// published is the attribute that tells an app in review from one that people
// may see.
const published = "published"

// derivePackage reads the package once, offline.
func derivePackage(in schema.DeriveInput) schema.DeriveResult {
	_, named := in.Attrs["manifest_id"]
	_, packed := in.Attrs["package"]
	if named == packed {
		return schema.DeriveResult{Diags: hcl.Diagnostics{diag.Error(&in.Range, "Package or manifest id",
			"%s needs either package, whose manifest says the id, or manifest_id alone, for an app that somebody else publishes.", in.Addr)}}
	}
	if named {
		return schema.DeriveResult{}
	}
	if diags := checkRules(in); diags.HasErrors() {
		return schema.DeriveResult{Diags: diags}
	}
	path, err := in.Path("package")
	if err != nil {
		return schema.DeriveResult{Diags: pathProblem(in, err)}
	}
	pkg, err := apppackage.Open(path, apppackage.Options{Values: textValues(in.Attrs["values"])})
	if err != nil {
		return schema.DeriveResult{Diags: packageProblems(in, err)}
	}
	m := pkg.Manifest
	return schema.DeriveResult{
		Attrs: schema.Attrs{"manifest_id": m.ID, "display_name": m.Name.Short, "version": m.Version, "digest": pkg.Digest},
		Files: packageFiles(path, pkg),
		Diags: slices.Concat(packageWarnings(in, pkg), judgePackage(in, pkg), checkAcceptances(in)),
	}
}

// checkManifestID accepts GUIDs only: a name in its place finds nothing.
func checkManifestID(s string) string {
	if _, err := table.ParseID(s); err != nil {
		return "A manifest id is a GUID, such as 0b0c6e1c-2d0a-4a3e-9a3a-5f0d7a0f6e11; the manifest has it as \"id\"."
	}
	return ""
}

// checkPublishable refuses to make an app of which only the id is known.
func checkPublishable(attrs schema.Attrs) []schema.Problem {
	if attrs["version"] != nil {
		return nil
	}
	return []schema.Problem{{Attr: "manifest_id", Summary: "App is not in the catalog", Detail: fmt.Sprintf(
		"The organisation's catalog has no app with the manifest id %v. Publish it first, or give the block its package.", attrs["manifest_id"])}}
}

// checkVersion refuses an update that the catalog would refuse.
func checkVersion(prior, actual, desired schema.Attrs) []schema.Problem {
	version, _ := desired["version"].(string)
	inCatalog, _ := actual["version"].(string)
	next := apppackage.NextVersion(inCatalog)
	if apppackage.NextVersion(version) == "" || next == "" {
		return nil // missing, or of an order that nobody knows
	}
	order := apppackage.CompareVersions(version, inCatalog)
	switch {
	case order < 0:
		return []schema.Problem{{Attr: "package", Summary: "Package is older than the catalog's", Detail: fmt.Sprintf(
			"The package has version %s and the catalog %s. A version cannot be taken back: raise the version in manifest.json above %s (next: %s).", version, inCatalog, inCatalog, next)}}
	case order == 0 && prior["digest"] != nil && prior["digest"] != desired["digest"]:
		return []schema.Problem{{Attr: "package", Summary: "Package changed without a new version", Detail: fmt.Sprintf(
			"The content of the package is not what was published as %s, but its version is the same, so the catalog would refuse it. Raise the version in manifest.json (next: %s).", inCatalog, next)}}
	}
	return nil
}

// catalog is the organisation's app catalog.
type catalog struct {
	*Writing
	kind *schema.Kind
}

func (c *catalog) Kind() *schema.Kind { return c.kind }

// Forget implements engine.Forgetter.
func (c *catalog) Forget() { c.Reading.catalog.drop() }

// Batch implements engine.Writer: the service answers concurrent catalog
// writes with a 400 (graph facts 2.4), so they go one by one.
func (c *catalog) Batch() (size, parallel int) { return 1, 1 }

// List yields the organisation's apps. The listing is only the identity's view,
// so apps that state knows and the listing lacks are asked for by id.
func (c *catalog) List(ctx context.Context, scope engine.Scope, yield func(engine.Object) error) error {
	apps, err := c.catalogList(ctx)
	if err != nil {
		return err
	}
	blocks, err := c.blocks(ctx, scope)
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, app := range apps {
		listed[strings.ToLower(app.ID)] = true
		if err := yield(c.object(app, blocks)); err != nil {
			return err
		}
	}
	for _, id := range scope.Known {
		if listed[strings.ToLower(id)] {
			continue
		}
		app, err := c.graph.CatalogApp(ctx, id)
		if msgraph.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := yield(c.object(app, blocks)); err != nil {
			return err
		}
	}
	return nil
}

// blocks tells which apps are blocked, by id, where that is asked about and
// this identity may know it.
func (c *catalog) blocks(ctx context.Context, scope engine.Scope) (map[string]bool, error) {
	if !c.appCentric() || !scope.Wants("blocked") {
		return nil, nil
	}
	rows, err := c.availabilityList(ctx)
	if errors.Is(err, engine.ErrClosed) {
		return nil, nil
	}
	out := make(map[string]bool, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Blocked
	}
	return out, err
}

func (t *Reading) catalogList(ctx context.Context) ([]msgraph.CatalogApp, error) {
	return t.catalog.get(ctx, func(ctx context.Context) ([]msgraph.CatalogApp, error) {
		var apps []msgraph.CatalogApp
		err := t.graph.CatalogApps(ctx, func(app msgraph.CatalogApp) error {
			apps = append(apps, app)
			return nil
		})
		return apps, err
	})
}

func (c *catalog) object(app msgraph.CatalogApp, blocks map[string]bool) engine.Object {
	o := engine.Object{ID: app.ID, Key: app.ExternalID, Name: app.DisplayName, Attrs: schema.Attrs{"manifest_id": app.ExternalID}}
	if d := currentDefinition(app); d != nil {
		o.Attrs["version"] = d.Version
		if c.appCentric() {
			o.Attrs[published] = d.PublishingState.Is(msgraph.Published)
		}
	}
	if blocked, known := blocks[strings.ToLower(app.ID)]; known {
		o.Attrs["blocked"] = blocked
	}
	return o
}

// currentDefinition is the published definition, or the last one when none is
// published: the newest comes last (graph facts 2.3).
func currentDefinition(app msgraph.CatalogApp) *msgraph.AppDefinition {
	var last *msgraph.AppDefinition
	for i := range app.Definitions {
		d := &app.Definitions[i]
		if last == nil || strings.EqualFold(string(d.PublishingState), string(msgraph.Published)) || !strings.EqualFold(string(last.PublishingState), string(msgraph.Published)) {
			last = d
		}
	}
	return last
}

// Apply implements engine.Writer.
func (c *catalog) Apply(ctx context.Context, ops []*engine.Op, report func(engine.Result)) error {
	for _, op := range ops {
		id, err := c.one(ctx, op)
		report(engine.Result{Op: op, ID: id, Err: err, InDoubt: ambiguous(err), Doubtful: badRequest(err)})
	}
	return nil
}

func (c *catalog) one(ctx context.Context, op *engine.Op) (id string, err error) {
	c.Reading.catalog.drop()
	switch {
	case op.Action == engine.Delete:
		err = c.client.DeleteApp(ctx, op.ID)
		if msgraph.IsNotFound(err) {
			err = nil // gone is what was wanted
		}
		c.dropApp(op.ID)
		return op.ID, err
	case op.Action == engine.Create:
		zip, err := c.kept(op)
		if err != nil {
			return op.ID, err
		}
		app, err := c.client.PublishApp(ctx, zip, op.After[published] == false)
		c.dropApp(app.ID)
		return app.ID, err
	}
	return op.ID, c.change(ctx, op)
}

// change updates an app that exists: its block, its content, its publication.
func (c *catalog) change(ctx context.Context, op *engine.Op) error {
	if err := c.block(ctx, op.ID, op.After); err != nil {
		return err
	}
	if _, newVersion := op.After["version"]; newVersion || op.After["digest"] != nil {
		zip, err := c.kept(op)
		if err != nil {
			return err
		}
		_, err = c.client.UpdateApp(ctx, op.ID, zip, false)
		if msgraph.IsAlreadyExists(err) && c.isDecided(ctx, op) {
			err = nil // by the approval of what was submitted
		}
		return err // published with it
	}
	if op.After[published] == true {
		return c.approve(ctx, op.ID)
	}
	return nil
}

// approve publishes the definition that is in review.
func (c *catalog) approve(ctx context.Context, id string) error {
	app, err := c.graph.CatalogApp(ctx, id)
	if err != nil {
		return err
	}
	for _, d := range app.Definitions {
		if d.PublishingState.Is(msgraph.Published) {
			return nil // somebody was faster
		}
	}
	for _, d := range app.Definitions {
		if d.PublishingState.Is(msgraph.Submitted) {
			return c.client.SetPublishingState(ctx, id, d.ID, d.ETag, msgraph.Published)
		}
	}
	return fmt.Errorf("no version of app %s is in review: it was rejected or withdrawn. Raise the version in manifest.json, which publishes it, or submit it anew", id)
}

// kept reads the package of an operation and keeps a copy, with which a later
// version can be compared.
func (c *catalog) kept(op *engine.Op) ([]byte, error) {
	zip, digest, err := c.zipOf(op)
	if err != nil {
		return nil, err
	}
	if p := c.packages; p != nil {
		if err := p.shelf.Put(op.Key, digest, zip); err != nil {
			p.unkept(fmt.Errorf("%s: %w", op.Addr, err))
		}
	}
	return zip, nil
}

// block blocks the app itself, where the tenant can. Where it cannot, the
// permission policies keep it from everybody, and there is nothing to send.
func (c *catalog) block(ctx context.Context, id string, after schema.Attrs) error {
	on, ok := after["blocked"].(bool)
	if !ok || !c.appCentric() {
		return nil
	}
	c.dropApp(id)
	return c.control.BlockApp(ctx, id, on)
}

// isDecided reports whether the catalog has that version of an app already: it
// is published, or its submission was approved in this run and does not show as
// published yet.
func (c *catalog) isDecided(ctx context.Context, op *engine.Op) bool {
	version, _ := op.After["version"].(string)
	app, err := c.graph.CatalogApp(ctx, op.ID)
	d := definitionOf(app, version)
	return err == nil && d != nil && (d.PublishingState.Is(msgraph.Published) || c.approving[submissionKey(op.Key, version)])
}

// zipOf reads the package again and checks that it is what was planned.
func (c *catalog) zipOf(op *engine.Op) (zip []byte, digest string, err error) {
	rel, _ := op.Input["package"].(string)
	pkg, err := apppackage.Open(c.resolve(rel), apppackage.Options{Values: textValues(op.Input["values"])})
	if err != nil {
		return nil, "", fmt.Errorf("package of %s: %w", op.Addr, err)
	}
	if want, ok := op.After["digest"].(string); ok && want != pkg.Digest {
		return nil, "", fmt.Errorf("the package %s has changed since the plan was made (digest %s, planned %s): plan again", rel, pkg.Digest, want)
	}
	zip, err = pkg.Zip()
	return zip, pkg.Digest, err
}

// narrowBlock: to block takes away, to end a block gives.
func narrowBlock(before, after any) any {
	if before == true || after == true {
		return true
	}
	return after
}

// withholdApp blocks the app itself, on tenants that can.
func withholdApp(id string, value any, h schema.Held) any {
	if h.Model == modelAppCentric && id != "" {
		for _, held := range h.Apps {
			if text, ok := held.(string); ok && strings.EqualFold(text, id) {
				return true
			}
		}
	}
	return value
}
