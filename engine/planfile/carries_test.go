package planfile_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/planfile"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
)

// Every exported field of a plan, and of all that hangs on it, comes back from
// a file as it went in. Whoever adds a field that has no form yet meets this
// test: give its type a form in encode.go and decode.go, and a value below.
func TestEveryFieldTravels(t *testing.T) {
	f := filled(t)
	raw := written(t, f)
	got, err := planfile.Read(bytes.NewReader(raw), planfile.ReadOptions{Kinds: teams.Kinds(), Strings: f.Strings})
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	for _, d := range differences("plan", reflect.ValueOf(f.Plan), reflect.ValueOf(got.Plan)) {
		t.Error(d)
	}
	for _, d := range differences("source", reflect.ValueOf(f.Source), reflect.ValueOf(got.Source)) {
		t.Error(d)
	}
	if got.Digest != f.Digest {
		t.Errorf("digest %s, written as %s", got.Digest, f.Digest)
	}
	if d := cmp.Diff(string(raw), string(written(t, got))); d != "" {
		t.Errorf("written again it differs (-first +second):\n%s", d)
	}
	if t.Failed() {
		t.Logf("%s", raw)
	}
}

func written(t testing.TB, f *planfile.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := planfile.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// filled is a file that has something in every field.
func filled(t testing.TB) *planfile.File {
	g := &filler{t: t, kind: teams.Kinds().Kind(teams.SetupPolicy), strings: table.NewStrings(teams.PolicyTypes()...)}
	f := &planfile.File{Plan: &engine.Plan{}, Strings: g.strings}
	g.fill("plan", reflect.ValueOf(f.Plan).Elem())
	g.fill("source", reflect.ValueOf(&f.Source).Elem())
	return f
}

// filler gives values that all differ.
type filler struct {
	t       testing.TB
	kind    *schema.Kind
	strings *table.Strings
	n       int
}

func (g *filler) next() int { g.n++; return g.n }

func (g *filler) text() string { return fmt.Sprintf("text <%d> \"ü\"", g.next()) }

func (g *filler) addr() addr.Instance {
	return addr.Instance{Module: "net.inner", Kind: "setup_policy", Name: fmt.Sprintf("x%d", g.next()), Key: "a\"b", HasKey: true}
}

func (g *filler) id() table.ID { return table.ID{0: 7, 15: byte(g.next())} }

// attrs are values of several types, among them a late one.
func (g *filler) attrs() schema.Attrs {
	return schema.Attrs{
		"name": g.text(), "upload_custom_apps": true,
		"pinned_apps": []any{"14d6962d-6eeb-4f48-8890-de55454bb136", schema.Ref{Addr: g.addr(), Attr: schema.CatalogID}},
	}
}

func (g *filler) fill(path string, v reflect.Value) {
	switch v.Interface().(type) {
	case addr.Instance:
		v.Set(reflect.ValueOf(g.addr()))
	case table.ID:
		v.Set(reflect.ValueOf(g.id()))
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 3, 4, 12, 0, g.next()%60, 12345, time.UTC)))
	case time.Duration:
		v.Set(reflect.ValueOf(time.Duration(g.next()) * time.Second))
	case json.RawMessage:
		v.Set(reflect.ValueOf(json.RawMessage(fmt.Sprintf(`{"raw":%d}`, g.next()))))
	case *schema.Kind:
		v.Set(reflect.ValueOf(g.kind))
	case schema.Attrs:
		v.Set(reflect.ValueOf(g.attrs()))
	case engine.Phase:
		v.Set(reflect.ValueOf(engine.OpenAll))
	case engine.Action:
		v.SetString(string(engine.Update))
	case *engine.LateIDs:
		ids := engine.NewLateIDs()
		ids.Set(g.addr(), g.text())
		v.Set(reflect.ValueOf(ids))
	case []engine.AttrChange:
		v.Set(reflect.ValueOf(g.attrChanges()))
	case []engine.OutputChange:
		v.Set(reflect.ValueOf(g.outputs()))
	case *engine.RowOp:
		v.Set(reflect.ValueOf(g.rowOp()))
	case table.Row:
		v.Set(reflect.ValueOf(table.Row{User: g.id(), Type: g.strings.Sym("setup_policy"), Policy: g.strings.Sym(g.text()), Addr: g.strings.Exact(g.addr().String()), Adopted: g.strings.Sym(g.text())}))
	case hcl.Diagnostics:
		rng := &hcl.Range{Filename: "main.teams.hcl", Start: hcl.Pos{Line: 1, Column: 2, Byte: 3}, End: hcl.Pos{Line: 4, Column: 5, Byte: 6}}
		v.Set(reflect.ValueOf(hcl.Diagnostics{diag.WithAddress(diag.Warning(rng, "Odd", "%s", g.text()), "app.x"), diag.Warning(nil, "Odd", "too")}))
	default:
		g.byShape(path, v)
	}
}

