package state

import (
	"bytes"
	"context"
	"fmt"

	"github.com/teamsform/teamsform/internal/table"
)

// Fit says how a journal stands to a document.
type Fit int

// The fits.
const (
	FitNone    Fit = iota // there is no journal, or nothing was sent in its name
	FitFolded             // the document contains it already
	FitStarts             // it starts from the document: replay it
	FitForeign            // anything else: set aside, its intents are looked up, never replayed
)

// FitOf says how j stands to s. Both may be nil: no document, no journal.
func FitOf(s *State, j *Journal) Fit {
	switch {
	case j == nil || j.Header.Run == "" || len(j.Entries) == 0:
		return FitNone
	case s == nil && j.Header.Serial == 0:
		return FitStarts
	case s == nil || s.Lineage != j.Header.Lineage:
		return FitForeign
	case s.JournalRun == j.Header.Run:
		return FitFolded
	case j.Header.Serial >= s.Base() && j.Header.Serial <= s.Serial:
		return FitStarts
	}
	return FitForeign
}

// Matches reports whether j may be replayed on s.
func Matches(s *State, j *Journal) bool { return FitOf(s, j) == FitStarts }

// Loaded is what a backend keeps, read.
type Loaded struct {
	State   *State   // nil: none
	Meta    Meta     // what Write expects
	Journal *Journal // nil: none
	Fit     Fit      // of Journal to State
}

// Load reads document and journal of a backend and says how they stand to each
// other. It changes nothing.
func Load(ctx context.Context, b Backend, interner *table.Strings) (*Loaded, error) {
	snap, err := b.Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	l := &Loaded{Meta: snap.Meta}
	if snap.State != nil {
		l.State, err = DecodeWith(bytes.NewReader(snap.State), interner, DecodeOptions{File: snap.StateName})
		if err != nil {
			return nil, err
		}
	}
	if snap.Journal != nil {
		l.Journal, err = ReadJournal(bytes.NewReader(snap.Journal), snap.JournalName)
		if err != nil {
			return nil, err
		}
	}
	l.Fit = FitOf(l.State, l.Journal)
	return l, nil
}

// Replayed returns the state with its journal carried in where it fits, and
// what is in doubt. A run whose first apply was cut short has a journal and no
// document: it is replayed on an empty state of the journal's lineage. Without
// both the state is nil.
func (l *Loaded) Replayed(interner *table.Strings) (*State, []InDoubt) {
	if l.Fit != FitStarts {
		return l.State, nil
	}
	s := l.State
	if s == nil {
		h := l.Journal.Header
		s = New(h.Tenant, "", h.Lineage, interner)
	}
	return Replay(s, l.Journal)
}
