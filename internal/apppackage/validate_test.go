package apppackage_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/apppackage"
)

func TestFixturesAreClean(t *testing.T) {
	for _, name := range []string{"bot", "api"} {
		for _, f := range validate(t, fixture(t, name), apppackage.ValidateOptions{}) {
			t.Errorf("%s: %v at %q", name, f, f.Path)
		}
	}
	p, err := apppackage.Open(examplePath, apppackage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Validate(apppackage.ValidateOptions{}) {
		t.Errorf("example: %v", f)
	}
}

// ruleCase breaks a clean fixture so that a rule speaks, and changes it in a
// way that is close but right, so that it does not.
type ruleCase struct {
	rule string
	on   string   // fixture
	file string   // that the edits are in; manifest.json when empty
	bad  []edit   // the rule must speak
	also []string // other rules that the same edits must break
	near []edit   // the rule must be silent
	// at is where the finding must be, a JSON pointer in the file.
	at string
}

func ruleCases() []ruleCase {
	return slices.Concat(identityCases(), domainCases(), capabilityCases(), extensionCases(), apiCases(), localizationCases(), fileCases())
}

func TestRules(t *testing.T) {
	for i, c := range ruleCases() {
		t.Run(fmt.Sprintf("%s/%d", c.rule, i), func(t *testing.T) {
			file := c.file
			if file == "" {
				file = "manifest.json"
			}
			options := apppackage.ValidateOptions{}
			if c.rule == "DescriptionCompetitor" { // off by default
				options.Severity = map[string]apppackage.Severity{c.rule: apppackage.SeverityWarning}
			}
			bad := fixture(t, c.on)
			change(t, bad, file, c.bad...)
			findings := validate(t, bad, options)
			want := slices.Sorted(slices.Values(append([]string{c.rule}, c.also...)))
			if diff := cmp.Diff(want, ruleIDs(findings)); diff != "" {
				t.Errorf("(-want +got):\n%s%v", diff, findings)
			}
			complete(t, findings, c)
			if c.near == nil {
				return
			}
			near := fixture(t, c.on)
			change(t, near, file, c.near...)
			for _, f := range validate(t, near, options) {
				if f.Rule == c.rule {
					t.Errorf("speaks where it should not: %v", f)
				}
			}
		})
	}
}

// complete checks that the findings say what to do and where.
func complete(t *testing.T, findings []apppackage.Finding, c ruleCase) {
	t.Helper()
	for _, f := range findings {
		if f.Message == "" || f.Remedy == "" || f.Layer == "" || f.Severity == "" || f.File == "" || (f.Keyword != "") != (f.Layer == apppackage.LayerSchema && f.Rule != "ManifestVersionUnknown") {
			t.Errorf("incomplete: %+v", f)
		}
		if (f.Line < 1 || f.Column < 1) && f.Rule != "UnreferencedFile" {
			t.Errorf("no place: %+v", f)
		}
		if f.Rule == c.rule && c.at != "" && f.Path != c.at {
			t.Errorf("at %s, not %s", f.Path, c.at)
		}
	}
}

// Every rule has a case, here or in a test of its own, and every id is known.
func TestEveryRuleIsTested(t *testing.T) {
	tested := map[string]bool{}
	for _, c := range ruleCases() {
		tested[c.rule] = true
		for _, rule := range append(c.also, c.rule) {
			if !apppackage.KnownRule(rule) {
				t.Errorf("%s is not known", rule)
			}
		}
	}
	for _, elsewhere := range []string{ // TestFiles, TestManifestProblems, TestPlaceholders
		"UnreferencedFile", "PackageTooLarge", "Serialization_FileNotValidJson", "Serialization_TrailingCommaInManifestJsonFile", "DuplicateKey", "NotUtf8",
		"PlaceholderUnfilled", "ApiSpecificationFileNotChecked", "InvalidColorIconHeightAndWidth", "InvalidOutlineIconHeightAndWidth", "InvalidOutlineIconTransparency",
		"InvalidColor32x32IconHeightAndWidth", "ActivityIconHeightAndWidth", "SharePointPreviewHeightAndWidth", "JsonTooLarge",
		"CommonAppIdIsRequiredField", "CommonAppIdIsNotGuid", "VersionCannotBeEmpty", "VersionContainsOnlyNumbersDotSeparated", // TestManifestAlone: such packages do not read
		"ManifestIdChanged", "VersionNotRaised", "VersionLowered", // TestUpdateFindings
	} {
		tested[elsewhere] = true
	}
	seen := map[string]bool{}
	for _, r := range apppackage.Rules() {
		if !tested[r.ID] {
			t.Errorf("%s has no test", r.ID)
		}
		if seen[r.ID] || r.Summary == "" || r.Layer == "" || r.Severity == "" {
			t.Errorf("%+v is listed twice or incomplete", r)
		}
		seen[r.ID] = true
	}
	if apppackage.KnownRule("Nonsense") || apppackage.KnownRule("SchemaError_Nonsense") || !apppackage.KnownRule("SchemaError_Enum") {
		t.Error("KnownRule is wrong")
	}
}

// Every code of the service is a rule, or is listed with the reason why not; no
// code is both, and the rules of the service keep the spelling.
func TestServiceCodes(t *testing.T) {
	open := map[string]bool{}
	for _, fields := range rows(t, shared(t, "package-rules/graph-publish-errors.tsv")) {
		open[fields[0]] = true
	}
	if len(open) < 100 {
		t.Fatalf("%d codes", len(open))
	}
	for _, r := range apppackage.Rules() {
		if r.Layer == apppackage.LayerService && !open[r.ID] {
			t.Errorf("%s is no code of the service", r.ID)
		}
	}
	for _, id := range apppackage.RuleIDs() {
		if strings.HasPrefix(id, "SchemaError_") && !open[id] {
			t.Errorf("%s is no code of the service", id)
		}
		delete(open, id)
	}
	last := ""
	for _, c := range apppackage.UnusedCodes() {
		if !open[c.Code] || c.Reason == "" || c.Code <= last {
			t.Errorf("%+v is a rule, no code, without a reason or out of order", c)
		}
		delete(open, c.Code)
		last = c.Code
	}
	if len(open) > 0 {
		t.Errorf("neither rule nor listed: %v", slices.Sorted(maps.Keys(open)))
	}
}

func TestManifestAlone(t *testing.T) {
	base := fixture(t, "bot")["manifest.json"]
	validateAlone := func(edits ...edit) []apppackage.Finding {
		fsys := fstest.MapFS{"manifest.json": base}
		change(t, fsys, "manifest.json", edits...)
		return apppackage.ValidateManifest(fsys["manifest.json"].Data, apppackage.ValidateOptions{})
	}
	if got := validateAlone(); len(got) > 0 {
		t.Errorf("the fixture has %v", got)
	}
	tests := []struct {
		edit edit
		want string // rule, severity, keyword
	}{
		{edit{"/id", nil}, "CommonAppIdIsRequiredField error required"},
		{edit{"/id", "x"}, "CommonAppIdIsNotGuid error pattern"},
		{edit{"/version", nil}, "VersionCannotBeEmpty error required"},
		{edit{"/version", ""}, "VersionCannotBeEmpty error "},
		{edit{"/version", "1.0"}, "VersionContainsOnlyNumbersDotSeparated warning "},
		{edit{"/version", "1.0.0.1"}, "VersionContainsOnlyNumbersDotSeparated warning "},
		{edit{"/version", "v1.0.0"}, "VersionContainsOnlyNumbersDotSeparated error "},
		{edit{"/version", "1..0"}, "VersionContainsOnlyNumbersDotSeparated error "},
		{edit{"/icons/color", nil}, "SchemaError_Required error required"},
	}
	for _, tt := range tests {
		var got []string
		for _, f := range validateAlone(tt.edit) {
			got = append(got, fmt.Sprintf("%s %s %s", f.Rule, f.Severity, f.Keyword))
		}
		if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
			t.Errorf("%v: %s", tt.edit, diff)
		}
	}
	got := apppackage.ValidateManifest([]byte("{\n  \"a\": 1,\n}"), apppackage.ValidateOptions{})
	if len(got) != 1 || got[0].Rule != "Serialization_TrailingCommaInManifestJsonFile" || got[0].Line != 2 || got[0].Layer != apppackage.LayerSchema {
		t.Errorf("trailing comma: %+v", got)
	}
}

