package rules_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// mutator breaks documents in ways that the rules can notice.
type mutator struct {
	rand  *rand.Rand
	words []string
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// mutate changes one member or element somewhere below v.
func (m *mutator) mutate(v map[string]any) {
	var objects []map[string]any
	var lists []map[string]any // objects that hold a list
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			objects = append(objects, v)
			for _, k := range slices.Sorted(maps.Keys(v)) {
				if _, ok := v[k].([]any); ok {
					lists = append(lists, v)
				}
				walk(v[k])
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(v)
	if len(lists) > 0 && m.rand.IntN(4) == 0 {
		m.mutateList(pick(m.rand, lists))
		return
	}
	m.mutateObject(pick(m.rand, objects))
}

func (m *mutator) mutateObject(o map[string]any) {
	keys := slices.Sorted(maps.Keys(o))
	if len(keys) == 0 || m.rand.IntN(3) == 0 {
		o[pick(m.rand, m.words)] = m.value(2)
		return
	}
	key := pick(m.rand, keys)
	switch m.rand.IntN(4) {
	case 0:
		delete(o, key)
	case 1:
		o[key] = m.value(2)
	case 2:
		if s, ok := o[key].(string); ok {
			o[key] = m.text(s)
		}
	default:
		o[key+"x"] = o[key]
	}
}

func (m *mutator) mutateList(o map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(o)) {
		list, ok := o[key].([]any)
		if !ok {
			continue
		}
		switch n := len(list); {
		case n == 0:
			list = []any{m.value(2)}
		case m.rand.IntN(3) == 0:
			list = list[:m.rand.IntN(n)]
		case m.rand.IntN(2) == 0:
			for range m.rand.IntN(20) {
				list = append(list, list[m.rand.IntN(n)])
			}
		default:
			list[m.rand.IntN(n)] = m.value(2)
		}
		o[key] = list
	}
}

func (m *mutator) text(s string) string {
	return pick(m.rand, []string{
		"", s + s, strings.Repeat("é", 31), strings.Repeat("\U0001F600", 64), strings.ToUpper(s), " " + s, "https://" + s,
		"null", "NULL", "\u00a0", "https://x.example/a b", "mailto:a@b", "a.xll", "a b.xll", "\u0007.xll", "1.2.3", "[[x]]", pick(m.rand, m.words),
	})
}

func (m *mutator) value(depth int) any {
	switch n := m.rand.IntN(9); {
	case n == 0:
		return nil
	case n == 1:
		return m.rand.IntN(2) == 0
	case n == 2:
		return json.Number(pick(m.rand, []string{"0", "1", "-1", "1.5", "3.0", "1e2", "100000"}))
	case n <= 5 || depth == 0:
		return m.text(pick(m.rand, m.words))
	case n <= 7:
		o := map[string]any{}
		for range m.rand.IntN(4) {
			o[pick(m.rand, m.words)] = m.value(depth - 1)
		}
		return o
	default:
		list := []any{}
		for range m.rand.IntN(4) {
			list = append(list, m.value(depth-1))
		}
		return list
	}
}

// localization returns a language file that every version takes, with some
// keys that only some take.
func (m *mutator) localization() map[string]any {
	o := map[string]any{"name.short": "a", "name.full": "b", "description.short": "c", "description.full": "d"}
	for range m.rand.IntN(3) {
		key := pick(m.rand, []string{
			"staticTabs[%d].name", "bots[0].commandLists[%d].commands[1].title", "composeExtensions[0].commands[%d].title",
			"activities.activityTypes[%d].description", "extensions[0].ribbons[%d].tabs[1].label", "agentConnectors[%d].displayName", "name.short%d",
			"description.features[%d].title", "copilotAgents.customEngineAgents[%d].disclaimer.text",
		})
		o[fmt.Sprintf(key, m.rand.IntN(17))] = m.text("x")
	}
	return o
}
