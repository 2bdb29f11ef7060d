// Package engine plans and applies. It knows collections of objects and tables
// of rows, not Teams: what it needs of a tenant it declares here as small
// interfaces ([Collection], [Table], [Compiler]), and internal/teams
// implements them.
//
// A plan evaluates nothing twice: desired objects come from config as plain
// data, each touched collection is listed once, and prior, desired and actual
// meet in one three-way merge on their natural keys (join.go, decide.go,
// rows.go). The result is data (plan.go). Apply executes it unchanged, in
// phases (phases.go, order.go), with an intent journaled before each batch and
// a result after it (apply.go, batch.go).
//
// It may import config, state and the leaves; never teams, msgraph, access,
// rollout or cmd.
package engine

//go:generate go run ../internal/docgen/cmd/names
