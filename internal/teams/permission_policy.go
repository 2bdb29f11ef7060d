package teams

import (
	"encoding/json"
	"strings"

	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams/internal/delay"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// PermissionPolicy is the kind of app permission policies.
const PermissionPolicy = "permission_policy"

func permissionPolicyKind() *schema.Kind {
	choice := schema.AppChoice{Known: WellKnownApps()}
	class := func(name, label, doc string) *schema.Attr {
		return &schema.Attr{
			Name: name, Label: label, Type: choice, Unset: schema.LetGo, AffectsAccess: true, Narrow: narrowChoice,
			Doc: doc + " { allow_all_but = [] } allows all, { allow_only = [] } none. Removing the attribute leaves the value as it is.",
		}
	}
	return &schema.Kind{
		Name: PermissionPolicy, Version: 1, Title: "permission policy", Plural: "permission policies", Rank: schema.RankPermissionPolicy,
		Doc:     "A policy of Teams apps > Permission policies, on tenants without app-centric management: which apps its holders may use. It can be assigned to people, never to groups.",
		KeyAttr: "name", LabelIsKey: true, HasHolders: true, Reserved: isGlobal, Models: []string{modelPolicies},
		Delay: delay.Policy("on a tenant that manages access app by app, writes of permission policies are accepted and change nothing"),
		Attrs: append(policyAttrs(),
			withheld(class("custom_apps", "Custom apps", "Which apps of the organisation's own catalog may be used.")),
			class("microsoft_apps", "Microsoft apps", "Which of Microsoft's apps may be used."),
			class("store_apps", "Third-party apps", "Which apps of the public store may be used."),
		),
	}
}

// withheld has apps that are held taken out of a choice.
func withheld(a *schema.Attr) *schema.Attr {
	a.Withhold, a.GiveBack = withholdChoice, giveBackChoice
	return a
}

// withholdChoice takes held apps out of what is allowed.
func withholdChoice(_ string, value any, h schema.Held) any {
	choice, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	if only, ok := choice[schema.AllowOnly].([]any); ok {
		return map[string]any{schema.AllowOnly: keepElements(only, h.Apps, false)}
	}
	but, _ := choice[schema.AllowAllBut].([]any)
	list := append(keepElements(but, nil, false), keepElements(h.Apps, but, false)...)
	schema.SortElements(list)
	return map[string]any{schema.AllowAllBut: list}
}

// giveBackChoice puts back what was taken out of a list of allowed apps, and
// takes out again what was put into a list of refused ones. Where somebody has
// turned one sort of list into the other since, it says nothing.
func giveBackChoice(before, after, now any) any {
	for _, name := range []string{schema.AllowOnly, schema.AllowAllBut} {
		was, okB := list(before, name)
		cut, okA := list(after, name)
		is, okN := list(now, name)
		if !okB || !okA || !okN {
			continue
		}
		if len(keepElements(is, cut, false))+len(keepElements(cut, is, false)) == 0 {
			return before
		}
		lost, added := keepElements(was, cut, false), keepElements(cut, was, false)
		out := append(keepElements(is, added, false), keepElements(lost, is, false)...)
		schema.SortElements(out)
		return map[string]any{name: out}
	}
	return now
}

func list(choice any, name string) ([]any, bool) {
	m, _ := choice.(map[string]any)
	l, ok := m[name].([]any)
	return l, ok
}

// narrowChoice returns the choice that allows what both before and after allow.
func narrowChoice(before, after any) any {
	b, okB := before.(map[string]any)
	a, okA := after.(map[string]any)
	if !okB || !okA {
		return after
	}
	onlyB, isOnlyB := b[schema.AllowOnly].([]any)
	butB, _ := b[schema.AllowAllBut].([]any)
	onlyA, isOnlyA := a[schema.AllowOnly].([]any)
	butA, _ := a[schema.AllowAllBut].([]any)
	var list []any
	switch {
	case isOnlyB && isOnlyA:
		list = keepElements(onlyB, onlyA, true)
	case isOnlyB:
		list = keepElements(onlyB, butA, false)
	case isOnlyA:
		list = keepElements(onlyA, butB, false)
	default:
		list = append(keepElements(butB, butA, false), butA...)
		schema.SortElements(list)
		return map[string]any{schema.AllowAllBut: list}
	}
	schema.SortElements(list)
	return map[string]any{schema.AllowOnly: list}
}

// keepElements returns the elements of list that are in other, or are not.
func keepElements(list, other []any, in bool) []any {
	has := map[any]bool{}
	for _, e := range other {
		has[foldElement(e)] = true
	}
	out := []any{}
	for _, e := range list {
		if has[foldElement(e)] == in {
			out = append(out, e)
		}
	}
	return out
}

func foldElement(e any) any {
	if s, ok := e.(string); ok {
		return strings.ToLower(s)
	}
	return e
}

// permissionCodec maps permission policies (policy-plane facts 1.2, 6.2).
type permissionCodec struct{}

var _ policyCodec = permissionCodec{}

func (permissionCodec) Type() teamsadmin.PolicyType { return teamsadmin.PermissionPolicy }

func (permissionCodec) classes() map[string]string {
	return map[string]string{"custom_apps": "PrivateCatalogApps", "microsoft_apps": "DefaultCatalogApps", "store_apps": "GlobalCatalogApps"}
}

func (c permissionCodec) Decode(p teamsadmin.Policy) schema.Attrs {
	attrs := schema.Attrs{}
	for name, property := range c.classes() {
		kind, known := p.Text(property + "Type")
		apps, listed := p.Apps(property)
		if !known || !listed {
			continue
		}
		choice := schema.AllowAllBut
		if strings.EqualFold(kind, "AllowedAppList") {
			choice = schema.AllowOnly
		}
		ids := appIDs(apps)
		schema.SortElements(ids)
		attrs[name] = map[string]any{choice: ids}
	}
	return attrs
}

func (c permissionCodec) Encode(attrs schema.Attrs) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, property := range c.classes() {
		choice, ok := attrs[name].(map[string]any)
		if !ok {
			continue
		}
		kind, key := "BlockedAppList", schema.AllowAllBut
		if _, only := choice[schema.AllowOnly]; only {
			kind, key = "AllowedAppList", schema.AllowOnly
		}
		list, _ := choice[key].([]any)
		out[property+"Type"] = teamsadmin.TextValue(kind)
		out[property] = teamsadmin.AppsValue(texts(list), false)
	}
	return out
}
