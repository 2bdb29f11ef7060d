// Package settings reads the blocks that are evaluated before everything else,
// from variables only: teamsform, tenant and guard.
//
// It imports the standard library, hcl, cty, the packages eval, files, problem
// and version below config, and the leaves diag, schema and table.
package settings
