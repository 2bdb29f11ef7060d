package ops_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// The rows of the conformance suite: what each kind of object goes through. A
// new kind is one more row here, and nothing else.

// The steps that every kind walks, in this order.
const (
	stepCreate  = "create"
	stepChange  = "change"
	stepReorder = "reorder"
	stepUnset   = "unset"
	stepClear   = "clear"
	stepDelete  = "delete"
	stepAdopt   = "adopt"  // it exists as wanted, made by another hand
	stepImport  = "import" // it exists, and differs
)

func conformanceSteps() []string {
	return []string{stepCreate, stepChange, stepReorder, stepUnset, stepClear, stepDelete, stepAdopt, stepImport}
}

// conformanceRow is what one kind goes through.
type conformanceRow struct {
	kind string
	// fault is the one that it meets in the fast layer.
	fault string
	// model is the access model of its tenant; "" for policies.
	model string
	// base stands in the configuration at every step.
	base string
	// steps are the blocks of each step; not says why there is no such step.
	steps map[string]string
	not   map[string]string
	// before is what another hand does before a step, and the packages' versions.
	before map[string]func(*conformance)
}

func conformanceRows() []conformanceRow {
	rows := []conformanceRow{
		{
			kind: teams.OrgSettings, fault: "flapping:for=5m",
			steps: map[string]string{
				stepCreate: `org_settings { custom_app_interaction = false }`,
				stepChange: `org_settings {
  custom_app_interaction = true
  user_requests_for_apps = false
}`,
				stepUnset:  `org_settings { custom_app_interaction = true }`,
				stepDelete: ``,
				stepAdopt:  `org_settings { custom_app_interaction = false }`,
			},
			not: map[string]string{
				stepReorder: "switches have no order", stepClear: "a switch cannot be empty",
				stepImport: "there is one, which is taken under management without an import",
			},
			before: map[string]func(*conformance){stepAdopt: func(c *conformance) { c.customApps(false) }},
		},
		{
			kind: teams.App, fault: "slow-publish:for=1h",
			steps: map[string]string{
				stepCreate: `app "a0" { package = "packages/app0" }`,
				stepChange: `app "a0" { package = "packages/app0" }`,
				stepDelete: ``,
				stepAdopt:  `app "a0" { package = "packages/app0" }`,
				stepImport: `app "a1" { package = "packages/app1" }`,
			},
			not: map[string]string{stepReorder: "an app has no order", stepUnset: "all of it comes from the package", stepClear: "a package is never empty"},
			before: map[string]func(*conformance){
				stepChange: func(c *conformance) { c.packages.raise(0) },
				stepAdopt:  func(c *conformance) { c.publish(0) },
				stepImport: func(c *conformance) {
					c.publish(1)
					c.packages.raise(1)
				},
			},
		},
		{
			kind: teams.Submission, fault: "lost-answer:every=2",
			base: `app "a0" { package = "packages/app0" }`,
			steps: map[string]string{
				stepCreate: decided("1.2.0"),
				stepChange: decided("1.3.0"),
				stepDelete: ``,
				stepAdopt:  decided("1.4.0"),
			},
			not: map[string]string{
				stepReorder: "a decision has no order", stepUnset: "a decision has no parts", stepClear: "a decision is never empty",
				stepImport: "others make it, and deciding about it is the first step",
			},
			before: map[string]func(*conformance){
				stepCreate: func(c *conformance) { c.submit(0) },
				stepChange: func(c *conformance) { c.submit(0) },
				stepAdopt: func(c *conformance) {
					c.submit(0)
					c.approve(0)
				},
			},
		},
		{
			kind: teams.SetupPolicy, fault: "lag:for=2m",
			steps: map[string]string{
				stepCreate: `setup_policy "p" {
  description        = "one"
  upload_custom_apps = false
  pinned_apps        = ["activity", "chat"]
  installed_apps     = ["chat"]
}`,
				stepChange: `setup_policy "p" {
  description        = "two"
  upload_custom_apps = true
  pinned_apps        = ["activity", "chat", "teams"]
  installed_apps     = ["chat"]
}`,
				stepReorder: `setup_policy "p" {
  description        = "two"
  upload_custom_apps = true
  pinned_apps        = ["teams", "activity", "chat"]
  installed_apps     = ["chat"]
}`,
				stepUnset: `setup_policy "p" {
  upload_custom_apps = true
  pinned_apps        = ["teams", "activity", "chat"]
}`,
				stepClear: `setup_policy "p" {
  upload_custom_apps = false
  pinned_apps        = []
}`,
				stepDelete: ``,
				stepAdopt:  `setup_policy "q" { upload_custom_apps = true }`,
				stepImport: `import {
  to = setup_policy.r
  id = "r"
}
setup_policy "r" { description = "ours" }`,
			},
			before: map[string]func(*conformance){
				stepAdopt:  func(c *conformance) { c.policy(teamsadmin.SetupPolicy, "q", "") },
				stepImport: func(c *conformance) { c.policy(teamsadmin.SetupPolicy, "r", "theirs") },
			},
		},
		{
			kind: teams.PermissionPolicy, fault: "400-but-done:every=2",
			base: `app "a0" { package = "packages/app0" }`,
			steps: map[string]string{
				stepCreate: `permission_policy "p" {
  description = "one"
  custom_apps = { allow_only = [app.a0] }
}`,
				stepChange: `permission_policy "p" {
  description = "two"
  custom_apps = { allow_all_but = [app.a0] }
}`,
				stepUnset:  `permission_policy "p" { custom_apps = { allow_all_but = [app.a0] } }`,
				stepClear:  `permission_policy "p" { custom_apps = { allow_only = [] } }`,
				stepDelete: ``,
				stepAdopt:  `permission_policy "q" { custom_apps = { allow_all_but = [] } }`,
				stepImport: `import {
  to = permission_policy.r
  id = "r"
}
permission_policy "r" { description = "ours" }`,
			},
			not: map[string]string{stepReorder: "its lists are sets"},
			before: map[string]func(*conformance){
				stepAdopt:  func(c *conformance) { c.policy(teamsadmin.PermissionPolicy, "q", "") },
				stepImport: func(c *conformance) { c.policy(teamsadmin.PermissionPolicy, "r", "theirs") },
			},
		},
		{
			kind: teams.PolicyAssignment, fault: "partial-batch:every=2",
			base: `setup_policy "a" { upload_custom_apps = false }
setup_policy "b" { upload_custom_apps = false }
users "some" { upns = ["u0@contoso.example", "u1@contoso.example", "u2@contoso.example"] }
users "fewer" { upns = ["u1@contoso.example"] }
users "none" { upns = [] }`,
			steps: map[string]string{
				stepCreate: `policy_assignment "p" {
  policy = setup_policy.a
  users  = users.some
}`,
				stepChange: `policy_assignment "p" {
  policy = setup_policy.b
  users  = users.some
}`,
				stepUnset: `policy_assignment "p" {
  policy = setup_policy.b
  users  = users.fewer
}`,
				stepClear: `policy_assignment "p" {
  policy = setup_policy.b
  users  = users.none
}`,
				stepDelete: ``,
				stepAdopt: `policy_assignment "p" {
  policy = setup_policy.a
  users  = users.fewer
}`,
			},
			not:    map[string]string{stepReorder: "people have no order", stepImport: "assignments enter the state by their block"},
			before: map[string]func(*conformance){stepAdopt: func(c *conformance) { c.assign("u1@contoso.example", "a") }},
		},
		{
			kind: teams.GroupAssignment, fault: "lost-answer:every=2",
			base: `setup_policy "a" { upload_custom_apps = false }
setup_policy "b" { upload_custom_apps = false }
group "g0" { name = "Group 0" }
group "g1" { name = "Group 1" }`,
			steps: map[string]string{
				stepCreate:  groupsOf("a", 1, "a", 2),
				stepChange:  groupsOf("b", 1, "a", 2),
				stepReorder: groupsOf("b", 2, "a", 1),
				stepDelete:  ``,
				stepAdopt:   groupsOf("a", 1, "", 0),
			},
			not: map[string]string{
				stepUnset: "its attributes are all needed", stepClear: "a group without a policy has no assignment",
				stepImport: "assignments enter the state by their block",
			},
			before: map[string]func(*conformance){stepAdopt: func(c *conformance) { c.assignGroup("Group 0", "a") }},
		},
	}
	if teams.Kinds().Kind("app_availability") != nil {
		rows = append(rows, availabilityRow())
	}
	return rows
}

