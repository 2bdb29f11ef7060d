package problem

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
)

// Log collects diagnostics in the order in which they are found. Exact repeats
// are left out, because the instances of one block repeat them. The zero Log
// is ready.
type Log struct {
	Diags  hcl.Diagnostics
	Errors int // errors so far, repeats included

	seen map[seenKey]bool
}

// seenKey tells diagnostics apart.
type seenKey struct {
	summary, detail, file string
	pos                   int
}

// Add collects diagnostics.
func (l *Log) Add(diags ...*hcl.Diagnostic) {
	for _, d := range diags {
		key := seenKey{summary: d.Summary, detail: d.Detail}
		if d.Subject != nil {
			key.file, key.pos = d.Subject.Filename, d.Subject.Start.Byte
		}
		if d.Severity == hcl.DiagError {
			l.Errors++
		}
		if l.seen[key] {
			continue
		}
		if l.seen == nil {
			l.seen = map[seenKey]bool{}
		}
		l.seen[key] = true
		l.Diags = append(l.Diags, d)
	}
}

// Error adds an error. rng is nil where no place in a file is to blame.
func (l *Log) Error(rng *hcl.Range, summary, format string, args ...any) {
	l.Add(diag.Error(rng, summary, format, args...))
}

// Warn adds a warning.
func (l *Log) Warn(rng *hcl.Range, summary, format string, args ...any) {
	l.Add(diag.Warning(rng, summary, format, args...))
}

// Place gives a range as people write it: file:line.
func Place(r hcl.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }
