package config_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// outputs gives every output as JSON; references stand by their address.
func outputs(t testing.TB, c *config.Config) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, o := range c.Outputs {
		if r, ok := schema.RefOf(o.Value); ok {
			got[o.Name] = r.String()
			continue
		}
		v, err := cty.Transform(o.Value, func(_ cty.Path, v cty.Value) (cty.Value, error) {
			if r, ok := schema.RefOf(v); ok {
				return cty.StringVal(r.String()), nil
			}
			return v, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := ctyjson.Marshal(v, v.Type())
		if err != nil {
			t.Fatal(err)
		}
		got[o.Name] = string(raw)
	}
	return got
}

// TestExpressions evaluates one expression per row.
func TestExpressions(t *testing.T) {
	const world = `
-- world.teams.hcl --
tenant {
  id           = "11111111-2222-3333-4444-55555555555A"
  access_model = "policies"
}
variable "names" { default = ["b", "a", "b"] }
variable "secret" {
  default   = "s3cret"
  sensitive = true
}
locals {
  third  = local.second + 1
  second = local.first + 1
  first  = 1
  off    = false
}
app "one" {
  package = "packages/one"
  values  = { A = 1, B = true }
  blocked = "true"
}
app "many" {
  for_each    = { x = "id-x", y = "id-y", z = "id-z" }
  manifest_id = each.value
  values      = { KEY = each.key }
  when        = each.key != "z"
}
setup_policy "s" {}
group "g" { name = "Group" }
group "known" { object_id = "AAAAAAAA-2222-3333-4444-555555555555" }
store_app "s" { id = "COM.example.App" }
users "u" { upns = ["a@b"] }
users "each" {
  for_each = toset(["p", "q"])
  upns     = ["${each.key}@x"]
}
-- packages/one/version --
7
-- files/a.txt --
text
-- files/deep/b.txt --
more
-- files/deep/c.csv --
upn,n
a@x,1
-- files/t.tpl --
Hello ${name}%{ if loud }!%{ endif }
`
	tests := []struct{ expr, want string }{
		{`local.third`, `3`},
		{`var.names`, `["b","a","b"]`},
		{`tenant.id`, `"11111111-2222-3333-4444-55555555555a"`},
		{`tenant.access_model`, `"policies"`},
		{`app.one.manifest_id`, `"id-of-one"`},
		{`app.one.version`, `"7"`},
		{`app.one.blocked`, `true`},
		{`app.one.values`, `{"A":1,"B":true}`},
		{`app.one.catalog_id`, `app.one.catalog_id`},
		{`[app.one.catalog_id, "x"]`, `["app.one.catalog_id","x"]`},
		{`toset([app.one.catalog_id])`, `["app.one.catalog_id"]`},
		{`{ id = app.one.catalog_id }`, `{"id":"app.one.catalog_id"}`},
		{`tenant.access_model == "policies" ? app.one.catalog_id : null`, `app.one.catalog_id`},
		{`local.off ? app.one.catalog_id : null`, `null`},
		{`{ s = toset([app.one.catalog_id]), n = local.off ? app.one.catalog_id : null }`, `{"n":null,"s":["app.one.catalog_id"]}`},
		{`local.off ? app.one.catalog_id : app.many["x"].catalog_id`, `app.many["x"].catalog_id`},
		{`[for a in [app.one, app.many["x"]] : a.catalog_id]`, `["app.one.catalog_id","app.many[\"x\"].catalog_id"]`},
		{`concat([app.one.catalog_id], [])`, `["app.one.catalog_id"]`},
		{`[for k, a in app.many : "${k}=${a.manifest_id}"]`, `["x=id-x","y=id-y"]`},
		{`values(app.many)[*].values.KEY`, `["x","y"]`},
		{`app.many["x"].manifest_id`, `"id-x"`},
		{`app["one"].manifest_id`, `"id-of-one"`},
		{`try(app.many["z"].manifest_id, "none")`, `"none"`},
		{`can(app.many["z"])`, `false`},
		{`setup_policy.s.name`, `"s"`},
		{`setup_policy.s.description`, `null`},
		{`setup_policy.s.description == null`, `true`},
		{`group.g.name`, `"Group"`},
		{`group.g.object_id`, `group.g.object_id`},
		{`group.known.object_id`, `"aaaaaaaa-2222-3333-4444-555555555555"`},
		{`group.known.name`, `group.known.name`},
		{`store_app.s.id`, `"com.example.app"`},
		{`store_app.s`, `{"id":"com.example.app"}`},
		{`users.u == users.u`, `true`},
		{`users.u == users.each["p"]`, `false`},
		{`contains([users.u], users.u)`, `true`},
		{`length(toset([users.u, users.u, users.each["p"]]))`, `2`},
		{`keys(users.each)`, `["p","q"]`},
		{`nonsensitive(var.secret)`, `"s3cret"`},

		{`file("files/a.txt")`, `"text\n"`},
		{`trimspace(file("./files/../files/a.txt"))`, `"text"`},
		{`filesha256("files/a.txt")`, `"b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733"`},
		{`csvdecode(file("files/deep/c.csv"))`, `[{"n":"1","upn":"a@x"}]`},
		{`templatefile("files/t.tpl", { name = "Ana", loud = true })`, `"Hello Ana!\n"`},
		{`fileset("files", "*.txt")`, `["a.txt"]`},
		{`fileset("files", "**/*.txt")`, `["a.txt","deep/b.txt"]`},
		{`fileset("", "files/**")`, `["files/a.txt","files/deep/b.txt","files/deep/c.csv","files/t.tpl"]`},
		{`fileset(".", "packages/*/version")`, `["packages/one/version"]`},
		{`fileset("files", "nothing*")`, `[]`},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			c := mustLoad(t, world+"-- main.teams.hcl --\noutput \"o\" { value = "+tt.expr+" }\n")
			want(t, "value", outputs(t, c)["o"], tt.want)
		})
	}
}

