package config_test

import (
	"strings"
	"testing"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

const consoleText = `
-- main.teams.hcl --
tenant { id = "11111111-2222-3333-4444-555555555555" }
variable "n" { default = 3 }
variable "secret" {
  default   = "hush"
  sensitive = true
}
locals { names = ["a", "b"] }
app "bot" { package = "bot" }
setup_policy "p" {
  for_each    = toset(["x", "y"])
  name        = each.key
  description = var.secret
  pinned_apps = [app.bot]
}
setup_policy "off" { when = false }
users "u" { upns = ["a@contoso.example"] }
group "g" { name = "Support" }
org_settings {}
module "m" { source = "m" }
-- m/main.teams.hcl --
output "out" { value = [tenant.access_model] }
-- bot/version --
1.0.0
`

func keep(t *testing.T, text string) *config.Config {
	t.Helper()
	return mustLoad(t, text, func(o *config.Options) { o.Keep = true })
}

func TestEvaluate(t *testing.T) {
	cfg := keep(t, consoleText)
	for expr, want := range map[string]cty.Value{
		`var.n + 1`:                                   cty.NumberIntVal(4),
		`join("-", local.names)`:                      cty.StringVal("a-b"),
		`tenant.access_model`:                         cty.StringVal("policies"),
		`setup_policy.p["x"].name`:                    cty.StringVal("x"),
		`keys(setup_policy.p)`:                        cty.TupleVal([]cty.Value{cty.StringVal("x"), cty.StringVal("y")}),
		`module.m.out[0]`:                             cty.StringVal("policies"),
		`group.g.name`:                                cty.StringVal("Support"),
		`app.bot.version`:                             cty.StringVal("1.0.0"),
		`{ for n in local.names : n => 1 }`:           cty.ObjectVal(map[string]cty.Value{"a": cty.NumberIntVal(1), "b": cty.NumberIntVal(1)}),
		`org_settings.custom_app_interaction == null`: cty.True,
		`try(setup_policy.off.name, "is off")`:        cty.StringVal("is off"),
		`null`:                                        cty.NullVal(cty.DynamicPseudoType),
	} {
		got, diags := cfg.Evaluate(expr)
		if diags.HasErrors() {
			t.Errorf("%s: %v", expr, diags)
		} else if !got.RawEquals(want) {
			t.Errorf("%s = %#v, want %#v", expr, got, want)
		}
	}
}

// TestEvaluateMarks checks that what is not to be shown, or not known yet, can
// be told.
func TestEvaluateMarks(t *testing.T) {
	cfg := keep(t, consoleText)
	value := func(expr string) cty.Value {
		t.Helper()
		v, diags := cfg.Evaluate(expr)
		if diags.HasErrors() {
			t.Fatalf("%s: %v", expr, diags)
		}
		return v
	}
	if !config.IsSensitive(value(`"is ${var.secret}"`)) || config.IsSensitive(value(`var.n`)) {
		t.Error("sensitive values cannot be told")
	}
	block := value(`setup_policy.p["y"]`)
	if config.IsSensitive(block) || !config.IsSensitive(block.GetAttr("description")) {
		t.Error("a sensitive attribute of a block cannot be told")
	}
	for name := range block.Type().AttributeTypes() {
		if name == "~" {
			t.Error("a block shows its reference to itself")
		}
	}
	if r, ok := schema.RefOf(value(`app.bot.catalog_id`)); !ok || r.String() != "app.bot.catalog_id" {
		t.Errorf("a late value is %v", r)
	}
	if r, ok := schema.RefOf(value(`users.u`)); !ok || r.String() != "users.u" {
		t.Errorf("people are %v", r)
	}
}

func TestEvaluateErrors(t *testing.T) {
	cfg := keep(t, consoleText)
	for expr, want := range map[string]string{
		`1 +`:                       "Missing expression",
		`1 2`:                       "Extra characters after expression",
		`var.nn`:                    "Did you mean var.n?",
		`each.key`:                  "each without for_each",
		`app`:                       `"app" alone is no value`,
		`setup_policy.p["z"].name`:  "none of its keys",
		`"x${app.bot.catalog_id}"`:  "made by the service",
		`length(users.u)`:           "cannot be counted",
		`module.m.uot`:              `Did you mean "out"?`,
		`setup_policy.off.name`:     "switched off",
		`file("../outside")`:        "leads out",
		`tonumber(var.secret)`:      "sensitive and not shown",
		`nothing("x")`:              "no function named",
		`upper(local.names, local)`: `"local" alone is no value`,
	} {
		// Twice: one mistake must not hide the next.
		for range 2 {
			_, diags := cfg.Evaluate(expr)
			if !diags.HasErrors() || !strings.Contains(render(diags), want) {
				t.Errorf("%s: %v, want %q", expr, diags, want)
			}
			for _, d := range diags {
				if strings.Contains(d.Detail, "hush") {
					t.Errorf("%s tells the secret: %s", expr, d.Detail)
				}
				if d.Subject == nil || d.Subject.Filename != config.ExpressionFile {
					t.Errorf("%s: place %v", expr, d.Subject)
				}
			}
		}
	}
}

func TestEvaluateWithoutKeep(t *testing.T) {
	cfg := mustLoad(t, consoleText)
	if v, diags := cfg.Evaluate("1"); v != cty.NilVal || !diags.HasErrors() {
		t.Errorf("evaluated without Keep: %#v", v)
	}
}

func TestAddresses(t *testing.T) {
	got := strings.Join(mustLoad(t, consoleText).Addresses(), " ")
	if want := `app.bot org_settings setup_policy.p setup_policy.p["x"] setup_policy.p["y"]`; got != want {
		t.Errorf("addresses: %s, want %s", got, want)
	}
}

// FuzzEvaluate feeds arbitrary expressions and checks what holds for each: no
// panic, a value or an error, errors with a place, and no secret told.
func FuzzEvaluate(f *testing.F) {
	for _, seed := range []string{
		`var.n + 1`, `setup_policy.p["x"]`, `[for k, v in setup_policy.p : v.description]`, `"${app.bot.catalog_id}x"`, `jsonencode(var.secret)`,
		`templatefile("t", {})`, `users.u == users.u`, `{ (var.secret) = 1 }`, `module.m.out...`, `each.value`, `try(local.names[9], "é")`, "<<E\n${var.n}\nE\n",
	} {
		f.Add(seed)
	}
	cfg := mustLoad(f, consoleText, func(o *config.Options) { o.Keep = true })
	f.Fuzz(func(t *testing.T, expr string) {
		v, diags := cfg.Evaluate(expr)
		if diags.HasErrors() == (v != cty.NilVal) {
			t.Errorf("%q: value %#v with %v", expr, v, diags)
		}
		for _, d := range diags {
			if d.Summary == "" || d.Subject == nil {
				t.Errorf("%q: %+v", expr, d)
			}
			if strings.Contains(d.Detail, "hush") && !strings.Contains(expr, "hush") {
				t.Errorf("%q tells the secret: %s", expr, d.Detail)
			}
		}
	})
}
