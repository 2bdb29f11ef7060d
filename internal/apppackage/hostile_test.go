package apppackage_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/apppackage"
)

// A manifest can be made of as many elements as its size allows. Whatever the
// checks do with them, they do it to the first few, and the list of findings
// ends. Without those bounds this test would not end.
func TestHostileManifests(t *testing.T) {
	const head = `{"manifestVersion":"1.25","id":"0b0c6e1c-2d0a-4a3e-9a3a-5f0d7a0f6e11","version":"1.0.0","icons":{"color":"c.png","outline":"o.png"},`
	many := func(element string) string {
		return strings.TrimSuffix(strings.Repeat(element+",", (1<<20-1000)/(len(element)+1)), ",")
	}
	half := func(element string) string {
		text := many(element)
		return text[:len(text)/2/(len(element)+1)*(len(element)+1)] + element
	}
	numbered := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	for name, body := range map[string]string{
		"domains":         `"validDomains":[` + many(`"a"`) + `]`,
		"tabs on domains": `"validDomains":[` + half(`"a"`) + `],"staticTabs":[` + half(`{"contentUrl":"https://b"}`) + `]`,
		"bots":            `"bots":[` + many(`{}`) + `]`,
		"scopes":          `"bots":[{"scopes":[` + half(`"a"`) + `],"commandLists":[{"scopes":[` + half(`"b"`) + `]}]}]`,
		"tabs":            `"staticTabs":[` + many(`{}`) + `]`,
		"relations":       `"bots":[` + half(`{}`) + `],"elementRelationshipSet":{"mutualDependencies":[[` + half(`{"name":"bots"}`)[:400_000/16*16-1] + `]]}`,
		"activities":      `"activities":{"activityTypes":[` + many(`{}`) + `]}`,
		"permissions":     `"authorization":{"permissions":{"resourceSpecific":[` + numbered(`{"name":"%d"},`, 40_000) + `]}}`,
		"unknown members": numbered(`"x%d":1,`, 90_000),
		"agents":          `"copilotAgents":{"declarativeAgents":[` + many(`{"file":"manifest.json"}`) + `]}`,
		"extensions":      `"composeExtensions":[` + many(`{"composeExtensionType":"apiBased","apiSpecificationFile":"manifest.json"}`) + `]`,
		"depth":           `"x":` + strings.Repeat("[", 190) + strings.Repeat("]", 190),
		"number":          `"x":1e999999999,"dashboardCards":[{"defaultSize":` + strings.Repeat("9", 1<<19) + `}]`,
		"languages":       `"localizationInfo":{"additionalLanguages":[` + many(`{"languageTag":"a","file":"manifest.json"}`) + `]}`,
	} {
		t.Run(name, func(t *testing.T) {
			manifest := head + body + "}"
			p, err := apppackage.ReadFS(minimalFS(map[string]string{"manifest.json": manifest}), apppackage.Options{})
			if err != nil {
				t.Fatal(err)
			}
			findings := p.Validate(apppackage.ValidateOptions{})
			if len(findings) > 1000 || !apppackage.HasErrors(findings) {
				t.Errorf("%d findings, errors: %t", len(findings), apppackage.HasErrors(findings))
			}
			other, err := apppackage.ReadFS(minimalFS(map[string]string{"manifest.json": strings.ReplaceAll(manifest, `"name":"`, `"name":"n`)}), apppackage.Options{})
			if err != nil {
				t.Fatal(err)
			}
			apppackage.Compare(p, other, apppackage.CompareOptions{})
		})
	}
}

// A package that was put together by hand has no parsed manifest.
func TestPackageByHand(t *testing.T) {
	manifest := fixture(t, "bot")["manifest.json"].Data
	p := &apppackage.Package{Raw: manifest, Files: []apppackage.File{{Name: "manifest.json", Data: manifest}}}
	if got := ruleIDs(p.Validate(apppackage.ValidateOptions{})); len(got) != 1 || got[0] != "Serialization_FileMissing" {
		t.Errorf("%v", got)
	}
	if p.Surface().Bot == nil {
		t.Error("no bot")
	}
	empty := &apppackage.Package{}
	if !apppackage.HasErrors(empty.Validate(apppackage.ValidateOptions{})) {
		t.Error("nothing passes")
	}
	apppackage.Compare(empty, p, apppackage.CompareOptions{})
}

// Any text gets the same verdict twice, complete and in bounds, and compares
// with itself as the same.
func FuzzValidateManifest(f *testing.F) {
	for _, name := range []string{"bot", "api"} {
		f.Add(fixture(f, name)["manifest.json"].Data)
	}
	f.Add([]byte(minimal))
	f.Add([]byte(`{"manifestVersion":"1.17","bots":[{"botId":7,"commandLists":[null]}],"staticTabs":[[]],"validDomains":["*.","..",":"],"elementRelationshipSet":{"mutualDependencies":[[{}]]}}`))
	f.Add([]byte("\xef\xbb\xbf{,}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		findings := apppackage.ValidateManifest(raw, apppackage.ValidateOptions{})
		if diff := cmp.Diff(findings, apppackage.ValidateManifest(raw, apppackage.ValidateOptions{})); diff != "" {
			t.Fatal(diff)
		}
		for _, f := range findings {
			if f.Message == "" || f.Severity == "" || f.Layer == "" || !apppackage.KnownRule(f.Rule) || f.Line < 1 || f.Column < 1 {
				t.Fatalf("incomplete: %+v", f)
			}
		}
		if c, err := apppackage.CompareManifests(raw, raw, apppackage.CompareOptions{}); err == nil && (!c.Same || c.Order != 0 || len(c.Findings) > 0 || len(said(c.Changes)) > 0) {
			t.Fatalf("%+v", c)
		}
		if (len(findings) == 0) && !json.Valid(raw) && !strings.HasPrefix(string(raw), "\xef\xbb\xbf") {
			t.Fatal("no JSON, no findings")
		}
	})
}
