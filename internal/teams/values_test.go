package teams

import (
	"fmt"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/schema"
	"pgregory.net/rapid"
)

var someApps = []string{"aa", "Bb", "cc", "dd", "ee"}

func genChoice(t *rapid.T) map[string]any {
	list := []any{}
	for _, app := range someApps {
		switch rapid.IntRange(0, 3).Draw(t, app) {
		case 0:
			list = append(list, app)
		case 1:
			list = append(list, strings.ToUpper(app)) // ids compare without case
		}
	}
	return map[string]any{rapid.SampledFrom([]string{schema.AllowOnly, schema.AllowAllBut}).Draw(t, "choice"): list}
}

func allows(choice any, app string) bool {
	c := choice.(map[string]any)
	only, isOnly := c[schema.AllowOnly].([]any)
	but, _ := c[schema.AllowAllBut].([]any)
	for _, e := range append(only, but...) {
		if strings.EqualFold(e.(string), app) {
			return isOnly
		}
	}
	return !isOnly
}

// The narrowed choice allows exactly what both allow, apps that none names
// included.
func TestNarrowChoiceIsTheIntersection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := genChoice(t), genChoice(t)
		narrow := narrowChoice(before, after)
		for _, app := range append(someApps, "an app of tomorrow") {
			if got, want := allows(narrow, app), allows(before, app) && allows(after, app); got != want {
				t.Fatalf("%v and %v give %v: %s allowed: %v, want %v", before, after, narrow, app, got, want)
			}
		}
		if kind := (schema.AppChoice{}); !kind.Equal(narrow, narrowChoice(after, before)) {
			t.Fatalf("it matters which comes first: %v and %v", narrow, narrowChoice(after, before))
		}
	})
}

func TestNarrowUnknown(t *testing.T) {
	after := map[string]any{schema.AllowOnly: []any{"aa"}}
	if got := narrowChoice(nil, after); fmt.Sprint(got) != fmt.Sprint(after) {
		t.Errorf("from nothing known: %v", got)
	}
	for _, c := range []struct{ before, after, want any }{
		{true, false, false}, {false, true, false}, {true, true, true}, {nil, false, false}, {nil, true, nil},
	} {
		if got := narrowSwitch(c.before, c.after); got != c.want {
			t.Errorf("narrowSwitch(%v, %v) = %v, want %v", c.before, c.after, got, c.want)
		}
	}
}

func TestCheckVersion(t *testing.T) {
	for _, c := range []struct {
		version, inCatalog string
		want               string // summary, and the version to propose
	}{
		{"1.0.1", "1.0.0", ""},
		{"1.0.9", "1.0.10", "Package is older than the catalog's 1.0.11"},
		{"1.9.9", "1.10.0", "Package is older than the catalog's 1.10.1"},
		{"2", "1.9.9", ""},
		{"1", "1.0.0", "Package changed without a new version 1.0.1"},
		{"1.2.0.0", "1.2", "Package changed without a new version 1.2.1"},
		{"1.0.0", "1.0.0-beta", ""}, // of an order that nobody knows
		{"1.0.0", "", ""},
	} {
		got := ""
		for _, p := range checkVersion(schema.Attrs{"digest": "a"}, schema.Attrs{"version": c.inCatalog}, schema.Attrs{"version": c.version, "digest": "b"}) {
			_, next, _ := strings.Cut(p.Detail, "next: ")
			got = p.Summary + " " + strings.TrimSuffix(next, ").")
		}
		if got != c.want {
			t.Errorf("%s after %s: %q, want %q", c.version, c.inCatalog, got, c.want)
		}
	}
}

func TestMarks(t *testing.T) {
	for _, c := range []struct{ stored, text, root string }{
		{"", "", ""},
		{"May upload.", "May upload.", ""},
		{"May upload. [teamsform:apps]", "May upload.", "apps"},
		{"[teamsform:apps]", "", "apps"},
		{"  May upload.  [teamsform:apps]  ", "May upload.", "apps"},
		{"Two [teamsform:old] marks [teamsform:new]", "Two [teamsform:old] marks", "new"},
		{"Not [teamsform:apps] at the end", "Not [teamsform:apps] at the end", ""},
		{"Open [teamsform:apps", "Open [teamsform:apps", ""},
	} {
		if text, root := cutMark(c.stored); text != c.text || root != c.root {
			t.Errorf("cutMark(%q) = %q, %q; want %q, %q", c.stored, text, root, c.text, c.root)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.TrimSpace(rapid.StringMatching(`[a-z \[\]:]{0,20}`).Draw(t, "text"))
		root := rapid.StringMatching(`[a-z][a-z0-9-]{0,8}`).Draw(t, "root")
		if got, by := cutMark(addMark(text, root)); got != text || by != root {
			t.Fatalf("%q by %q came back as %q by %q", text, root, got, by)
		}
	})
	if got := addMark("text", ""); got != "text" {
		t.Errorf("without a root: %q", got)
	}
}
