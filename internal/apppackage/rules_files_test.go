package apppackage_test

import (
	"image/color"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/apppackage"
)

func localizationCases() []ruleCase {
	type m = map[string]any
	const form = "https://developer.microsoft.com/json-schemas/teams/"
	languages := "/localizationInfo/additionalLanguages"
	return []ruleCase{
		{rule: "LocalizationNeeds15", on: "api", bad: []edit{
			{"/manifestVersion", "1.4"}, {"/$schema", form + "v1.4/MicrosoftTeams.schema.json"}, {"/packageName", "com.contoso.parts"}, {"/composeExtensions", nil}, {"/copilotAgents", nil},
		}, also: []string{"LocalizationSchemaVersionIsNotTheSameAsTheManifestSchemaVersion", "UnreferencedFile"}, at: ""},
		{rule: "LocalizationSchemaIsMissing", on: "bot", file: "loc/fr.json", bad: []edit{{"/$schema", nil}}},
		{rule: "LocalizationSchemaDoesNotFollowConventionalSchemaRegex", on: "bot", file: "loc/fr.json", bad: []edit{{"/$schema", "https://raw.example/teams/v1.25/MicrosoftTeams.Localization.schema.json"}}, near: []edit{{"/$schema", form + "v1.25/MicrosoftTeams.Localization.schema.json"}}},
		{rule: "LocalizationSchemaVersionIsNotTheSameAsTheManifestSchemaVersion", on: "bot", file: "loc/fr.json", bad: []edit{{"/$schema", form + "v1.24/MicrosoftTeams.Localization.schema.json"}}},
		{rule: "LocalizationDuplicateTag", on: "bot", bad: []edit{{languages + "/-", m{"languageTag": "EN", "file": "loc/fr.json"}}}, near: []edit{{languages + "/-", m{"languageTag": "en-GB", "file": "loc/fr.json"}}}, at: languages + "/1/languageTag"},
		{rule: "LocalizationAgentDefaultFile", on: "api", bad: []edit{{"/localizationInfo/defaultLanguageFile", nil}}, also: []string{"UnreferencedFile"}},
		{rule: "LocalizationKeyMissing", on: "api", file: "de.json", bad: []edit{{"/localizationKeys/PLUGIN_NAME", nil}}},
		{rule: "LocalizationKeyMissing", on: "api", file: "agent/agent.json", bad: []edit{{"/description", "[[OTHER]]"}}, near: []edit{{"/description", "[[ OTHER]] [[1]]"}}},
		{rule: "LocalizationIndexOutOfRange", on: "bot", file: "loc/fr.json", bad: []edit{{"/staticTabs[2].name", "x"}}, near: []edit{{"/staticTabs[1].name", "x"}}, at: "/staticTabs[2].name"},
		{rule: "LocalizationIndexOutOfRange", on: "bot", file: "loc/fr.json", bad: []edit{{"/bots[0].commandLists[2].commands[0].title", "x"}}},
		{rule: "SchemaError_AdditionalProperties", on: "bot", file: "loc/fr.json", bad: []edit{{"/validDomains[0]", "x"}}},
		{rule: "LocalizationIndexOutOfRange", on: "bot", file: "loc/fr.json", bad: []edit{{"/activities.activityTypes[2].description", "x"}}, near: []edit{{"/activities.activityTypes[1].templateText", "x"}}},
		{rule: "LocalizationDuplicateTag", on: "bot", bad: []edit{{languages + "/-", m{"languageTag": "FR", "file": "loc/fr.json"}}}, at: languages + "/1/languageTag"},
		{rule: "SchemaError_AdditionalProperties", on: "bot", file: "loc/fr.json", bad: []edit{{"/staticTabs[x].name", "x"}}},
		{rule: "SchemaError_MaximumLength", on: "bot", file: "loc/fr.json", bad: []edit{{"/name.short", strings.Repeat("x", 31)}}, near: []edit{{"/name.short", strings.Repeat("x", 30)}}, at: "/name.short"},
	}
}

