// Package rules holds the facts that the published JSON schemas state about
// manifests and language files (which members exist in which version, their
// types, limits, patterns and enumerations) and judges documents by them.
//
// The facts are one table, table.jsonl, written by ../genrules from the
// schemas; wording of the schemas is not part of it. A line is one rule, and
// rules refer to each other by line number, so what many versions share is
// stored once. The keywords mean what the validator of Microsoft's own tools
// makes of them, which is not quite the draft that the schemas name: const and
// if/then count although draft-04 has neither, and what stands beside a $ref
// counts too. There is no recursion among the rules, and the documents are
// bounded by their reader, hence evaluation always ends.
//
// It may import the standard library and ../jsondoc.
package rules
