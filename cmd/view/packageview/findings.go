package packageview

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

// format is the version of the JSON documents of this package. It is raised
// when a member goes or changes its meaning; new members do not count.
const format = "1.0"

// writeJSON prints a document for programs, indented.
func writeJSON(w io.Writer, doc any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

// Findings prints a verdict for people.
func Findings(w io.Writer, s view.Style, v *packages.Validated) error {
	var b strings.Builder
	b.WriteString(title(s, v.Path, v.Package) + "\n")
	findings(&b, s, v.Findings)
	b.WriteString(verdict(s, v.Findings) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// title names a package: what is known of it on one line.
func title(s view.Style, path string, p *apppackage.Package) string {
	if p == nil {
		return s.Bold(path)
	}
	m := p.Manifest
	out := s.Bold(fmt.Sprintf("%s %s", clean(m.Name.Short), clean(m.Version)))
	if m.Name.Short == "" {
		out = s.Bold(path)
	}
	if m.ManifestVersion != "" {
		out += ", manifest " + clean(m.ManifestVersion)
	}
	if p.Bare {
		return out + " (the manifest alone: icons and other files are not looked at)"
	}
	return out
}

func findings(b *strings.Builder, s view.Style, list []apppackage.Finding) {
	for _, f := range list {
		fmt.Fprintf(b, "  %s %s: %s %s\n", severity(s, f.Severity), place(f), clean(f.Message), s.Faint("("+f.Rule+")"))
		if f.Remedy != "" {
			fmt.Fprintf(b, "      %s\n", clean(f.Remedy))
		}
	}
}

// place is "file:line:column" as far as known.
func place(f apppackage.Finding) string {
	if f.Line == 0 {
		return clean(f.File)
	}
	return fmt.Sprintf("%s:%d:%d", clean(f.File), f.Line, f.Column)
}

func severity(s view.Style, of apppackage.Severity) string {
	switch of {
	case apppackage.SeverityError:
		return s.Red("error  ")
	case apppackage.SeverityWarning:
		return s.Yellow("warning")
	case apppackage.SeverityInfo, apppackage.SeverityOff:
	}
	return "info   "
}

// verdict counts, and says whether the package can be published.
func verdict(s view.Style, list []apppackage.Finding) string {
	count := map[apppackage.Severity]int{}
	for _, f := range list {
		count[f.Severity]++
	}
	counts := fmt.Sprintf("%s, %s", amount(count[apppackage.SeverityError], "error"), amount(count[apppackage.SeverityWarning], "warning"))
	if count[apppackage.SeverityError] > 0 {
		return s.Red("Not valid") + ": " + counts + "."
	}
	return s.Green("Valid") + ": " + counts + "."
}

func amount(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// clean keeps control characters of packages out of terminals and logs.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7F && r < 0xA0 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, text)
}

// finding is one finding of the JSON documents.
type finding struct {
	Rule     string `json:"rule"`
	Layer    string `json:"layer"`
	Severity string `json:"severity"`
	Keyword  string `json:"keyword"`
	File     string `json:"file"` // path inside the package
	Path     string `json:"path"` // JSON pointer in that file
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Message  string `json:"message"`
	Remedy   string `json:"remedy"`
}

func findingsJSON(list []apppackage.Finding) []finding {
	out := []finding{}
	for _, f := range list {
		out = append(out, finding{f.Rule, string(f.Layer), string(f.Severity), f.Keyword, f.File, f.Path, f.Line, f.Column, f.Message, f.Remedy})
	}
	return out
}

// FindingsJSON prints a verdict for programs.
func FindingsJSON(w io.Writer, v *packages.Validated) error {
	return writeJSON(w, struct {
		Format   string    `json:"format"`
		Valid    bool      `json:"valid"`
		Findings []finding `json:"findings"`
	}{format, v.Valid(), findingsJSON(v.Findings)})
}

// FindingsGitHub prints findings as commands of GitHub's runners, which show
// them as annotations of the changed lines.
func FindingsGitHub(w io.Writer, v *packages.Validated) error {
	var b strings.Builder
	for _, f := range v.Findings {
		command := map[apppackage.Severity]string{apppackage.SeverityError: "error", apppackage.SeverityWarning: "warning"}[f.Severity]
		if command == "" {
			command = "notice"
		}
		uri, inner := artifact(v, f)
		properties, text := "file="+property(uri), f.Message
		switch {
		case inner != "":
			text = place(f) + ": " + text
		case f.Line > 0:
			properties += fmt.Sprintf(",line=%d,col=%d", f.Line, f.Column)
		}
		if f.Remedy != "" {
			text += "\n" + f.Remedy
		}
		fmt.Fprintf(&b, "::%s %s,title=%s::%s\n", command, properties, property(f.Rule), data(text))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// data escapes the text of a command.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// property escapes a property of a command.
func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(text))
}

// artifact returns the file in the repository that a finding is about, with
// slashes. Where that is a zip, inner is the file in it.
func artifact(v *packages.Validated, f apppackage.Finding) (uri, inner string) {
	path := filepath.ToSlash(filepath.Clean(v.Path))
	switch {
	case v.Package != nil && v.Package.Bare, f.File == "", f.File == v.Path:
		return path, ""
	case strings.EqualFold(filepath.Ext(path), ".zip"):
		return path, f.File
	case strings.EqualFold(filepath.Ext(path), ".json"):
		return path, ""
	}
	return path + "/" + f.File, ""
}
