// Package variables reads variable blocks and finds, converts and judges their
// values: from the environment, files and flags, or from a module block.
//
// It imports the standard library, hcl, cty, the packages eval, files,
// functions and problem below config, and the leaves diag and schema.
package variables