func (g *filler) byShape(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString(g.text())
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(int64(g.next()))
	case reflect.Uint64, reflect.Uint32, reflect.Uint:
		v.SetUint(uint64(g.next()))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		g.fill(path, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			g.fill(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			one := reflect.New(v.Type().Elem()).Elem()
			g.fill(path, one)
			v.SetMapIndex(reflect.ValueOf(g.text()).Convert(v.Type().Key()), one)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch {
			case f.IsExported() && f.Name == "Sensitive": // see TestSecrets
			case f.IsExported():
				g.fill(path+"."+f.Name, v.Field(i))
			case !scratch(v.Type(), f.Name):
				g.t.Errorf("%s.%s is not exported, so no file can carry it", path, f.Name)
			}
		}
	default:
		g.t.Errorf("%s is a %s: no file can carry it", path, v.Type())
	}
}

// scratch are unexported fields that only the planner needs.
func scratch(t reflect.Type, name string) bool {
	switch t {
	case reflect.TypeFor[engine.RowGroup]():
		return name == "users"
	case reflect.TypeFor[engine.RowsSight]():
		return name == "users" || name == "wasSeen"
	}
	return false
}

// attrChanges fills each field of an AttrChange, beside the attribute.
func (g *filler) attrChanges() []engine.AttrChange {
	values := g.attrs()
	var out []engine.AttrChange
	for _, name := range []string{"pinned_apps", "name", "upload_custom_apps"} {
		c := engine.AttrChange{Attr: g.kind.Attr(name)}
		v := reflect.ValueOf(&c).Elem()
		for i := range v.NumField() {
			switch f := v.Field(i); f.Kind() {
			case reflect.Interface:
				f.Set(reflect.ValueOf(values[name]))
			case reflect.Bool:
				f.SetBool(v.Type().Field(i).Name != "Sensitive")
			case reflect.Pointer:
			default:
				g.t.Errorf("AttrChange.%s has no form in a plan file", v.Type().Field(i).Name)
			}
		}
		out = append(out, c)
	}
	return append(out, engine.AttrChange{Attr: g.kind.Attr("description")})
}

func (g *filler) outputs() []engine.OutputChange {
	ref := schema.Ref{Addr: g.addr(), Attr: schema.CatalogID}
	if n := reflect.TypeFor[engine.OutputChange]().NumField(); n != 4 {
		g.t.Errorf("OutputChange has %d fields; a plan file carries 4", n)
	}
	return []engine.OutputChange{
		{Name: "late", After: ref},
		{Name: "like a reference", Before: json.RawMessage(`{"late":"app.x"}`), After: map[string]any{"late": "app.x", "attr": "catalog_id", "real": []any{"a", ref}}},
		{Name: "plain", Before: json.RawMessage(`1`), After: []any{int64(1), true, nil, "x", []any{}, map[string]any{}}},
		{Name: "secret", Before: json.RawMessage(`null`), Sensitive: true},
	}
}

