package engine_test

import (
	"testing"

	"github.com/teamsform/teamsform/engine"
)

// What is allowed on apply lets tripped guards pass, and changes nothing else.
func TestAllowOnApply(t *testing.T) {
	p := &engine.Plan{Guards: []engine.Verdict{
		{Guard: "deletions", Apart: "setup policies", Tripped: true, Enforced: true, Count: 3, Base: 12},
		{Guard: "deletions", Apart: "shelves", Tripped: true, Enforced: true},
		{Guard: "org_switch", Tripped: true, Enforced: true, AllowedBy: engine.AllowedByFile},
		{Guard: "takeover", Tripped: true},
		{Guard: "adopt", Enforced: true},
		{Guard: "lock_out", Tripped: true, Enforced: true},
	}}
	if n := len(p.Refusing()); n != 3 {
		t.Fatalf("%d verdicts refuse, want 3", n)
	}
	p.Allow([]string{"deletions", "org_switch"})
	if r := p.Refusing(); len(r) != 1 || r[0].Guard != "lock_out" {
		t.Errorf("after allowing deletions: %v", r)
	}
	if by := p.Guards[2].AllowedBy; by != engine.AllowedByFile {
		t.Errorf("what the file allowed is now allowed by %s", by)
	}
	if s := p.Guards[0].Share(); s != 25 {
		t.Errorf("3 of 12 are %g%%", s)
	}
	if s := p.Guards[3].Share(); s != 0 {
		t.Errorf("a share of nothing is %g%%", s)
	}
}
