// Package diag holds what every part needs to speak about problems with the
// user's input or the tenant's data: constructors for [hcl.Diagnostics],
// suggestions, merging of equal problems, and the text writer.
//
// A summary is short and worded the same each time, without names of the
// user's things, so that equal problems read equal and can be merged. The
// detail names the thing, says why, and ends with the way out.
//
// It is a leaf: it imports the standard library and hcl only.
package diag
