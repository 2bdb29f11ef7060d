package model

import (
	"cmp"
	"slices"

	"github.com/teamsform/teamsform/engine/internal/plain"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

// Stage is a set of operations that may run side by side.
type Stage struct {
	Phase Phase
	Rank  schema.Rank
	Level int
}

// StageOf is where an operation stands in the order.
func StageOf(op *Op) Stage { return Stage{op.Phase, op.Rank, op.Level} }

// CompareStages orders stages as an apply goes through them.
func CompareStages(x, y Stage) int {
	ranks := cmp.Compare(x.Rank, y.Rank)
	if x.Phase == Remove {
		ranks = -ranks
	}
	return cmp.Or(cmp.Compare(x.Phase, y.Phase), ranks, cmp.Compare(x.Level, y.Level))
}

// HashAttrs is the before- and after-hash of attributes on owned paths.
func HashAttrs(attrs schema.Attrs) string { return plain.Hash(attrs) }

// The order of an apply is (phase, rank), the rank reversed when deleting, so
// no edges between objects are kept and none need to be stored:
//
//	phase 1 tighten   org settings, apps, permission policies, setup policies
//	phase 2 make      the same order
//	phase 3 wire      the same order
//	phase 4 move rows group assignments, then users
//	phase 5 loosen    the same order as 1, apps after whom they are available to
//	phase 6 remove    users, group assignments, setup policies, ... the reverse
//	last    open all  the organisation's switch
//
// A need outranks the phase: an operation that names a late id, or depends_on
// another object, moves behind it.

// Order sorts the operations of a plan and numbers them.
func (p *Plan) Order() {
	p.outrank()
	slices.SortStableFunc(p.Ops, compareOps)
	seq := 0
	for _, op := range p.Ops {
		seq++
		op.Seq = seq
	}
	for _, op := range p.RowOps {
		seq++
		op.Seq = seq
	}
	slices.SortStableFunc(p.Changes, func(x, y *Change) int {
		return cmp.Or(addr.Compare(x.Addr, y.Addr), cmp.Compare(late(x), late(y)))
	})
	slices.SortStableFunc(p.Recorded, func(x, y *Change) int { return addr.Compare(x.Addr, y.Addr) })
	slices.SortStableFunc(p.Unmanaged, func(x, y Unmanaged) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Key, y.Key))
	})
}

// late puts the old object of a renamed block behind the new one.
func late(c *Change) int {
	if c.Retiring {
		return 1
	}
	return 0
}

func compareOps(x, y *Op) int {
	return cmp.Or(CompareStages(StageOf(x), StageOf(y)), addr.Compare(x.Addr, y.Addr))
}

// outrank moves operations behind those they need. Each pass moves at least
// one, and a configuration has no cycles, so it ends.
func (p *Plan) outrank() {
	last := map[addr.Instance]Stage{}
	made := func(a addr.Instance) (Stage, bool) {
		s, ok := last[a]
		return s, ok
	}
	for moved := true; moved; {
		moved = false
		for _, op := range p.Ops {
			if op.Action == Create && (last[op.Addr] == Stage{} || CompareStages(StageOf(op), last[op.Addr]) > 0) {
				last[op.Addr] = StageOf(op)
			}
		}
		for _, op := range p.Ops {
			for _, need := range op.Needs {
				s, ok := made(need)
				if !ok || need == op.Addr || CompareStages(StageOf(op), s) > 0 {
					continue
				}
				op.Phase = s.Phase
				if CompareStages(StageOf(op), s) <= 0 {
					op.Level = s.Level + 1
					op.Rank = max(op.Rank, s.Rank)
				}
				moved = true
			}
		}
	}
}
