package apppackage_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/apppackage"
)

func TestOverview(t *testing.T) {
	text := `{
		"bots": [{"scopes": ["personal", "team", "groupChat", "copilot"], "isNotificationOnly": true, "supportsFiles": true, "supportsCalling": true, "supportsVideo": true}],
		"staticTabs": [{"entityId": "about", "scopes": ["personal"]}, {"entityId": "x", "name": "News"}],
		"configurableTabs": [{"scopes": ["team"]}],
		"composeExtensions": [{"commands": [{}, {}]}, {"composeExtensionType": "apiBased"}],
		"connectors": [{"scopes": ["team"]}],
		"copilotAgents": {"declarativeAgents": [{"id": "a"}], "customEngineAgents": [{"id": "b"}]},
		"extensions": [{"x": 1}], "dashboardCards": [{}], "activities": {"activityTypes": []}, "meetingExtensionDefinition": {}, "agentSkills": [{}],
		"authorization": {"permissions": {"resourceSpecific": [{"name": "B.Chat", "type": "Delegated"}, {"name": "A.Group", "type": "Application"}]}},
		"permissions": ["identity"], "devicePermissions": ["media"], "webApplicationInfo": {"id": "e"},
		"validDomains": ["a.example", 7],
		"localizationInfo": {"defaultLanguageTag": "en", "additionalLanguages": [{"languageTag": "fr"}, {"languageTag": "de"}]}
	}`
	p, _ := apppackage.ParseManifest([]byte(text), apppackage.Options{})
	want := apppackage.Overview{
		Capabilities: []string{
			"bot for people, teams, group chats, Copilot; notifications only; files; calls; video", `tab "about" for people`, `tab "News"`, "tab that is set up where it is added for teams",
			"message extension of a bot, 2 commands", "message extension of an API, 0 commands", "connector for teams", `declarative agent "a"`, "custom engine agent",
			"Office add-in", "dashboard cards", "agent skills", "activity feed notifications",
		},
		Permissions: []string{"A.Group (the app's own)", "B.Chat (on behalf of people)", "identity (of the deprecated list)", "device: media", "signs in as the Entra application e"},
		Domains:     []string{"a.example"},
		Languages:   []string{"en", "de", "fr"},
	}
	if diff := cmp.Diff(want, p.Overview()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(apppackage.Overview{}, (&apppackage.Package{}).Overview()); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeIcon(t *testing.T) {
	m, err := apppackage.DecodeIcon([]byte(picture(3, 2, brown)))
	if err != nil || m.Bounds().Dx() != 3 || m.Bounds().Dy() != 2 {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", "GIF89a", vast(picture(32, 32, brown)), picture(32, 32, brown)[:60]} {
		if _, err := apppackage.DecodeIcon([]byte(bad)); err == nil {
			t.Errorf("%.20q passes", bad)
		}
	}
}

func TestRuleOf(t *testing.T) {
	ids := apppackage.RuleIDs()
	for _, id := range ids {
		if r := apppackage.RuleOf(id); r.ID != id || r.Summary == "" || r.Layer == "" || r.Severity == "" {
			t.Errorf("%s: %+v", id, r)
		}
	}
	for _, r := range apppackage.ReaderRules() {
		if apppackage.KnownRule(r.ID) || apppackage.RuleOf(r.ID) != r || !strings.Contains(apppackage.NoSuchRule(r.ID), "cannot be silenced") {
			t.Errorf("%s can be silenced, or is not told", r.ID)
		}
	}
	if apppackage.NoSuchRule(ids[0]) != "" || !strings.Contains(apppackage.NoSuchRule("Nonsense"), "no rule") {
		t.Error("NoSuchRule is wrong")
	}
	if r := apppackage.RuleOf("Nonsense"); r.Severity != apppackage.SeverityError {
		t.Errorf("%+v", r)
	}
}
