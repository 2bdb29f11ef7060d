// Package files reads what lies inside one folder, links resolved, and holds
// the functions of the language that do. Each file read is remembered with its
// digest, for the digest of the configuration.
//
// It imports the standard library, hcl, cty, the packages problem and
// functions below config, and the leaves diag and schema.
package files
