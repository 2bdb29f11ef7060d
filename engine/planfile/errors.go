package planfile

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
)

// The summaries of what can be wrong with a plan file.
const (
	SummaryNotPlan      = "Not a plan file"
	SummaryCutOff       = "Plan file is cut off"
	SummaryDigest       = "Plan file was changed"
	SummaryDamaged      = "Plan file is damaged"
	SummaryNewer        = "Plan file was made by a newer teamsform"
	SummaryOtherVersion = "Plan file was made by another version"
)

// problem is an error about the content of the file, at the line that is read.
func (d *reader) problem(summary, format string, args ...any) error {
	line := d.Line()
	rng := &hcl.Range{Filename: d.name, Start: hcl.Pos{Line: line, Column: 1}, End: hcl.Pos{Line: line, Column: 1}}
	return hcl.Diagnostics{diag.Error(rng, summary, format, args...)}
}
