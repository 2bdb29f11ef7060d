package schema_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// Values that several tests use.
func app(name string) cty.Value {
	a := addr.New("app", name)
	return schema.BlockValue(a, map[string]cty.Value{
		"name": cty.StringVal(name), "catalog_id": schema.LateValue(a, "catalog_id"),
	})
}

func storeApp(id string) cty.Value {
	return schema.BlockValue(addr.New("store_app", "s"), map[string]cty.Value{"id": cty.StringVal(id)})
}

func users(name string) cty.Value { return schema.OpaqueValue(addr.New("users", name)) }

func ref(kind, name, attr string) schema.Ref {
	return schema.Ref{Addr: addr.New(kind, name), Attr: attr}
}

func list(vs ...cty.Value) cty.Value { return cty.TupleVal(vs) }

func text(s string) cty.Value { return cty.StringVal(s) }

func TestDecode(t *testing.T) {
	known := map[string]string{"chat": "id-of-chat"}
	noSpace := func(s string) string {
		if strings.Contains(s, " ") {
			return "No spaces."
		}
		return ""
	}
	tests := []struct {
		name string
		ty   schema.Type
		in   cty.Value
		want any
		bad  string // "summary at path: part of the detail"
	}{
		{name: "true", ty: schema.Bool{}, in: cty.True, want: true},
		{name: "text true", ty: schema.Bool{}, in: text("true"), want: true},
		{name: "yes", ty: schema.Bool{}, in: text("yes"), bad: "Wrong type: Expected true or false, not text."},
		{name: "late truth", ty: schema.Bool{}, in: users("u"), bad: "Wrong type: not users.u."},

		{name: "number", ty: schema.Int{Min: 1}, in: cty.NumberIntVal(5), want: int64(5)},
		{name: "text number", ty: schema.Int{}, in: text("12"), want: int64(12)},
		{name: "fraction", ty: schema.Int{}, in: cty.NumberFloatVal(1.5), bad: "Value out of range: Expected whole number from 0, not 1.5."},
		{name: "too small", ty: schema.Int{Min: 1}, in: cty.Zero, bad: "Value out of range: whole number from 1, not 0."},
		{name: "too large", ty: schema.Int{Min: 1, Max: 3}, in: cty.NumberIntVal(4), bad: "Value out of range: whole number from 1 to 3, not 4."},
		{name: "huge", ty: schema.Int{}, in: cty.MustParseNumberVal("1e30"), bad: "Value out of range"},
		{name: "not a number", ty: schema.Int{}, in: text("x"), bad: "Wrong type"},

		{name: "text", ty: schema.String{}, in: text("x"), want: "x"},
		{name: "number as text", ty: schema.String{}, in: cty.NumberIntVal(7), want: "7"},
		{name: "list as text", ty: schema.String{}, in: list(), bad: "Wrong type: Expected text, not list."},
		{name: "word", ty: schema.String{Words: []string{"on", "off"}}, in: text("on"), want: "on"},
		{name: "near word", ty: schema.String{Words: []string{"on", "off"}}, in: text("offf"), bad: `Unknown word: Expected "on" or "off", not "offf". Did you mean "off"?`},
		{name: "length counts characters", ty: schema.String{MaxLen: 3}, in: text("äöü"), want: "äöü"},
		{name: "too long", ty: schema.String{MaxLen: 3}, in: text("äöüß"), bad: "Text too long: This text has 4 characters; the service takes at most 3."},
		{name: "check", ty: schema.String{Check: noSpace}, in: text("a b"), bad: "Invalid value: No spaces."},
		{name: "late in a text", ty: schema.String{}, in: schema.LateValue(addr.New("app", "a"), "catalog_id"), bad: "Wrong type: Expected text, not app.a.catalog_id."},
		{name: "late where it may be", ty: schema.String{Late: true}, in: schema.LateValue(addr.New("app", "a"), "catalog_id"), want: ref("app", "a", "catalog_id")},
		{name: "a whole block is never late", ty: schema.String{Late: true}, in: app("a"), bad: "Wrong type: not app.a."},

		{name: "texts", ty: schema.StringList{}, in: list(text("b"), text("a"), text("b")), want: []any{"b", "a", "b"}},
		{name: "set of texts", ty: schema.StringList{Set: true}, in: list(text("b"), text("a"), text("b")), want: []any{"a", "b"}},
		{name: "set that folds case", ty: schema.StringList{Set: true, Of: schema.String{Fold: true}}, in: list(text("b"), text("A"), text("a")), want: []any{"A", "b"}},
		{name: "empty list", ty: schema.StringList{}, in: list(), want: []any{}},
		{name: "one text is no list", ty: schema.StringList{}, in: text("a"), bad: "Wrong type: Expected list of texts, not text."},
		{name: "bad element", ty: schema.StringList{Of: schema.String{Words: []string{"a"}}}, in: list(text("a"), text("x")), bad: "Unknown word at [1]: not \"x\""},
		{name: "null element", ty: schema.StringList{}, in: list(cty.NullVal(cty.String)), bad: "Wrong type at [0]: Element 1 is null"},

		{name: "map of texts", ty: schema.StringMap{}, in: cty.ObjectVal(map[string]cty.Value{"a": text("x"), "n": cty.NumberIntVal(1)}), want: map[string]any{"a": "x", "n": "1"}},
		{name: "empty map", ty: schema.StringMap{}, in: cty.EmptyObjectVal, want: map[string]any{}},
		{name: "typed map", ty: schema.StringMap{}, in: cty.MapVal(map[string]cty.Value{"a": cty.True}), want: map[string]any{"a": "true"}},
		{name: "null in a map", ty: schema.StringMap{}, in: cty.ObjectVal(map[string]cty.Value{"a": cty.NullVal(cty.String)}), bad: `Wrong type at ["a"]: The value of "a" is null`},
		{name: "list in a map", ty: schema.StringMap{}, in: cty.ObjectVal(map[string]cty.Value{"a": list()}), bad: `Wrong type at ["a"]: The value of "a": Expected text, not list.`},
		{name: "late in a map", ty: schema.StringMap{}, in: cty.ObjectVal(map[string]cty.Value{"a": schema.LateValue(addr.New("app", "a"), "x")}), bad: `Wrong type at ["a"]: not app.a.x`},
		{name: "block as a map", ty: schema.StringMap{}, in: app("a"), bad: "Wrong type: Expected map of texts, not app.a."},

		{name: "reference", ty: schema.Reference{Kinds: []string{"app"}}, in: app("a"), want: ref("app", "a", "")},
		{name: "opaque reference", ty: schema.Reference{Kinds: []string{"users"}}, in: users("u"), want: ref("users", "u", "")},
		{name: "reference to another kind", ty: schema.Reference{Kinds: []string{"group"}}, in: app("a"), bad: "Wrong type: Expected reference to group, such as group.NAME, not app.a."},
		{name: "attribute as a reference", ty: schema.Reference{Kinds: []string{"app"}}, in: schema.LateValue(addr.New("app", "a"), "catalog_id"), bad: "Wrong type"},
		{name: "text as a reference", ty: schema.Reference{Kinds: []string{"app"}}, in: text("app.a"), bad: "Wrong type: not text"},

		{name: "references", ty: schema.References{Kinds: []string{"users", "app"}}, in: list(users("u"), app("a")), want: []any{ref("users", "u", ""), ref("app", "a", "")}},
		{name: "one reference", ty: schema.References{Kinds: []string{"users"}}, in: users("u"), want: []any{ref("users", "u", "")}},
		{name: "word for references", ty: schema.References{Kinds: []string{"users"}, Words: []string{"everyone"}}, in: text("everyone"), want: "everyone"},
		{name: "wrong word", ty: schema.References{Kinds: []string{"users"}, Words: []string{"everyone"}}, in: text("all"), bad: "Unknown word"},
		{name: "number for references", ty: schema.References{Kinds: []string{"users"}}, in: cty.Zero, bad: "Wrong type: Expected list of users references, not number."},
		{name: "wrong kind inside", ty: schema.References{Kinds: []string{"users"}}, in: list(users("u"), app("a")), bad: "Wrong type at [1]"},

		{name: "apps in order", ty: schema.Apps{Ordered: true, Known: known}, in: list(storeApp("b-id"), text("chat"), app("a"), text("A-ID")), want: []any{"b-id", "id-of-chat", ref("app", "a", "catalog_id"), "a-id"}},
		{name: "apps as a set", ty: schema.Apps{}, in: list(app("z"), text("b-id"), app("a"), text("a-id")), want: []any{"a-id", "b-id", ref("app", "a", "catalog_id"), ref("app", "z", "catalog_id")}},
		{name: "app by its late id", ty: schema.Apps{}, in: list(schema.LateValue(addr.New("app", "a"), "catalog_id")), want: []any{ref("app", "a", "catalog_id")}},
		{name: "app by another late value", ty: schema.Apps{}, in: list(schema.LateValue(addr.New("app", "a"), "other")), bad: "Wrong type at [0]"},
		{name: "unknown app name", ty: schema.Apps{Known: known}, in: list(text("chta")), bad: `Unknown app name at [0]: Did you mean "chat"?`},
		{name: "app twice", ty: schema.Apps{}, in: list(text("A-id"), text("a-ID")), bad: "App listed twice at [1]: Element 2"},
		{name: "block twice", ty: schema.Apps{}, in: list(app("a"), app("a")), bad: "App listed twice at [1]"},
		{name: "people as apps", ty: schema.Apps{}, in: list(users("u")), bad: "Wrong type at [0]: Expected an app, not users.u."},
		{name: "number as an app", ty: schema.Apps{}, in: list(cty.Zero), bad: "Wrong type at [0]"},
		{name: "one app is no list", ty: schema.Apps{}, in: app("a"), bad: "Wrong type: Expected list of apps"},

		{name: "choice", ty: schema.AppChoice{}, in: cty.ObjectVal(map[string]cty.Value{"allow_only": list(app("a"))}), want: map[string]any{"allow_only": []any{ref("app", "a", "catalog_id")}}},
		{name: "choice with a null", ty: schema.AppChoice{}, in: cty.ObjectVal(map[string]cty.Value{"allow_only": list(), "allow_all_but": cty.NullVal(cty.DynamicPseudoType)}), want: map[string]any{"allow_only": []any{}}},
		{name: "typed choice", ty: schema.AppChoice{}, in: cty.MapVal(map[string]cty.Value{"allow_all_but": cty.ListVal([]cty.Value{text("a-id")})}), want: map[string]any{"allow_all_but": []any{"a-id"}}},
		{name: "both choices", ty: schema.AppChoice{}, in: cty.ObjectVal(map[string]cty.Value{"allow_only": list(), "allow_all_but": list()}), bad: "Exactly one choice needed"},
		{name: "no choice", ty: schema.AppChoice{}, in: cty.EmptyObjectVal, bad: "Exactly one choice needed"},
		{name: "unknown choice", ty: schema.AppChoice{}, in: cty.ObjectVal(map[string]cty.Value{"allow_onyl": list()}), bad: `Unknown word at .allow_onyl: Did you mean "allow_only"?`},
		{name: "bad app in a choice", ty: schema.AppChoice{}, in: cty.ObjectVal(map[string]cty.Value{"allow_only": list(text("x-1"), cty.Zero)}), bad: "Wrong type at .allow_only[1]"},
		{name: "list as a choice", ty: schema.AppChoice{}, in: list(), bad: "Wrong type"},
		{name: "block as a choice", ty: schema.AppChoice{}, in: app("a"), bad: "Wrong type: not app.a."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, _ := tt.in.UnmarkDeep()
			got, problems := tt.ty.Decode(in)
			if tt.bad != "" {
				checkProblem(t, problems, tt.bad)
				return
			}
			if len(problems) > 0 {
				t.Fatalf("unexpected problems: %v", problems)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			roundTrip(t, tt.ty, got)
		})
	}
}

