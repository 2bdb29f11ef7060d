// Package planfile writes plans to files and reads them back: one writer, one
// reader, one format.
//
// A plan file is one JSON document ([Write]) that holds everything an apply
// executes, except the bytes of app packages, which are found by their digest,
// and values that come from sensitive variables. It is laid out for people and
// git: one field of the document a line, lists with one element a line, rows
// with one person a line. Field names are those of Terraform's JSON plan where
// the meaning is the same (format_version, timestamp, resource_changes with
// address, type and change, resource_drift, output_changes, applyable,
// complete). Equal plans give equal bytes, and the digest at the end covers all
// bytes before it.
//
// What a plan holds is plain data, so most of it is carried by a general rule
// (encode.go, decode.go): a struct is an object with its fields in the order in
// which they are declared, names in lower case with "_"; what is zero is left
// out. Only what Terraform has a shape for (change.go) and what there may be
// millions of (rows.go) is written by hand. A field that somebody adds to
// [engine.Plan] therefore travels by itself, and docs/schema/plan.schema.json, which
// the same rule generates (schema.go), says so.
//
// [Effect] is the digest of what a plan would do in the tenant, whatever it
// looks like and whenever it was made.
//
// It may import engine and the leaves.
package planfile
