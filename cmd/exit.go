package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/diag"
)

// ExitCode is what the process ends with. A pipeline branches on it, so this
// file is the only place that knows the numbers.
type ExitCode int

// The exit codes. exitCodes says what they mean, in order of precedence.
const (
	ExitOK          ExitCode = 0
	ExitError       ExitCode = 1
	ExitChanges     ExitCode = 2 // with --detailed-exitcode
	ExitDrift       ExitCode = 3 // with --detailed-exitcode: every change is a change back
	ExitSignIn      ExitCode = 4
	ExitRefused     ExitCode = 5
	ExitPartial     ExitCode = 6
	ExitInterrupted ExitCode = 130
)

// exitMeaning is one exit code for people.
type exitMeaning struct {
	code ExitCode
	doc  string
}

// exitCodes lists every exit code. Where several hold, the first counts.
func exitCodes() []exitMeaning {
	return []exitMeaning{
		{ExitInterrupted, "interrupted; what was done is recorded"},
		{ExitError, "an error, in the files, the command line or the services"},
		{ExitSignIn, "signing in failed, or this program cannot reach such a tenant"},
		{ExitPartial, "partly applied: something failed or was held back, the rest was done and recorded"},
		{ExitRefused, "refused: a protection stands in the way of an apply"},
		{ExitChanges, "with --detailed-exitcode: there are changes"},
		{ExitDrift, "with --detailed-exitcode, and from drift: all that is different was changed by someone else"},
		{ExitOK, "done; with --detailed-exitcode, and from drift: no changes"},
	}
}

// codeOf gives the exit code of a class of problem.
func codeOf(c diag.Class) ExitCode {
	switch c {
	case diag.ClassSignIn:
		return ExitSignIn
	case diag.ClassRefused:
		return ExitRefused
	case diag.ClassPartial:
		return ExitPartial
	case diag.ClassError:
	}
	return ExitError
}

// ending is all that decides the exit code of a run. Every command that ends
// with more than success or an error fills one in, so that one place weighs.
type ending struct {
	interrupted bool            // stopped by a signal before it was done
	diags       hcl.Diagnostics // errors count by their class
	partial     bool            // something failed or was held back, the rest was done
	differs     bool            // there are changes
	driftOnly   bool            // all that differs was changed by someone else
	detailed    bool            // differences count
}

// code returns the first of exitCodes that holds.
func (e ending) code() ExitCode {
	holds := map[ExitCode]bool{
		ExitOK: true, ExitInterrupted: e.interrupted, ExitPartial: e.partial,
		ExitChanges: e.detailed && e.differs && !e.driftOnly, ExitDrift: e.detailed && e.driftOnly,
	}
	for _, d := range e.diags {
		if d.Severity == hcl.DiagError {
			holds[codeOf(diag.ClassOf(d))] = true
		}
	}
	for _, m := range exitCodes() {
		if holds[m.code] {
			return m.code
		}
	}
	return ExitOK
}

// err is the error that ends the command with the code, nil for success.
func (e ending) err() error {
	if code := e.code(); code != ExitOK {
		return exitError{code}
	}
	return nil
}

// planned takes over what a plan found.
func (e ending) planned(p *engine.Plan) ending {
	if p != nil {
		e.driftOnly = p.DriftOnly() || p.Drifted()
		e.differs = e.driftOnly || !p.Empty()
	}
	return e
}

// withDiagnostics returns the error for the worst diagnostic, or nil.
func withDiagnostics(diags hcl.Diagnostics) error { return ending{diags: diags}.err() }

// exitError ends a command with a code. What there was to say is said.
type exitError struct{ code ExitCode }

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// exit turns the error of a command into the exit code, and prints errors that
// cobra found in the command line.
func (f *factory) exit(err error) ExitCode {
	code, said := f.code(err)
	if !said {
		fmt.Fprintf(f.io.Err, "Error: %s\n", err)
	}
	return code
}

// code gives the exit code for the error of a command, and whether what it
// means was told already.
func (f *factory) code(err error) (code ExitCode, said bool) {
	var coded exitError
	switch {
	case f.interrupts.came():
		return ExitInterrupted, err == nil || errors.As(err, &coded) || errors.Is(err, context.Canceled)
	case err == nil:
		return ExitOK, true
	case !errors.As(err, &coded):
		return ExitError, false
	}
	return coded.code, true
}
