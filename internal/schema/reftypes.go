package schema

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/teamsform/teamsform/internal/diag"
	"github.com/zclconf/go-cty/cty"
)

// Reference is another block passed on whole, of one of the given kinds.
type Reference struct{ Kinds []string }

// Decode implements Type.
func (t Reference) Decode(v cty.Value) (any, []Problem) {
	r, ok := RefOf(v)
	if !ok || r.Attr != "" || !contains(t.Kinds, r.Addr.Kind) {
		return nil, wrongType(v, t.Describe())
	}
	return r, nil
}

// DecodeJSON implements Type.
func (Reference) DecodeJSON(raw json.RawMessage) (any, error) { return decodePlain(raw) }

// Equal implements Type.
func (Reference) Equal(a, b any) bool { return PlainEqual(a, b) }

// Describe implements Type.
func (t Reference) Describe() string {
	return "reference to " + strings.Join(t.Kinds, " or ") + ", such as " + t.Kinds[0] + ".NAME"
}

// References is a list of blocks passed on whole, or one of the given words
// such as "everyone". A single block counts as a list of one.
type References struct {
	Kinds []string
	Words []string
}

// Decode implements Type.
func (t References) Decode(v cty.Value) (any, []Problem) {
	if v.Type().Equals(cty.String) {
		return String{Words: t.Words, What: t.Describe()}.Decode(v)
	}
	one := Reference{Kinds: t.Kinds}
	if _, ok := RefOf(v); ok {
		r, problems := one.Decode(v)
		return []any{r}, problems
	}
	if !isSequence(v) {
		return nil, wrongType(v, t.Describe())
	}
	return decodeElements(v, one.Decode)
}

// DecodeJSON implements Type.
func (References) DecodeJSON(raw json.RawMessage) (any, error) { return decodePlain(raw) }

// Equal implements Type.
func (References) Equal(a, b any) bool { return PlainEqual(a, b) }

// Describe implements Type.
func (t References) Describe() string {
	s := "list of " + strings.Join(t.Kinds, " or ") + " references"
	if len(t.Words) > 0 {
		s += ", or " + quoteList(t.Words)
	}
	return s
}

// Apps is a list of apps: references to app or store_app blocks, well-known
// names such as "chat", or ids as text. In plain data an element is an id as
// text, or a Ref to an app's catalog id.
type Apps struct {
	Ordered bool
	Known   map[string]string // well-known name -> app id
}

// CatalogID is the attribute of an app that policies name it by.
const CatalogID = "catalog_id"

// Decode implements Type.
func (t Apps) Decode(v cty.Value) (any, []Problem) {
	if !isSequence(v) {
		return nil, wrongType(v, t.Describe())
	}
	out, problems := decodeElements(v, t.decodeApp)
	if len(problems) > 0 {
		return nil, problems
	}
	return t.normal(out.([]any))
}

func (t Apps) decodeApp(v cty.Value) (any, []Problem) {
	if r, ok := RefOf(v); ok {
		switch {
		case r.Addr.Kind == "app" && (r.Attr == "" || r.Attr == CatalogID):
			return Ref{Addr: r.Addr, Attr: CatalogID}, nil
		case r.Addr.Kind == "store_app" && r.Attr == "":
			raw, _ := v.Unmark()
			id, _ := raw.GetAttr("id").Unmark()
			return id.AsString(), nil
		}
		return nil, wrongType(v, "an app")
	}
	if !v.Type().Equals(cty.String) {
		return nil, wrongType(v, "an app: app.NAME, store_app.NAME, a well-known name or an app id")
	}
	s := v.AsString()
	if id, ok := t.Known[s]; ok {
		return id, nil
	}
	if !strings.ContainsAny(s, "-.") {
		names := sortedKeys(t.Known)
		return nil, []Problem{{Summary: "Unknown app name", Detail: fmt.Sprintf("%q is neither an app id nor one of the well-known names %s.%s", s, quoteList(names), diag.DidYouMean(s, names))}}
	}
	return strings.ToLower(s), nil
}

// normal refuses repeats and, where order has no meaning, sorts.
func (t Apps) normal(items []any) (any, []Problem) {
	seen := map[string]bool{}
	for i, e := range items {
		id := elementKey(e)
		if seen[id] {
			return nil, []Problem{{Path: cty.IndexIntPath(i), Summary: "App listed twice", Detail: fmt.Sprintf("Element %d repeats an app that stands earlier in the list. Remove one of them.", i+1)}}
		}
		seen[id] = true
	}
	if !t.Ordered {
		SortElements(items)
	}
	return items, nil
}

