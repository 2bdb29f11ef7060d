package apppackage_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/teamsform/teamsform/internal/apppackage"
)

// pair returns the clean fixture and a changed copy of higher version.
func pair(t testing.TB, edits ...edit) (old, new *apppackage.Package) {
	t.Helper()
	read := func(edits ...edit) *apppackage.Package {
		fsys := fixture(t, "bot")
		change(t, fsys, "manifest.json", edits...)
		p, err := apppackage.ReadFS(fsys, apppackage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	return read(), read(append([]edit{{"/version", "2.2.0"}}, edits...)...)
}

// said returns "consent rule path" of each change with a rule.
func said(changes []apppackage.Change) []string {
	var out []string
	for _, c := range changes {
		if c.Rule != "" {
			out = append(out, fmt.Sprintf("%s %s %s", c.Consent, c.Rule, c.Path))
		}
	}
	return out
}

func TestConsentRules(t *testing.T) {
	type m = map[string]any
	type l = []any
	const rsc = "/authorization/permissions/resourceSpecific"
	reverse := true
	tests := []struct {
		edits   []edit
		reverse bool // from the changed copy back to the fixture
		want    []string
	}{
		{[]edit{{"/bots", nil}}, reverse, []string{"required bot-added /bots"}},
		{[]edit{{"/bots", l{}}}, false, []string{"possible bot-removed /bots"}},
		{[]edit{{"/bots/0/botId", guid}}, false, []string{"required bot-id-changed /bots/0/botId"}},
		{[]edit{{"/bots/0/botId", "B51C09AA-4F1E-4A5C-9A39-0DE4B7F6C211"}}, false, nil},
		{[]edit{{"/bots/0/isNotificationOnly", true}}, false, []string{"required bot-notification-only-changed /bots/0/isNotificationOnly"}},
		{[]edit{{"/bots/0/isNotificationOnly", true}}, reverse, []string{"required bot-notification-only-changed /bots/0/isNotificationOnly"}},
		{[]edit{{"/bots/0/isNotificationOnly", false}}, false, nil},
		{[]edit{{"/bots/0/supportsFiles", true}}, false, []string{"required bot-files-changed /bots/0/supportsFiles"}},
		{[]edit{{"/bots/0/supportsFiles", true}}, reverse, []string{"possible bot-files-changed /bots/0/supportsFiles"}},
		{[]edit{{"/bots/0/supportsCalling", true}}, false, []string{"required bot-calling-changed /bots/0/supportsCalling"}},
		{[]edit{{"/bots/0/supportsCalling", true}}, reverse, []string{"possible bot-calling-changed /bots/0/supportsCalling"}},
		{[]edit{{"/bots/0/supportsVideo", true}}, false, []string{"required bot-video-changed /bots/0/supportsVideo"}},
		{[]edit{{"/bots/0/supportsVideo", true}}, reverse, []string{"possible bot-video-changed /bots/0/supportsVideo"}},
		{[]edit{{"/composeExtensions", nil}}, reverse, []string{"required compose-extension-added /composeExtensions"}},
		{[]edit{{"/composeExtensions", nil}}, false, []string{"possible compose-extension-removed /composeExtensions"}},
		{[]edit{{"/connectors", l{m{"connectorId": "c", "scopes": l{"team"}}}}}, false, []string{"possible connector-added /connectors"}},
		{[]edit{{"/connectors", l{m{"connectorId": "c", "scopes": l{"team"}}}}}, reverse, []string{"possible connector-removed /connectors"}},
		{[]edit{{"/staticTabs/1", nil}}, reverse, []string{"possible static-tab-added /staticTabs"}},
		{[]edit{{"/staticTabs/1", nil}}, false, nil},
		{[]edit{{"/staticTabs/0/entityId", "other"}}, false, []string{"possible static-tab-added /staticTabs"}},
		{[]edit{{"/configurableTabs", nil}}, reverse, []string{"possible configurable-tab-added /configurableTabs"}},
		{[]edit{{"/configurableTabs", nil}}, false, []string{"possible configurable-tab-removed /configurableTabs"}},
		{[]edit{{"/webApplicationInfo", nil}}, false, []string{"required web-application-info-changed /webApplicationInfo"}},
		{[]edit{{"/webApplicationInfo", nil}}, reverse, []string{"required web-application-info-changed /webApplicationInfo"}},
		{[]edit{{"/webApplicationInfo/resource", "x"}}, false, []string{"required web-application-info-changed /webApplicationInfo"}},
		{[]edit{{"/webApplicationInfo/id", "7E0B3A55-1C62-4E86-BB0D-5A97F3C2D108"}}, false, nil},
		{[]edit{{rsc + "/-", m{"name": "Chat.Read.Chat", "type": "Delegated"}}}, false, []string{"required rsc-permission-added " + rsc}},
		{[]edit{{rsc + "/0", nil}}, false, []string{"required rsc-permission-removed " + rsc}},
		{[]edit{{rsc + "/0/type", "Delegated"}}, false, []string{"required rsc-permission-added " + rsc, "required rsc-permission-removed " + rsc}},
		{[]edit{{"/permissions", l{"identity"}}}, false, []string{"possible legacy-permissions-changed /permissions"}},
		// What no list names.
		{[]edit{{"/bots/0/scopes/-", "groupChat"}}, false, nil},
		{[]edit{{"/composeExtensions/0/botId", guid}}, false, nil},
		{[]edit{
			{"/bots/0/commandLists/0/commands/0/title", "x"},
			{"/staticTabs/0/contentUrl", "https://x"},
			{"/staticTabs/0/name", "x"},
			{"/validDomains", nil},
			{"/description/short", "x"},
			{"/activities", nil},
			{"/localizationInfo", nil},
			{"/devicePermissions", l{"media"}},
			{"/defaultInstallScope", "team"},
			{"/manifestVersion", "1.24"},
			{"/composeExtensions/0/commands/0/id", "x"},
		}, false, nil},
		// Several at once; required beats possible.
		{[]edit{{"/staticTabs/-", m{"entityId": "a"}}, {"/staticTabs/-", m{"entityId": "b"}}, {"/bots/0/supportsVideo", true}}, false, []string{
			"required bot-video-changed /bots/0/supportsVideo", "possible static-tab-added /staticTabs", "possible static-tab-added /staticTabs",
		}},
	}
	used := map[string]bool{"agent-kind-changed": true} // TestAgentKind
	for i, tt := range tests {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			old, new := pair(t, tt.edits...)
			if tt.reverse {
				old, new = new, old
			}
			c := apppackage.Compare(old, new, apppackage.CompareOptions{})
			if diff := cmp.Diff(tt.want, said(c.Changes)); diff != "" {
				t.Error(diff)
			}
			want := apppackage.ConsentNone
			for _, line := range tt.want {
				if verdict := apppackage.Consent(strings.Fields(line)[0]); want != apppackage.ConsentRequired {
					want = verdict
				}
			}
			if c.Consent != want {
				t.Errorf("verdict %s, not %s", c.Consent, want)
			}
			for _, change := range c.Changes {
				used[change.Rule] = true
				required := slices.Contains(change.Lists, "A4") || slices.Contains(change.Lists, "K")
				if change.Message == "" || change.Rule != "" && required != (change.Consent == apppackage.ConsentRequired) {
					t.Errorf("%+v", change)
				}
			}
		})
	}
	lists, err := apppackage.ConsentLists()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lists {
		for _, rule := range l.Rules {
			if name, _, _ := strings.Cut(rule, ":"); !used[name] {
				t.Errorf("%s has no test", rule)
			}
		}
	}
}