// TestNoImpureFunctions: the same files must always give the same plan.
func TestNoImpureFunctions(t *testing.T) {
	names := strings.Join(config.FunctionNames(), " ") + " "
	for _, bad := range []string{"timestamp", "plantimestamp", "uuid", "bcrypt", "env", "pathexpand", "http"} {
		if strings.Contains(names, bad+" ") {
			t.Errorf("%s depends on more than the files", bad)
		}
	}
	for _, good := range []string{"file", "fileset", "templatefile", "csvdecode", "jsondecode", "yamldecode", "filesha256", "try", "can", "one", "toset", "formatlist"} {
		if !strings.Contains(" "+names, " "+good+" ") {
			t.Errorf("%s is missing", good)
		}
	}
}

// TestForEach: keys, order, when per instance, each.value, and what refers to
// an instance needs that instance only.
func TestForEach(t *testing.T) {
	c := mustLoad(t, one(`
variable "teams" {
  default = {
    north = { on = true,  policy = "North policy" }
    south = { on = true,  policy = "South policy" }
    west  = { on = false, policy = "West policy" }
  }
}
app "base" { manifest_id = "base" }
app "by_team" {
  for_each    = { for k, v in var.teams : k => v if v.on }
  manifest_id = "id-${each.key}"
}
setup_policy "by_team" {
  for_each    = var.teams
  when        = each.value.on
  name        = each.value.policy
  pinned_apps = [app.by_team[each.key], app.base]
}
setup_policy "chained" {
  for_each    = setup_policy.by_team
  name        = "copy of ${each.value.name}"
  description = app.by_team["north"].manifest_id
}
policy_assignment "x" {
  for_each = setup_policy.by_team
  policy   = each.value
  depends_on = [app.by_team]
}
app_availability "none" {
  for_each = toset([])
  app      = app.base
}
`))
	var got []string
	for _, i := range c.Instances {
		got = append(got, fmt.Sprintf("%s needs %v after %v", i.Addr, i.Needs, i.DependsOn))
	}
	all := `[app.by_team["north"] app.by_team["south"]]`
	want(t, "instances", got, []string{
		`app.base needs [] after []`,
		`app.by_team["north"] needs [] after []`,
		`app.by_team["south"] needs [] after []`,
		`policy_assignment.x["north"] needs [setup_policy.by_team["north"]] after ` + all,
		`policy_assignment.x["south"] needs [setup_policy.by_team["south"]] after ` + all,
		`setup_policy.by_team["north"] needs [app.base app.by_team["north"]] after []`,
		`setup_policy.by_team["south"] needs [app.base app.by_team["south"]] after []`,
		`setup_policy.chained["north"] needs [app.by_team["north"]] after []`,
		`setup_policy.chained["south"] needs [app.by_team["north"]] after []`,
	})
	south := c.Instance(at("setup_policy", "chained").WithKey("south"))
	want(t, "name", south.Attrs["name"], any("copy of South policy"))
	if c.Instance(at("setup_policy", "by_team").WithKey("west")) != nil || c.Instance(at("app", "nothing")) != nil {
		t.Error("an instance that is not there was found")
	}
}