func fileCases() []ruleCase {
	type m = map[string]any
	type l = []any
	return []ruleCase{
		{rule: "Serialization_FileMissing", on: "bot", bad: []edit{{"/icons/color32x32", "icons/none.png"}}, also: []string{"UnreferencedFile"}, at: "/icons/color32x32"},
		{rule: "Serialization_FileMissing", on: "bot", bad: []edit{{"/localizationInfo/additionalLanguages/0/file", "fr.json"}}, also: []string{"UnreferencedFile"}},
		{rule: "Serialization_FileMissing", on: "api", bad: []edit{{"/composeExtensions/0/commands/0/apiResponseRenderingTemplateFile", "none.json"}}},
		{rule: "Serialization_FileMissing", on: "api", file: "agent/agent.json", bad: []edit{{"/capabilities/0/files/0/file", "none.txt"}}, also: []string{"UnreferencedFile"}, at: "/capabilities/0/files/0/file"},
		{rule: "Serialization_FileMissing", on: "api", file: "agent/agent.json", bad: []edit{{"/actions/-", m{"id": "x", "file": "none.json"}}}, near: []edit{{"/actions/-", m{"id": "x", "file": "../part.json"}}}},
		{rule: "Serialization_FileMissing", on: "bot", bad: []edit{{"/meetingExtensionDefinition", m{"scenes": l{m{
			"id": guid, "name": "x", "file": "scene.zip", "preview": "icons/ready.png", "maxAudience": 5, "seatsReservedForOrganizersOrPresenters": 1,
		}}}}}, at: "/meetingExtensionDefinition/scenes/0/file"},
		{rule: "PathOutsidePackage", on: "bot", bad: []edit{{"/icons/color32x32", "../small.png"}}, also: []string{"UnreferencedFile"}, near: []edit{{"/icons/color32x32", "icons/../icons/small.png"}}, at: "/icons/color32x32"},
		{rule: "PathOutsidePackage", on: "bot", bad: []edit{{"/icons/color32x32", "C:\\small.png"}}, also: []string{"PathSeparator", "UnreferencedFile"}},
		{rule: "PathSeparator", on: "bot", bad: []edit{{"/icons/color32x32", `icons\small.png`}}, near: []edit{{"/icons/color32x32", "./icons/small.png"}}},
	}
}

// What is wrong with files rather than with values.
func TestFiles(t *testing.T) {
	jpeg := "\xff\xd8\xff\xe0rest"
	noise := make([]byte, 12<<20)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(noise)
	outline := picture(32, 32, faintWhite)
	tests := []struct {
		name  string
		on    string
		files map[string]string
		want  []string
		file  string // of the first finding
		says  string
	}{
		{"surplus file", "bot", map[string]string{"readme.md": "x"}, []string{"UnreferencedFile"}, "readme.md", "names"},
		{"color size", "bot", map[string]string{"icons/color.png": picture(191, 192, brown)}, []string{"InvalidColorIconHeightAndWidth"}, "manifest.json", "191x192"},
		{"color JPEG", "bot", map[string]string{"icons/color.png": jpeg}, []string{"InvalidColorIconHeightAndWidth"}, "manifest.json", "JPEG"},
		{"color empty", "bot", map[string]string{"icons/color.png": ""}, []string{"InvalidColorIconHeightAndWidth"}, "manifest.json", "no PNG"},
		{"outline size", "bot", map[string]string{"icons/outline.png": picture(33, 32, faintWhite)}, []string{"InvalidOutlineIconHeightAndWidth"}, "manifest.json", "33x32"},
		{"outline colored", "bot", map[string]string{"icons/outline.png": picture(32, 32, color.NRGBA{R: 254, G: 255, B: 255, A: 9})}, []string{"InvalidOutlineIconTransparency"}, "manifest.json", "A,R,G,B 9,254,255,255"},
		{"outline of black that is not seen", "bot", map[string]string{"icons/outline.png": picture(32, 32, color.NRGBA{})}, nil, "", ""},
		{"outline damaged", "bot", map[string]string{"icons/outline.png": outline[:len(outline)-20]}, []string{"InvalidOutlineIconTransparency"}, "manifest.json", "damaged"},
		{"outline vast", "bot", map[string]string{"icons/outline.png": vast(outline)}, []string{"InvalidOutlineIconHeightAndWidth"}, "manifest.json", "65535x65535"},
		{"small size", "bot", map[string]string{"icons/small.png": picture(16, 16, brown)}, []string{"InvalidColor32x32IconHeightAndWidth"}, "manifest.json", "16x16"},
		{"activity size", "bot", map[string]string{"icons/ready.png": picture(16, 16, brown)}, []string{"ActivityIconHeightAndWidth"}, "manifest.json", "16x16"},
		{"preview size", "bot", map[string]string{"icons/preview.png": picture(102, 76, brown)}, []string{"SharePointPreviewHeightAndWidth"}, "manifest.json", "1024x768"},
		{"language file broken", "bot", map[string]string{"loc/fr.json": "{\n\"a\":1,}"}, []string{"Serialization_TrailingCommaInManifestJsonFile"}, "loc/fr.json", "comma"},
		{"language file a list", "bot", map[string]string{"loc/fr.json": "[]"}, []string{"Serialization_FileNotValidJson"}, "loc/fr.json", "array"},
		{"language file UTF-16", "bot", map[string]string{"loc/fr.json": "\xff\xfe{\x00}\x00"}, []string{"NotUtf8"}, "loc/fr.json", "UTF-16"},
		{"language file twice", "bot", map[string]string{"loc/fr.json": `{"a":1,"a":2}`}, []string{"DuplicateKey"}, "loc/fr.json", "twice"},
		{"agent broken", "api", map[string]string{"agent/agent.json": "{"}, []string{"Serialization_FileNotValidJson", "UnreferencedFile"}, "agent/agent.json", "ends"},
		{"tokens in knowledge", "api", map[string]string{"agent/catalogue.txt": "[[NOPE]]"}, nil, "", ""},
		{"API in YAML", "api", map[string]string{"api.json": "openapi: 3.0.1\n"}, []string{"ApiSpecificationFileNotChecked"}, "manifest.json", "no JSON"},
		{"JSON too large", "bot", map[string]string{"loc/fr.json": `{"a":"` + strings.Repeat("0123456789", 430_000) + `"}`}, []string{"JsonTooLarge"}, "manifest.json", "4300008 bytes"},
		{"too large", "bot", map[string]string{"noise.bin": string(noise)}, []string{"PackageTooLarge", "UnreferencedFile"}, "manifest.json", "10485760"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fixture(t, tt.on)
			for name, data := range tt.files {
				fsys[name] = &fstest.MapFile{Data: []byte(data)}
			}
			findings := validate(t, fsys, apppackage.ValidateOptions{})
			if diff := cmp.Diff(tt.want, ruleIDs(findings)); diff != "" {
				t.Fatalf("%v\n%s", findings, diff)
			}
			if len(findings) > 0 && (findings[0].File != tt.file || !strings.Contains(findings[0].Message, tt.says) || findings[0].Remedy == "") {
				t.Errorf("%+v", findings[0])
			}
		})
	}
}

