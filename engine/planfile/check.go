package planfile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
)

func cmpText(a, b string) int { return strings.Compare(a, b) }

// check refuses a plan that no planner makes and that an apply would stumble
// over.
func (d *reader) check() error {
	p := d.f.Plan
	for _, op := range p.Ops {
		switch {
		case op == nil || op.Kind == nil || op.Record.Kind == nil:
			return wrongf("an operation without a type")
		case op.Addr.IsZero() || op.Record.Addr.IsZero():
			return wrongf("an operation without an address")
		case op.Phase == 0:
			return wrongf("the operation on %s has no phase", op.Addr)
		case !slices.Contains([]engine.Action{engine.Create, engine.Update, engine.Delete, engine.Reset}, op.Action):
			return wrongf("there is no operation %q", op.Action)
		}
	}
	if !slices.IsSortedFunc(p.Ops, func(x, y *engine.Op) int { return cmp.Compare(x.Seq, y.Seq) }) {
		return wrongf("the operations are not in order")
	}
	for _, op := range p.RowOps {
		if op.Phase == 0 || op.Type == 0 || op.Policy == 0 || len(op.Rows) == 0 {
			return wrongf("a batch of rows without a phase, type, policy or rows")
		}
	}
	for _, r := range slices.Concat(p.Records.Set, p.Records.Drop) {
		if r.Kind == nil || r.Addr.IsZero() {
			return wrongf("a record without a type or an address")
		}
	}
	if len(p.Settled.Ops) != len(p.Settled.IDs) {
		return wrongf("what was settled has %d ids for %d operations", len(p.Settled.IDs), len(p.Settled.Ops))
	}
	return nil
}
