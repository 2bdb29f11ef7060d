package wording_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
	"github.com/teamsform/teamsform/internal/apppackage/internal/wording"
)

func parse(t interface{ Fatal(...any) }, text string) *jsondoc.Node {
	root, err := jsondoc.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func TestWords(t *testing.T) {
	tests := []struct {
		old, new string
		want     []string // path: text
	}{
		{`{}`, `{}`, nil},
		{`{"name":{"short":"A"}}`, `{"name":{"short":"B"}}`, []string{`/name/short: short name: "A" -> "B"`}},
		{`{"description":{"full":"A"}}`, `{"description":{}}`, []string{`/description/full: long description removed: "A"`}},
		{`{}`, `{"accentColor":"#000000"}`, []string{`/accentColor: accent color added: "#000000"`}},
		{`{"x":1}`, `{"x":1.0}`, nil},
		{`{"x":1}`, `{"x":"1"}`, []string{`/x: x: 1 -> "1"`}},
		{`{"x":null}`, `{"x":true}`, []string{`/x: x: null -> true`}},
		{`{"x":{"a":1}}`, `{"x":[1]}`, []string{`/x: x: {1 members} -> [1 elements]`}},
		// Elements are matched by what names them.
		{
			`{"staticTabs":[{"entityId":"a","name":"A"},{"entityId":"b"}]}`, `{"staticTabs":[{"entityId":"c"},{"entityId":"a","name":"AA"}]}`,
			[]string{`/staticTabs/0: tab "c" added`, `/staticTabs/1/name: tab "a", name: "A" -> "AA"`, `/staticTabs/1: tab "b" removed`},
		},
		{`{"staticTabs":[{"entityId":"a"},{"entityId":"b"}]}`, `{"staticTabs":[{"entityId":"b"},{"entityId":"a"}]}`, nil},
		{
			`{"bots":[{"botId":"B51C09AA-4F1E-4A5C-9A39-0DE4B7F6C211","scopes":["groupchat","team"]}]}`, `{"bots":[{"botId":"b51c09aa-4f1e-4a5c-9a39-0de4b7f6c211","scopes":["team","groupChat"]}]}`, nil,
		},
		{`{"bots":[{"botId":"a"}]}`, `{"bots":[{"botId":"b","supportsFiles":true,"supportsVideo":false}]}`, []string{
			`/bots/0/botId: bot, application id: "a" -> "b"`, `/bots/0/supportsFiles: bot, supportsFiles added: true`,
		}},
		{`{"bots":[{"scopes":["team"]}]}`, `{"bots":[{"scopes":["personal"]}]}`, []string{`/bots/0/scopes/0: bot, scope added: "personal"`, `/bots/0/scopes/0: bot, scope removed: "team"`}},
		{`{"bots":[]}`, `{"bots":[{"botId":"b"}]}`, []string{`/bots/0: bot added`}},
		{
			`{"composeExtensions":[{"commands":[{"id":"find","title":"Find"}]}]}`, `{"composeExtensions":[{"commands":[{"id":"find","title":"Search","parameters":[{"name":"q"}]}]}]}`,
			[]string{`/composeExtensions/0/commands/0/title: message extension, command "find", title: "Find" -> "Search"`, `/composeExtensions/0/commands/0/parameters: message extension, command "find", parameters added`},
		},
		{
			`{"authorization":{"permissions":{"resourceSpecific":[{"name":"A.Group","type":"Application"}]}}}`, `{"authorization":{"permissions":{"resourceSpecific":[{"name":"A.Group","type":"Delegated"}]}}}`,
			[]string{
				`/authorization/permissions/resourceSpecific/0: permission "A.Group Delegated" added`,
				`/authorization/permissions/resourceSpecific/0: permission "A.Group Application" removed`,
			},
		},
		{`{"validDomains":["a","b"]}`, `{"validDomains":["b","c","b"]}`, []string{`/validDomains/1: valid domain added: "c"`, `/validDomains/0: valid domain removed: "a"`}},
		{
			`{"bots":[{"commandLists":[{"commands":[{"title":"x"}]}]}]}`, `{"bots":[{"commandLists":[{"commands":[{"title":"x","description":"d"}]},{}]}]}`,
			[]string{`/bots/0/commandLists/0/commands/0/description: bot, command list 1, command "x", description added: "d"`, `/bots/0/commandLists/1: bot, command list 2 added`},
		},
		{`{"extra":[1,2]}`, `{"extra":[1,3]}`, []string{`/extra/1: extra, element 2: 2 -> 3`}},
		{`{"a/b":1}`, `{"a/b":2}`, []string{`/a~1b: a/b: 1 -> 2`}},
		{`{"x":"` + strings.Repeat("y", 100) + `"}`, `{}`, []string{`/x: x removed: "` + strings.Repeat("y", 79) + `…"`}},
	}
	for _, tt := range tests {
		var got []string
		for _, d := range wording.Compare(parse(t, tt.old), parse(t, tt.new)) {
			got = append(got, d.Path+": "+d.Text)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s to %s\n%s", tt.old, tt.new, diff)
		}
	}
}

func TestText(t *testing.T) {
	want := wording.Difference{Path: "/p", Kind: wording.Changed, Old: `"a"`, New: `"b"`, Text: `name: "a" -> "b"`}
	if diff := cmp.Diff(want, wording.Text("/p", "name", "a", "b")); diff != "" {
		t.Error(diff)
	}
}

// A hostile pair costs no more than a bounded list.
func TestManyDifferences(t *testing.T) {
	var old, new strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&old, `,"a%d":1`, i)
		fmt.Fprintf(&new, `,"b%d":1`, i)
	}
	if n := len(wording.Compare(parse(t, "{"+old.String()[1:]+"}"), parse(t, "{"+new.String()[1:]+"}"))); n != 500 {
		t.Errorf("%d differences", n)
	}
	many := strings.TrimSuffix(strings.Repeat(`{"entityId":"a"},`, 3000), ",")
	if got := wording.Compare(parse(t, `{"staticTabs":[`+many+`]}`), parse(t, `{"staticTabs":[`+many+`,{"entityId":"a"}]}`)); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// drawn is an arbitrary manifest of a few members.