// checkProblem compares the first problem with "summary at path: detail".
func checkProblem(t *testing.T, problems []schema.Problem, want string) {
	t.Helper()
	if len(problems) == 0 {
		t.Fatalf("no problem, want %s", want)
	}
	head, detail, _ := strings.Cut(want, ": ")
	summary, path, _ := strings.Cut(head, " at ")
	p := problems[0]
	if p.Summary != summary || !strings.Contains(p.Detail, detail) || pathText(p.Path) != path {
		t.Errorf("got %s at %s: %s\nwant %s", p.Summary, pathText(p.Path), p.Detail, want)
	}
}

func pathText(p cty.Path) string {
	var b strings.Builder
	for _, step := range p {
		switch s := step.(type) {
		case cty.GetAttrStep:
			b.WriteString("." + s.Name)
		case cty.IndexStep:
			var raw []byte
			if s.Key.Type() == cty.String {
				raw, _ = json.Marshal(s.Key.AsString())
			} else {
				raw = []byte(s.Key.AsBigFloat().Text('f', 0))
			}
			b.WriteString("[" + string(raw) + "]")
		}
	}
	return b.String()
}

// roundTrip writes a value as state does and reads it back.
func roundTrip(t *testing.T, ty schema.Type, v any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ty.DecodeJSON(raw)
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	if d := cmp.Diff(v, back); d != "" {
		t.Errorf("%s reads back as (-want +got):\n%s", raw, d)
	}
	if !ty.Equal(v, back) {
		t.Errorf("%s is not equal to itself", raw)
	}
	if ty.Equal(v, "something else entirely") {
		t.Errorf("%s is equal to something else", raw)
	}
}

