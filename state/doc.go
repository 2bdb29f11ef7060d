// Package state remembers what teamsform manages in a tenant: the document
// ([State]) with its streaming JSON codec, the journal of an apply that is
// running or was cut short ([Journal], [Fold]), and the backends that keep
// both ([Backend], [Local]).
//
// # The document
//
// One JSON document, laid out for people and git: the header on line 1, one
// object per line, one row per line, everything in key order, a digest over
// all bytes before it at the end. It is read and written as a stream. What a
// newer version wrote and this one does not know (top-level fields, fields of
// objects, whole tables, kinds) is kept verbatim.
//
// Attributes are raw JSON here: their meaning, and the upgrade of old ones,
// belongs to the kinds. Rollout progress and holds are ordinary objects.
//
// # What survives a crash
//
// An apply appends to the journal before each batch (intent) and after it
// (result), durably, and writes the document once, at the end. The document's
// header names the run whose journal it contains (journal_run). So at any
// moment one of these is true, and [Load] tells which ([Fit]):
//
//   - no journal, or one that the document contains already: use the document;
//   - a journal that starts from the document: replay it, look up what is in
//     doubt;
//   - any other journal: never replayed; its intents are looked up.
//
// The document is replaced first and the journal removed after it, by the same
// [Backend.Write]; a crash in between leaves a journal of the first sort.
//
// Writing a hold (block, unblock) needs no lease and may happen while an apply
// runs. It raises the serial and leaves base_serial behind: journals and plans
// that start anywhere from base_serial to serial still fit. See
// [State.RaiseForHold].
//
// # Imports
//
// The standard library, gofrs/flock, hcl for diagnostics, and
// the leaves addr, schema, table, jsonscan and diag; never config or engine.
package state