// SortElements orders the elements of a set in plain data: ids first, then
// references, each by text.
func SortElements(items []any) {
	sort.SliceStable(items, func(i, j int) bool { return elementKey(items[i]) < elementKey(items[j]) })
}

func elementKey(e any) string {
	switch e := e.(type) {
	case string:
		return "0" + strings.ToLower(e)
	case Ref:
		return "1" + e.String()
	}
	return "2" + fmt.Sprint(e)
}

// DecodeJSON implements Type.
func (Apps) DecodeJSON(raw json.RawMessage) (any, error) { return decodePlain(raw) }

// Equal implements Type.
func (t Apps) Equal(a, b any) bool {
	x, okX := a.([]any)
	y, okY := b.([]any)
	if !okX || !okY || len(x) != len(y) {
		return okX == okY && len(x) == len(y)
	}
	if !t.Ordered {
		x, y = append([]any{}, x...), append([]any{}, y...)
		SortElements(x)
		SortElements(y)
	}
	for i := range x {
		if elementKey(x[i]) != elementKey(y[i]) {
			return false
		}
	}
	return true
}

// Describe implements Type.
func (t Apps) Describe() string {
	if t.Ordered {
		return "list of apps, in order"
	}
	return "list of apps"
}

// AppChoice says which apps of a class may be used. HCL: { allow_only = [...] }
// or { allow_all_but = [...] }. Plain data: a map with exactly one of the two.
type AppChoice struct{ Known map[string]string }

// The keys of an AppChoice.
const (
	AllowOnly   = "allow_only"
	AllowAllBut = "allow_all_but"
)

// Keys implements Keyed.
func (AppChoice) Keys() []string { return []string{AllowOnly, AllowAllBut} }

// Decode implements Type.
func (t AppChoice) Decode(v cty.Value) (any, []Problem) {
	if _, isBlock := RefOf(v); isBlock || !v.Type().IsObjectType() && !v.Type().IsMapType() {
		return nil, wrongType(v, t.Describe())
	}
	out := map[string]any{}
	fields := v.AsValueMap()
	for _, name := range sortedKeys(fields) {
		if name != AllowOnly && name != AllowAllBut {
			return nil, []Problem{{Path: cty.GetAttrPath(name), Summary: "Unknown word", Detail: fmt.Sprintf("Expected %s, not %q.%s", t.Describe(), name, diag.DidYouMean(name, []string{AllowOnly, AllowAllBut}))}}
		}
		e, _ := fields[name].Unmark()
		if e.IsNull() {
			continue
		}
		apps, problems := Apps{Known: t.Known}.Decode(e)
		if len(problems) > 0 {
			for i := range problems {
				problems[i].Path = append(cty.GetAttrPath(name), problems[i].Path...)
			}
			return nil, problems
		}
		out[name] = apps
	}
	if len(out) != 1 {
		return nil, []Problem{{Summary: "Exactly one choice needed", Detail: "Write either { allow_only = [...] } or { allow_all_but = [...] }; { allow_all_but = [] } allows all, { allow_only = [] } none."}}
	}
	return out, nil
}

// DecodeJSON implements Type.
func (AppChoice) DecodeJSON(raw json.RawMessage) (any, error) { return decodePlain(raw) }

// Equal implements Type.
func (AppChoice) Equal(a, b any) bool {
	x, okX := a.(map[string]any)
	y, okY := b.(map[string]any)
	if !okX || !okY || len(x) != len(y) {
		return false
	}
	for key, list := range x {
		other, ok := y[key]
		if !ok || !(Apps{}).Equal(list, other) {
			return false
		}
	}
	return true
}

// Describe implements Type.
func (AppChoice) Describe() string { return "{ allow_only = [...] } or { allow_all_but = [...] }" }

func isSequence(v cty.Value) bool {
	t := v.Type()
	return t.IsTupleType() || t.IsListType() || t.IsSetType()
}

// decodeElements applies f to each element and collects problems with paths.
func decodeElements(v cty.Value, f func(cty.Value) (any, []Problem)) (any, []Problem) {
	out := []any{}
	var problems []Problem
	i := 0
	for it := v.ElementIterator(); it.Next(); i++ {
		_, e := it.Element()
		e, _ = e.UnmarkDeep()
		if e.IsNull() || !e.IsKnown() {
			problems = append(problems, Problem{Path: cty.IndexIntPath(i), Summary: WrongType, Detail: fmt.Sprintf("Element %d is null; remove it.", i+1)})
			continue
		}
		item, ps := f(e)
		for _, p := range ps {
			p.Path = append(cty.IndexIntPath(i), p.Path...)
			problems = append(problems, p)
		}
		out = append(out, item)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return out, nil
}
