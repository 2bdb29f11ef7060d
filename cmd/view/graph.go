package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/ops/drawing"
)

// GraphMermaid draws blocks and references as a Mermaid flowchart, which pull
// requests and wikis show as a picture. An arrow leads to what is needed.
func GraphMermaid(w io.Writer, d *ops.Drawing) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	ids := map[addr.Instance]string{}
	for i, n := range d.Nodes {
		ids[n.Addr] = fmt.Sprintf("n%d", i+1)
		// Mermaid has no escapes inside quotes, only entities.
		label := strings.ReplaceAll(graphLabel(n), `"`, "#quot;")
		if n.Lookup {
			fmt.Fprintf(&b, "  n%d([\"%s\"])\n", i+1, label)
		} else {
			fmt.Fprintf(&b, "  n%d[\"%s\"]\n", i+1, label)
		}
	}
	for _, e := range d.Edges {
		arrow := "-->"
		if e.Declared {
			arrow = "-.->"
		}
		fmt.Fprintf(&b, "  %s %s %s\n", ids[e.From], arrow, ids[e.To])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// GraphDOT draws the same for Graphviz.
func GraphDOT(w io.Writer, d *ops.Drawing) error {
	var b strings.Builder
	b.WriteString("digraph teamsform {\n  rankdir = LR;\n  node [shape = box];\n")
	for _, n := range d.Nodes {
		style := ""
		if n.Lookup {
			style = ", style = rounded"
		}
		fmt.Fprintf(&b, "  %q [label = %q%s];\n", n.Addr, graphLabel(n), style)
	}
	for _, e := range d.Edges {
		style := ""
		if e.Declared {
			style = " [style = dashed]"
		}
		fmt.Fprintf(&b, "  %q -> %q%s;\n", e.From, e.To, style)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func graphLabel(n drawing.Node) string {
	if n.Each {
		return fmt.Sprintf("%s (%d)", n.Addr, n.Instances)
	}
	return n.Addr.String()
}

// graphFormat is the version of the JSON of `graph --json`.
const graphFormat = "1.0"

// GraphJSON prints the same for programs.
func GraphJSON(w io.Writer, d *ops.Drawing) error {
	type block struct {
		Address   string `json:"address"`
		Type      string `json:"type"`
		Managed   bool   `json:"managed"`
		Instances int    `json:"instances"`
		ForEach   bool   `json:"for_each"`
	}
	type reference struct {
		From    string `json:"from"`
		To      string `json:"to"`
		Depends bool   `json:"depends_on,omitempty"`
	}
	doc := struct {
		FormatVersion string      `json:"format_version"`
		Blocks        []block     `json:"blocks"`
		References    []reference `json:"references"`
	}{graphFormat, []block{}, []reference{}}
	for _, n := range d.Nodes {
		doc.Blocks = append(doc.Blocks, block{n.Addr.String(), n.Addr.Kind, !n.Lookup, n.Instances, n.Each})
	}
	for _, e := range d.Edges {
		doc.References = append(doc.References, reference{e.From.String(), e.To.String(), e.Declared})
	}
	return writeJSON(w, doc)
}
