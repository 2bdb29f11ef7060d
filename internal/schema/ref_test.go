package schema_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// eval evaluates an expression over two apps, a list of people and a flag.
func eval(t *testing.T, source string) (cty.Value, hcl.Diagnostics) {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(source), "x", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return expr.Value(&hcl.EvalContext{
		Variables: map[string]cty.Value{
			"app":   cty.ObjectVal(map[string]cty.Value{"a": app("a"), "b": app("b")}),
			"users": cty.ObjectVal(map[string]cty.Value{"u": users("u"), "same": users("u")}),
		},
		Functions: map[string]function.Function{
			"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "concat": stdlib.ConcatFunc,
			"upper": stdlib.UpperFunc, "length": stdlib.LengthFunc, "coalesce": stdlib.CoalesceFunc, "jsonencode": stdlib.JSONEncodeFunc,
		},
	})
}

func TestRefString(t *testing.T) {
	if got := ref("app", "a", "").String() + " " + ref("app", "a", "catalog_id").String(); got != "app.a app.a.catalog_id" {
		t.Error(got)
	}
}

func TestRefJSON(t *testing.T) {
	in := schema.Ref{Addr: addr.New("app", "a").WithKey(`k"`), Attr: "catalog_id"}
	raw, err := json.Marshal(in)
	if err != nil || string(raw) != `{"late":"app.a[\"k\\\"\"]","attr":"catalog_id"}` {
		t.Fatalf("%s, %v", raw, err)
	}
	var out schema.Ref
	if err := json.Unmarshal(raw, &out); err != nil || out != in {
		t.Errorf("%+v, %v", out, err)
	}
	if raw, _ := json.Marshal(ref("users", "u", "")); string(raw) != `{"late":"users.u"}` {
		t.Errorf("%s", raw)
	}
	for _, bad := range []string{`5`, `{"late":5}`, `{"late":"["}`} {
		if err := json.Unmarshal([]byte(bad), &out); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func TestRefOf(t *testing.T) {
	late := schema.LateValue(addr.New("app", "a"), "catalog_id")
	tests := []struct {
		name string
		in   cty.Value
		want schema.Ref
		ok   bool
	}{
		{"late", late, ref("app", "a", "catalog_id"), true},
		{"late with another mark", late.Mark("x"), ref("app", "a", "catalog_id"), true},
		{"late, unmarked", unmarked(late), ref("app", "a", "catalog_id"), true},
		{"people", users("u"), ref("users", "u", ""), true},
		{"block", app("a"), ref("app", "a", ""), true},
		{"marked block", app("a").Mark("x"), ref("app", "a", ""), true},
		{"text", text("app.a"), schema.Ref{}, false},
		{"null", cty.NullVal(users("u").Type()), schema.Ref{}, false},
		{"unknown", cty.UnknownVal(app("a").Type()), schema.Ref{}, false},
		{"object", cty.ObjectVal(map[string]cty.Value{"a": late}), schema.Ref{}, false},
	}
	for _, tt := range tests {
		if got, ok := schema.RefOf(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("%s: got %v, %v", tt.name, got, ok)
		}
	}
}

func unmarked(v cty.Value) cty.Value { v, _ = v.UnmarkDeep(); return v }

// TestRefsCompare: references are equal by what they name, not by where they
// were made, also as elements of sets.
func TestRefsCompare(t *testing.T) {
	for source, want := range map[string]cty.Value{
		`users.u == users.same`:                cty.True,
		`users.u != users.same`:                cty.False,
		`app.a == app.a`:                       cty.True,
		`length(toset([users.u, users.same]))`: cty.NumberIntVal(1),
	} {
		v, diags := eval(t, source)
		v, _ = v.UnmarkDeep()
		if diags.HasErrors() || !v.RawEquals(want) {
			t.Errorf("%s: %#v %v", source, v, diags)
		}
	}
	if !users("u").RawEquals(users("u")) || users("u").RawEquals(users("v")) || app("a").RawEquals(app("b")) {
		t.Error("RawEquals goes by identity")
	}
	if got := users("u").GoString(); got != `schema.Ref("users.u")` && got == "" {
		t.Error(got)
	}
}

// TestReferencesCannotBeComputedWith: either the language refuses, or
// LateMisuse finds what came of it.
func TestReferencesCannotBeComputedWith(t *testing.T) {
	late := ref("app", "a", "catalog_id")
	for _, source := range []string{
		`"id ${app.a.catalog_id}"`, `upper(app.a.catalog_id)`, `app.a.catalog_id + 1`, `!app.a.catalog_id`,
		`[for x in app.a.catalog_id : x]`, `{ (app.a.catalog_id) = 1 }`, `app.a.catalog_id.x`, `app.a.catalog_id[0]`,
		`"x${users.u}"`, `users.u.x`, `users.u[0]`, `[for x in users.u : x]`, `length(users.u)`, `"x${app.a}"`, `jsonencode(app.a)`,
		`app.a.catalog_id == "x"`, `app.a.catalog_id == "x" ? 1 : 2`, `app.a.catalog_id == null`, `[app.a.catalog_id == "x"]`,
		`{ k = app.a.catalog_id == "x" ? 1 : 2 }`, `[for x in ["y"] : x if app.a.catalog_id == "x"]`,
	} {
		v, diags := eval(t, source)
		if diags.HasErrors() {
			continue
		}
		if r, ok := schema.LateMisuse(v); !ok || r != late {
			t.Errorf("%s gives %#v, and nothing objects (%v)", source, v, r)
		}
	}
}

func TestPassingOnIsNoMisuse(t *testing.T) {
	for _, source := range []string{
		`app.a.catalog_id`, `[app.a.catalog_id]`, `{ k = app.a.catalog_id }`, `toset([app.a.catalog_id])`, `app.a`, `[app.a, app.b]`,
		`concat([app.a.catalog_id], [app.b])`, `[for x in [app.a, app.b] : x.catalog_id]`, `users.u`, `true ? app.a.catalog_id : app.a.catalog_id`, `app.a.name`,
	} {
		v, diags := eval(t, source)
		if r, ok := schema.LateMisuse(v); diags.HasErrors() || ok {
			t.Errorf("%s: misuse of %v, %v", source, r, diags)
		}
	}
}

func TestValue(t *testing.T) {
	plain := map[string]any{
		"b": true, "n": int64(7), "s": "x", "nil": nil, "list": []any{"a", int64(1)},
		"late": ref("app", "a", "catalog_id"), "people": ref("users", "u", ""), "empty": []any{}, "map": map[string]any{},
	}
	v, err := schema.Value(plain)
	if err != nil {
		t.Fatal(err)
	}
	want := cty.ObjectVal(map[string]cty.Value{
		"b": cty.True, "n": cty.NumberIntVal(7), "s": text("x"), "nil": cty.NullVal(cty.DynamicPseudoType), "list": list(text("a"), cty.NumberIntVal(1)),
		"late": schema.LateValue(addr.New("app", "a"), "catalog_id"), "people": users("u"), "empty": cty.EmptyTupleVal, "map": cty.EmptyObjectVal,
	})
	if !v.RawEquals(want) {
		t.Errorf("got %#v", v)
	}
	for _, bad := range []any{1, 1.5, []any{[]string{"x"}}, map[string]any{"x": struct{}{}}} {
		if v, err := schema.Value(bad); err == nil {
			t.Errorf("%v was taken as %#v", bad, v)
		}
	}
}

func TestExpose(t *testing.T) {
	late := schema.LateValue(addr.New("app", "a"), "catalog_id")
	in := cty.TupleVal([]cty.Value{app("a"), late, text("x").Mark("m"), cty.NullVal(app("a").Type()), cty.ObjectVal(map[string]cty.Value{"inner": app("b")})})
	got := schema.Expose(in)
	if got.ContainsMarked() {
		t.Error("marks are left")
	}
	block := got.Index(cty.NumberIntVal(0))
	if d := cmp.Diff(map[string]bool{"name": true, "catalog_id": true}, names(block)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if r, ok := schema.RefOf(block.GetAttr("catalog_id")); !ok || r != ref("app", "a", "catalog_id") {
		t.Error("the late value is gone")
	}
	if _, ok := schema.RefOf(got.Index(cty.NumberIntVal(4)).GetAttr("inner")); ok {
		t.Error("an inner block still refers to itself")
	}
}

func names(v cty.Value) map[string]bool {
	out := map[string]bool{}
	for name := range v.Type().AttributeTypes() {
		out[name] = true
	}
	return out
}

func TestRefsAndMapRefs(t *testing.T) {
	a, b := ref("app", "a", "catalog_id"), ref("app", "b", "")
	plain := map[string]any{"y": []any{"x", b}, "x": a, "z": map[string]any{"deep": []any{a}}, "n": int64(1), "t": true, "nil": nil}
	if d := cmp.Diff([]schema.Ref{a, b, a}, schema.Refs(plain)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	filled, err := schema.MapRefs(plain, func(r schema.Ref) (any, error) { return "id-of-" + r.Addr.Name, nil })
	want := map[string]any{"y": []any{"x", "id-of-b"}, "x": "id-of-a", "z": map[string]any{"deep": []any{"id-of-a"}}, "n": int64(1), "t": true, "nil": nil}
	if d := cmp.Diff(want, filled); err != nil || d != "" {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	if plain["x"] != a {
		t.Error("the original was changed")
	}
	boom := errors.New("boom")
	for _, v := range []any{a, []any{a}, map[string]any{"k": []any{a}}} {
		if _, err := schema.MapRefs(v, func(schema.Ref) (any, error) { return nil, boom }); !errors.Is(err, boom) {
			t.Errorf("%v: %v", v, err)
		}
	}
	if _, err := schema.MapRefs(3.5, nil); err == nil {
		t.Error("a float was taken as plain data")
	}
}