func TestEqual(t *testing.T) {
	a, b := ref("app", "a", "catalog_id"), ref("app", "b", "catalog_id")
	tests := []struct {
		name string
		ty   schema.Type
		x, y any
		want bool
	}{
		{"texts", schema.String{}, "A", "a", false},
		{"folded texts", schema.String{Fold: true}, "Tag:Global", "global", true},
		{"folded text and reference", schema.String{Fold: true}, "a", a, false},
		{"numbers", schema.Int{}, int64(1), int64(1), true},
		{"unset", schema.Bool{}, nil, false, false},
		{"ordered apps", schema.Apps{Ordered: true}, []any{"a", "b"}, []any{"b", "a"}, false},
		{"apps", schema.Apps{}, []any{"a", b, a}, []any{b, a, "A"}, true},
		{"apps of other lengths", schema.Apps{}, []any{"a"}, []any{"a", "b"}, false},
		{"apps and nothing", schema.Apps{}, []any{}, nil, false},
		{"nothing twice", schema.Apps{}, nil, nil, true},
		{"choices", schema.AppChoice{}, map[string]any{"allow_only": []any{"a", b}}, map[string]any{"allow_only": []any{b, "a"}}, true},
		{"opposite choices", schema.AppChoice{}, map[string]any{"allow_only": []any{}}, map[string]any{"allow_all_but": []any{}}, false},
		{"maps", schema.StringMap{}, map[string]any{"a": "1", "b": "2"}, map[string]any{"b": "2", "a": "1"}, true},
		{"other maps", schema.StringMap{}, map[string]any{"a": "1"}, map[string]any{"a": "2"}, false},
		{"references", schema.Reference{}, a, b, false},
		{"lists of references", schema.References{}, []any{a, b}, []any{a, b}, true},
		{"lists of texts", schema.StringList{}, []any{"a", "b"}, []any{"b", "a"}, false},
		{"sets of texts", schema.StringList{Set: true}, []any{"a", "b"}, []any{"b", "a"}, true},
	}
	for _, tt := range tests {
		if tt.ty.Equal(tt.x, tt.y) != tt.want || tt.ty.Equal(tt.y, tt.x) != tt.want {
			t.Errorf("%s: %v and %v: want %v", tt.name, tt.x, tt.y, tt.want)
		}
	}
}

