// Package model is what engine plans with, as data and interfaces: the plan, its
// operations and verdicts, the state records that it leads to, and what is
// asked of a tenant. Package engine names all of it as its own, so that nobody
// else needs to know of this package.
//
// It may import what engine may.
package model