// vast claims dimensions that nobody should decode.
func vast(png string) string {
	b := []byte(png)
	copy(b[16:24], "\x00\x00\xff\xff\x00\x00\xff\xff")
	crc := crcOf(b[12:29])
	copy(b[29:33], crc)
	return string(b)
}

func TestAgentSkillFolders(t *testing.T) {
	fsys := fixture(t, "bot")
	change(t, fsys, "manifest.json", edit{"/manifestVersion", "1.28"}, edit{"/$schema", "https://developer.microsoft.com/json-schemas/teams/v1.28/MicrosoftTeams.schema.json"},
		edit{"/agentSkills", []any{map[string]any{"folder": "skills/one"}}})
	change(t, fsys, "loc/fr.json", edit{"/$schema", "https://developer.microsoft.com/json-schemas/teams/v1.28/MicrosoftTeams.Localization.schema.json"})
	if diff := cmp.Diff([]string{"Serialization_FileMissing"}, ruleIDs(validate(t, fsys, apppackage.ValidateOptions{}))); diff != "" {
		t.Error(diff)
	}
	fsys["skills/one/SKILL.md"] = &fstest.MapFile{Data: []byte("x")}
	if got := validate(t, fsys, apppackage.ValidateOptions{}); len(got) > 0 {
		t.Errorf("%v", got)
	}
}