// TestEqualDoesNotSortItsArguments: comparing must not change what it is given.
func TestEqualDoesNotSortItsArguments(t *testing.T) {
	x := []any{"b", "a"}
	schema.Apps{}.Equal(x, []any{"a", "b"})
	schema.StringList{Set: true}.Equal(x, []any{"a", "b"})
	if d := cmp.Diff([]any{"b", "a"}, x); d != "" {
		t.Error(d)
	}
}

// TestMapWithAKeyNamedLate: what looks like a reference is a text map here.
func TestMapWithAKeyNamedLate(t *testing.T) {
	roundTrip(t, schema.StringMap{}, map[string]any{"late": "app.x"})
	roundTrip(t, schema.StringMap{}, map[string]any{"late": "not an address [", "z": "1"})
}

func TestDecodeJSONRefuses(t *testing.T) {
	tests := []struct {
		ty  schema.Type
		raw string
	}{
		{schema.Bool{}, `"x"`},
		{schema.Int{}, `1.5`},
		{schema.String{}, `[]`},
		{schema.String{}, `{"late":"no address ["}`},
		{schema.StringMap{}, `{"a":1}`},
		{schema.Apps{}, ``},
		{schema.Apps{}, `[1.5]`},
		{schema.Apps{}, `[`},
		{schema.Apps{}, `["a",]`},
		{schema.AppChoice{}, `{"allow_only":`},
		{schema.AppChoice{}, `{"allow_only":[{]}`},
		{schema.Reference{}, `{"late":5}`},
	}
	for _, tt := range tests {
		if v, err := tt.ty.DecodeJSON(json.RawMessage(tt.raw)); err == nil {
			t.Errorf("%T reads %s as %v", tt.ty, tt.raw, v)
		}
	}
}

