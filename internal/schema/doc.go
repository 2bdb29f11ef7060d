// Package schema describes kinds: the types of object that a configuration may
// declare. One [Kind] is the single source from which decoding, validation,
// ownership, comparison, state encoding and the reference documentation come.
//
// An attribute's value lives in two forms. At the edge to HCL it is a cty
// value; everywhere else it is plain data: bool, int64, string, [Ref], []any
// and map[string]any of these. A [Type] converts between them.
//
// It is a leaf: it imports the standard library, hcl, cty, and the leaves diag
// and addr.
package schema
