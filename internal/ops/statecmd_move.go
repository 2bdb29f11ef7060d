package ops

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
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

// pair is one move as written. Addresses without a kind stand for modules.
type pair struct {
	from, to addr.Instance
	text     string // of from
}

// covers reports whether the pair is about a: itself, a key of its block, or
// anything in its module.
func (p pair) covers(a addr.Instance) bool {
	if p.from.IsZero() {
		return a.Module == p.from.Module || strings.HasPrefix(a.Module, p.from.Module+".")
	}
	return a == p.from || !p.from.HasKey && a.Block() == p.from
}

// target is what becomes of an address that the pair covers.
func (p pair) target(a addr.Instance) addr.Instance {
	switch {
	case p.from.IsZero():
		a.Module = p.to.Module + strings.TrimPrefix(a.Module, p.from.Module)
		return a
	case a.HasKey && !p.from.HasKey:
		return p.to.WithKey(a.Key)
	}
	return p.to
}

// movable reads an address, or the path of a module.
func movable(text string) (addr.Instance, error) {
	a, err := addr.Parse(text)
	if err == nil {
		return a, nil
	}
	if inside, errInside := addr.Parse(text + ".x.x"); errInside == nil && inside.Module != "" {
		return addr.Instance{Module: inside.Module}, nil
	}
	return addr.Instance{}, err
}

// pairs reads the addresses of the command line.
func (s *session) pairs(list []string) []pair {
	if len(list) == 0 || len(list)%2 != 0 {
		s.wrong("Addresses come in pairs", "Give each address that moves and then its new one: teamsform state mv FROM TO [FROM TO ...].")
		return nil
	}
	var out []pair
	for two := range slices.Chunk(list, 2) {
		from, errFrom := movable(two[0])
		to, errTo := movable(two[1])
		switch {
		case errFrom != nil:
			s.wrong("Invalid address", "%s.", errFrom)
		case errTo != nil:
			s.wrong("Invalid address", "%s.", errTo)
		case from == to:
			s.wrong("Nothing to move", "%s is to become %s, which is the same address.", two[0], two[1])
		case from.IsZero() != to.IsZero():
			s.wrong("Other type", "%s cannot become %s: a module with all that is in it becomes another module.", two[0], two[1])
		case from.Kind != to.Kind:
			s.wrong("Other type", "%s cannot become %s: a %s stays a %s. Only the name, the key and the module may change.", from, to, from.Kind, from.Kind)
		default:
			out = append(out, pair{from, to, two[0]})
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
			if !p.covers(a) {
				continue
			}
			found = true
			if a.HasKey && !p.from.HasKey && p.to.HasKey {
				s.wrong("Key needed", "%s has instances with keys, such as %s, and cannot become the one instance %s. Name the instance that moves.", p.from, a, p.to)
				break
			}
			if _, twice := out[a]; twice {
				s.wrong("Moved twice", "%s is moved by two of the pairs. Leave one of them out.", a)
				break
			}
			out[a] = p.target(a)
		}
		if !found {
			s.wrong("Not in the state", "The state has nothing at %s.%s See teamsform state list.", p.text, diag.DidYouMean(p.text, texts(known)))
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

// renameRows gives the rows of some blocks other addresses.
func renameRows(st *state.State, renamed map[string]string) {
	if len(renamed) == 0 {
		return
	}
	for i := range st.Rows {
		if to, ok := renamed[st.Strings.Name(st.Rows[i].Addr)]; ok {
			st.Rows[i].Addr = st.Strings.Exact(to)
		}
	}
}