// TestForEachOfReferences: a map of blocks, or of lists of people, may be
// iterated; its values are passed on whole.
func TestForEachOfReferences(t *testing.T) {
	c := mustLoad(t, one(`
app "a" { manifest_id = "a" }
users "u" { upns = ["x@y"] }
setup_policy "s" {}
policy_assignment "p" {
  for_each = { first = users.u }
  policy   = setup_policy.s
  users    = each.value
}
setup_policy "pins" {
  for_each    = { one = app.a }
  pinned_apps = [each.value]
}
`))
	p := c.Instance(at("policy_assignment", "p").WithKey("first"))
	want(t, "users", p.Attrs["users"], any(schema.Ref{Addr: at("users", "u")}))
	s := c.Instance(at("setup_policy", "pins").WithKey("one"))
	want(t, "pins", s.Attrs["pinned_apps"], any([]any{schema.Ref{Addr: at("app", "a"), Attr: "catalog_id"}}))
}

// TestNullIsNotMentioned: null leaves an attribute out, an empty list stays.
func TestNullIsNotMentioned(t *testing.T) {
	c := mustLoad(t, one(`
setup_policy "s" {
  description        = null
  upload_custom_apps = true ? null : false
  pinned_apps        = []
}`))
	want(t, "attributes", c.Instance(at("setup_policy", "s")).Attrs, schema.Attrs{"name": "s", "pinned_apps": []any{}})
}

// TestDynamicBlocks: written and generated blocks keep file order.
func TestDynamicBlocks(t *testing.T) {
	c := mustLoad(t, one(`
locals { rules = { b = "off", a = "error" } }
app "a" {
  manifest_id = "1"
  rule "first" { severity = "off" }
  dynamic "rule" {
    for_each = local.rules
    labels   = [rule.key]
    content {
      severity = rule.value
      reason   = rule.key == "a" ? "because" : null
    }
  }
  dynamic "rule" {
    for_each = ["x"]
    iterator = it
    labels   = ["${it.value}-last"]
    content {
      severity = "warning"
    }
  }
}`))
	var got []string
	for _, b := range c.Instance(at("app", "a")).Blocks["rule"] {
		got = append(got, fmt.Sprint(b.Labels, b.Attrs["severity"], b.Attrs["reason"]))
	}
	want(t, "rules", got, []string{"[first]off<nil>", "[a]errorbecause", "[b]off<nil>", "[x-last]warning<nil>"})
}

// TestSensitive: what a secret reaches is known, and its text stays out of
// messages.
func TestSensitive(t *testing.T) {
	source := one(`
variable "secret" {
  type      = string
  default   = "s3cret"
  sensitive = true
}
locals { wrapped = "x-${var.secret}" }
setup_policy "s" {
  description = local.wrapped
  name        = "plain"
}
setup_policy "t" { description = setup_policy.s.description }
output "o" {
  value     = local.wrapped
  sensitive = true
}`)
	c := mustLoad(t, source)
	want(t, "sensitive", c.Instance(at("setup_policy", "s")).Sensitive, []string{"description"})
	want(t, "through a reference", c.Instance(at("setup_policy", "t")).Sensitive, []string{"description"})
	want(t, "output", c.Outputs[0].Sensitive, true)
	want(t, "variable", c.Variables[0].Sensitive, true)
	want(t, "unmarked", c.Outputs[0].Value, cty.StringVal("x-s3cret"), cmp.Comparer(cty.Value.RawEquals))
}

