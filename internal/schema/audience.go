package schema

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/zclconf/go-cty/cty"
)

// Audience is whom something is for: "everyone", "no_one", or a list of users
// and group blocks. In plain data it is the word, or a list: of references as
// it was written, of principals ("group:ID", "user:ID") once the compile step
// has looked the names up. An empty list is "no_one".
type Audience struct{}

// The words of an audience.
const (
	Everyone = "everyone"
	NoOne    = "no_one"
)

// What the principals of an audience begin with.
const (
	PrincipalUser  = "user:"
	PrincipalGroup = "group:"
)

// Decode implements Type.
func (t Audience) Decode(v cty.Value) (any, []Problem) {
	return t.references().Decode(v)
}

func (Audience) references() References {
	return References{Kinds: []string{"users", "group"}, Words: []string{Everyone, NoOne}}
}

// DecodeJSON implements Type.
func (Audience) DecodeJSON(raw json.RawMessage) (any, error) { return decodePlain(raw) }

// Equal implements Type: order has no meaning.
func (Audience) Equal(a, b any) bool {
	wordA, listA := AudienceParts(a)
	wordB, listB := AudienceParts(b)
	return wordA == wordB && slices.Equal(listA, listB)
}

// Describe implements Type.
func (t Audience) Describe() string { return t.references().Describe() }

// AudienceParts gives the word of an audience, or its principals, sorted and
// without repeats. The parts of a list that is not looked up are addresses.
func AudienceParts(v any) (word string, principals []string) {
	switch v := v.(type) {
	case string:
		return v, nil
	case []any:
		for _, e := range v {
			switch e := e.(type) {
			case string:
				principals = append(principals, strings.ToLower(e))
			case Ref:
				principals = append(principals, e.String())
			}
		}
	}
	if len(principals) == 0 {
		return NoOne, nil
	}
	slices.Sort(principals)
	return "", slices.Compact(principals)
}

// AudienceOf makes an audience of principals in any order.
func AudienceOf(principals []string) any {
	list := make([]any, len(principals))
	for i, p := range principals {
		list[i] = p
	}
	if _, sorted := AudienceParts(list); len(sorted) > 0 {
		out := make([]any, len(sorted))
		for i, p := range sorted {
			out[i] = p
		}
		return out
	}
	return NoOne
}

// fewNamed is how many people of one audience are named; a plan shows a few.
const fewNamed = 5

// PrincipalsShown gives the principals of a changed audience that a plan names:
// all groups, the first few people, and the first few that come or go.
func PrincipalsShown(before, after any) []string {
	_, had := AudienceParts(before)
	_, has := AudienceParts(after)
	var out []string
	for _, list := range [][]string{had, has, Missing(has, had), Missing(had, has)} {
		people := 0
		for _, p := range list {
			if strings.HasPrefix(p, PrincipalGroup) {
				out = append(out, p)
			} else if people++; people <= fewNamed {
				out = append(out, p)
			}
		}
	}
	return out
}

// Missing gives the elements of one sorted list that another lacks.
func Missing(list, from []string) []string {
	var out []string
	for _, e := range list {
		if _, has := slices.BinarySearch(from, e); !has {
			out = append(out, e)
		}
	}
	return out
}

// AudienceRefs gives the blocks that an audience as written names.
func AudienceRefs(v any) []addr.Instance {
	list, _ := v.([]any)
	var out []addr.Instance
	for _, e := range list {
		if r, ok := e.(Ref); ok {
			out = append(out, r.Addr)
		}
	}
	return out
}

// OneApp is one app: a reference to an app or store_app block, a well-known
// name, or an id as text. In plain data an id as text, or a Ref to an app's
// catalog id.
type OneApp struct {
	Known map[string]string // well-known name -> app id
}

// Decode implements Type.
func (t OneApp) Decode(v cty.Value) (any, []Problem) { return t.list().decodeApp(v) }

func (t OneApp) list() Apps { return Apps{Known: t.Known} }

// DecodeJSON implements Type.
func (OneApp) DecodeJSON(raw json.RawMessage) (any, error) { return decodePlain(raw) }

// Equal implements Type.
func (OneApp) Equal(a, b any) bool { return elementKey(a) == elementKey(b) }

// Describe implements Type.
func (OneApp) Describe() string { return "an app: app.NAME or store_app.NAME" }