func (g *filler) rowOp() *engine.RowOp {
	op := &engine.RowOp{Type: g.strings.Sym("setup_policy"), Policy: g.strings.Sym(g.text())}
	v := reflect.ValueOf(op).Elem()
	for i := range v.NumField() {
		switch name := v.Type().Field(i).Name; name {
		case "Type", "Policy", "Rows":
		default:
			g.fill("RowOp."+name, v.Field(i))
		}
	}
	for _, t := range []reflect.Type{reflect.TypeFor[engine.RowChange](), reflect.TypeFor[table.Row]()} {
		if want := map[string]int{"RowChange": 3, "Row": 5}[t.Name()]; t.NumField() != want {
			g.t.Errorf("%s has %d fields; a plan file carries %d", t.Name(), t.NumField(), want)
		}
	}
	for range 3 {
		op.Rows = append(op.Rows, engine.RowChange{
			Row:    table.Row{User: g.id(), Type: op.Type, Policy: op.Policy, Addr: g.strings.Exact(g.addr().String()), Adopted: g.strings.Sym(g.text())},
			Before: g.strings.Sym(g.text()), Reason: engine.ReasonDrift,
		})
	}
	op.Rows = append(op.Rows, engine.RowChange{Row: table.Row{User: g.id(), Type: op.Type, Policy: op.Policy}})
	return op
}

// differences compares what was written with what was read, field by field.
func differences(path string, a, b reflect.Value) []string {
	if a.IsValid() != b.IsValid() {
		return []string{fmt.Sprintf("%s: %v and %v", path, a, b)}
	}
	if !a.IsValid() {
		return nil
	}
	differ := func() []string {
		return []string{fmt.Sprintf("%s: %#v was read as %#v", path, a.Interface(), b.Interface())}
	}
	if a.Type() != b.Type() {
		return differ()
	}
	switch x := a.Interface().(type) {
	case *schema.Kind:
		if y := b.Interface().(*schema.Kind); (x == nil) != (y == nil) || x != nil && x.Name != y.Name {
			return differ()
		}
		return nil
	case *schema.Attr:
		if y := b.Interface().(*schema.Attr); (x == nil) != (y == nil) || x != nil && x.Name != y.Name {
			return differ()
		}
		return nil
	case *engine.LateIDs:
		return differences(path, reflect.ValueOf(x.All()), reflect.ValueOf(b.Interface().(*engine.LateIDs).All()))
	case hcl.Diagnostics:
		y := b.Interface().(hcl.Diagnostics)
		if len(x) != len(y) {
			return differ()
		}
		for i := range x {
			if x[i].Error() != y[i].Error() || diag.AddressOf(x[i]) != diag.AddressOf(y[i]) || !cmp.Equal(x[i].Subject, y[i].Subject) {
				return differ()
			}
		}
		return nil
	case time.Time:
		if !x.Equal(b.Interface().(time.Time)) {
			return differ()
		}
		return nil
	}
	var out []string
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() != b.IsNil() {
			return differ()
		}
		return differences(path, a.Elem(), b.Elem())
	case reflect.Slice, reflect.Map:
		if a.Len() != b.Len() || a.IsNil() != b.IsNil() {
			return differ()
		}
		if a.Kind() == reflect.Map {
			for _, k := range a.MapKeys() {
				out = append(out, differences(fmt.Sprintf("%s[%v]", path, k), a.MapIndex(k), b.MapIndex(k))...)
			}
			return out
		}
		for i := range a.Len() {
			out = append(out, differences(fmt.Sprintf("%s[%d]", path, i), a.Index(i), b.Index(i))...)
		}
	case reflect.Struct:
		for i := range a.NumField() {
			if f := a.Type().Field(i); f.IsExported() {
				out = append(out, differences(path+"."+f.Name, a.Field(i), b.Field(i))...)
			}
		}
	default:
		if !a.Equal(b) {
			return differ()
		}
	}
	return out
}
