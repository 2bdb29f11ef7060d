// Package packages holds the operations on single app packages (validate, show,
// compare, build), which need neither a configuration nor a tenant. They have
// the form of those of package ops: a struct whose exported fields are the
// options, and a Run method that returns values and diagnostics.
//
// It may import apppackage and the leaves.
package packages
