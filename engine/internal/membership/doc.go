// Package membership tells people who joined or left by the directory from
// those whom an edit of the files brings or takes.
//
// It may import the model and the leaves.
package membership
