// Package docgen writes the reference pages of docs/reference from what the
// program itself knows: the schemas of the kinds, the functions, guards and
// diagnostics of the language, and the help texts of the commands. A page that
// is written by hand beside a schema goes stale; these cannot, because a test
// compares the committed pages with what Pages gives.
//
// The examples on the pages are files in examples/. A test loads each of them.
//
// It may import schema and config. What it documents is given to it: the
// registry of kinds and the commands. Its command and its tests, which put
// everything together, may also import teams and cmd.
package docgen

//go:generate go run ./cmd/docgen
