// Package cmd is the command line: one file per command, each an options
// struct, a constructor for cobra, and a run function. What a command does is
// in internal/ops, what it prints in cmd/view; here flags become options and
// results become exit codes.
//
// It may import everything; nothing imports it but the main package.
package cmd
