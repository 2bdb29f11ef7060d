package view

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/ops"
)

// Import prints what an import recorded, and what the next plan will change.
func Import(w io.Writer, s Style, res *ops.Imported, to string) error {
	v := &planView{style: s, plan: res.Plan, names: newNames(res.Plan)}
	v.tenant()
	v.line("")
	c := res.Change
	if c == nil {
		v.line("%s manages it already. Nothing was recorded.", to)
		_, err := io.WriteString(w, v.b.String())
		return err
	}
	v.line("%s", v.style.bold(fmt.Sprintf("Imported: %s is managed from now on.", v.title(c))))
	v.line("Nothing was sent to the tenant.")
	if len(c.Attrs) == 0 {
		v.line("It is as its block says.")
	} else {
		v.line("")
		v.line("It differs from its block. The next plan will change:")
		for _, a := range c.Attrs {
			v.attribute(c, a)
		}
		v.line("")
		v.line("To keep a value as it is, write it into the block, or leave the attribute out.")
	}
	_, err := io.WriteString(w, v.b.String())
	return err
}

// importFormat is the version of the JSON of `import --json`.
const importFormat = "1.0"

// ImportJSON prints the same for programs.
func ImportJSON(w io.Writer, res *ops.Imported, to string) error {
	type change struct {
		Attribute string          `json:"attribute"`
		Before    json.RawMessage `json:"before"`
		After     json.RawMessage `json:"after"`
	}
	doc := struct {
		FormatVersion string   `json:"format_version"`
		Address       string   `json:"address"`
		Type          string   `json:"type,omitempty"`
		ID            string   `json:"id,omitempty"`
		Imported      bool     `json:"imported"`
		Serial        uint64   `json:"serial"`
		Differs       []change `json:"differs"`
	}{FormatVersion: importFormat, Address: to, Differs: []change{}}
	if res.Outcome != nil {
		doc.Serial = res.Outcome.Serial
	}
	if c := res.Change; c != nil {
		doc.Imported, doc.Type, doc.ID = true, c.Kind.Name, c.ID
		for _, a := range c.Attrs {
			before, after, err := bothValues(a)
			if err != nil {
				return err
			}
			doc.Differs = append(doc.Differs, change{a.Attr.Name, before, after})
		}
	}
	return writeJSON(w, doc)
}

func bothValues(a engine.AttrChange) (before, after json.RawMessage, err error) {
	if before, err = json.Marshal(a.Before); err == nil {
		after, err = json.Marshal(a.After)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("value of %s: %w", a.Attr.Name, err)
	}
	return before, after, nil
}