// A finding about what is absent stands where it should have been.
func TestPlacesOfAbsentValues(t *testing.T) {
	text := "{\n \"manifestVersion\": \"1.25\",\n \"staticTabs\": [\n  {},\n  { \"entityId\": \"x\" }\n ]\n}"
	want := map[string]string{
		"/staticTabs/0/name": "4:3",
		"/staticTabs/1/name": "5:3",
	}
	got := map[string]string{}
	for _, f := range apppackage.ValidateManifest([]byte(text), apppackage.ValidateOptions{}) {
		if f.Rule == "StaticTabNameCouldNotBeEmpty" {
			got[f.Path] = fmt.Sprintf("%d:%d", f.Line, f.Column)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSeverityOptions(t *testing.T) {
	fsys := fixture(t, "bot")
	change(t, fsys, "manifest.json", edit{"/name/short", "Teams Shop"}, edit{"/developer/websiteUrl", "http://a.example"}, edit{"/description/short", "Like Slack, but better."})
	read := func(o map[string]apppackage.Severity) map[string]apppackage.Severity {
		out := map[string]apppackage.Severity{}
		for _, f := range validate(t, fsys, apppackage.ValidateOptions{Severity: o}) {
			out[f.Rule] = f.Severity
		}
		return out
	}
	if diff := cmp.Diff(map[string]apppackage.Severity{"ShortNameMicrosoft": "warning", "DeveloperWebsiteUrlMustBeHttps": "error"}, read(nil)); diff != "" {
		t.Error(diff)
	}
	got := read(map[string]apppackage.Severity{"ShortNameMicrosoft": "error", "DeveloperWebsiteUrlMustBeHttps": "off", "DescriptionCompetitor": "info"})
	if diff := cmp.Diff(map[string]apppackage.Severity{"ShortNameMicrosoft": "error", "DescriptionCompetitor": "info"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFindingsAreInOrder(t *testing.T) {
	fsys := fixture(t, "bot")
	change(t, fsys, "loc/fr.json", edit{"/nonsense", "x"})
	change(t, fsys, "manifest.json", edit{"/nonsense", "x"}, edit{"/developer/name", ""}, edit{"/validDomains/0", "https://x"})
	findings := validate(t, fsys, apppackage.ValidateOptions{})
	last := apppackage.Finding{}
	for i, f := range findings {
		if i > 0 && (last.File == f.File && (last.Line > f.Line || last.Line == f.Line && last.Column > f.Column) || f.File == "manifest.json" && last.File != "manifest.json") {
			t.Errorf("%v stands before %v", last, f)
		}
		last = f
	}
	if len(findings) < 4 || !apppackage.HasErrors(findings) || last.File != "loc/fr.json" {
		t.Errorf("have %v", findings)
	}
	if apppackage.HasErrors([]apppackage.Finding{{Severity: apppackage.SeverityWarning}}) {
		t.Error("a warning counts as an error")
	}
}
