package diag

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// mergeAfter is how many diagnostics with one summary are shown in full before
// the rest are folded into a count. Five thousand unknown users are one problem.
const mergeAfter = 5

// Merge folds diagnostics that share severity and summary: the first few stay
// as they are, the rest become one line of count and samples. Exact repeats
// are dropped. The order of first appearance is kept.
func Merge(diags hcl.Diagnostics) hcl.Diagnostics {
	type group struct {
		kept   []*hcl.Diagnostic
		folded []*hcl.Diagnostic
	}
	groups := map[string]*group{}
	seen := map[string]bool{}
	var order []string
	for _, d := range diags {
		id := fmt.Sprint(d.Severity, "\x00", d.Summary, "\x00", d.Detail, "\x00", d.Subject)
		if seen[id] {
			continue
		}
		seen[id] = true
		key := fmt.Sprint(d.Severity, "\x00", d.Summary)
		g := groups[key]
		if g == nil {
			g = &group{}
			groups[key] = g
			order = append(order, key)
		}
		if len(g.kept) < mergeAfter {
			g.kept = append(g.kept, d)
		} else {
			g.folded = append(g.folded, d)
		}
	}
	var out hcl.Diagnostics
	for _, key := range order {
		g := groups[key]
		out = append(out, g.kept...)
		if n := len(g.folded); n > 0 {
			out = append(out, summaryOf(g.folded, n))
		}
	}
	return out
}

// summaryOf stands for n further diagnostics like the first of folded.
func summaryOf(folded []*hcl.Diagnostic, n int) *hcl.Diagnostic {
	first := folded[0]
	var places []string
	for _, d := range folded {
		if d.Subject != nil && len(places) < 3 {
			places = append(places, fmt.Sprintf("%s:%d", d.Subject.Filename, d.Subject.Start.Line))
		}
	}
	detail := fmt.Sprintf("%d more of the same kind are not shown.", n)
	if len(places) > 0 {
		detail += " Among them: " + strings.Join(places, ", ") + "."
	}
	return &hcl.Diagnostic{Severity: first.Severity, Summary: first.Summary, Detail: detail, Extra: first.Extra}
}
