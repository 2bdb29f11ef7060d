package teams

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams/internal/delay"
)

// Submission is the kind of a version that a developer submitted for approval,
// and of what is decided about it.
const Submission = "submission"

// What a submission can have come to. Pending is what the service tells of one
// that waits; nobody can write it.
const (
	approve = "approve"
	reject  = "reject"
	pending = "pending"
)

func submissionKind() *schema.Kind {
	return &schema.Kind{
		Name: Submission, Version: 1, Title: "submission", Plural: "submissions", Rank: schema.RankSubmission,
		Compiled: true, Awaiting: true, Delay: delay.App(),
		Doc: "A version of an app that a developer submitted for approval (Teams admin centre: Manage apps, \"Pending approval\"), and what is decided about it. " +
			"Anybody in the organisation can submit, whatever the policies say. A decision is made once: removing the block takes nothing back.",
		KeyAttr: "version", With: App,
		Unmanaged: "Waits for approval. Anybody in the organisation may submit, whatever the policies say; nobody sees it until it is approved.",
		Attrs: []*schema.Attr{
			{Name: "app", Required: true, Input: true, Type: schema.Reference{Kinds: []string{App}}, Doc: "The app. If its block has a package of this version, that is the reviewed one: an approval goes through only if what was submitted does not differ from it, as far as the catalog tells (name, bot, permissions for teams and chats)."},
			{Name: "version", Required: true, Input: true, Type: schema.String{}, Doc: "The version that was submitted."},
			{Name: "decision", Required: true, Type: schema.String{Words: []string{approve, reject}}, Doc: "Approving publishes the version to everybody who has access to the app; rejecting sends it back to its developer."},
		},
		CheckCreate: func(schema.Attrs) []schema.Problem {
			return []schema.Problem{{Attr: "version", Summary: "Nothing was submitted", Detail: "The catalog has no such version of the app, neither waiting for approval nor decided about. Correct the version, or remove the block until it is submitted."}}
		},
		CheckChange: func(_, actual, desired schema.Attrs) []schema.Problem {
			if actual["decision"] == approve && desired["decision"] == reject {
				return []schema.Problem{{Attr: "decision", Summary: "Version is published already", Detail: "It was approved before, and a published version cannot be rejected. Publish a higher version instead, or remove the app."}}
			}
			return nil
		},
	}
}

// submissions compiles submission blocks: the app gives the other half of what
// identifies a version in the catalog, and the package that was reviewed.
func (c *compilation) submissions() {
	for _, inst := range c.in.Config.Instances {
		if inst.Kind.Name != Submission {
			continue
		}
		ref, _ := inst.Attrs["app"].(schema.Ref)
		version, _ := inst.Attrs["version"].(string)
		d := &engine.Desired{
			Addr: inst.Addr, Kind: inst.Kind, Lifecycle: inst.Lifecycle, Range: inst.DeclRange, Ranges: inst.Ranges, DependsOn: inst.DependsOn,
			Attrs: schema.Attrs{"decision": inst.Attrs["decision"]}, Input: schema.Attrs{},
		}
		for _, app := range c.in.Config.Instances {
			if app.Addr != ref.Addr {
				continue
			}
			manifest, _ := app.Attrs["manifest_id"].(string)
			name, _ := app.Attrs["display_name"].(string)
			d.Key, d.Name = submissionKey(manifest, version), strings.TrimSpace(name+" "+version)
			if app.Attrs["version"] == version {
				d.Input["package"], d.Input["values"] = app.Attrs["package"], app.Attrs["values"]
			}
		}
		if d.Attrs["decision"] == approve {
			if c.approving == nil {
				c.approving = map[string]bool{}
			}
			c.approving[d.Key] = true
		}
		c.out.Objects = append(c.out.Objects, d)
	}
}

func submissionKey(manifestID, version string) string { return manifestID + "/" + version }

// submissions are the versions in the catalog that went through review.
type submissions struct {
	*Writing
	kind *schema.Kind
}

func (s *submissions) Kind() *schema.Kind { return s.kind }

// Batch implements engine.Writer: catalog writes go one by one.
func (s *submissions) Batch() (size, parallel int) { return 1, 1 }

