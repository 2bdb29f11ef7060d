package eval_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/functions"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

func parse(t *testing.T, text string) *hclsyntax.Body {
	t.Helper()
	f, diags := hclsyntax.ParseConfig([]byte(text), "t.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return f.Body.(*hclsyntax.Body)
}

// told lists what was found.
func told(ev *eval.Evaluator) string {
	var out []string
	for _, d := range ev.Diags {
		out = append(out, d.Summary+": "+d.Detail)
	}
	return strings.Join(out, "\n")
}

func testSpec() *eval.Spec {
	return &eval.Spec{
		What: "thing block",
		Attrs: []*schema.Attr{
			{Name: "name", Type: schema.String{MaxLen: 5}, Required: true, Doc: "Its name."},
			{Name: "on", Type: schema.Bool{}},
			{Name: "words", Type: schema.StringList{}},
			{Name: "made", Type: schema.String{}, Late: true},
			{Name: "derived", Type: schema.String{}, Derived: true},
		},
		Blocks: []*schema.Block{{Name: "rule", Labels: []string{"id"}, Attrs: []*schema.Attr{{Name: "level", Type: schema.Int{}, Required: true}}}},
		Meta:   []string{"when"},
		Inner:  []string{"lifecycle"},
	}
}

func TestCheck(t *testing.T) {
	for text, want := range map[string]string{
		`name = "a"`:                             "",
		"name = \"a\"\nwhen = true":              "",
		"name = \"a\"\nlifecycle {}":             "",
		``:                                       `The thing block needs the attribute "name": text. Its name.`,
		"name = \"a\"\nword = []":                `There is no attribute "word" in the thing block. Did you mean "words"?`,
		"name = \"a\"\nmade = 1":                 `"made" is made by the service`,
		"name = \"a\"\nderived = 1":              `"derived" is computed`,
		"name = \"a\"\nrule = []":                `"rule" is a block in the thing block`,
		"name = \"a\"\nlifecycle = 1":            `"lifecycle" is a block in the thing block`,
		"name = \"a\"\non {}":                    `"on" is an attribute of the thing block`,
		"name = \"a\"\nrul \"x\" {}":             `There is no block "rul" inside the thing block. Did you mean "rule"?`,
		"name = \"a\"\nrule { level = 1 }":       `This rule block has 0 labels and needs 1. Write: rule "ID" { ... }`,
		"name = \"a\"\nrule \"x\" {}":            `The rule block needs the attribute "level"`,
		"name = \"a\"\ndynamic \"ruel\" {}":      `There is no block "ruel" inside the thing block. Did you mean "rule"?`,
		"name = \"a\"\ndynamic {}":               "A dynamic block has exactly one label",
		"name = \"a\"\nrule \"x\" { levle = 1 }": `Did you mean "level"?`,
	} {
		var ev eval.Evaluator
		ev.Check(parse(t, text), testSpec())
		if got := told(&ev); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %q", text, got, want)
		}
	}
}

