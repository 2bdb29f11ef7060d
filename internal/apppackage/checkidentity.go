package apppackage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/teamsform/teamsform/internal/apppackage/internal/rules"
)

var (
	dottedNumbers = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*$`)
	majorZero     = regexp.MustCompile(`^0+(\.|$)`)
)

// identity checks what names the manifest, the app and its version.
func (in *inspection) identity() {
	in.schemaAddress()
	if in.version == rules.DevPreview {
		in.report("ManifestVersionPreview", "/manifestVersion", "devPreview may change at any time and is refused by the store", "use a numbered version for what you publish")
	}
	id, version := in.root.Get("id").Str(), in.root.Get("version").Str()
	switch {
	case id == "":
		in.report("CommonAppIdIsRequiredField", in.at("id"), `"id" is missing or empty`, "add the app's GUID; once published it must never change")
	case !guidForm.MatchString(id):
		in.report("CommonAppIdIsNotGuid", "/id", fmt.Sprintf("id is %s", shown(in.root.Get("id"))), "write a GUID")
	}
	switch {
	case version == "":
		in.report("VersionCannotBeEmpty", in.at("version"), `"version" is missing or empty`, `add one such as "1.0.0"`)
	case !dottedNumbers.MatchString(version):
		in.report("VersionContainsOnlyNumbersDotSeparated", "/version", fmt.Sprintf("version is %s", shown(in.root.Get("version"))), `write three numbers separated by dots, such as "1.0.0"`)
	case !versionForm.MatchString(version):
		in.reportAs(SeverityWarning, "VersionContainsOnlyNumbersDotSeparated", "/version", fmt.Sprintf("version is %s", shown(in.root.Get("version"))), "write three numbers: MAJOR.MINOR.PATCH")
	}
	if dottedNumbers.MatchString(version) && majorZero.MatchString(version) {
		in.report("VersionHasMajorLessThan1", "/version", fmt.Sprintf("version %s begins with 0, which the store refuses", version), "begin with 1.0.0")
	}
	if in.version == "1.16" && in.root.Get("packageName") != nil {
		in.report("PackageNameIsDefinedAfterManifestVersion116", "/packageName", `"packageName" is no longer used in version 1.16, and an error later`, "take it out")
	}
	in.developer()
}

// at returns the pointer of a member when it is there, else that of the root:
// the schema reports a missing member at its object.
func (in *inspection) at(member string) string {
	if in.root.Get(member) == nil {
		return ""
	}
	return "/" + member
}

func (in *inspection) schemaAddress() {
	url := in.root.Get("$schema").Str()
	named := versionInURL(url)
	switch {
	case url == "" && in.version != "1.0": // whose schema forbids it
		in.report("CommonSchemaUrlIsRequiredField", in.at("$schema"), `"$schema" is missing`,
			"add https://developer.microsoft.com/json-schemas/teams/v"+orElse(in.version, "1.17")+"/MicrosoftTeams.schema.json")
	case strings.Contains(strings.ToLower(url), "localization"):
		in.report("SchemaNotLocalization", "/$schema", "$schema is that of language files", "name MicrosoftTeams.schema.json")
	case named != "" && in.root.Get("manifestVersion").Str() != named:
		in.report("SchemaVersionMismatch", "/$schema", fmt.Sprintf("$schema is of version %s, manifestVersion is %s", named, shown(in.root.Get("manifestVersion"))), "make both the same; manifestVersion decides")
	}
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func (in *inspection) developer() {
	developer := in.root.Get("developer")
	if n := developer.Get("name"); n != nil && n.Str() == "" {
		in.report("DeveloperNameIsRequiredField", "/developer/name", "developer.name is empty", "fill it in")
	}
	for _, field := range []struct{ member, rule string }{
		{"websiteUrl", "DeveloperWebsiteUrlMustBeHttps"},
		{"privacyUrl", "DeveloperPrivacyUrlMustBeHttps"},
		{"termsOfUseUrl", "DeveloperTermsOfUseUrlMustBeHttps"},
	} {
		if url := developer.Get(field.member).Str(); strings.HasPrefix(strings.ToLower(url), "http://") {
			in.report(field.rule, "/developer/"+field.member, fmt.Sprintf("developer.%s is http", field.member), "write https://")
		}
	}
}

// names checks what users read of the app.
func (in *inspection) names() {
	name, description := in.root.Get("name"), in.root.Get("description")
	for _, required := range []struct{ parent, member, rule string }{
		{"name", "short", "ShortNameIsRequiredField"},
		{"description", "short", "ShortDescriptionCannotBeEmpty"},
		{"description", "full", "FullDescriptionCannotBeEmpty"},
	} {
		if n := in.root.At(required.parent, required.member); n != nil && strings.TrimSpace(n.Str()) == "" {
			in.report(required.rule, "/"+required.parent+"/"+required.member, fmt.Sprintf("%s.%s is empty", required.parent, required.member), "fill it in")
		}
	}
	short, full := name.Get("short").Str(), name.Get("full").Str()
	in.name("Short", "/name/short", short)
	in.name("Full", "/name/full", full)
	in.reserved(short)
	if short != "" && sameText(short, full) {
		in.report("NameFullEqualsShort", "/name/full", "name.full repeats name.short", "say more in name.full, or leave it out where the version allows")
	}
	short, full = description.Get("short").Str(), description.Get("full").Str()
	switch {
	case short == "":
	case sameText(short, full):
		in.report("DescriptionFullEqualsShort", "/description/full", "description.full repeats description.short", "describe the app in description.full")
	case strings.Contains(strings.ToLower(full), strings.ToLower(strings.TrimSpace(short))):
		in.report("FullDescriptionContainsShortDescription", "/description/full", "description.full contains description.short word for word", "say it in other words; both are shown together")
	}
	in.competitors("/description/short", short)
	in.competitors("/description/full", full)
}

func sameText(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

func (in *inspection) name(which, path, text string) {
	folded := strings.ToLower(text)
	for _, brand := range []string{"microsoft", "teams"} {
		if strings.Contains(folded, brand) {
			in.report(which+"NameMicrosoft", path, fmt.Sprintf("%s contains %q", dotted(path), brand), "names of Microsoft's products are for Microsoft's apps; use another")
			break
		}
	}
	for _, word := range words(text) {
		if slices.Contains([]string{"staging", "stage", "stg", "stag", "prod", "beta", "preview"}, word) {
			in.report(which+"NameContainsPreprodWording", path, fmt.Sprintf("%s contains %q, as test versions do", dotted(path), word), "take the word out before publishing")
			break
		}
	}
}

// words splits at everything but letters, and between a small and a capital
// letter, so that "HelpdeskStaging" has the word staging and "productivity"
// does not have prod.
func words(text string) []string {
	var b strings.Builder
	last := ' '
	for _, r := range text {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return strings.FieldsFunc(strings.ToLower(b.String()), func(r rune) bool { return !unicode.IsLetter(r) })
}

// reserved checks the names that the store's guidelines give as examples; the
// whole list is not published.
func (in *inspection) reserved(short string) {
	folded := strings.ToLower(strings.TrimSpace(short))
	message := fmt.Sprintf("name.short is %q, which is a part of Teams", strings.TrimSpace(short))
	switch folded {
	case "chat", "contacts", "calendar", "calls", "files", "activity", "apps", "help":
		in.report("ShortNameEqualsReservedName", "/name/short", message, "choose another name")
	case "teams", "microsoft teams", "outlook", "word", "excel", "powerpoint", "onenote", "onedrive", "sharepoint", "viva", "planner", "loop", "copilot":
		in.reportAs(SeverityWarning, "ShortNameEqualsReservedName", "/name/short", message, "choose another name")
	}
}

func (in *inspection) competitors(path, text string) {
	folded := " " + strings.Join(words(text), " ") + " "
	for _, product := range []string{"slack", "workplace", "flock", "stride", "hipchat", "hangouts meet", "g suite", "gsuite"} {
		if strings.Contains(folded, " "+product+" ") {
			in.report("DescriptionCompetitor", path, fmt.Sprintf("%s names %q", dotted(path), product), "describe the app without other products")
			return
		}
	}
}
