// Package jsondoc reads a JSON text into a tree that remembers where every
// value stands, so that a finding about a manifest can name a line and column.
//
// It is stricter than encoding/json where that package is silent (duplicate
// keys, invalid UTF-8) and says more where it is terse (trailing commas,
// comments, UTF-16 text). The input is taken to be hostile: nesting is bounded
// and nothing is allocated ahead of the bytes that justify it.
//
// It may import the standard library only.
package jsondoc
