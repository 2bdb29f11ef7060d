package apppackage_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/apppackage"
)

// Against what the catalog tells, a change of what it knows is seen, and the
// rest leaves the verdict open.
func TestCompareCatalog(t *testing.T) {
	_, new := pair(t)
	m := new.Manifest
	facts := func(change func(*apppackage.CatalogFacts)) apppackage.CatalogFacts {
		f := apppackage.CatalogFacts{
			ManifestID: strings.ToUpper(m.ID), Version: "2.1.0", Name: m.Name.Short, Bot: strings.ToUpper(m.Bots[0].BotID), Resource: new.Surface().Resource,
		}
		change(&f)
		return f
	}
	tests := []struct {
		name     string
		change   func(*apppackage.CatalogFacts)
		consent  apppackage.Consent
		rules    []string
		findings []string
	}{
		{"nothing seen", func(*apppackage.CatalogFacts) {}, apppackage.ConsentUnknown, nil, nil},
		{"no bot before", func(f *apppackage.CatalogFacts) { f.Bot = "" }, apppackage.ConsentRequired, []string{"required bot-added /bots"}, nil},
		{"another bot", func(f *apppackage.CatalogFacts) { f.Bot = guid }, apppackage.ConsentRequired, []string{"required bot-id-changed /bots/0/botId"}, nil},
		{"fewer permissions", func(f *apppackage.CatalogFacts) { f.Resource = nil }, apppackage.ConsentRequired, nil, nil},
		{"same version", func(f *apppackage.CatalogFacts) { f.Version = m.Version }, apppackage.ConsentUnknown, nil, []string{"VersionNotRaised"}},
		{"higher version", func(f *apppackage.CatalogFacts) { f.Version = "3.0" }, apppackage.ConsentUnknown, nil, []string{"VersionLowered"}},
		{"another app", func(f *apppackage.CatalogFacts) { f.ManifestID = guid }, apppackage.ConsentUnknown, nil, []string{"ManifestIdChanged"}},
	}
	for _, tt := range tests {
		c := apppackage.CompareCatalog(facts(tt.change), new, apppackage.CompareOptions{})
		if c.Consent != tt.consent || len(c.NotCompared) == 0 {
			t.Errorf("%s: %s, not compared %v", tt.name, c.Consent, c.NotCompared)
		}
		got := said(c.Changes)
		if tt.name == "fewer permissions" {
			if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "required rsc-permission-added") }) {
				t.Errorf("%v", got)
			}
			continue
		}
		if diff := cmp.Diff(tt.rules, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		var findings []string
		for _, f := range c.Findings {
			findings = append(findings, f.Rule)
		}
		if diff := cmp.Diff(tt.findings, findings); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	c := apppackage.CompareCatalog(facts(func(f *apppackage.CatalogFacts) { f.Name, f.Version = "Before", "2.1" }), new, apppackage.CompareOptions{})
	var texts []string
	for _, d := range c.Differences {
		texts = append(texts, d.Text)
	}
	if diff := cmp.Diff([]string{`short name: "Before" -> "` + m.Name.Short + `"`}, texts); diff != "" {
		t.Error(diff)
	}
}

// The version to propose stands in the finding and beside it.
func TestNextVersionIsProposed(t *testing.T) {
	old, new := pair(t, edit{"/version", "2.0.9"}, edit{"/name/full", "x"})
	c := apppackage.Compare(old, new, apppackage.CompareOptions{})
	if c.Next != "2.1.1" || len(c.Findings) != 1 || !strings.Contains(c.Findings[0].Remedy, "for example to 2.1.1") {
		t.Errorf("%q %v", c.Next, c.Findings)
	}
	if c = apppackage.Compare(new, old, apppackage.CompareOptions{}); c.Next != "" || c.OldVersion != "2.0.9" || c.NewVersion != "2.1.0" {
		t.Errorf("%+v", c)
	}
	if c = apppackage.Compare(old, old, apppackage.CompareOptions{}); !c.Same || c.Next != "" || len(c.Differences)+len(c.Findings) > 0 {
		t.Errorf("%+v", c)
	}
}

// Files count as well, unless one side is a manifest alone.
func TestFilesAreCompared(t *testing.T) {
	read := func(change func(fsys map[string]string)) *apppackage.Package {
		fsys := fixture(t, "bot")
		more := map[string]string{}
		change(more)
		for name, text := range more {
			fsys[name].Data = []byte(text)
		}
		p, err := apppackage.ReadFS(fsys, apppackage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	old, new := read(func(map[string]string) {}), read(func(f map[string]string) { f["icons/color.png"] = picture(192, 192, faintWhite) })
	c := apppackage.Compare(old, new, apppackage.CompareOptions{})
	if len(c.Differences) != 1 || c.Differences[0].Text != `file "icons/color.png" changed` || c.Same {
		t.Errorf("%+v", c)
	}
	bare, problems := apppackage.ParseManifest(old.Raw, apppackage.Options{})
	if problems != nil {
		t.Fatal(problems)
	}
	c = apppackage.Compare(bare, new, apppackage.CompareOptions{})
	if len(c.Differences) != 0 || !c.Same || len(c.NotCompared) != 1 {
		t.Errorf("%+v", c)
	}
}
