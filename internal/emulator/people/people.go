package people

import (
	"fmt"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

// SnapshotFormat is the version of the snapshots that are understood.
const SnapshotFormat = 1

// Directory is a people file that has been checked: identifiers are filled in
// and unique, users and groups are in order of their id, and every reference
// is resolved.
type Directory struct {
	Users  []User
	Groups []Group
}

// User is one person.
type User struct {
	ID       ids.ID
	UPN      string
	Name     string // the UPN's local part if the file has none
	Mail     string // may be empty
	Guest    bool
	Disabled bool
}

// Group is one group with its direct members, each list in order of id.
type Group struct {
	ID     ids.ID
	Name   string
	Mail   string // may be empty
	Users  []ids.ID
	Groups []ids.ID
}

// Error is a problem of the file, with its place and a way out.
type Error struct {
	Line, Column int // from 1; 0 if the problem has no single place
	Message      string
	Remedy       string
}

func (e *Error) Error() string {
	text := e.Message
	if e.Line > 0 {
		text = fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
	}
	if e.Remedy != "" {
		text += "; " + e.Remedy
	}
	return "people file: " + text
}
