package diag

import (
	"context"
	"errors"
	"fmt"
	"sort"

	"github.com/hashicorp/hcl/v2"
)

// Class sorts a failed run into the exit code that a pipeline branches on.
// The zero Class is an ordinary error.
type Class int

// The classes, in the words of `teamsform help exit-codes`.
const (
	ClassError   Class = iota // 1: wrong input, a failed read, a failed expectation
	ClassSignIn               // 4: sign-in or permission missing
	ClassRefused              // 5: refused by a guard, a hold, a lock or a stale plan
	ClassPartial              // 6: some of the changes were made
)

// extra is what teamsform hangs on a diagnostic besides hcl's own fields.
type extra struct {
	class   Class
	address string
}

// Error returns an error diagnostic. rng may be nil when no place in a file is
// to blame.
func Error(rng *hcl.Range, summary, format string, args ...any) *hcl.Diagnostic {
	return build(hcl.DiagError, rng, summary, format, args...)
}

// Warning returns a warning diagnostic.
func Warning(rng *hcl.Range, summary, format string, args ...any) *hcl.Diagnostic {
	return build(hcl.DiagWarning, rng, summary, format, args...)
}

func build(sev hcl.DiagnosticSeverity, rng *hcl.Range, summary, format string, args ...any) *hcl.Diagnostic {
	detail := format
	if len(args) > 0 {
		detail = fmt.Sprintf(format, args...)
	}
	return &hcl.Diagnostic{Severity: sev, Summary: summary, Detail: detail, Subject: rng}
}

// FromError wraps an I/O or service failure as a diagnostic, keeping its class
// when it carries one. A nil error gives no diagnostics.
func FromError(summary string, err error) hcl.Diagnostics {
	if err == nil {
		return nil
	}
	var diags hcl.Diagnostics
	if errors.As(err, &diags) {
		return diags
	}
	if errors.Is(err, context.Canceled) {
		return hcl.Diagnostics{Error(nil, "Interrupted", "The run was stopped before it had finished.")}
	}
	d := Error(nil, summary, "%s", err.Error())
	var c interface{ Class() Class }
	if errors.As(err, &c) {
		d = WithClass(d, c.Class())
	}
	return hcl.Diagnostics{d}
}

// WithClass marks d with the exit class it leads to and returns d.
func WithClass(d *hcl.Diagnostic, c Class) *hcl.Diagnostic {
	e, _ := d.Extra.(extra)
	e.class = c
	d.Extra = e
	return d
}

// WithAddress says which configured object d is about and returns d.
func WithAddress(d *hcl.Diagnostic, address string) *hcl.Diagnostic {
	e, _ := d.Extra.(extra)
	e.address = address
	d.Extra = e
	return d
}

// ClassOf returns the class of d.
func ClassOf(d *hcl.Diagnostic) Class {
	e, _ := d.Extra.(extra)
	return e.class
}

// AddressOf returns the address that d is about, or "".
func AddressOf(d *hcl.Diagnostic) string {
	e, _ := d.Extra.(extra)
	return e.address
}

// Worst returns the class that decides the exit code of diags. Precedence is
// that of the exit codes: 1, 4, 6, 5.
func Worst(diags hcl.Diagnostics) (Class, bool) {
	order := map[Class]int{ClassError: 0, ClassSignIn: 1, ClassPartial: 2, ClassRefused: 3}
	best, found := ClassError, false
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		if c := ClassOf(d); !found || order[c] < order[best] {
			best, found = c, true
		}
	}
	return best, found
}

// Sort orders diagnostics by file and position, errors before warnings at the
// same place; those without a place come last. The order of equals is kept.
func Sort(diags hcl.Diagnostics) {
	key := func(d *hcl.Diagnostic) (string, int, int) {
		if d.Subject == nil {
			return "\xff", 0, int(d.Severity)
		}
		return d.Subject.Filename, d.Subject.Start.Byte, int(d.Severity)
	}
	sort.SliceStable(diags, func(i, j int) bool {
		fi, bi, si := key(diags[i])
		fj, bj, sj := key(diags[j])
		if fi != fj {
			return fi < fj
		}
		if bi != bj {
			return bi < bj
		}
		return si < sj
	})
}
