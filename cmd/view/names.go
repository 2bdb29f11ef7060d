package view

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
)

// names turns ids into what people call them: addresses of managed objects,
// well-known names of Microsoft's apps.
type names struct {
	byID       map[string]string
	principals map[string]string // people and groups of audiences, by principal
}

func newNames(p *engine.Plan) names {
	n := names{byID: map[string]string{}, principals: p.Names}
	for name, id := range teams.WellKnownApps() {
		n.byID[id] = name
	}
	remade := map[string]bool{}
	for _, c := range p.Changes {
		if c.Action == engine.Create {
			remade[c.Addr.String()] = true
		}
	}
	for id, a := range p.Former {
		name := a.String()
		if remade[name] {
			name += " (the former one)"
		}
		n.add(id, name)
	}
	for id, a := range p.Addresses() {
		n.add(id, a.String())
	}
	return n
}

// add names an id. Policies are identified by their names, which are words
// already; only GUIDs need others.
func (n names) add(id, name string) {
	if _, err := table.ParseID(id); err == nil {
		n.byID[strings.ToLower(id)] = name
	}
}

// value prints plain data.
func (n names) value(v any) string {
	switch v := v.(type) {
	case nil:
		return "(none)"
	case string:
		if name, ok := n.byID[strings.ToLower(v)]; ok {
			return name
		}
		return fmt.Sprintf("%q", v)
	case schema.Ref:
		return v.Addr.String() + " (its id is known once it exists)"
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = n.element(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		parts := make([]string, len(keys))
		for i, k := range keys {
			parts[i] = k + " = " + n.value(v[k])
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	case json.RawMessage:
		var plain any
		if json.Unmarshal(v, &plain) == nil {
			if f, ok := plain.(float64); ok && f == float64(int64(f)) {
				plain = int64(f)
			}
			return n.value(plain)
		}
		return string(v)
	}
	return fmt.Sprint(v)
}

func (n names) element(e any) string {
	switch e := e.(type) {
	case schema.Ref:
		return e.Addr.String()
	case string:
		if name, ok := n.byID[strings.ToLower(e)]; ok {
			return name
		}
	}
	return n.value(e)
}
