package apppackage

import (
	"errors"
	"fmt"
	"strings"
)

// Error is one reason why a package cannot be read. Code is the code of the
// service where it has one (Serialization_FileMissing, CommonAppIdIsNotGuid,
// ...) and otherwise ours. File is a path inside the package, or the path given
// to Open when the whole cannot be read. Line and Column count from 1 and are 0
// when there is no place.
type Error struct {
	Code         string
	File         string
	Line, Column int
	Message      string
	Remedy       string
}

// Error returns "file:line:column: message; remedy", as far as known.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	if e.Remedy != "" {
		b.WriteString("; ")
		b.WriteString(e.Remedy)
	}
	return b.String()
}

// Problems is every reason found, in the order of file and place. It is the
// type of the error that Open, Read and ReadFS return for a package that can be
// reached but not used; errors.As finds the single *Error too.
type Problems []*Error

// Error returns the problems one per line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, e := range p {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single problems to errors.As and errors.Is.
func (p Problems) Unwrap() []error {
	out := make([]error, len(p))
	for i, e := range p {
		out[i] = e
	}
	return out
}

// asError avoids a non-nil error that holds no problem.
func (p Problems) asError() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// ProblemsOf returns the problems inside an error of Open, Read or ReadFS, and
// nil when it is of another kind, such as a file that does not exist.
func ProblemsOf(err error) Problems {
	var p Problems
	if errors.As(err, &p) {
		return p
	}
	var e *Error
	if errors.As(err, &e) {
		return Problems{e}
	}
	return nil
}
