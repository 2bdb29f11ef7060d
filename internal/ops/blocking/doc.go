// Package blocking is what an administrator does in an emergency: take an app, or
// every custom app, away from everybody, and end that again. Like the package
// above it, it holds whole operations without flags and without printing.
//
// It may import internal/ops, config, state, engine, engine/hold, internal/teams
// and the leaves.
package blocking
