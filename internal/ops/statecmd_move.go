package ops

import (
	"context"
	"slices"
	"time"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// StateMove gives what the state knows other addresses. All moves of one call
// happen at once, so that addresses can be exchanged.
type StateMove struct {
	Runtime     *Runtime
	Source      Source
	Addrs       []string // FROM TO [FROM TO ...]
	DryRun      bool
	LockTimeout time.Duration
}

// StateMoved is the result of a move.
type StateMoved struct {
	Edited
	Moves []Move // in the order of From
}

// Move is one address that changes.
type Move struct {
	From, To addr.Instance
	Objects  int // records, retiring ones included
	People   int // assigned by the block
}

// Run moves.
func (m *StateMove) Run(ctx context.Context) *StateMoved {
	out := &StateMoved{}
	s := open(ctx, m.Runtime, m.Source, m.LockTimeout)
	defer s.close()
	defer func() { out.Diags, out.Files = s.diags, s.files() }()
	pairs := s.pairs(m.Addrs)
	if !s.ok() {
		return out
	}
	out.StateAt = s.stateAt()
	s.edit(ctx, "state mv", m.DryRun, &out.Edited, func(st *state.State) {
		moves := s.moves(st, pairs)
		if !s.ok() {
			return
		}
		out.Moves = move(st, moves)
	})
	return out
}

type pair struct{ from, to addr.Instance }

// pairs reads the addresses of the command line.
func (s *session) pairs(list []string) []pair {
	if len(list) == 0 || len(list)%2 != 0 {
		s.wrong("Addresses come in pairs", "Give each address that moves and then its new one: teamsform state mv FROM TO [FROM TO ...].")
		return nil
	}
	var out []pair
	for two := range slices.Chunk(list, 2) {
		from, errFrom := addr.Parse(two[0])
		to, errTo := addr.Parse(two[1])
		switch {
		case errFrom != nil:
			s.wrong("Invalid address", "%s.", errFrom)
		case errTo != nil:
			s.wrong("Invalid address", "%s.", errTo)
		case from == to:
			s.wrong("Nothing to move", "%s is to become %s, which is the same address.", from, to)
		case from.Kind != to.Kind:
			s.wrong("Other type", "%s cannot become %s: a %s stays a %s. Only the name, the key and the module may change.", from, to, from.Kind, from.Kind)
		default:
			out = append(out, pair{from, to})
		}
	}
	return out
}

// moves finds what each pair is about: an address, or a block with all its keys.
func (s *session) moves(st *state.State, pairs []pair) map[addr.Instance]addr.Instance {
	known := addresses(st)
	out := map[addr.Instance]addr.Instance{}
	for _, p := range pairs {
		found := false
		for _, a := range known {
			if a != p.from && (p.from.HasKey || a.Block() != p.from) {
				continue
			}
			found = true
			to := p.to
			if a.HasKey && !p.from.HasKey {
				if p.to.HasKey {
					s.wrong("Key needed", "%s has instances with keys, such as %s, and cannot become the one instance %s. Name the instance that moves.", p.from, a, p.to)
					break
				}
				to = p.to.WithKey(a.Key)
			}
			if _, twice := out[a]; twice {
				s.wrong("Moved twice", "%s is moved by two of the pairs. Leave one of them out.", a)
				break
			}
			out[a] = to
		}
		if !found {
			s.wrong("Not in the state", "The state has nothing at %s.%s See teamsform state list.", p.from, diag.DidYouMean(p.from.String(), texts(known)))
		}
	}
	s.checkTargets(known, out)
	return out
}

// checkTargets refuses to put two things at one address.
func (s *session) checkTargets(known []addr.Instance, moves map[addr.Instance]addr.Instance) {
	taken := map[addr.Instance]addr.Instance{}
	for _, from := range known {
		to, moving := moves[from]
		if !moving {
			continue
		}
		if other, twice := taken[to]; twice {
			s.wrong("Address taken", "%s and %s cannot both become %s.", other, from, to)
			continue
		}
		taken[to] = from
		if _, leaves := moves[to]; !leaves && slices.Contains(known, to) {
			s.wrong("Address taken", "%s cannot become %s: the state has something there already. Move that one away in the same command, or forget it with teamsform state rm.", from, to)
		}
	}
}

// move carries the moves into a state.
func move(st *state.State, moves map[addr.Instance]addr.Instance) []Move {
	done := map[addr.Instance]*Move{}
	at := func(from addr.Instance) *Move {
		if done[from] == nil {
			done[from] = &Move{From: from, To: moves[from]}
		}
		return done[from]
	}
	for _, o := range st.Objects {
		if to, moving := moves[o.Addr]; moving {
			at(o.Addr).Objects++
			o.Addr = to
		}
	}
	renamed := map[string]string{}
	for _, b := range rowBlocks(st) {
		a, err := addr.Parse(b.Addr)
		if to, moving := moves[a]; moving && err == nil {
			at(a).People += len(b.Rows)
			renamed[b.Addr] = to.String()
		}
	}
	renameRows(st, renamed)
	out := make([]Move, 0, len(done))
	for _, m := range done {
		out = append(out, *m)
	}
	slices.SortFunc(out, func(x, y Move) int { return addr.Compare(x.From, y.From) })
	return out
}

// renameRows gives the rows of some blocks other addresses. Names of rows are
// interned without regard to case, so a block that only changes its case needs
// an interner that has not seen the old spelling.
func renameRows(st *state.State, renamed map[string]string) {
	if len(renamed) == 0 {
		return
	}
	old, fresh := st.Strings, table.NewStrings(teams.PolicyTypes()...)
	block := func(sym table.Sym) table.Sym {
		if to, ok := renamed[old.Name(sym)]; ok {
			return fresh.Sym(to)
		}
		return fresh.Sym(old.Name(sym))
	}
	for i := range st.Rows {
		r := &st.Rows[i]
		r.Addr = block(r.Addr)
		r.Type, r.Policy, r.Adopted = fresh.Sym(old.Name(r.Type)), fresh.Sym(old.Name(r.Policy)), fresh.Sym(old.Name(r.Adopted))
	}
	st.Strings = fresh
}
