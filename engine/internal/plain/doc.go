// Package plain works on values as plain data: bool, int64, string, references,
// lists and maps of these.
//
// It may import the leaves.
package plain
