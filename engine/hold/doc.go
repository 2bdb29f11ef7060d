// Package hold is the record of an emergency: an app, or every custom app, that
// was taken away from everybody with a command and stays away until another
// command says otherwise, whatever the files say. Holds are ordinary records of
// the state, written while an apply may be running; this package reads and
// writes them, brings those of another document over, and edits plain values by
// the rules of the schema.
//
// It may import state and the leaves; engine, internal/teams and internal/ops
// import it.
package hold
