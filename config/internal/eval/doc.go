// Package eval checks bodies against what they may hold and evaluates their
// expressions.
//
//	body.go references.go blocks.go   names: what stands in a body, what it refers to
//	evaluate.go condition.go          values: expressions into plain data
//	late.go explain.go                values that only the service knows, wording
//
// What is faulty has been reported and counts as an unknown value; whatever is
// computed from an unknown value is skipped in silence.
//
// It imports the standard library, hcl, cty, the packages functions and
// problem below config, and the leaves diag and schema.
package eval
