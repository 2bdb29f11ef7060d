package ops

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// The state commands change what is remembered, never the tenant. They take
// the lease like an apply, start from a document without an open journal (what
// an interrupted run did is the next apply's to settle), and write by
// comparison, so that nothing is lost between reading and writing.

// Edited is what became of a change of the state by hand.
type Edited struct {
	Written bool
	Serial  uint64 // of the state as it is now
	StateAt string // where the state is kept
	Backup  string // where the state before this is kept; "" when nothing was written
	Files   map[string]*hcl.File
	Diags   hcl.Diagnostics
}

// RowBlock is the people assigned by one block.
type RowBlock struct {
	Addr string
	Rows []table.Row // in key order
}

// edit lets change work on a copy of the state and writes it. A dry run takes
// no lease and writes nothing.
func (s *session) edit(ctx context.Context, operation string, dryRun bool, out *Edited, change func(*state.State)) {
	if !dryRun {
		lease := s.lease(ctx, operation)
		if lease == nil {
			return
		}
		defer s.release(ctx, lease)
	}
	if s.readSettled(ctx); !s.ok() {
		return
	}
	next := s.loaded.State.Clone()
	change(next)
	if out.Serial = s.loaded.State.Serial; !s.ok() || dryRun {
		return
	}
	next.Sort()
	changed, err := next.Advance(s.loaded.State)
	if err != nil {
		s.fail("State cannot be written", err)
		return
	}
	if changed {
		s.write(ctx, next, out)
	}
}

// write stores a state that was changed by hand.
func (s *session) write(ctx context.Context, next *state.State, out *Edited) {
	next.Tool = s.rt.Tool
	meta, err := s.backend.Write(ctx, s.loaded.Meta, next)
	if err != nil {
		s.fail("State cannot be written", err)
		return
	}
	out.Written, out.Serial = true, meta.Serial
	if keeper, ok := s.backend.(state.BackupKeeper); ok && s.loaded.Meta != (state.Meta{}) {
		if out.Backup, err = keeper.BackupPath(); err != nil {
			s.fail("Backup cannot be named", err)
		}
	}
}

// readSettled reads a state that nothing is pending for.
func (s *session) readSettled(ctx context.Context) {
	loaded, err := state.Load(ctx, s.backend, s.strings)
	if err != nil {
		s.fail("State cannot be read", err)
		return
	}
	s.loaded = loaded
	switch {
	case loaded.Fit == state.FitStarts || loaded.Fit == state.FitForeign:
		s.refuseJournal()
	case loaded.State == nil:
		s.diags = append(s.diags, diag.Error(nil, "No state", "There is no state yet: nothing was applied. Run teamsform plan, and then teamsform apply."))
	}
}

// refuseJournal refuses to change the state under an interrupted run.
func (s *session) refuseJournal() {
	s.refuse("Earlier run was interrupted",
		"A run that was cut short left a journal, and what it did is not settled yet. Run teamsform apply first: it looks up what is in doubt and writes it into the state. Then repeat this command.")
}

func (s *session) refuse(summary, format string, args ...any) {
	s.diags = append(s.diags, diag.WithClass(diag.Error(nil, summary, format, args...), diag.ClassRefused))
}

func (s *session) wrong(summary, format string, args ...any) {
	s.diags = append(s.diags, diag.Error(nil, summary, format, args...))
}

func (s *session) release(ctx context.Context, lease state.Lease) {
	if err := lease.Release(context.WithoutCancel(ctx)); err != nil {
		s.fail("Lock cannot be released", err)
	}
}

// addresses lists every address of a state, sorted, without repeats.
func addresses(st *state.State) []addr.Instance {
	seen := map[addr.Instance]bool{}
	for _, o := range st.Objects {
		seen[o.Addr] = true
	}
	for _, b := range rowBlocks(st) {
		if a, err := addr.Parse(b.Addr); err == nil {
			seen[a] = true
		}
	}
	out := make([]addr.Instance, 0, len(seen))
	for a := range seen {
		out = append(out, a)
	}
	slices.SortFunc(out, addr.Compare)
	return out
}

