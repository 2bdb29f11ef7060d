package functions_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/functions"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

func eval(t *testing.T, source string) (cty.Value, hcl.Diagnostics) {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(source), "x", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return expr.Value(&hcl.EvalContext{
		Functions: functions.Pure(),
		Variables: map[string]cty.Value{"unknown": cty.DynamicVal, "unknowns": cty.UnknownVal(cty.List(cty.Bool))},
	})
}

func TestFunctions(t *testing.T) {
	tests := []struct{ expr, want string }{
		{`one([])`, `null`},
		{`one(toset(["x"]))`, `"x"`},
		{`length("häß")`, `3`},
		{`length({ a = 1 })`, `1`},
		{`length(toset(["b", "a", "b"]))`, `2`},
		{`alltrue([true, null])`, `false`},
		{`alltrue([])`, `true`},
		{`anytrue([false, true])`, `true`},
		{`anytrue([])`, `false`},
		{`sum([1, 2.5])`, `3.5`},
		{`replace("a-b-c", "-", "+")`, `"a+b+c"`},
		{`replace("a1b22", "/[0-9]+/", "#")`, `"a#b#"`},
		{`replace("ab", "/(a)(b)/", "$2$1")`, `"ba"`},
		{`startswith("abc", "ab")`, `true`},
		{`endswith("abc", "ab")`, `false`},
		{`strcontains("abc", "b")`, `true`},
		{`sort(distinct(["b", "a", "b"]))`, `["a","b"]`},
		{`merge({ a = 1 }, { b = 2 })`, `{"a":1,"b":2}`},
		{`lookup({ a = 1 }, "b", 9)`, `9`},
		{`format("%s-%03d", "x", 7)`, `"x-007"`},
		{`regex("[a-z]+", "12ab")`, `"ab"`},
		{`jsondecode("{\"a\":[1]}").a[0]`, `1`},
		{`yamldecode("a: [1, b]")`, `{"a":[1,"b"]}`},
		{`yamlencode({ a = 1 })`, `"\"a\": 1\n"`},
		{`formatdate("YYYY", "2026-11-23T00:00:00Z")`, `"2026"`},
		{`tonumber("4") + 1`, `5`},
		{`can(tonumber("x"))`, `false`},
		{`try(tonumber("x"), 7)`, `7`},
		{`nonsensitive(sensitive("x"))`, `"x"`},
		{`length(unknown == null ? "" : "abc")`, `unknown`},
		{`alltrue(unknowns)`, `unknown`},
		{`one(unknowns)`, `unknown`},
		{`length(unknowns)`, `unknown`},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			v, diags := eval(t, tt.expr)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			got := "unknown"
			if v.IsKnown() {
				raw, err := ctyjson.Marshal(v, v.Type())
				if err != nil {
					t.Fatal(err)
				}
				got = string(raw)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestFunctionsRefuse(t *testing.T) {
	for expr, says := range map[string]string{
		`one([1, 2])`:              "at most one element, and has 2",
		`one("x")`:                 "must be a list, a set or a tuple",
		`length(3)`:                "must be a text, a list",
		`sum([1, null])`:           "an element is null",
		`sum(["x"])`:               "a number is required",
		`replace("a", "/(/", "b")`: "missing closing )",
		`startswith("a")`:          "Missing value",
		`alltrue(["perhaps"])`:     "a bool is required",
	} {
		if v, diags := eval(t, expr); !diags.HasErrors() || !strings.Contains(diags.Error(), says) {
			t.Errorf("%s gives %#v, %v; want an error with %q", expr, v, diags, says)
		}
	}
}

// TestMarksGoThrough: what a function makes of a sensitive value is sensitive.
func TestMarksGoThrough(t *testing.T) {
	for _, expr := range []string{
		`sensitive("x")`, `upper(sensitive("x"))`, `length(sensitive([1]))`, `length(sensitive("abc"))`, `one(sensitive(["x"]))`,
		`one(sensitive([]))`, `startswith(sensitive("x"), "x")`, `replace("x", "x", sensitive("y"))`, `sum([sensitive(1)])`,
		`try(sensitive("x"), 1)`, `sensitive(unknown)`, `sensitive(null)`,
	} {
		v, diags := eval(t, expr)
		if diags.HasErrors() || !v.HasMark(functions.Sensitive{}) {
			t.Errorf("%s gives %#v, %v", expr, v, diags)
		}
	}
}