// Check reports what stops a package from being read together with the rest,
// each thing once.
func TestCheck(t *testing.T) {
	tests := []struct {
		name  string
		edits []edit
		files map[string]string
		want  []string
		reads bool
	}{
		{"clean", nil, nil, nil, true},
		{"warning", []edit{{"/name/short", "My Teams"}}, nil, []string{"ShortNameMicrosoft"}, true},
		{"essentials and more", []edit{{"/id", "x"}, {"/version", "1.0"}, {"/name/short", "My Teams"}}, nil, []string{"CommonAppIdIsNotGuid", "ShortNameMicrosoft", "VersionContainsOnlyNumbersDotSeparated"}, true},
		{"icon missing", nil, map[string]string{"icons/color.png": "-"}, []string{"Serialization_FileMissing"}, true},
		{"icon not named", []edit{{"/icons/outline", nil}}, nil, []string{"SchemaError_Required", "UnreferencedFile"}, true},
		{"no manifest", nil, map[string]string{"manifest.json": "-"}, []string{"Serialization_FileMissing"}, false},
		{"placeholder", []edit{{"/name/full", "${{X}}"}}, nil, []string{"PlaceholderUnfilled"}, true},
		{"placeholder where a GUID belongs", []edit{{"/id", "${{X}}"}}, nil, []string{"CommonAppIdIsNotGuid", "PlaceholderUnfilled"}, true},
		{"placeholder that leaves no JSON", nil, map[string]string{"manifest.json": `{"id": ${{X}}}`}, []string{"PlaceholderUnfilled"}, false},
		{"not JSON", nil, map[string]string{"manifest.json": "{"}, []string{"Serialization_FileNotValidJson"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fixture(t, "bot")
			change(t, fsys, "manifest.json", tt.edits...)
			for name, data := range tt.files {
				fsys[name] = &fstest.MapFile{Data: []byte(data)}
				if data == "-" {
					delete(fsys, name)
				}
			}
			dir := t.TempDir()
			writeAll(t, dir, fsys)
			p, findings, err := apppackage.Check(dir, apppackage.Options{}, apppackage.ValidateOptions{})
			if err != nil || (p != nil) != tt.reads {
				t.Fatalf("package %v, error %v", p != nil, err)
			}
			if diff := cmp.Diff(tt.want, ruleIDs(findings)); diff != "" {
				t.Errorf("%v\n%s", findings, diff)
			}
			said := map[string]int{}
			for _, f := range findings {
				said[f.Rule+f.Path]++
			}
			for what, n := range said {
				if n > 1 {
					t.Errorf("%s is said %d times", what, n)
				}
			}
		})
	}
	fsys := fixture(t, "bot")
	change(t, fsys, "manifest.json", edit{"/description/short", "Like Slack."}, edit{"/name/short", "Teams"})
	dir := t.TempDir()
	writeAll(t, dir, fsys)
	severities := map[string]apppackage.Severity{"DescriptionCompetitor": "error", "ShortNameMicrosoft": "off"}
	_, findings, err := apppackage.Check(dir, apppackage.Options{}, apppackage.ValidateOptions{Severity: severities})
	if diff := cmp.Diff([]string{"DescriptionCompetitor", "ShortNameEqualsReservedName"}, ruleIDs(findings)); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	change(t, fsys, "manifest.json", edit{"/id", "x"})
	dir = t.TempDir()
	writeAll(t, dir, fsys)
	severities["CommonAppIdIsNotGuid"] = "off"
	_, findings, err = apppackage.Check(dir, apppackage.Options{}, apppackage.ValidateOptions{Severity: severities})
	if !slices.Contains(ruleIDs(findings), "CommonAppIdIsNotGuid") || err != nil {
		t.Errorf("what stops reading was silenced: %v %v", findings, err)
	}
	if _, _, err := apppackage.Check(t.TempDir()+"/none", apppackage.Options{}, apppackage.ValidateOptions{}); err == nil {
		t.Error("a path that is not there passes")
	}
}

// The verdict on real packages: icons as measured, nothing missing.
func TestRealPackages(t *testing.T) {
	root := shared(t, "packages")
	want := map[string][]string{ // errors only
		"champion-management":             nil,
		"consulting-bot":                  {"InvalidOutlineIconTransparency"},
		"http-status-cats":                {"BotBasedComposeExtensionBotIdNotGuid", "InvalidOutlineIconTransparency"},
		"office-visibility-addin":         nil,
		"remotesupport-enduser-localized": {"BotBasedComposeExtensionBotIdNotGuid", "BotIdIsNotGuid", "InvalidOutlineIconTransparency", "SchemaError_Pattern", "ValidDomainsContainsUrl"},
		"tab-activity-feed":               {"InvalidColorIconHeightAndWidth", "InvalidOutlineIconHeightAndWidth"},
		"tfl-status-bot":                  nil,
		"wfm-shifts-connector":            nil,
		"xbox-game-master-agent":          {"InvalidOutlineIconHeightAndWidth", "InvalidOutlineIconTransparency"},
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		_, findings, err := apppackage.Check(root+"/"+name, apppackage.Options{}, apppackage.ValidateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var errors []apppackage.Finding
		for _, f := range findings {
			if f.Severity == apppackage.SeverityError {
				errors = append(errors, f)
			}
		}
		if diff := cmp.Diff(want[name], ruleIDs(errors)); diff != "" {
			t.Errorf("%s: %v\n%s", name, errors, diff)
		}
	}
}
