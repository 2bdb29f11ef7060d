package packageview

import (
	"io"
	"net/url"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

// The parts of SARIF 2.1.0 (OASIS, 2020) that are written.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID            string           `json:"id"`
	Short         sarifText        `json:"shortDescription"`
	Configuration sarifConfig      `json:"defaultConfiguration"`
	Properties    sarifRuleDetails `json:"properties"`
}

type sarifRuleDetails struct {
	Layer string `json:"layer"`
}

type sarifConfig struct {
	Level string `json:"level"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

// FindingsSARIF prints findings for code scanning. tool is the version of the
// program. Findings without a place stand at the beginning of their file; for
// one in a zip the file is the zip, and the text names the file in it.
func FindingsSARIF(w io.Writer, v *packages.Validated, tool string) error {
	driver := sarifDriver{Name: "teamsform", Version: tool, InformationURI: "https://github.com/teamsform/teamsform", Rules: []sarifRule{}}
	index := map[string]int{}
	results := []sarifResult{}
	for _, f := range v.Findings {
		i, ok := index[f.Rule]
		if !ok {
			i = len(driver.Rules)
			index[f.Rule] = i
			driver.Rules = append(driver.Rules, ruleOf(f))
		}
		results = append(results, result(v, f, i))
	}
	return writeJSON(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{{Tool: sarifTool{driver}, ColumnKind: "unicodeCodePoints", Results: results}},
	})
}

func ruleOf(f apppackage.Finding) sarifRule {
	info := apppackage.RuleOf(f.Rule)
	return sarifRule{
		ID: f.Rule, Short: sarifText{info.Summary}, Configuration: sarifConfig{level(info.Severity)}, Properties: sarifRuleDetails{string(info.Layer)},
	}
}

func result(v *packages.Validated, f apppackage.Finding, rule int) sarifResult {
	uri, inner := artifact(v, f)
	at := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{escapePath(uri)}, Region: sarifRegion{max(f.Line, 1), max(f.Column, 1)}}}
	text := f.Message
	if inner != "" {
		at.Physical.Region = sarifRegion{1, 1}
		at.Logical = append(at.Logical, sarifLogical{place(f), "resource"})
		text = place(f) + ": " + text
	}
	if f.Path != "" {
		at.Logical = append(at.Logical, sarifLogical{f.Path, "member"})
	}
	if f.Remedy != "" {
		text += "; " + f.Remedy
	}
	return sarifResult{RuleID: f.Rule, RuleIndex: rule, Level: level(f.Severity), Message: sarifText{text}, Locations: []sarifLocation{at}}
}

func level(s apppackage.Severity) string {
	switch s {
	case apppackage.SeverityError:
		return "error"
	case apppackage.SeverityWarning:
		return "warning"
	case apppackage.SeverityOff:
		return "none"
	case apppackage.SeverityInfo:
	}
	return "note"
}

// escapePath makes a path a relative reference as URIs write it.
func escapePath(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/")
}
