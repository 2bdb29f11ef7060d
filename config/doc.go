// Package config turns a folder of HCL files into a [Config]: plain data that
// names what the tenant should hold. It works offline and evaluates every
// block once.
//
// The steps of [Load], each in files of its own:
//
//	source.go              find and parse the files
//	toplevel.go            sort the blocks by type, refuse what is unknown
//	graph.go names.go      which block needs which; an order without cycles
//	instance.go object.go users.go lookup.go  evaluate in that order
//	module.go refactor.go adopt.go   other folders; moved, removed, import, ignore
//	explain.go             wording of references that lead nowhere
//
// What knows nothing of these steps lies below: internal/variables and
// internal/settings read the blocks that are evaluated first, internal/eval
// checks bodies and evaluates expressions, internal/files reads inside one
// folder, internal/problem holds what can be wrong, internal/people reads names
// and CSV files, internal/functions the functions of the language,
// internal/version compares releases.
//
// A problem with the input is a diagnostic with a place and a way out, and
// never stops the rest: what a faulty block would have given is an unknown
// value, and whatever is computed from an unknown value is skipped in silence,
// because its cause has been reported. Nothing else is ever unknown here.
//
// It imports the standard library, hcl, cty, the packages below it, and the
// leaves diag, addr, schema and table. It never imports state, engine or teams.
package config