func TestAttributes(t *testing.T) {
	secret := cty.StringVal("hush").Mark(functions.Sensitive{})
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{"s": secret, "u": eval.Unknown()}}
	var ev eval.Evaluator
	sh := ev.Check(parse(t, "name = s\non = null\nwords = [\"a\", s]"), testSpec())
	got := ev.Attributes(sh, ctx)
	if diff := cmp.Diff(schema.Attrs{"name": "hush", "words": []any{"a", "hush"}}, got.Attrs); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"name", "words"}, got.Sensitive); diff != "" || !got.Complete {
		t.Errorf("sensitive: %v, complete %t", got.Sensitive, got.Complete)
	}
	if !got.Seen["name"].HasMark(functions.Sensitive{}) {
		t.Error("others see a sensitive value without its mark")
	}

	// What was faulty before is skipped in silence.
	sh = ev.Check(parse(t, "name = u\non = true"), testSpec())
	if got = ev.Attributes(sh, ctx); got.Complete || !got.Faulty("name") || got.Faulty("on") || ev.Errors > 0 {
		t.Errorf("faulty: %+v, %s", got, told(&ev))
	}

	for text, want := range map[string]string{
		`name = null`:                 "which means not mentioned, and it is needed",
		`name = "too long"`:           "name: ",
		`name = ["x"]`:                "Its name.",
		"name = \"a\"\non = s":        "The value is sensitive and not shown. Expected true or false.",
		`name = "${s} is too long"`:   "The value is sensitive and not shown",
		"name = \"a\"\nwords = [[1]]": "words: ",
	} {
		var ev eval.Evaluator
		sh := ev.Check(parse(t, text), testSpec())
		if got := ev.Attributes(sh, ctx); got.Complete || !strings.Contains(told(&ev), want) || strings.Contains(told(&ev), "hush") {
			t.Errorf("%q: %s, want %q", text, told(&ev), want)
		}
	}
}

func TestNestedBlocks(t *testing.T) {
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{"levels": cty.MapVal(map[string]cty.Value{"a": cty.NumberIntVal(1), "b": cty.NumberIntVal(2)})}}
	for text, want := range map[string]string{
		"name = \"x\"\nrule \"a\" { level = 1 }\nrule \"b\" { level = 2 }":                                                            "a=1 b=2",
		"name = \"x\"\ndynamic \"rule\" {\n for_each = levels\n labels = [rule.key]\n content { level = rule.value }\n}":              "a=1 b=2",
		"name = \"x\"\ndynamic \"rule\" {\n for_each = levels\n iterator = l\n labels = [l.key]\n content { level = l.value + 1 }\n}": "a=2 b=3",
		"name = \"x\"\nrule \"z\" { level = 0 }\ndynamic \"rule\" {\n for_each = []\n labels = [rule.key]\n content { level = 1 }\n}": "z=0",
	} {
		var ev eval.Evaluator
		blocks, complete := ev.NestedBlocks(ev.Check(parse(t, text), testSpec()), ctx)
		var got []string
		for _, b := range blocks["rule"] {
			got = append(got, b.Labels[0]+"="+string(rune('0'+b.Attrs["level"].(int64))))
		}
		if s := strings.Join(got, " "); s != want || !complete {
			t.Errorf("%q: %s, complete %t, want %s: %s", text, s, complete, want, told(&ev))
		}
	}
}

// TestValue holds the rules on values that only the service knows.
func TestValue(t *testing.T) {
	late := func(name string) cty.Value { return schema.LateValue(addr.New("app", name), "catalog_id") }
	ctx := &hcl.EvalContext{
		Variables: map[string]cty.Value{
			"a": late("a"), "b": late("b"), "on": cty.True, "u": eval.Unknown(), "n": cty.NullVal(cty.String),
			"app": schema.BlockValue(addr.New("app", "a"), map[string]cty.Value{"catalog_id": late("a"), "name": cty.StringVal("A")}),
			"p":   schema.OpaqueValue(addr.New("users", "p")),
		},
		Functions: functions.Pure(),
	}
	for text, want := range map[string]eval.Outcome{
		`a`: eval.Given, `[a, b]`: eval.Given, `{ x = a }`: eval.Given, `toset([a, b])`: eval.Given, `app`: eval.Given, `p`: eval.Given,
		`app.catalog_id`: eval.Given, `on ? a : b`: eval.Given, `on ? a : null`: eval.Given, `concat([a], [b])`: eval.Given,
		`n`: eval.Unnamed, `on ? null : a`: eval.Unnamed, `u`: eval.Faulty, `[u, 1]`: eval.Faulty,
	} {
		var ev eval.Evaluator
		if _, got := ev.Value(expression(t, text), ctx); got != want || ev.Errors > 0 {
			t.Errorf("%s: outcome %d, want %d: %s", text, got, want, told(&ev))
		}
	}
	for text, want := range map[string]string{
		`"x${a}"`: "app.a.catalog_id is made by the service", `a == b`: "made by the service", `a == "x" ? 1 : 2`: "made by the service",
		`upper(a)`: "made by the service", `{ (a) = 1 }`: "made by the service", `"x${app}"`: "app.a is a whole block",
		`length(p)`: "cannot be counted",
	} {
		var ev eval.Evaluator
		if _, got := ev.Value(expression(t, text), ctx); got != eval.Faulty || !strings.Contains(told(&ev), want) {
			t.Errorf("%s: outcome %d: %s, want %q", text, got, told(&ev), want)
		}
	}
}

