// Package problem holds the fixed wording of what can be wrong with a
// configuration, and collects what is.
//
// It imports the standard library, hcl, the package people below config, and
// the leaves diag and schema.
package problem