// TestSecretsStayOutOfMessages: a value that does not fit is told without it.
func TestSecretsStayOutOfMessages(t *testing.T) {
	_, diags := load(t, one(`
variable "secret" {
  default   = "s3cret"
  sensitive = true
}
variable "names" {
  default   = ["s3cret", "s3cret@x", "s3cret@x"]
  sensitive = true
}
app "a" {
  manifest_id = "1"
  rule "x" { severity = var.secret }
}
policy_assignment "p" {
  policy = var.secret
  rank   = "1${var.secret}"
}
users "u" { upns = var.names }
output "o" { value = tonumber(var.secret) }
setup_policy "s" { pinned_apps = [var.secret] }
`))
	want(t, "problems", len(diags), 7)
	if strings.Contains(render(diags), "s3cret") {
		t.Errorf("a secret is shown:\n%s", render(diags))
	}
}

// TestFaultsDoNotSpread: what depends on a faulty block is skipped, and what
// does not is evaluated; each cause is told once.
func TestFaultsDoNotSpread(t *testing.T) {
	c, diags := load(t, one(`
variable "missing" {}
locals { from_missing = "x${var.missing}" }
app "bad" { manifest_id = [] }
app "fine" { manifest_id = "1" }
setup_policy "a" { description = local.from_missing }
setup_policy "b" { pinned_apps = [app.bad] }
setup_policy "c" {
  for_each = { for k in [var.missing] : k => k }
}
setup_policy "d" { when = var.missing }
setup_policy "e" { description = app.bad.version }
setup_policy "f" { description = setup_policy.a.name }
setup_policy "fine" {}
output "x" { value = local.from_missing }
app "rules" {
  manifest_id = "2"
  dynamic "rule" {
    for_each = var.missing
    labels   = ["x"]
    content {
      severity = "off"
    }
  }
}
`))
	var summaries []string
	for _, d := range diags {
		summaries = append(summaries, d.Summary)
	}
	want(t, "summaries", summaries, []string{"No value for variable", "Wrong type"})
	var got []string
	for _, i := range c.Instances {
		got = append(got, i.Addr.String())
	}
	want(t, "instances", got, []string{"app.fine", "setup_policy.fine"})
}

// TestSameFaultOfManyInstancesIsToldOnce keeps a block of a thousand keys from
// giving a thousand messages.
func TestSameFaultOfManyInstancesIsToldOnce(t *testing.T) {
	_, diags := load(t, one(`
setup_policy "s" {
  for_each    = toset(["a", "b", "c"])
  name        = each.key
  description = {}
}`))
	if len(diags) != 1 {
		t.Errorf("want one diagnostic, got:\n%s", render(diags))
	}
}

// TestLoadStops: a cancelled load says so.
func TestLoadStops(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("test"))
	_, diags := config.Load(ctx, config.Options{Dir: folder(t, one(`locals { a = 1 }`))})
	want(t, "diagnostics", render(diags), "error: Loading interrupted (-)\n    Loading was interrupted: context canceled.\n")
}

// TestOrderOfFilesAndBlocksDoesNotMatter loads the same blocks in two orders.
func TestOrderOfFilesAndBlocksDoesNotMatter(t *testing.T) {
	blocks := []string{
		"locals { a = local.b }", "locals { b = setup_policy.y.name }",
		`setup_policy "x" { description = local.a }`, `setup_policy "y" {}`,
		`output "o" { value = setup_policy.x.description }`,
	}
	show := func(archive string) string {
		c := mustLoad(t, archive)
		var b strings.Builder
		for _, i := range c.Instances {
			fmt.Fprintln(&b, i.Addr, i.Attrs)
		}
		fmt.Fprintln(&b, outputs(t, c))
		return b.String()
	}
	forward, backward := "", ""
	for i, s := range blocks {
		forward += fmt.Sprintf("-- f%d.teams.hcl --\n%s\n", i, s)
		backward = s + "\n" + backward
	}
	want(t, "configuration", show(one(backward)), show(forward))
}

// TestRangesPointAtTheSource checks what plan and review will annotate.
func TestRangesPointAtTheSource(t *testing.T) {
	c := mustLoad(t, "-- z.teams.hcl --\n\nsetup_policy \"s\" {\n  description = \"x\"\n}\n")
	s := c.Instance(at("setup_policy", "s"))
	want(t, "header", s.DeclRange.String(), "z.teams.hcl:2,1-17")
	want(t, "attribute", fmt.Sprint(s.Ranges), "map[description:z.teams.hcl:3,17-20]")
	if c.Sources["z.teams.hcl"] == nil {
		t.Error("no source for the range")
	}
	var none []addr.Instance
	want(t, "needs", s.Needs, none)
}