func expression(t *testing.T, text string) hclsyntax.Expression {
	t.Helper()
	e, diags := hclsyntax.ParseExpression([]byte(text), "t.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return e
}

func TestCondition(t *testing.T) {
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{"s": cty.StringVal("hush").Mark(functions.Sensitive{}), "u": eval.Unknown()}}
	about := hcl.Range{Filename: "about.hcl", Start: hcl.Pos{Line: 7}}
	blame := hcl.Range{Filename: "blame.hcl", Start: hcl.Pos{Line: 9}}
	for _, tt := range []struct {
		text  string
		blame *hcl.Range
		want  string
		at    string
	}{
		{"condition = 1 < 2\nerror_message = \"no\"", nil, "", ""},
		{"condition = 1 > 2\nerror_message = \"no\"", nil, "no\n\nThis is checked for what is declared at about.hcl:7.", "t.hcl"},
		{"condition = 1 > 2\nerror_message = \"no\"", &blame, "no\n\nThis is checked by the condition at t.hcl:1.", "blame.hcl"},
		{"condition = \"x\"\nerror_message = \"no\"", nil, "must be true or false", "t.hcl"},
		{"condition = s == \"\"\nerror_message = \"it is ${s}\"", nil, "The message is not shown", "t.hcl"},
		{"condition = u\nerror_message = \"no\"", nil, "", ""},
	} {
		var ev eval.Evaluator
		ev.Condition(ev.Check(parse(t, tt.text), eval.ConditionSpec("validation block")), ctx, "Refused", about, tt.blame)
		if got := told(&ev); (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) || strings.Contains(got, "hush") {
			t.Errorf("%q: %s, want %q", tt.text, got, tt.want)
		}
		if tt.at != "" && ev.Diags[0].Subject.Filename != tt.at {
			t.Errorf("%q: shown in %s, want %s", tt.text, ev.Diags[0].Subject.Filename, tt.at)
		}
	}
}

func TestReferences(t *testing.T) {
	body := parse(t, `
a = var.x + each.key
rule "r" { level = local.n["k"] }
dynamic "rule" {
  for_each = var.rules
  iterator = it
  labels   = [it.key, other.y]
  content { level = it.value + local.m }
}
lifecycle {
  ignore_changes  = [description]
  prevent_destroy = var.keep
}
`)
	var got []string
	for _, r := range eval.References(body) {
		got = append(got, r.RootName()+"."+eval.SecondName(r))
	}
	want := []string{"var.x", "each.key", "local.n", "var.rules", "other.y", "local.m", "var.keep"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
}

func TestLabels(t *testing.T) {
	for text, want := range map[string]string{
		`x "a" {}`:     "",
		`x {}`:         "A block of type x has exactly one label. Write: x \"NAME\" { ... }",
		`x "a" "b" {}`: "exactly one label",
		`x "two w" {}`: `"two w" cannot be a name`,
		`x "1" {}`:     `"1" cannot be a name`,
	} {
		var ev eval.Evaluator
		ok := ev.Labels(parse(t, text).Blocks[0], "NAME")
		if got := told(&ev); ok != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %t %s, want %q", text, ok, got, want)
		}
	}
}
