package apppackage

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
	"github.com/teamsform/teamsform/internal/apppackage/internal/rules"
)

const schemaRulePrefix = "SchemaError_"

// schemaRuleNames maps keywords to the ends of the service's codes.
func schemaRuleNames() map[string]string {
	return map[string]string{
		"additionalProperties": "AdditionalProperties", "allOf": "AllOf", "anyOf": "AnyOf", "oneOf": "OneOf", "not": "Not",
		"if": "Then", "const": "Const", "enum": "Enum", "format": "Format", "maximum": "Maximum", "minimum": "Minimum",
		"maxItems": "MaximumItems", "minItems": "MinimumItems", "maxLength": "MaximumLength", "minLength": "MinimumLength",
		"minProperties": "MinimumProperties", "pattern": "Pattern", "required": "Required", "type": "Type", "uniqueItems": "UniqueItems",
	}
}

// ownCodes are violations for which the service has a code of its own, by
// keyword, path and missing or surplus member; * stands for an index.
func ownCodes() map[string]string {
	return map[string]string{
		"required / manifestVersion":              "Serialization_ManifestVersionPropertyMissing",
		"required / id":                           "CommonAppIdIsRequiredField",
		"pattern /id":                             "CommonAppIdIsNotGuid",
		"required / version":                      "VersionCannotBeEmpty",
		"required /name short":                    "ShortNameIsRequiredField",
		"maxLength /name/short":                   "ShortNameLengthCheck",
		"required /description short":             "ShortDescriptionCannotBeEmpty",
		"maxLength /description/short":            "ShortDescriptionLengthCheck",
		"required /description full":              "FullDescriptionCannotBeEmpty",
		"maxLength /description/full":             "FullDescriptionLengthCheck",
		"required /developer name":                "DeveloperNameIsRequiredField",
		"maxLength /developer/name":               "DeveloperNameLengthCheck",
		"required /developer websiteUrl":          "DeveloperWebsiteUrlIsRequiredField",
		"required /developer privacyUrl":          "DeveloperPrivacyUrlIsRequiredField",
		"required /developer termsOfUseUrl":       "DeveloperTermsOfUseUrlIsRequiredField",
		"pattern /bots/*/botId":                   "BotIdIsNotGuid",
		"pattern /composeExtensions/*/botId":      "BotBasedComposeExtensionBotIdNotGuid",
		"additionalProperties / localizationInfo": "LocalizationNeeds15",
	}
}

// schemaURL finds the version in a $schema URL, which may have a locale before
// or come from another host; the preview is also a branch of a repository.
var schemaURL = regexp.MustCompile(`(?i)/(?:teams/v|microsoft-teams-app-schema/preview/)([0-9]+\.[0-9]+|devPreview)/`)

// versionInURL returns "" when the URL names none.
func versionInURL(url string) string {
	m := schemaURL.FindStringSubmatch(url)
	switch {
	case m == nil:
		return ""
	case strings.EqualFold(m[1], rules.DevPreview):
		return rules.DevPreview
	}
	return m[1]
}

// schema judges the manifest by the rules of its manifestVersion. Only when
// that names no version does $schema choose the rules.
func (in *inspection) schema() {
	table, err := rules.Load()
	if err != nil {
		in.broken(err)
		return
	}
	declared := in.root.Get("manifestVersion")
	in.version = declared.Str()
	if !table.Has(rules.Manifest, in.version) {
		in.version = versionInURL(in.root.Get("$schema").Str())
	}
	if !table.Has(rules.Manifest, in.version) {
		in.version = ""
		versions := table.Versions(rules.Manifest)
		remedy := fmt.Sprintf("use one of %s to %s (1.18 does not exist)", versions[0], versions[len(versions)-2])
		switch {
		case declared == nil:
			in.report("Serialization_ManifestVersionPropertyMissing", "/manifestVersion", `"manifestVersion" is missing`, remedy)
		case declared.Kind == jsondoc.String && declared.Text == "":
			in.report("CommonManifestVersionIsRequiredField", "/manifestVersion", `"manifestVersion" is empty`, remedy)
		default:
			in.report("ManifestVersionUnknown", "/manifestVersion", fmt.Sprintf("there is no manifest version %s", shown(declared)), remedy)
		}
		return
	}
	in.violations(table, rules.Manifest, in.version)
}

// broken reports a defect of this program; it cannot be had with the table that
// the tests have seen.
func (in *inspection) broken(err error) {
	in.add(Finding{Rule: "ManifestVersionUnknown", Layer: LayerSchema, Severity: SeverityError, File: in.file, Message: err.Error()})
}

// violations adds what the rules of a kind and version have against the file.
func (in *inspection) violations(table *rules.Table, kind rules.Kind, version string) {
	found, err := table.Check(kind, version, in.root)
	if err != nil {
		in.broken(err)
		return
	}
	codes, names := ownCodes(), schemaRuleNames()
	for _, v := range found[:min(len(found), maxFindings)] {
		rule := schemaRulePrefix + names[v.Keyword]
		if kind == rules.Manifest {
			if code := codes[codeKey(v)]; code != "" {
				rule = code
			}
		}
		message, remedy := describe(v, version, table, kind)
		in.add(Finding{
			Rule: rule, Layer: LayerSchema, Severity: SeverityError, Keyword: v.Keyword, File: in.file, Path: v.Path,
			Line: v.Pos.Line, Column: v.Pos.Column, Message: message, Remedy: remedy,
		})
	}
}

var indexes = regexp.MustCompile(`/[0-9]+`)

func codeKey(v rules.Violation) string {
	path := indexes.ReplaceAllString(v.Path, "/*")
	switch v.Keyword {
	case "required", "additionalProperties":
		if path == "" {
			path = "/"
		}
		return v.Keyword + " " + path + " " + v.Detail[0]
	}
	return v.Keyword + " " + path
}
