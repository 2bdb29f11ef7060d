// Package examples carries the example configurations, so that the program can
// write one on a machine that has nothing else of this repository.
package examples

import "embed"

// FS holds one folder per example. State and tenant databases, whose names
// start with a dot, are not part of it.
//
//go:embed quickstart
var FS embed.FS
