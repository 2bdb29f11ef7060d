package teams_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/internal/teamsadmin"
	"pgregory.net/rapid"
)

func only(apps ...any) map[string]any { return map[string]any{"allow_only": append([]any{}, apps...)} }

func but(apps ...any) map[string]any {
	return map[string]any{"allow_all_but": append([]any{}, apps...)}
}

func TestWithholdFromPermissionPolicies(t *testing.T) {
	k := teams.Kinds().Kind(teams.PermissionPolicy)
	late := schema.Ref{Addr: addr.New("app", "new"), Attr: schema.CatalogID}
	for _, tc := range []struct {
		name         string
		before, want any
		apps         []any
	}{
		{"taken out", only("a", "b"), only("b"), []any{"A"}},
		{"not in it", only("b"), only("b"), []any{"a"}},
		{"the last one", only("a"), only(), []any{"a"}},
		{"added", but("b"), but("a", "b"), []any{"a"}},
		{"refused already", but("a"), but("a"), []any{"A"}},
		{"two", but(), but("a", "b"), []any{"b", "a"}},
		{"one that is still to be made", only("a", late), only("a"), []any{late}},
		{"one that is still to be made, refused", but("a"), but("a", late), []any{late}},
	} {
		attrs := schema.Attrs{"custom_apps": tc.before, "store_apps": only("a"), "name": "x"}
		got, changed := k.Withhold("x", attrs, schema.Held{Apps: tc.apps})
		if d := cmp.Diff(tc.want, got["custom_apps"]); d != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, d)
		}
		if (len(changed) > 0) != !cmp.Equal(tc.before, tc.want) {
			t.Errorf("%s: changed %v", tc.name, changed)
		}
		if !cmp.Equal(got["store_apps"], only("a")) {
			t.Errorf("%s: it touched the apps of the store", tc.name)
		}
	}
	if got, changed := k.Withhold("x", schema.Attrs{"name": "x"}, schema.Held{Apps: []any{"a"}}); len(changed) > 0 || len(got) != 1 {
		t.Errorf("an attribute that is not mentioned: %v, %v", got, changed)
	}
	attrs := schema.Attrs{"custom_apps": but()}
	if _, changed := k.Withhold("x", attrs, schema.Held{}); changed != nil {
		t.Errorf("nothing is held: %v", changed)
	}
}

func TestWithholdTheSwitch(t *testing.T) {
	k := teams.Kinds().Kind(teams.OrgSettings)
	for _, tc := range []struct {
		attrs schema.Attrs
		held  schema.Held
		want  []string
	}{
		{schema.Attrs{"custom_app_interaction": true}, schema.Held{All: true}, []string{"custom_app_interaction"}},
		{schema.Attrs{"custom_app_interaction": false}, schema.Held{All: true}, nil},
		{schema.Attrs{"custom_app_interaction": true}, schema.Held{Apps: []any{"a"}}, nil},
		{schema.Attrs{}, schema.Held{All: true}, nil},
	} {
		if _, changed := k.Withhold("", tc.attrs, tc.held); !cmp.Equal(tc.want, changed) {
			t.Errorf("%v, %+v: changed %v, want %v", tc.attrs, tc.held, changed, tc.want)
		}
	}
}

func TestWithholdTheAppItself(t *testing.T) {
	k := teams.Kinds().Kind(teams.App)
	held := schema.Held{Model: "app_centric", Apps: []any{"c-1"}}
	for _, tc := range []struct {
		id    string
		attrs schema.Attrs
		held  schema.Held
		want  any
	}{
		{"C-1", schema.Attrs{}, held, true},
		{"c-1", schema.Attrs{"blocked": false}, held, true},
		{"c-2", schema.Attrs{"blocked": false}, held, false},
		{"", schema.Attrs{}, held, nil},
		{"c-1", schema.Attrs{}, schema.Held{Model: "policies", Apps: []any{"c-1"}}, nil},
	} {
		got, _ := k.Withhold(tc.id, tc.attrs, tc.held)
		if got["blocked"] != tc.want {
			t.Errorf("%s, %v: blocked is %v, want %v", tc.id, tc.attrs, got["blocked"], tc.want)
		}
	}
	if !k.KeptAway(schema.Attrs{"blocked": true}) || k.KeptAway(schema.Attrs{"blocked": false}) || k.KeptAway(schema.Attrs{}) {
		t.Error("KeptAway is wrong")
	}
}

func TestGiveBack(t *testing.T) {
	giveBack := teams.Kinds().Kind(teams.PermissionPolicy).Attr("custom_apps").GiveBack
	for _, tc := range []struct {
		name                     string
		before, after, now, want any
	}{
		{"untouched", only("a", "b"), only("b"), only("b"), only("a", "b")},
		{"untouched, refused", but(), but("a"), but("a"), but()},
		{"one was added", only("a", "b"), only("b"), only("b", "c"), only("a", "b", "c")},
		{"one was removed", only("a", "b"), only("b"), only(), only("a")},
		{"it is back already", only("a"), only(), only("a"), only("a")},
		{"another is refused now", but(), but("a"), but("a", "b"), but("b")},
		{"it is allowed already", but(), but("a"), but("b"), but("b")},
		{"turned round", but(), but("a"), only("b"), only("b")},
		{"turned round", only("a"), only(), but("c"), but("c")},
	} {
		if d := cmp.Diff(tc.want, giveBack(tc.before, tc.after, tc.now)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, d)
		}
	}
}

