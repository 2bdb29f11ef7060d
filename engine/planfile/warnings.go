package planfile

import (
	"encoding/json"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
)

// warning is a diagnostic in the shape that Terraform gives them.
type warning struct {
	Severity string   `json:"severity"`
	Summary  string   `json:"summary"`
	Detail   string   `json:"detail,omitempty"`
	Address  string   `json:"address,omitempty"`
	Range    *rangeAt `json:"range,omitempty"`
}

type rangeAt struct {
	Filename string `json:"filename"`
	Start    pos    `json:"start"`
	End      pos    `json:"end"`
}

type pos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

func (e *encoder) warnings(b []byte, diags hcl.Diagnostics) ([]byte, error) {
	out := make([]warning, 0, len(diags))
	for _, d := range diags {
		w := warning{Severity: "warning", Summary: d.Summary, Detail: d.Detail, Address: diag.AddressOf(d)}
		if r := d.Subject; r != nil {
			w.Range = &rangeAt{Filename: r.Filename, Start: pos(r.Start), End: pos(r.End)}
		}
		out = append(out, w)
	}
	return appendPlain(b, out)
}

func warningsOf(raw json.RawMessage) (hcl.Diagnostics, error) {
	var list []warning
	if err := strict(raw, &list); err != nil {
		return nil, wrongf("%s", err)
	}
	out := make(hcl.Diagnostics, 0, len(list))
	for _, w := range list {
		var rng *hcl.Range
		if w.Range != nil {
			rng = &hcl.Range{Filename: w.Range.Filename, Start: hcl.Pos(w.Range.Start), End: hcl.Pos(w.Range.End)}
		}
		d := diag.Warning(rng, w.Summary, "%s", w.Detail)
		if w.Address != "" {
			d = diag.WithAddress(d, w.Address)
		}
		out = append(out, d)
	}
	return out, nil
}
