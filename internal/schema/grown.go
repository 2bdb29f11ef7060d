package schema

import (
	"fmt"
	"slices"
	"strings"
)

// Grown finds lists that only get shorter on an access model and would get new
// elements.
func (k *Kind) Grown(model string, wanted, actual Attrs) []Problem {
	var out []Problem
	for _, a := range k.Attrs {
		list, _ := wanted[a.Name].([]any)
		if len(list) == 0 || !slices.Contains(a.Shrinks, model) {
			continue
		}
		have, _ := actual[a.Name].([]any)
		for _, e := range list {
			id, known := e.(string)
			if known && slices.ContainsFunc(have, func(h any) bool { old, ok := h.(string); return ok && strings.EqualFold(old, id) }) {
				continue
			}
			out = append(out, Problem{Attr: a.Name, Summary: "List takes no new apps", Detail: fmt.Sprintf(
				"%s has apps that the %s does not have yet. On a tenant with app-centric management a setup policy installs no new apps: what is listed can only be removed. "+
					"Install the app with installed_for of its app_availability instead; pins stay in setup policies.", a.Name, k.Title)})
			break
		}
	}
	return out
}
