package apppackage_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/apppackage"
)

// What the schema layer says and advises, for each keyword.
func TestSchemaMessages(t *testing.T) {
	type m = map[string]any
	type l = []any
	office := func(key string, value any) edit { return edit{"/extensions", l{m{key: value}}} }
	to := func(version string) edit { return edit{"/manifestVersion", version} }
	tests := []struct {
		edits []edit
		want  string // keyword path: message; remedy
	}{
		{[]edit{{"/bots/0/botId", nil}}, `required /bots/0: bots[0] lacks "botId"; add "botId"`},
		{[]edit{{"/accentColor", nil}}, `required : the file lacks "accentColor"; add "accentColor"`},
		{[]edit{{"/nonsense", 1}}, `additionalProperties : the file has "nonsense", which version 1.25 does not know; take it out, or correct its spelling`},
		{[]edit{{"/agentSkills", l{}}}, `additionalProperties : the file has "agentSkills", which version 1.25 does not know; take it out, or raise manifestVersion to 1.28`},
		{[]edit{{"/packageName", "x"}}, `additionalProperties : the file has "packageName", which version 1.25 does not know; take it out; the last version to know it is 1.16`},
		{[]edit{{"/scopeConstraints", m{}}}, `additionalProperties : the file has "scopeConstraints", which version 1.25 does not know; take it out; only devPreview knows it`},
		{[]edit{{"/composeExtensions/0/commands/0/triggers", l{}}}, `additionalProperties /composeExtensions/0/commands/0: composeExtensions[0].commands[0] has "triggers", which version 1.25 does not know; take it out, or raise manifestVersion to 1.29`},
		{[]edit{{"/name", "x"}}, `type /name: name is of type string; make it object`},
		{[]edit{{"/composeExtensions/0/canUpdateConfiguration", "x"}}, `type /composeExtensions/0/canUpdateConfiguration: composeExtensions[0].canUpdateConfiguration is of type string; make it boolean or null`},
		{[]edit{{"/bots/0/scopes/0", "private"}, {"/bots/0/commandLists", nil}}, `enum /bots/0/scopes/0: bots[0].scopes[0] is "private"; allowed: "team", "personal", "groupChat", "copilot"`},
		{[]edit{{"/defaultInstallScope", l{}}}, `enum /defaultInstallScope: defaultInstallScope is of type array`},
		{[]edit{{"/defaultInstallScope", true}}, `enum /defaultInstallScope: defaultInstallScope is true`},
		{[]edit{to("1.18"), {"/$schema", "https://developer.microsoft.com/json-schemas/teams/v1.25/MicrosoftTeams.schema.json"}}, `const /manifestVersion: manifestVersion is "1.18"; allowed: "1.25"`},
		{[]edit{{"/name/full", strings.Repeat("é", 101)}}, `maxLength /name/full: name.full has 101 characters, allowed are 100; shorten it`},
		{[]edit{{"/localizationInfo/defaultLanguageTag", strings.Repeat("é", 61)}}, `pattern /localizationInfo/defaultLanguageTag: localizationInfo.defaultLanguageTag is "` + strings.Repeat("é", 60) + `"...; write text that matches ^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8}){0,2}$`},
		{[]edit{{"/bots/0/botId", "x"}}, `pattern /bots/0/botId: bots[0].botId is "x"; write a GUID: eight-four-four-four-twelve hexadecimal digits`},
		{[]edit{{"/accentColor", "red"}}, `pattern /accentColor: accentColor is "red"; write a color such as #1F6F78`},
		{[]edit{{"/developer/privacyUrl", "x"}}, `pattern /developer/privacyUrl: developer.privacyUrl is "x"; write a URL that begins with https://`},
		{[]edit{{"/$schema", "x"}}, `format /$schema: $schema is "x"; write an absolute URL`},
		{[]edit{{"/permissions", l{"identity", "identity", "identity"}}}, `maxItems /permissions: permissions has 3 elements, allowed are 2; take some out`},
		{[]edit{{"/composeExtensions/0/commands/0/parameters", l{}}}, `minItems /composeExtensions/0/commands/0/parameters: composeExtensions[0].commands[0].parameters has 0 elements, needed are 1; add some, or leave it out`},
		{[]edit{{"/extensions", l{m{}}}}, `minProperties /extensions/0: extensions[0] has 0 elements, needed are 1; add some, or leave it out`},
		{[]edit{{"/staticTabs/-", m{"entityId": "about", "scopes": l{"personal"}}}}, `uniqueItems /staticTabs: staticTabs has the same element at 1 and 2; take one of them out`},
		{[]edit{{"/copilotAgents", m{}}}, `oneOf /copilotAgents: copilotAgents fits none of the forms that it may have; satisfy exactly one of them; what each lacks is listed beside`},
		{[]edit{{"/elementRelationshipSet", m{}}}, `anyOf /elementRelationshipSet: elementRelationshipSet fits none of the forms that it may have; satisfy one of them; what each lacks is listed beside`},
		{[]edit{{"/copilotAgents", m{"declarativeAgents": l{m{"id": "a", "file": "f"}}, "customEngineAgents": l{m{"id": guid, "type": "bot"}}}}}, `oneOf /copilotAgents: copilotAgents fits 2 forms at once; keep to one of the alternatives`},
		{
			[]edit{to("1.27"), {"/agentConnectors", l{m{"id": "a", "displayName": "b", "description": "c", "toolSource": m{"remoteMcpServer": m{"mcpServerUrl": "https://x", "authorization": m{"type": "OAuthPluginVault"}}}}}}},
			`if /agentConnectors/0/toolSource/remoteMcpServer/authorization: agentConnectors[0].toolSource.remoteMcpServer.authorization lacks what another of its members calls for; see the finding beside`,
		},
		{
			[]edit{{"/meetingExtensionDefinition", m{"scenes": l{m{"id": guid, "name": "n", "file": "f", "preview": "p", "maxAudience": 51, "seatsReservedForOrganizersOrPresenters": 1}}}}},
			`maximum /meetingExtensionDefinition/scenes/0/maxAudience: meetingExtensionDefinition.scenes[0].maxAudience is 51; make it at most 50`,
		},
		{
			[]edit{{"/webApplicationInfo/nestedAppAuthInfo", l{m{"redirectUri": "u", "scopes": l{"s"}, "claims": ""}}}},
			`minLength /webApplicationInfo/nestedAppAuthInfo/0/claims: webApplicationInfo.nestedAppAuthInfo[0].claims has 0 characters, needed are 1; fill it in`,
		},
		{[]edit{office("runtimes", l{m{"id": "r", "code": m{"page": "https://x"}, "lifetime": "never"}})}, `enum /extensions/0/runtimes/0/lifetime: extensions[0].runtimes[0].lifetime is "never"`},
	}
	for _, tt := range tests {
		fsys := fstest.MapFS{"manifest.json": fixture(t, "bot")["manifest.json"]}
		change(t, fsys, "manifest.json", tt.edits...)
		var got []string
		for _, f := range apppackage.ValidateManifest(fsys["manifest.json"].Data, apppackage.ValidateOptions{}) {
			if f.Layer == apppackage.LayerSchema {
				got = append(got, f.Keyword+" "+f.Path+": "+f.Message+"; "+f.Remedy)
			}
		}
		found := false
		for _, line := range got {
			found = found || strings.HasPrefix(line, tt.want)
		}
		if !found {
			t.Errorf("%v\nwant %s\nhave %s", tt.edits, tt.want, strings.Join(got, "\n     "))
		}
	}
}

func TestFindingText(t *testing.T) {
	f := apppackage.Finding{Rule: "R", Severity: "error", File: "a.json", Line: 3, Column: 4, Message: "m"}
	if diff := cmp.Diff("a.json:3:4: error: m (R)", f.String()); diff != "" {
		t.Error(diff)
	}
	f.Line = 0
	if diff := cmp.Diff("a.json: error: m (R)", f.String()); diff != "" {
		t.Error(diff)
	}
	e := apppackage.Problems{{File: "a.json", Line: 3, Column: 4, Message: "m", Remedy: "r"}, {Message: "n"}}
	if diff := cmp.Diff("a.json:3:4: m; r\nn", e.Error()); diff != "" {
		t.Error(diff)
	}
	if apppackage.ProblemsOf(e[0])[0] != e[0] || apppackage.ProblemsOf(nil) != nil {
		t.Error("ProblemsOf is wrong")
	}
}
