// Package ops holds whole operations (validate, plan, apply, show, init)
// without flags and without printing: a struct whose exported fields are the
// options, and a Run method that returns values and diagnostics. It wires
// everything below it.
//
// It may import config, state, engine, teams, apppackage, msgraph, teamsadmin
// and the leaves; never cmd, and never the emulated tenant: how a tenant is
// reached is given to it as a Connect function.
package ops
