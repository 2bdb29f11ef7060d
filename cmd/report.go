package cmd

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/cmd/view"
)

// diagnostics prints problems and warnings to standard error.
func (f *factory) diagnostics(diags hcl.Diagnostics, files map[string]*hcl.File) {
	_ = view.Diagnostics(f.io.Err, f.style(f.io.ErrTTY), diags, files)
}

func onlyErrors(diags hcl.Diagnostics) hcl.Diagnostics {
	var out hcl.Diagnostics
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			out = append(out, d)
		}
	}
	return out
}