func TestDescribe(t *testing.T) {
	tests := []struct {
		ty   schema.Type
		want string
	}{
		{schema.Bool{}, "true or false"},
		{schema.Int{Min: 1}, "whole number from 1"},
		{schema.Int{Min: 1, Max: 9}, "whole number from 1 to 9"},
		{schema.String{}, "text"},
		{schema.String{What: "path"}, "path"},
		{schema.String{Words: []string{"a", "b", "c"}}, `"a", "b" or "c"`},
		{schema.StringList{}, "list of texts"},
		{schema.StringList{Of: schema.String{What: "mail address"}}, "list of: mail address"},
		{schema.StringMap{}, "map of texts"},
		{schema.Reference{Kinds: []string{"app", "store_app"}}, "reference to app or store_app, such as app.NAME"},
		{schema.References{Kinds: []string{"users", "group"}, Words: []string{"everyone", "no_one"}}, `list of users or group references, or "everyone" or "no_one"`},
		{schema.Apps{}, "list of apps"},
		{schema.Apps{Ordered: true}, "list of apps, in order"},
		{schema.AppChoice{}, "{ allow_only = [...] } or { allow_all_but = [...] }"},
	}
	for _, tt := range tests {
		if got := tt.ty.Describe(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestKeyed(t *testing.T) {
	if keys := (schema.StringMap{}).Keys(); keys != nil {
		t.Errorf("a map of texts has fixed keys %v", keys)
	}
	if d := cmp.Diff([]string{"allow_only", "allow_all_but"}, schema.AppChoice{}.Keys()); d != "" {
		t.Error(d)
	}
	if _, ok := schema.Type(schema.Apps{}).(schema.Keyed); ok {
		t.Error("a list has named parts")
	}
}
