package ops

import (
	"context"
	"slices"
	"time"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// StateRemove forgets what the state knows. The tenant is left alone.
type StateRemove struct {
	Runtime     *Runtime
	Source      Source
	Patterns    []string
	DryRun      bool
	LockTimeout time.Duration
}

// StateRemoved is the result of forgetting.
type StateRemoved struct {
	Edited
	Objects []*state.Object // that were forgotten, in the order of the state
	Blocks  []*RowBlock     // whose people were forgotten
}

// Run forgets.
func (r *StateRemove) Run(ctx context.Context) *StateRemoved {
	out := &StateRemoved{}
	s := open(ctx, r.Runtime, r.Source, r.LockTimeout)
	defer s.close()
	defer func() { out.Diags, out.Files = s.diags, s.files() }()
	if len(r.Patterns) == 0 {
		s.wrong("Address missing", "Say what to forget: teamsform state rm ADDR [ADDR ...].")
	}
	patterns := s.patterns(r.Patterns)
	if !s.ok() {
		return out
	}
	out.StateAt = s.stateAt()
	s.edit(ctx, "state rm", r.DryRun, &out.Edited, func(st *state.State) {
		out.Objects, out.Blocks = s.forget(st, patterns)
	})
	return out
}

// forget takes out of a state what the patterns select. Each must select
// something: a typo must not read as success.
func (s *session) forget(st *state.State, patterns []addr.Pattern) (objects []*state.Object, blocks []*RowBlock) {
	hit := make([]bool, len(patterns))
	fits := func(text string) (found bool) {
		for i, p := range patterns {
			if p.MatchesText(text) {
				hit[i], found = true, true
			}
		}
		return found
	}
	var kept []*state.Object
	for _, o := range st.Objects {
		if fits(o.Addr.String()) {
			objects = append(objects, o)
		} else {
			kept = append(kept, o)
		}
	}
	gone := map[table.Sym]bool{}
	for _, b := range rowBlocks(st) {
		if fits(b.Addr) {
			blocks = append(blocks, b)
			gone[b.Rows[0].Addr] = true
		}
	}
	for i, p := range patterns {
		if !hit[i] {
			s.notInState(p.String(), st)
		}
	}
	if !s.ok() {
		return nil, nil
	}
	st.Objects = kept
	forgetRows(st, gone)
	return objects, blocks
}

// forgetRows takes out the rows of some blocks, and what is still becoming
// visible of them.
func forgetRows(st *state.State, blocks map[table.Sym]bool) {
	type key struct {
		typ  string
		user table.ID
	}
	gone := map[key]bool{}
	st.Rows = slices.DeleteFunc(st.Rows, func(r table.Row) bool {
		if blocks[r.Addr] {
			gone[key{st.Strings.Name(r.Type), r.User}] = true
		}
		return blocks[r.Addr]
	})
	var kept []*state.PendingRows
	for _, p := range st.PendingRows {
		own := *p
		own.Users, own.Old = nil, nil
		for i, user := range p.Users {
			if gone[key{p.Type, user}] {
				continue
			}
			own.Users = append(own.Users, user)
			if p.Old != nil {
				own.Old = append(own.Old, p.Old[i])
			}
		}
		if len(own.Users) > 0 {
			kept = append(kept, &own)
		}
	}
	st.PendingRows = kept
}