func TestNotes(t *testing.T) {
	old, new := pair(t, edit{"/bots/0/scopes/-", "groupChat"}, edit{"/composeExtensions/0/botId", guid})
	var got []string
	for _, c := range apppackage.Compare(old, new, apppackage.CompareOptions{}).Changes {
		got = append(got, c.Path+": "+c.Message)
	}
	want := []string{
		"/bots/0/scopes: the bot gains scope groupchat; no list names this",
		"/composeExtensions/0/botId: the message extension belongs to another bot; no list names this",
		"/webApplicationInfo: what the Entra application asks for is not in the package and was not compared",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What a person reads of each kind of change.
func TestChangeMessages(t *testing.T) {
	type m = map[string]any
	type l = []any
	const rsc = "/authorization/permissions/resourceSpecific"
	tests := []struct {
		edits []edit
		want  []string
	}{
		{[]edit{{"/bots/0/isNotificationOnly", true}, {"/bots/0/supportsFiles", true}}, []string{"the bot only notifies from now on (isNotificationOnly)", "the bot gains files (supportsFiles)"}},
		{[]edit{{"/connectors", l{m{"connectorId": "c7"}}}, {"/staticTabs/-", m{"entityId": "news"}}}, []string{"the app gains the connector c7", `the app gains the tab "news"`}},
		{[]edit{{rsc + "/0/name", "Chat.Read.Chat"}}, []string{"the app gains the permission Chat.Read.Chat (application)", "the app loses the permission ChannelMessage.Read.Group (application)"}},
		{[]edit{{"/permissions", l{"messageTeamMembers", "identity", "identity"}}}, []string{"the deprecated list of permissions changes from [] to [identity, messageTeamMembers]"}},
		{[]edit{{"/webApplicationInfo", nil}}, []string{"webApplicationInfo is removed"}},
		{[]edit{{"/webApplicationInfo/resource", "x"}}, []string{"webApplicationInfo changes"}},
	}
	for _, tt := range tests {
		old, new := pair(t, tt.edits...)
		var got []string
		for _, c := range apppackage.Compare(old, new, apppackage.CompareOptions{}).Changes {
			if c.Rule != "" {
				got = append(got, c.Message)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%v\n%s", tt.edits, diff)
		}
	}
}

func TestAgentKind(t *testing.T) {
	manifest := func(copilotAgents, bots string) []byte {
		return fmt.Appendf(nil, `{"copilotAgents":{%s},"bots":[%s]}`, copilotAgents, bots)
	}
	const declarative, custom = `"declarativeAgents":[{"id":"x"}]`, `"customEngineAgents":[{"id":"b"}]`
	compare := func(old, new []byte) []string {
		c, err := apppackage.CompareManifests(old, new, apppackage.CompareOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return said(c.Changes)
	}
	want := []string{"required bot-added /bots", "required agent-kind-changed /copilotAgents"}
	if diff := cmp.Diff(want, compare(manifest(declarative, ""), manifest(custom, `{"botId":"b"}`))); diff != "" {
		t.Error(diff)
	}
	for _, p := range [][2]string{{custom, custom}, {custom, declarative}, {declarative, declarative}, {"", custom}, {custom + "," + declarative, custom}} {
		if got := compare(manifest(p[0], ""), manifest(p[1], "")); got != nil {
			t.Errorf("%s to %s: %v", p[0], p[1], got)
		}
	}
}

// Permissions that move to their new home in 1.12 do not count as added.
func TestMovedPermissions(t *testing.T) {
	old := []byte(`{"webApplicationInfo":{"id":"a","applicationPermissions":["X.Read.Group","Y.Read.Chat"]}}`)
	new := []byte(`{"webApplicationInfo":{"id":"a"},"authorization":{"permissions":{"resourceSpecific":[{"name":"Y.Read.Chat","type":"Application"},{"name":"X.Read.Group","type":"Application"}]}}}`)
	c, err := apppackage.CompareManifests(old, new, apppackage.CompareOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"required web-application-info-changed /webApplicationInfo"}, said(c.Changes)); diff != "" {
		t.Error(diff)
	}
}

func TestUpdateFindings(t *testing.T) {
	tests := []struct {
		edits []edit
		order int
		want  []string
	}{
		{nil, 1, nil},
		{[]edit{{"/version", "2.1.0"}}, 0, nil}, // the same content
		{[]edit{{"/version", "2.1.0"}, {"/name/full", "x"}}, 0, []string{"VersionNotRaised"}},
		{[]edit{{"/version", "02.01.00"}}, 0, []string{"VersionNotRaised"}},
		{[]edit{{"/version", "2.0.9"}}, -1, []string{"VersionLowered"}},
		{[]edit{{"/version", "10.0.0"}}, 1, nil},
		{[]edit{{"/id", guid}}, 1, []string{"ManifestIdChanged"}},
		{[]edit{{"/id", "3F1B9A52-77C4-4D0E-8A15-6C2F90BE41D7"}}, 1, nil},
	}
	for _, tt := range tests {
		old, new := pair(t, tt.edits...)
		c := apppackage.Compare(old, new, apppackage.CompareOptions{})
		var got []string
		for _, f := range c.Findings {
			got = append(got, f.Rule)
			if f.Severity != apppackage.SeverityError || f.Line == 0 || f.Remedy == "" || f.File != "manifest.json" {
				t.Errorf("%+v", f)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || min(1, max(-1, c.Order)) != tt.order {
			t.Errorf("%v: order %d\n%s", tt.edits, c.Order, diff)
		}
		off := map[string]apppackage.Severity{}
		for _, rule := range got {
			off[rule] = apppackage.SeverityOff
		}
		if left := apppackage.Compare(old, new, apppackage.CompareOptions{Severity: off}).Findings; len(left) > 0 {
			t.Errorf("not silenced: %v", left)
		}
	}
	if _, err := apppackage.CompareManifests([]byte("{"), []byte("{}"), apppackage.CompareOptions{}); err == nil || !strings.Contains(err.Error(), "old manifest") {
		t.Errorf("%v", err)
	}
	if _, err := apppackage.CompareManifests([]byte("{}"), []byte("["), apppackage.CompareOptions{}); err == nil || !strings.Contains(err.Error(), "new manifest") {
		t.Errorf("%v", err)
	}
}

func TestCompareVersions(t *testing.T) {
	ascending := []string{"", "0.0.1", "0.9", "1", "1.0.1", "1.2", "1.10.0", "1.10.0.1", "2.0.0", "10.0.0", "99999999999999999999.0.0", "a.0.0", "b"}
	for i, a := range ascending {
		for j, b := range ascending {
			if got := min(1, max(-1, apppackage.CompareVersions(a, b))); got != min(1, max(-1, i-j)) {
				t.Errorf("%q to %q: %d", a, b, got)
			}
		}
	}
	for _, same := range [][2]string{{"1", "1.0.0"}, {"01.2", "1.02.0"}, {"0", ""}} {
		if apppackage.CompareVersions(same[0], same[1]) != 0 {
			t.Errorf("%q and %q differ", same[0], same[1])
		}
	}
}

// A surface that was written and read again compares as before.
func TestSurfaceSurvivesStorage(t *testing.T) {
	old, new := pair(t, edit{"/bots/0/supportsFiles", true}, edit{"/connectors", []any{map[string]any{"connectorId": "c"}}})
	for _, s := range []apppackage.Surface{old.Surface(), new.Surface()} {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back apppackage.Surface
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, back); diff != "" || s.Format != 1 {
			t.Error(diff)
		}
	}
}

// No change says none, and the order of lists never matters.
func TestCompareIsOfSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfDistinct(rapid.StringMatching(`[a-c]{1,2}`), func(s string) string { return s })
		manifest := func(tabs, permissions []string) []byte {
			var staticTabs, resource []any
			for _, id := range tabs {
				staticTabs = append(staticTabs, map[string]any{"entityId": id})
			}
			for _, name := range permissions {
				resource = append(resource, map[string]any{"name": name, "type": "Application"})
			}
			text, err := json.Marshal(map[string]any{"staticTabs": staticTabs, "authorization": map[string]any{"permissions": map[string]any{"resourceSpecific": resource}}})
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		oldTabs, newTabs := names.Draw(t, "old tabs"), names.Draw(t, "new tabs")
		oldRSC, newRSC := names.Draw(t, "old permissions"), names.Draw(t, "new permissions")
		c, err := apppackage.CompareManifests(manifest(oldTabs, oldRSC), manifest(newTabs, newRSC), apppackage.CompareOptions{})
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, change := range c.Changes {
			count[change.Rule]++
		}
		want := map[string]int{}
		tally(want, "static-tab-added", newTabs, oldTabs)
		tally(want, "rsc-permission-added", newRSC, oldRSC)
		tally(want, "rsc-permission-removed", oldRSC, newRSC)
		if diff := cmp.Diff(want, count); diff != "" {
			t.Fatal(diff)
		}
	})
}

func tally(into map[string]int, rule string, list, without []string) {
	for _, x := range list {
		if !slices.Contains(without, x) {
			into[rule]++
		}
	}
}

// Real updates get the verdict, and the rules, of another reading of the lists.
func TestRealUpdates(t *testing.T) {
	root := shared(t, "manifest-updates")
	text, err := os.ReadFile(filepath.Join(root, "index.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]int{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if fields[0] == "pair" {
			continue
		}
		old, err := os.ReadFile(filepath.Join(root, fields[0], "old.json"))
		if err != nil {
			t.Fatal(err)
		}
		new, err := os.ReadFile(filepath.Join(root, fields[0], "new.json"))
		if err != nil {
			t.Fatal(err)
		}
		c, err := apppackage.CompareManifests(old, new, apppackage.CompareOptions{})
		if err != nil {
			t.Fatalf("%s: %v", fields[0], err)
		}
		verdicts[fields[8]]++
		if string(c.Consent) != fields[8] {
			t.Errorf("%s: %s, reference %s", fields[0], c.Consent, fields[8])
		}
		rules := map[string]bool{}
		for _, change := range c.Changes {
			if change.Rule != "" {
				rules[change.Rule+"@"+change.Path] = true
			}
		}
		want := strings.FieldsFunc(fields[9], func(r rune) bool { return r == ',' })
		slices.Sort(want)
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(rules))); len(want)+len(rules) > 0 && diff != "" {
			t.Errorf("%s: %s", fields[0], diff)
		}
		idChanged := slices.ContainsFunc(c.Findings, func(f apppackage.Finding) bool { return f.Rule == "ManifestIdChanged" })
		if idChanged != (fields[7] == "yes") {
			t.Errorf("%s: id changed %t", fields[0], idChanged)
		}
	}
	if diff := cmp.Diff(map[string]int{"required": 23, "possible": 8, "none": 15}, verdicts); diff != "" {
		t.Error(diff)
	}
}
