package state

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/diag"
)

// Backend keeps one document and one journal. Four verbs, so that encryption
// or another place can be put underneath.
type Backend interface {
	// Read returns what is kept, without a lease. The parts fit together even
	// while another run writes.
	Read(ctx context.Context) (Snapshot, error)

	// Write replaces the document if the present one is expect (the zero Meta:
	// if there is none), else it fails with *ConflictError. Then it drops the
	// journal of the run s.JournalRun; any other journal stays. The serial of s
	// must be higher than the present one; if it is equal, the document is left
	// alone and only the journal is dropped (see State.Advance).
	//
	// After a failure, or a crash at any point, the old or the new document is
	// whole in place, and the journal is there unless the new document is.
	// Write needs no lease: a hold is written while an apply runs.
	Write(ctx context.Context, expect Meta, s *State) (Meta, error)

	// Lease keeps other runs from writing. It fails with *LockedError when
	// another holds it. Missing parts of info are filled in.
	Lease(ctx context.Context, info LockInfo) (Lease, error)

	// Append adds a line, without its line end, to the journal of the run that
	// holds the lease, durably. seq 0 starts a journal with its header; one
	// that is in the way is put aside under another name. Others follow in
	// steps of one. After an error nothing can be appended any more.
	Append(ctx context.Context, seq uint64, line []byte) error
}

// Lease is the right to write, until released or lost.
type Lease interface {
	// Check fails when the lease is lost. Ask before each batch.
	Check(ctx context.Context) error
	// Release gives the lease back. Releasing twice is no error.
	Release(ctx context.Context) error
}

// Snapshot is what a backend keeps, as it lies there.
type Snapshot struct {
	State   []byte // nil: none
	Journal []byte // nil: none
	Meta    Meta   // of State, not verified; what Write expects
	// Names of both for messages, such as paths.
	StateName, JournalName string
}

// LockInfo says who holds a lease and what for: the fields that Terraform has,
// and the URL of the CI run.
type LockInfo struct {
	ID        string    `json:"ID"`
	Operation string    `json:"Operation"` // such as "apply"
	Info      string    `json:"Info"`      // free text
	Who       string    `json:"Who"`       // user@host
	Version   string    `json:"Version"`   // of teamsform
	Created   time.Time `json:"Created"`
	Path      string    `json:"Path"`
	RunURL    string    `json:"RunURL,omitempty"`
}

// LockedError says that another run holds the lease.
type LockedError struct {
	Path   string   // what is locked
	Holder LockInfo // zero when the holder is not known
	Advice string   // what to do, in sentences
}

// Error names the holder, since when, the operation and the way out.
func (e *LockedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is locked", e.Path)
	h := e.Holder
	if h.Who != "" {
		fmt.Fprintf(&b, " by %s", h.Who)
	}
	if h.Operation != "" {
		fmt.Fprintf(&b, " for %s", h.Operation)
	}
	if !h.Created.IsZero() {
		fmt.Fprintf(&b, " since %s", h.Created.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	if h.Info != "" {
		fmt.Fprintf(&b, " (%s)", h.Info)
	}
	if h.RunURL != "" {
		fmt.Fprintf(&b, ", run %s", h.RunURL)
	}
	if h.ID != "" {
		fmt.Fprintf(&b, ", lock %s", h.ID)
	}
	b.WriteString(".")
	if e.Advice != "" {
		b.WriteString(" " + e.Advice)
	}
	return b.String()
}

// Class gives the exit class: refused.
func (e *LockedError) Class() diag.Class { return diag.ClassRefused }

// ConflictError says that the document is not the one that was expected:
// another run has written in between.
type ConflictError struct {
	Path          string
	Expect, Found Meta
}

// Error says what was expected and found, and the way out.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s has changed since it was read: expected %s, found %s. Nothing was written. Run the command again: it starts from the present state.",
		e.Path, e.Expect, e.Found)
}

// Class gives the exit class: refused.
func (e *ConflictError) Class() diag.Class { return diag.ClassRefused }

// String describes a document for messages.
func (m Meta) String() string {
	if m == (Meta{}) {
		return "no state"
	}
	return fmt.Sprintf("serial %d of lineage %s", m.Serial, m.Lineage)
}