// availabilityRow is the row of app_availability, on an app-centric tenant. Every
// app has an availability: there is nothing to make, delete or import.
func availabilityRow() conformanceRow {
	of := func(attrs string) string {
		return "app_availability \"a0\" {\n  app = app.a0\n" + attrs + "}\n"
	}
	return conformanceRow{
		kind: "app_availability", model: emulator.ModelAppCentric, fault: "lag:for=2m",
		base: `app "a0" { package = "packages/app0" }
users "u0" { upns = ["u0@contoso.example"] }
users "u1" { upns = ["u1@contoso.example"] }
group "g0" { name = "Group 0" }
`,
		steps: map[string]string{
			stepCreate: of("  available_to = [users.u0]\n"),
			stepChange: of("  available_to = [users.u0, users.u1, group.g0]\n  installed_for = [users.u0]\n"),
			stepUnset:  of("  available_to = [users.u0, users.u1, group.g0]\n"),
			stepClear:  of("  available_to = \"no_one\"\n"),
			stepDelete: "",
			stepAdopt:  of("  available_to = \"no_one\"\n"),
		},
		not: map[string]string{stepReorder: "an audience is a set", stepImport: "every app has one, which is taken under management without an import"},
	}
}

// groupsOf gives the two groups a policy and a rank; "" leaves one out.
func groupsOf(policy0 string, rank0 int, policy1 string, rank1 int) string {
	block := func(group, policy string, rank int) string {
		if policy == "" {
			return ""
		}
		n, _ := json.Marshal(rank)
		return `policy_assignment "` + group + `" {
  policy = setup_policy.` + policy + `
  group  = group.` + group + `
  rank   = ` + string(n) + `
}
`
	}
	return block("g0", policy0, rank0) + block("g1", policy1, rank1)
}

