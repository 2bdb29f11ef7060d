package consent_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/apppackage/internal/consent"
)

func load(t *testing.T) []consent.List {
	t.Helper()
	all, err := consent.Load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLists(t *testing.T) {
	ids, current := map[string]bool{}, []string{}
	last := ""
	for _, l := range load(t) {
		if ids[l.ID] || l.ID == "" || len(l.Date) < 4 || l.Source == "" || l.Audience == "" || len(l.Rules) == 0 {
			t.Errorf("%+v is incomplete or there twice", l)
		}
		ids[l.ID] = true
		if l.Current {
			current = append(current, l.ID)
		}
		if l.Date < last && !strings.HasPrefix(last, l.Date) && l.ID != "A2" {
			t.Errorf("%s of %s stands behind %s", l.ID, l.Date, last)
		}
		last = l.Date
		for i, rule := range l.Rules {
			if slices.Contains(l.Rules[:i], rule) {
				t.Errorf("%s has %s twice", l.ID, rule)
			}
		}
	}
	if diff := cmp.Diff([]string{"A4", "K"}, current); diff != "" {
		t.Error(diff)
	}
}

// The list of 2021: a bot that comes or goes, its id, notification only, files,
// message extensions, connectors, both kinds of tabs, the Entra application.
func TestListOf2021(t *testing.T) {
	l, ok := consent.Find(load(t), "2021")
	if !ok || l.ID != "C1" {
		t.Fatalf("%+v", l)
	}
	want := []string{
		"bot-added", "bot-files-changed", "bot-id-changed", "bot-notification-only-changed", "bot-removed", "compose-extension-added",
		"compose-extension-removed", "configurable-tab-added", "connector-added", "static-tab-added", "web-application-info-changed",
	}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(l.Rules))); diff != "" {
		t.Error(diff)
	}
}

func TestFind(t *testing.T) {
	for name, want := range map[string]string{"A4": "A4", "a4": "A4", "2024": "A4", "2024-06-05": "A4", "2020": "C0", "2021": "C1", "2021-11": "A1", "2022": "A2", "2023": "A3", "k": "K"} {
		if l, ok := consent.Find(load(t), name); !ok || l.ID != want {
			t.Errorf("%s: %s, %t", name, l.ID, ok)
		}
	}
	for _, name := range []string{"", "1999", "20", "2024-06", "B1"} {
		if l, ok := consent.Find(load(t), name); ok {
			t.Errorf("%q finds %s", name, l.ID)
		}
	}
}

func TestDirections(t *testing.T) {
	l := consent.List{Rules: []string{"both", "one:on"}}
	for _, tt := range []struct {
		rule, direction string
		want            bool
	}{{"both", "", true}, {"both", "on", true}, {"both", "off", true}, {"one", "on", true}, {"one", "off", false}, {"one", "", false}, {"none", "on", false}} {
		if got := l.Has(tt.rule, tt.direction); got != tt.want {
			t.Errorf("%s %s: %t", tt.rule, tt.direction, got)
		}
	}
}

// One list judges alone: what it names is required, everything else none.
func TestOneListAlone(t *testing.T) {
	bot := func(video, files bool) *consent.SurfaceBot {
		return &consent.SurfaceBot{ID: "b", Video: video, Files: files}
	}
	old := consent.Surface{Bot: bot(false, true)}
	new := consent.Surface{Bot: bot(true, false), StaticTabs: []string{"t"}}
	tests := []struct {
		list string
		want consent.Verdict
		each string
	}{
		{"", consent.Required, "possible required possible"},
		{"2021", consent.Required, "required none required"},
		{"A4", consent.Required, "none required none"},
		{"A1", consent.Required, "none required none"},
		{"D", consent.None, "none none none"},
	}
	for _, tt := range tests {
		var j consent.Judge
		if tt.list != "" {
			l, ok := consent.Find(load(t), tt.list)
			if !ok {
				t.Fatal(tt.list)
			}
			j.List = &l
		}
		verdict, changes := consent.Compare(old, new, j)
		var each []string
		for _, c := range changes {
			each = append(each, string(c.Consent))
		}
		if verdict != tt.want || strings.Join(each, " ") != tt.each {
			t.Errorf("%q: %s, %v", tt.list, verdict, changes)
		}
	}
}

// Video that goes is named by no list, and still may ask, unless one list judges
// alone.
func TestVideoThatGoes(t *testing.T) {
	old, new := consent.Surface{Bot: &consent.SurfaceBot{Video: true}}, consent.Surface{Bot: &consent.SurfaceBot{}}
	if verdict, changes := consent.Compare(old, new, consent.Judge{}); verdict != consent.Possible || len(changes) != 1 || changes[0].Lists != nil {
		t.Errorf("%s %+v", verdict, changes)
	}
	l, _ := consent.Find(load(t), "2020")
	if verdict, _ := consent.Compare(old, new, consent.Judge{List: &l}); verdict != consent.None {
		t.Error(verdict)
	}
}
