// Command genrules writes the table of manifest rules from a folder of the
// published JSON schemas (v1.0/MicrosoftTeams.schema.json and so on):
//
//	go run ./internal/apppackage/internal/genrules -schemas DIR -out internal/apppackage/internal/rules/table.jsonl
//
// With -compare FILE it writes nothing and fails where a version of the file says
// something else; the preview, which changes from day to day, does not count.
//
// It takes names, types, limits, patterns, enumerations and versions, and leaves
// titles, descriptions and defaults. A keyword that it does not know ends it:
// leaving out a constraint in silence would make the table wrong.
//
// It may import the standard library and ../rules.
package main