func texts(list []addr.Instance) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.String()
	}
	return out
}

// rowBlocks groups the rows of a state by block, in the order of addresses.
func rowBlocks(st *state.State) []*RowBlock {
	byAddr := map[table.Sym]*RowBlock{}
	var out []*RowBlock
	for _, r := range st.Rows {
		b := byAddr[r.Addr]
		if b == nil {
			b = &RowBlock{Addr: st.Strings.Name(r.Addr)}
			byAddr[r.Addr] = b
			out = append(out, b)
		}
		b.Rows = append(b.Rows, r)
	}
	slices.SortFunc(out, func(x, y *RowBlock) int { return compareAddrs(x.Addr, y.Addr) })
	return out
}

// compareAddrs orders addresses that are kept as text; what is none comes first.
func compareAddrs(x, y string) int {
	a, _ := addr.Parse(x)
	b, _ := addr.Parse(y)
	return addr.Compare(a, b)
}

// patterns reads the patterns of a command line.
func (s *session) patterns(list []string) []addr.Pattern {
	var out []addr.Pattern
	for _, text := range list {
		p, err := addr.ParsePattern(text)
		if err != nil {
			s.wrong("Invalid address", "%s.", err)
			continue
		}
		out = append(out, p)
	}
	return out
}

// notInState reports what a command names and the state does not have.
func (s *session) notInState(what string, st *state.State) {
	s.wrong("Not in the state", "The state has nothing at %s.%s See teamsform state list.", what, diag.DidYouMean(what, texts(addresses(st))))
}

// StateSelect finds objects and assignments in the state, for list and show.
// It never writes and never locks.
type StateSelect struct {
	Runtime  *Runtime
	Source   Source
	Patterns []string // none: everything
	ID       string   // only the object with this remote id; "" for all
	Must     bool     // a pattern that selects nothing is an error
}

// Selection is what was found.
type Selection struct {
	State   *state.State    // nil: nothing was applied yet
	Objects []*state.Object // in the order of the state
	Blocks  []*RowBlock
	Files   map[string]*hcl.File
	Diags   hcl.Diagnostics
}

// Run reads the state.
func (q *StateSelect) Run(ctx context.Context) *Selection {
	s := open(ctx, q.Runtime, q.Source, 0)
	defer s.close()
	out := &Selection{}
	defer func() { out.Diags, out.Files = s.diags, s.files() }()
	patterns := s.patterns(q.Patterns)
	if !s.ok() {
		return out
	}
	if s.readState(ctx); !s.ok() || s.prior == nil {
		if s.ok() && q.Must {
			s.wrong("No state", "There is no state yet: nothing was applied. Run teamsform plan, and then teamsform apply.")
		}
		return out
	}
	out.State = s.prior
	q.find(s, patterns, out)
	return out
}

func (q *StateSelect) find(s *session, patterns []addr.Pattern, out *Selection) {
	hit := make([]bool, len(patterns))
	fits := func(text string) bool {
		found := len(patterns) == 0
		for i, p := range patterns {
			if p.MatchesText(text) {
				hit[i], found = true, true
			}
		}
		return found
	}
	for _, o := range s.prior.Objects {
		if fits(o.Addr.String()) && (q.ID == "" || sameID(o, q.ID)) {
			out.Objects = append(out.Objects, o)
		}
	}
	for _, b := range rowBlocks(s.prior) {
		if fits(b.Addr) && q.ID == "" {
			out.Blocks = append(out.Blocks, b)
		}
	}
	for i, p := range patterns {
		if !hit[i] && q.Must {
			s.notInState(p.String(), s.prior)
		}
	}
}

// sameID reports whether an object has a remote id. Ids compare without regard
// to case, as the service does.
func sameID(o *state.Object, id string) bool { return o.ID != "" && strings.EqualFold(o.ID, id) }
