package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/teamsform/teamsform/internal/diag"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// Problem is what is wrong with a value. Summary is fixed wording; Detail
// names the thing and the way out. Path leads to the place inside the value.
type Problem struct {
	Attr    string // attribute at fault; "" means the one being decoded
	Path    cty.Path
	Summary string
	Detail  string
}

// Type converts and compares the values of an attribute.
type Type interface {
	// Decode reads a known, non-null, unmarked-at-the-top HCL value.
	Decode(v cty.Value) (any, []Problem)
	// DecodeJSON reads a value from state or plan. References stay references.
	DecodeJSON(raw json.RawMessage) (any, error)
	// Equal compares two values of plain data.
	Equal(a, b any) bool
	// Describe names the type for people, such as "list of apps, in order".
	Describe() string
}

// Bool is true or false.
type Bool struct{}

// Decode implements Type.
func (Bool) Decode(v cty.Value) (any, []Problem) {
	c, err := convert.Convert(v, cty.Bool)
	if err != nil {
		return nil, wrongType(v, "true or false")
	}
	return c.True(), nil
}

// DecodeJSON implements Type.
func (Bool) DecodeJSON(raw json.RawMessage) (any, error) {
	var b bool
	err := json.Unmarshal(raw, &b)
	return b, err
}

// Equal implements Type.
func (Bool) Equal(a, b any) bool { return a == b }

// Describe implements Type.
func (Bool) Describe() string { return "true or false" }

// Int is a whole number, Min and Max inclusive when Max is not 0.
type Int struct{ Min, Max int64 }

// Decode implements Type.
func (t Int) Decode(v cty.Value) (any, []Problem) {
	c, err := convert.Convert(v, cty.Number)
	if err != nil {
		return nil, wrongType(v, t.Describe())
	}
	n, acc := c.AsBigFloat().Int64()
	if acc != 0 || n < t.Min || t.Max != 0 && n > t.Max {
		return nil, []Problem{{Summary: "Value out of range", Detail: fmt.Sprintf("Expected %s, not %s.", t.Describe(), c.AsBigFloat().Text('g', -1))}}
	}
	return n, nil
}

// DecodeJSON implements Type.
func (Int) DecodeJSON(raw json.RawMessage) (any, error) {
	var n int64
	err := json.Unmarshal(raw, &n)
	return n, err
}

// Equal implements Type.
func (Int) Equal(a, b any) bool { return a == b }

// Describe implements Type.
func (t Int) Describe() string {
	if t.Max != 0 {
		return fmt.Sprintf("whole number from %d to %d", t.Min, t.Max)
	}
	return fmt.Sprintf("whole number from %d", t.Min)
}

// String is text. Words limits it to a closed set; MaxLen counts characters.
// Fold makes comparison ignore case, as the service does for names. Late also
// takes an id that the service makes: plain data is then a Ref.
type String struct {
	Words  []string
	MaxLen int
	Fold   bool
	Check  func(string) string // a complaint, or ""
	What   string              // description; "" means "text"
	Late   bool
}

// Decode implements Type.
func (t String) Decode(v cty.Value) (any, []Problem) {
	if r, ok := RefOf(v); ok && t.Late && r.Attr != "" {
		return r, nil
	}
	if !v.Type().Equals(cty.String) && !v.Type().IsPrimitiveType() {
		return nil, wrongType(v, t.Describe())
	}
	c, err := convert.Convert(v, cty.String)
	if err != nil {
		return nil, wrongType(v, t.Describe())
	}
	s := c.AsString()
	if len(t.Words) > 0 && !contains(t.Words, s) {
		return nil, []Problem{{Summary: "Unknown word", Detail: fmt.Sprintf("Expected %s, not %q.%s", quoteList(t.Words), s, diag.DidYouMean(s, t.Words))}}
	}
	if n := len([]rune(s)); t.MaxLen > 0 && n > t.MaxLen {
		return nil, []Problem{{Summary: "Text too long", Detail: fmt.Sprintf("This text has %d characters; the service takes at most %d.", n, t.MaxLen)}}
	}
	if t.Check != nil {
		if complaint := t.Check(s); complaint != "" {
			return nil, []Problem{{Summary: "Invalid value", Detail: complaint}}
		}
	}
	return s, nil
}