func drawn(t *rapid.T, name string) string {
	text := rapid.SampledFrom([]string{"a", "b", "c"})
	tabs := rapid.SliceOfNDistinct(text, 0, 3, rapid.ID).Draw(t, name+" tabs")
	var list []string
	for _, id := range tabs {
		list = append(list, fmt.Sprintf(`{"entityId":%q,"name":%q}`, id, text.Draw(t, name+" tab")))
	}
	domains := rapid.SliceOfDistinct(text, rapid.ID).Draw(t, name+" domains")
	return fmt.Sprintf(`{"version":%q,"staticTabs":[%s],"validDomains":%q}`, text.Draw(t, name+" version"), strings.Join(list, ","), domains)
}

func quoted(text string) string { return strings.ReplaceAll(text, `" "`, `","`) }

// Nothing differs from itself, and what is added one way is removed the other.
func TestSymmetry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := parse(t, quoted(drawn(t, "a"))), parse(t, quoted(drawn(t, "b")))
		if got := wording.Compare(a, a); len(got) > 0 {
			t.Fatalf("%v", got)
		}
		count := func(list []wording.Difference) map[wording.Kind]int {
			out := map[wording.Kind]int{}
			for _, d := range list {
				out[d.Kind]++
			}
			return out
		}
		there, back := count(wording.Compare(a, b)), count(wording.Compare(b, a))
		if there[wording.Added] != back[wording.Removed] || there[wording.Removed] != back[wording.Added] || there[wording.Changed] != back[wording.Changed] {
			t.Fatalf("%v there, %v back", there, back)
		}
	})
}