// Whatever a list is: withheld, it lets nothing held through, withholding again
// changes nothing, and giving back restores it.
func TestWithholdAndGiveBack(t *testing.T) {
	k := teams.Kinds().Kind(teams.PermissionPolicy)
	attr := k.Attr("custom_apps")
	app := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
	rapid.Check(t, func(t *rapid.T) {
		choice := func(label string) map[string]any {
			list := []any{}
			for _, id := range rapid.SliceOfNDistinct(app, 0, 5, rapid.ID[string]).Draw(t, label) {
				list = append(list, id)
			}
			schema.SortElements(list)
			if rapid.Bool().Draw(t, label+" allows") {
				return map[string]any{"allow_only": list}
			}
			return map[string]any{"allow_all_but": list}
		}
		before := choice("before")
		held := schema.Held{}
		for _, id := range rapid.SliceOfNDistinct(app, 1, 3, rapid.ID[string]).Draw(t, "held") {
			held.Apps = append(held.Apps, id)
		}
		after := attr.Withhold("", before, held)
		for _, id := range held.Apps {
			if allows(after.(map[string]any), id) {
				t.Fatalf("%v lets %v through", after, id)
			}
		}
		for _, id := range []any{"a", "b", "c", "d", "e"} {
			if !contains(held.Apps, id) && allows(before, id) != allows(after.(map[string]any), id) {
				t.Fatalf("%v -> %v changes %v", before, after, id)
			}
		}
		if again := attr.Withhold("", after, held); !attr.Type.Equal(after, again) {
			t.Fatalf("%v -> %v -> %v", before, after, again)
		}
		if back := attr.GiveBack(before, after, after); !attr.Type.Equal(before, back) {
			t.Fatalf("%v -> %v -> %v", before, after, back)
		}
		// What others did meanwhile to other apps stays.
		now := choice("now")
		back := attr.GiveBack(before, after, now).(map[string]any)
		for _, id := range []any{"a", "b", "c", "d", "e"} {
			if !contains(held.Apps, id) && allows(now, id) != allows(back, id) {
				t.Fatalf("%v, %v, now %v: giving back changes %v for %v", before, after, now, back, id)
			}
		}
	})
}

func allows(choice map[string]any, id any) bool {
	if list, ok := choice["allow_only"].([]any); ok {
		return contains(list, id)
	}
	return !contains(choice["allow_all_but"].([]any), id)
}

func contains(list []any, id any) bool {
	for _, e := range list {
		if e == id {
			return true
		}
	}
	return false
}

func TestCommands(t *testing.T) {
	const app = "(New-Object -TypeName Microsoft.Teams.Policy.Administration.Cmdlets.Core.PrivateCatalogApp -Property @{Id='a'})"
	for _, tc := range []struct {
		kind, key, id, attr string
		value               any
		want                string
	}{
		{teams.OrgSettings, "", "", "custom_app_interaction", false, "Set-CsTeamsSettingsCustomApp -isSideloadedAppsInteractionEnabled $false"},
		{teams.App, "m-1", "c-1", "blocked", true, "Update-M365TeamsApp -Id c-1 -IsBlocked $true"},
		{
			teams.PermissionPolicy, "Ana's", "Ana's", "custom_apps", but("a"),
			"Set-CsTeamsAppPermissionPolicy -Identity 'Ana''s' -PrivateCatalogAppsType BlockedAppList -PrivateCatalogApps @(" + app + ")",
		},
		{
			teams.PermissionPolicy, "Global", "Global", "custom_apps", only("a", "a"),
			"Set-CsTeamsAppPermissionPolicy -Identity 'Global' -PrivateCatalogAppsType AllowedAppList -PrivateCatalogApps @(" + app + ", " + app + ")",
		},
		{teams.SetupPolicy, "x", "x", "pinned_apps", []any{}, ""},
	} {
		if got := teams.Command(tc.kind, tc.key, tc.id, tc.attr, tc.value); got != tc.want {
			t.Errorf("%s %s:\n%s\nwant\n%s", tc.kind, tc.key, got, tc.want)
		}
	}
}

func TestForbidden(t *testing.T) {
	for status, want := range map[int]bool{401: true, 403: true, 404: false, 500: false} {
		if got := teams.IsForbidden(&teamsadmin.Error{Status: status}); got != want {
			t.Errorf("%d: %v", status, got)
		}
	}
	if teams.IsForbidden(errors.New(strings.Repeat("x", 3))) {
		t.Error("any error is forbidden")
	}
}