// policy makes a policy by another hand.
func (c *conformance) policy(typ teamsadmin.PolicyType, name, description string) {
	c.t.Helper()
	p := teamsadmin.Policy{Name: name, Properties: map[string]json.RawMessage{}}
	if description != "" {
		p.Properties["Description"] = teamsadmin.TextValue(description)
	}
	if err := c.foreign().Control.CreatePolicy(context.Background(), typ, p); err != nil {
		c.t.Fatal(err)
	}
}

// publish puts a package into the catalog by another hand.
func (c *conformance) publish(i int) {
	c.t.Helper()
	if _, err := c.foreign().Graph.PublishApp(context.Background(), c.zip(i), false); err != nil {
		c.t.Fatal(err)
	}
}

// submit raises the version of a package and submits it, as its developer does.
func (c *conformance) submit(i int) {
	c.t.Helper()
	c.packages.raise(i)
	if _, err := c.foreign().Graph.UpdateApp(context.Background(), c.inCatalog(i).ID, c.zip(i), true); err != nil {
		c.t.Fatal(err)
	}
}

// approve publishes what was submitted by another hand.
func (c *conformance) approve(i int) {
	c.t.Helper()
	app := c.inCatalog(i)
	for _, d := range app.Definitions {
		if !d.PublishingState.Is(msgraph.Submitted) {
			continue
		}
		if err := c.foreign().Graph.SetPublishingState(context.Background(), app.ID, d.ID, d.ETag, msgraph.Published); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *conformance) inCatalog(i int) msgraph.CatalogApp {
	c.t.Helper()
	found, err := c.foreign().Graph.Reader().CatalogAppByManifestID(context.Background(), c.open(i).Manifest.ID)
	if err != nil || len(found) != 1 {
		c.t.Fatalf("%d apps: %v", len(found), err)
	}
	return found[0]
}

func (c *conformance) open(i int) *apppackage.Package {
	c.t.Helper()
	pkg, err := apppackage.Open(filepath.Join(c.dir, "packages", "app"+string(rune('0'+i))), apppackage.Options{})
	if err != nil {
		c.t.Fatal(err)
	}
	return pkg
}

func (c *conformance) zip(i int) []byte {
	c.t.Helper()
	zip, err := c.open(i).Zip()
	if err != nil {
		c.t.Fatal(err)
	}
	return zip
}

// decided is a block that approves a version.
func decided(version string) string {
	return `submission "s" {
  app      = app.a0
  version  = "` + version + `"
  decision = "approve"
}`
}

// assign gives a person a setup policy by another hand.
func (c *conformance) assign(upn, policy string) {
	c.t.Helper()
	e, err := c.tenant.Effective(context.Background(), upn)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := assignPolicy(context.Background(), c.foreign(), e.UserID, policy); err != nil {
		c.t.Fatal(err)
	}
}

// assignGroup gives a group a setup policy by another hand.
func (c *conformance) assignGroup(name, policy string) {
	c.t.Helper()
	ctx, conn := context.Background(), c.foreign()
	raw, err := c.tenant.DumpPeople(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	var people struct {
		Groups []struct{ ID, Name string }
	}
	if err := json.Unmarshal(raw, &people); err != nil {
		c.t.Fatal(err)
	}
	for _, g := range people.Groups {
		if g.Name == name {
			if err := conn.Control.AssignGroup(ctx, teamsadmin.SetupPolicy, g.ID, policy, 1); err != nil {
				c.t.Fatal(err)
			}
			return
		}
	}
	c.t.Fatalf("no group %q in %s", name, raw)
}

// fullLayer reports whether the slow tests are asked for.
func fullLayer() bool { return os.Getenv("TEAMSFORM_TESTS") == "full" }