// List yields every version that the catalog tells of. One that is known and
// not told any more has given way to a later one: it stays as it was decided.
func (s *submissions) List(ctx context.Context, scope engine.Scope, yield func(engine.Object) error) error {
	apps, err := s.catalogList(ctx)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, app := range apps {
		for _, d := range app.Definitions {
			o := submissionObject(app, d)
			told[strings.ToLower(o.ID)] = true
			if err := yield(o); err != nil {
				return err
			}
		}
	}
	for _, id := range scope.Known {
		appID, version, ok := strings.Cut(id, "/")
		if !ok || told[strings.ToLower(id)] {
			continue
		}
		for _, app := range apps {
			if strings.EqualFold(app.ID, appID) {
				if err := yield(engine.Object{ID: id, Key: submissionKey(app.ExternalID, version), Name: app.DisplayName + " " + version, Quiet: true}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func submissionObject(app msgraph.CatalogApp, d msgraph.AppDefinition) engine.Object {
	decision := pending
	switch {
	case d.PublishingState.Is(msgraph.Published):
		decision = approve
	case d.PublishingState.Is(msgraph.Rejected):
		decision = reject
	}
	return engine.Object{
		ID: app.ID + "/" + d.Version, Key: submissionKey(app.ExternalID, d.Version), Name: d.DisplayName + " " + d.Version,
		Attrs: schema.Attrs{"decision": decision}, Quiet: decision != pending,
	}
}

// Apply implements engine.Writer.
func (s *submissions) Apply(ctx context.Context, ops []*engine.Op, report func(engine.Result)) error {
	for _, op := range ops {
		err := s.decide(ctx, op)
		report(engine.Result{Op: op, ID: op.ID, Err: err, InDoubt: ambiguous(err), Doubtful: badRequest(err)})
	}
	return nil
}

// decide looks the version up again: its etag says that what is decided about
// is still what was compared.
func (s *submissions) decide(ctx context.Context, op *engine.Op) error {
	s.catalog.drop()
	appID, version, _ := strings.Cut(op.ID, "/")
	app, err := s.graph.CatalogAppWithBots(ctx, appID)
	if err != nil {
		return err
	}
	d := definitionOf(app, version)
	if d == nil {
		return fmt.Errorf("version %s does not wait for approval any more: plan again", version)
	}
	to := msgraph.Rejected
	if op.After["decision"] == approve {
		to = msgraph.Published
		differs, err := s.differs(op.Input, d)
		if err != nil {
			return err
		}
		if len(differs) > 0 {
			return fmt.Errorf("what was submitted as %s is not the reviewed package: %s", version, strings.Join(differs, "; "))
		}
	}
	return s.client.SetPublishingState(ctx, app.ID, d.ID, d.ETag, to)
}

func definitionOf(app msgraph.CatalogApp, version string) *msgraph.AppDefinition {
	if i := slices.IndexFunc(app.Definitions, func(d msgraph.AppDefinition) bool { return d.Version == version }); i >= 0 {
		return &app.Definitions[i]
	}
	return nil
}

// Explain implements engine.Explainer: an approval says whether what was
// submitted is what was reviewed.
func (s *submissions) Explain(ctx context.Context, asked []engine.Explicable) ([]engine.Explanation, error) {
	var out []engine.Explanation
	for _, e := range asked {
		if e.Change == nil || e.Actual == nil || e.Desired.Attrs["decision"] != approve || e.Actual.Attrs["decision"] == approve {
			continue
		}
		told, err := s.compared(ctx, e)
		if err != nil {
			return nil, err
		}
		out = append(out, told)
	}
	return out, nil
}

func (s *submissions) compared(ctx context.Context, e engine.Explicable) (engine.Explanation, error) {
	told := engine.Explanation{Addr: e.Desired.Addr}
	appID, version, _ := strings.Cut(e.Actual.ID, "/")
	app, err := s.graph.CatalogAppWithBots(ctx, appID)
	if err != nil {
		return told, err
	}
	d := definitionOf(app, version)
	if e.Desired.Input["package"] == nil || d == nil {
		told.Attention = append(told.Attention, fmt.Sprintf("%s approves a version whose content nobody compared: the block of its app has no package of version %s.", e.Desired.Addr, version))
		return told, nil
	}
	differs, err := s.differs(e.Desired.Input, d)
	for _, text := range differs {
		told.Refusals = append(told.Refusals, fmt.Sprintf("%s cannot approve version %s: it is not the reviewed package. %s. Reject it, or review what was submitted and put that package into the app's block.", e.Desired.Addr, version, text))
	}
	if len(differs) == 0 {
		told.Details = append(told.Details, "what was submitted agrees with the reviewed package in name, bot and permissions for teams and chats; the catalog tells no more of it")
	}
	return told, err
}

// differs compares what the catalog tells of a submitted version with the
// reviewed package.
func (s *submissions) differs(input schema.Attrs, d *msgraph.AppDefinition) ([]string, error) {
	rel, _ := input["package"].(string)
	if rel == "" || s.packages == nil {
		return nil, nil
	}
	pkg, err := apppackage.Open((&Writing{Reading: s.Reading, dir: s.packages.dir}).resolve(rel), apppackage.Options{Values: textValues(input["values"])})
	if err != nil {
		return nil, fmt.Errorf("reviewed package: %w", err)
	}
	var out []string
	unequal := func(what, submitted, reviewed string) {
		if submitted != reviewed {
			out = append(out, fmt.Sprintf("The %s is %q in the submission and %q in the package", what, submitted, reviewed))
		}
	}
	submitted, reviewed := factsOf(d), pkg.Surface()
	bot := ""
	if reviewed.Bot != nil {
		bot = reviewed.Bot.ID
	}
	unequal("name", submitted.Name, pkg.Manifest.Name.Short)
	unequal("bot", strings.ToLower(submitted.Bot), bot)
	unequal("set of permissions for teams and chats", permissionList(submitted.Resource), permissionList(reviewed.Resource))
	return out, nil
}

// permissionList names resource-specific permissions in order.
func permissionList(list []apppackage.ResourceAccess) string {
	out := make([]string, 0, len(list))
	for _, r := range list {
		out = append(out, r.Name+" ("+strings.ToLower(r.Type)+")")
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
