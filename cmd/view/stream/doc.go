// Package stream prints runs for programs: a plan or an apply as JSON lines,
// and the one document of a validation. The form is described in
// docs/json-output.md and by the schemas in docs/schema; a field that is there
// stays, and readers ignore what they do not know.
//
// It may import what cmd/view imports, and cmd/view itself.
package stream
