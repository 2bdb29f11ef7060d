package model

import (
	"time"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// Sight is what a plan saw of one object that state has as pending.
type Sight struct {
	Addr      addr.Instance
	Kind      *schema.Kind
	Key, Name string
	Retiring  bool
	Deletion  bool
	Since     time.Time
	Until     time.Time
	Visible   bool // the reading shows the change
	Over      bool // the window is past
	// Tightens: what is not visible yet takes something away from people.
	Tightens bool
}

// Waiting reports whether the change is ours and still becoming visible.
func (s *Sight) Waiting() bool { return !s.Visible && !s.Over }

// RowsSight is what a plan saw of one batch of rows that state has as pending.
type RowsSight struct {
	Type, Policy string // Policy "" stands for an assignment that ends
	Since, Until time.Time
	Waiting      int      // people for whom the change is still becoming visible
	Visible      bool     // the reading shows all of it
	Over         bool     // the window is past
	Samples      []string // of those waited for, the first five in key order
}

// FindRows returns the batch of a state that a sight is of, or nil.
func (s *RowsSight) FindRows(st *state.State) *state.PendingRows {
	for _, p := range st.PendingRows {
		if p.Type == s.Type && p.Policy == s.Policy && p.Since.Equal(s.Since) && p.Until.Equal(s.Until) {
			return p
		}
	}
	return nil
}

// Waiting counts what is accepted and still becoming visible: changes of
// objects and rows, and deletions apart.
func (p *Plan) Waiting() (changes, deletions int) {
	for _, s := range p.Pending {
		switch {
		case !s.Waiting():
		case s.Deletion:
			deletions++
		default:
			changes++
		}
	}
	for _, s := range p.PendingRows {
		if s.Policy == "" {
			deletions += s.Waiting
		} else {
			changes += s.Waiting
		}
	}
	return changes, deletions
}
