package diag

import (
	"io"

	"github.com/hashicorp/hcl/v2"
)

// Write renders diagnostics as text with source snippets. files are the parsed
// sources by name, width is where lines break (0: nowhere, so that a log can be
// searched), color adds ANSI escapes.
func Write(w io.Writer, diags hcl.Diagnostics, files map[string]*hcl.File, width uint, color bool) error {
	out := Merge(diags)
	return hcl.NewDiagnosticTextWriter(w, files, width, color).WriteDiagnostics(out)
}