// DecodeJSON implements Type.
func (String) DecodeJSON(raw json.RawMessage) (any, error) {
	if isRefJSON(raw) {
		return refFromJSON(raw)
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

// Equal implements Type.
func (t String) Equal(a, b any) bool {
	as, aok := a.(string)
	bs, bok := b.(string)
	if t.Fold && aok && bok {
		return FoldKey(as) == FoldKey(bs)
	}
	return a == b
}

// Describe implements Type.
func (t String) Describe() string {
	switch {
	case t.What != "":
		return t.What
	case len(t.Words) > 0:
		return quoteList(t.Words)
	}
	return "text"
}

// StringList is a list of texts, each as Of says. Set means that order and
// repeats have no meaning: plain data is sorted, without repeats.
type StringList struct {
	Of  String
	Set bool
}

// Decode implements Type.
func (t StringList) Decode(v cty.Value) (any, []Problem) {
	if !isSequence(v) {
		return nil, wrongType(v, t.Describe())
	}
	out, problems := decodeElements(v, t.Of.Decode)
	if len(problems) > 0 {
		return nil, problems
	}
	items := out.([]any)
	if t.Set {
		SortElements(items)
		items = slices.CompactFunc(items, t.Of.Equal)
	}
	return items, nil
}

// DecodeJSON implements Type.
func (StringList) DecodeJSON(raw json.RawMessage) (any, error) { return decodePlain(raw) }

// Equal implements Type.
func (t StringList) Equal(a, b any) bool {
	x, okX := a.([]any)
	y, okY := b.([]any)
	if !okX || !okY {
		return okX == okY
	}
	if t.Set {
		x, y = append([]any{}, x...), append([]any{}, y...)
		SortElements(x)
		SortElements(y)
	}
	return slices.EqualFunc(x, y, t.Of.Equal)
}

// Describe implements Type.
func (t StringList) Describe() string {
	if t.Of.What == "" && len(t.Of.Words) == 0 {
		return "list of texts"
	}
	return "list of: " + t.Of.Describe()
}

// Keyed is a Type whose values have named parts, which ignore_changes may name
// one by one. Keys returns the names; nil means that any name will do.
type Keyed interface{ Keys() []string }

// StringMap is a map of texts, such as placeholder values.
type StringMap struct{}

// Keys implements Keyed.
func (StringMap) Keys() []string { return nil }

// Decode implements Type.
func (t StringMap) Decode(v cty.Value) (any, []Problem) {
	if _, isBlock := RefOf(v); isBlock || !v.Type().IsMapType() && !v.Type().IsObjectType() {
		return nil, wrongType(v, t.Describe())
	}
	out := map[string]any{}
	var problems []Problem
	fields := v.AsValueMap()
	for _, key := range sortedKeys(fields) {
		e, _ := fields[key].UnmarkDeep()
		at := cty.IndexStringPath(key)
		if e.IsNull() || !e.IsKnown() {
			problems = append(problems, Problem{Path: at, Summary: WrongType, Detail: fmt.Sprintf("The value of %q is null; write a text, or leave the key out.", key)})
			continue
		}
		text, ps := String{}.Decode(e)
		for _, p := range ps {
			problems = append(problems, Problem{Path: at, Summary: p.Summary, Detail: fmt.Sprintf("The value of %q: %s", key, p.Detail)})
		}
		out[key] = text
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return out, nil
}

// DecodeJSON implements Type.
func (StringMap) DecodeJSON(raw json.RawMessage) (any, error) {
	var texts map[string]string // a key may be "late", which elsewhere starts a reference
	if err := json.Unmarshal(raw, &texts); err != nil {
		return nil, err
	}
	out := make(map[string]any, len(texts))
	for k, s := range texts {
		out[k] = s
	}
	return out, nil
}

// Equal implements Type.
func (StringMap) Equal(a, b any) bool { return PlainEqual(a, b) }

// Describe implements Type.
func (StringMap) Describe() string { return "map of texts" }

// WrongType is the Summary of the problem that a value has another type.
const WrongType = "Wrong type"

// wrongType is the problem of a value of another type.
func wrongType(v cty.Value, want string) []Problem {
	got := typeWord(v.Type())
	if r, ok := RefOf(v); ok {
		got = r.String()
	}
	return []Problem{{Summary: WrongType, Detail: fmt.Sprintf("Expected %s, not %s.", want, got)}}
}

// typeWord names a type as people do.
func typeWord(t cty.Type) string {
	switch {
	case t == cty.String:
		return "text"
	case t == cty.Number:
		return "number"
	case t == cty.Bool:
		return "true or false"
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		return "list"
	case t.IsObjectType() || t.IsMapType():
		return "map"
	}
	return t.FriendlyName()
}

func contains(words []string, s string) bool {
	for _, w := range words {
		if w == s {
			return true
		}
	}
	return false
}

// quoteList gives `"a", "b" or "c"`.
func quoteList(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = fmt.Sprintf("%q", w)
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// PlainEqual compares plain data by its canonical JSON.
func PlainEqual(a, b any) bool {
	ra, errA := json.Marshal(a)
	rb, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(ra, rb)
}

func isRefJSON(raw json.RawMessage) bool {
	return bytes.HasPrefix(bytes.TrimSpace(raw), []byte(`{"late"`))
}

func refFromJSON(raw json.RawMessage) (any, error) {
	var r Ref
	err := json.Unmarshal(raw, &r)
	return r, err
}

// decodePlain reads JSON as plain data: numbers as int64, references as Ref.
func decodePlain(raw json.RawMessage) (any, error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
		return nil, fmt.Errorf("empty value")
	case isRefJSON(raw):
		return refFromJSON(raw)
	case raw[0] == '{':
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			return nil, err
		}
		out := map[string]any{}
		for k, f := range fields {
			v, err := decodePlain(f)
			if err != nil {
				return nil, err
			}
			out[k] = v
		}
		return out, nil
	case raw[0] == '[':
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return nil, err
		}
		out := make([]any, len(items))
		for i, f := range items {
			v, err := decodePlain(f)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if n, ok := v.(json.Number); ok {
		return n.Int64()
	}
	return v, nil
}
