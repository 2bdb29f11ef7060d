package docgen

import (
	"fmt"

	"github.com/teamsform/teamsform/config"
)

// blocksPage documents the blocks that are no kinds, and what every kind takes.
func blocksPage(blocks []config.BlockInfo, every config.BlockInfo) string {
	var p page
	p.title("Blocks that are not managed objects")
	p.text("Settings, values, references, and blocks about other blocks. How they work together: [the language](../language.md).")
	for _, b := range blocks {
		blockSection(&p, b, "")
	}
	p.heading("In every block of a managed kind")
	p.table([]string{"attribute", "type", "", "what it is"}, blockRows(every))
	for _, b := range every.Blocks {
		blockSection(&p, b, "any block")
	}
	return p.String()
}

// blockSection documents a block and those inside it. within is what it stands
// in, "" at the top of a file.
func blockSection(p *page, b config.BlockInfo, within string) {
	header := "`" + b.Name + "`"
	if within == "" {
		p.heading(header)
	} else {
		p.subheading(header + " in " + within)
	}
	if b.Doc != "" {
		p.text(escape(b.Doc))
	}
	var facts []string
	for _, label := range b.Labels {
		facts = append(facts, "Label: the "+label+".")
	}
	if b.Once {
		facts = append(facts, "At most once.")
	}
	p.list(facts)
	if rows := blockRows(b); len(rows) > 0 {
		p.table([]string{"attribute", "type", "", "what it is"}, rows)
	}
	for _, inner := range b.Blocks {
		blockSection(p, inner, header)
	}
}

func blockRows(b config.BlockInfo) [][]string {
	var rows [][]string
	add := func(name, kind string, required bool, doc string) {
		need := "optional"
		if required {
			need = "required"
		}
		rows = append(rows, []string{fmt.Sprintf("`%s`", name), escape(kind), need, escape(doc)})
	}
	for _, a := range b.Free {
		add(a.Name, a.Type, a.Required, a.Doc)
	}
	for _, a := range b.Attrs {
		add(a.Name, a.Type.Describe(), a.Required, a.Doc)
	}
	return rows
}
