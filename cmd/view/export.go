package view

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/ops"
)

// Export prints what an export wrote and what it left out.
func Export(w io.Writer, s Style, e *ops.Exported) error {
	var b strings.Builder
	head := &planView{plan: &engine.Plan{Header: engine.Header{Tenant: e.Tenant}}}
	head.tenant()
	fmt.Fprintf(&b, "%s\n%s\n", head.b.String(), s.bold(fmt.Sprintf("Wrote %d %s into %s", len(e.Written), pluralNoun(len(e.Written), "file"), filepath.ToSlash(e.Into))))
	for _, name := range e.Written {
		fmt.Fprintf(&b, "  %s\n", name)
	}
	if len(e.Counts) > 0 {
		fmt.Fprintf(&b, "\n%s\n", s.bold("What the tenant has"))
		for _, c := range e.Counts {
			fmt.Fprintf(&b, "  %5s %s\n", thousands(c.Count), plural(c.Count, c.One, c.Many))
		}
	}
	exportNotes(&b, s, "Left out, because they have Microsoft's default; they are not managed", e.Defaults)
	exportNotes(&b, s, "Skipped", e.Skipped)
	exportNotes(&b, s, "Could not be expressed", e.Cannot)
	exportUnknown(&b, s, e)
	switch {
	case e.Adopted == nil:
		fmt.Fprintf(&b, "\nNext: teamsform%s plan\n", chdirFlag(e.Into))
	case e.Adopted.Outcome != nil && e.Adopted.Outcome.Written:
		fmt.Fprintf(&b, "\nRecorded in the state: %d; nothing was sent.\n\nNext: teamsform%s plan\n", e.Adopted.Plan.ToRecord(), chdirFlag(e.Into))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func chdirFlag(dir string) string {
	if filepath.Clean(dir) == "." {
		return ""
	}
	dir = filepath.ToSlash(dir)
	if strings.ContainsAny(dir, " \t") {
		dir = `"` + dir + `"`
	}
	return " -C " + dir
}

func exportNotes(b *strings.Builder, s Style, title string, notes []ops.ExportNote) {
	if len(notes) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", s.bold(title))
	for _, n := range notes {
		line := config.OneLine(n.What)
		if len(n.Attrs) > 0 {
			line += ": " + strings.Join(n.Attrs, ", ")
		}
		if n.Why != "" && len(n.Attrs) > 0 {
			line += " (" + config.OneLine(n.Why) + ")"
		} else if n.Why != "" {
			line += ": " + config.OneLine(n.Why)
		}
		fmt.Fprintf(b, "  %s\n", line)
	}
}

// exportUnknown lists properties that the service has and no attribute stands
// for.
func exportUnknown(b *strings.Builder, s Style, e *ops.Exported) {
	if len(e.Unknown)+len(e.UnknownOf) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", s.bold("Properties of the service that no attribute stands for; they stay as they are"))
	for _, u := range e.Unknown {
		who := u.Addr
		if who == "" {
			who = fmt.Sprintf("%s %q", u.Kind, u.Key)
		}
		fmt.Fprintf(b, "  %s: %s = %s\n", who, u.Property, shortened(config.OneLine(u.JSON)))
	}
	for _, n := range e.UnknownOf {
		fmt.Fprintf(b, "  %s: %s (%s)\n", n.What, strings.Join(n.Attrs, ", "), n.Why)
	}
}

// shortened cuts a long value: it is shown to be recognised, not to be copied.
func shortened(text string) string {
	const most = 120
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "..."
	}
	return text
}

const exportFormat = "1.0"

// exportDoc is the JSON form.
type exportDoc struct {
	FormatVersion string             `json:"format_version"`
	Tenant        string             `json:"tenant_id"`
	Into          string             `json:"into"`
	Written       []string           `json:"written"`
	Counts        []exportCountDoc   `json:"counts"`
	Defaults      []exportNoteDoc    `json:"left_at_default"`
	Skipped       []exportNoteDoc    `json:"skipped"`
	Cannot        []exportNoteDoc    `json:"not_expressed"`
	Unknown       []exportUnknownDoc `json:"unknown_properties"`
	UnknownOf     []exportNoteDoc    `json:"unknown_empty_properties"`
	Recorded      *int               `json:"recorded,omitempty"`
}

type exportCountDoc struct {
	What  string `json:"what"`
	Count int    `json:"count"`
}

type exportNoteDoc struct {
	What   string   `json:"what"`
	Attrs  []string `json:"attributes,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

type exportUnknownDoc struct {
	Kind     string `json:"kind"`
	Key      string `json:"key"`
	Addr     string `json:"address,omitempty"`
	Property string `json:"property"`
	Value    string `json:"value"` // JSON as text
}

// ExportJSON prints the same for programs.
func ExportJSON(w io.Writer, _ Style, e *ops.Exported) error {
	doc := exportDoc{
		FormatVersion: exportFormat, Tenant: e.Tenant.ID, Into: filepath.ToSlash(e.Into), Written: e.Written, Counts: []exportCountDoc{},
		Defaults: exportNoteDocs(e.Defaults), Skipped: exportNoteDocs(e.Skipped), Cannot: exportNoteDocs(e.Cannot),
		Unknown: []exportUnknownDoc{}, UnknownOf: exportNoteDocs(e.UnknownOf),
	}
	for _, c := range e.Counts {
		doc.Counts = append(doc.Counts, exportCountDoc{c.Many, c.Count})
	}
	for _, u := range e.Unknown {
		doc.Unknown = append(doc.Unknown, exportUnknownDoc{u.Kind, u.Key, u.Addr, u.Property, u.JSON})
	}
	if e.Adopted != nil && e.Adopted.Outcome != nil {
		n := e.Adopted.Plan.ToRecord()
		doc.Recorded = &n
	}
	return writeJSON(w, doc)
}

func exportNoteDocs(notes []ops.ExportNote) []exportNoteDoc {
	out := []exportNoteDoc{}
	for _, n := range notes {
		out = append(out, exportNoteDoc{n.What, n.Attrs, n.Why})
	}
	return out
}
