// Package folder works on the files of a configuration as such, without
// evaluating them and without a tenant: canonical form, and writing an example
// into an empty folder.
//
// It may import examples and the leaves.
package folder
