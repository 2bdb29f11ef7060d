package cmd

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
)

// ExitCode is what the process ends with. A pipeline branches on it, so this
// file is the only place that knows the numbers.
type ExitCode int

// The exit codes. Precedence where several hold: 130, 1, 4, 6, 5, 2, 3, 0.
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

// exitError ends a command with a code. What there was to say is said.
type exitError struct{ code ExitCode }

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// exit turns the error of a command into the exit code, and prints errors that
// cobra found in the command line.
func (f *factory) exit(err error) ExitCode {
	var coded exitError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &coded):
		if f.interrupted {
			return ExitInterrupted
		}
		return coded.code
	}
	fmt.Fprintf(f.io.Err, "Error: %s\n", err)
	return ExitError
}

// withDiagnostics returns the error for the worst diagnostic, or nil.
func withDiagnostics(diags hcl.Diagnostics) error {
	if c, found := diag.Worst(diags); found {
		return exitError{codeOf(c)}
	}
	return nil
}
