package packageview

import (
	"fmt"
	"io"
	"strings"

	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

// Show prints what a package holds, for people. Icons are drawn where the
// terminal can.
func Show(w io.Writer, s view.Style, graphics Graphics, v *packages.Shown) error {
	p := v.Package
	var b strings.Builder
	b.WriteString(title(s, v.Path, p) + "\n")
	for _, line := range []struct{ name, text string }{
		{"Description", p.Manifest.Description.Short},
		{"Developer", developer(p.Manifest.Developer)},
		{"Manifest id", p.Manifest.ID},
		{"Digest", p.Digest},
	} {
		if line.text != "" {
			fmt.Fprintf(&b, "  %-12s %s\n", line.name, clean(line.text))
		}
	}
	o := p.Overview()
	section(&b, s, "What it can do", o.Capabilities, "nothing: no tab, bot or message extension")
	section(&b, s, "Permissions", o.Permissions, "none in the manifest")
	if p.Manifest.WebApplicationInfo != nil {
		b.WriteString("  (What the Entra application asks for besides is not in the package.)\n")
	}
	section(&b, s, "Domains", o.Domains, "none")
	section(&b, s, "Languages", o.Languages, "one, not named")
	if !p.Bare {
		var files []string
		for _, f := range p.Files {
			files = append(files, fmt.Sprintf("%s (%d bytes)", f.Name, len(f.Data)))
		}
		section(&b, s, "Files", files, "none")
	}
	if len(v.Problems) > 0 {
		var problems []string
		for _, e := range v.Problems {
			problems = append(problems, e.Error())
		}
		section(&b, s, "It cannot be published as it is", problems, "")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	return icons(w, s, graphics, p)
}

func developer(d apppackage.Developer) string {
	return strings.TrimSuffix(strings.TrimSpace(d.Name+", "+d.WebsiteURL), ",")
}

func section(b *strings.Builder, s view.Style, name string, lines []string, none string) {
	fmt.Fprintf(b, "\n%s\n", s.Bold(name))
	if len(lines) == 0 {
		fmt.Fprintf(b, "  %s\n", none)
	}
	for _, line := range lines {
		fmt.Fprintf(b, "  %s\n", clean(line))
	}
}

// ShowJSON prints what a package holds, for programs.
func ShowJSON(w io.Writer, v *packages.Shown) error {
	type file struct {
		Name  string `json:"name"`
		Bytes int    `json:"bytes"`
	}
	type problem struct {
		Rule    string `json:"rule"`
		File    string `json:"file"`
		Line    int    `json:"line"`
		Column  int    `json:"column"`
		Message string `json:"message"`
		Remedy  string `json:"remedy"`
	}
	p, o := v.Package, v.Package.Overview()
	doc := struct {
		Format          string    `json:"format"`
		ManifestID      string    `json:"manifest_id"`
		Version         string    `json:"version"`
		ManifestVersion string    `json:"manifest_version"`
		Name            string    `json:"name"`
		FullName        string    `json:"full_name"`
		Description     string    `json:"description"`
		Developer       string    `json:"developer"`
		Digest          string    `json:"digest"`
		ManifestOnly    bool      `json:"manifest_only"`
		Capabilities    []string  `json:"capabilities"`
		Permissions     []string  `json:"permissions"`
		Domains         []string  `json:"domains"`
		Languages       []string  `json:"languages"`
		Files           []file    `json:"files"`
		Problems        []problem `json:"problems"`
	}{
		Format: format, ManifestID: p.Manifest.ID, Version: p.Manifest.Version, ManifestVersion: p.Manifest.ManifestVersion, Name: p.Manifest.Name.Short,
		FullName: p.Manifest.Name.Full, Description: p.Manifest.Description.Short, Developer: p.Manifest.Developer.Name, Digest: p.Digest, ManifestOnly: p.Bare,
		Capabilities: orEmpty(o.Capabilities), Permissions: orEmpty(o.Permissions), Domains: orEmpty(o.Domains), Languages: orEmpty(o.Languages),
		Files: []file{}, Problems: []problem{},
	}
	for _, f := range p.Files {
		doc.Files = append(doc.Files, file{f.Name, len(f.Data)})
	}
	for _, e := range v.Problems {
		doc.Problems = append(doc.Problems, problem{e.Code, e.File, e.Line, e.Column, e.Message, e.Remedy})
	}
	return writeJSON(w, doc)
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
