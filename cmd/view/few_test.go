package view_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
	"github.com/teamsform/teamsform/internal/addr"
)

// TestEqualProblemsAreCut: an apply in which the service refuses everything
// says so a few times, and counts the rest, for each reason apart.
func TestEqualProblemsAreCut(t *testing.T) {
	out := &applying.Outcome{Failed: 4007, Held: 30}
	for i := range 4007 {
		err := errors.New("the service is away")
		if i%1000 == 999 {
			err = fmt.Errorf("only once: %d", i)
		}
		out.Problems = append(out.Problems, applying.Problem{Addr: addr.Instance{Kind: "setup_policy", Name: fmt.Sprint("p", i)}, What: "create", Err: err, Count: 1})
	}
	for i := range 30 {
		out.Problems = append(out.Problems, applying.Problem{Addr: addr.Instance{Kind: "app", Name: fmt.Sprint("a", i)}, What: "create", HeldBy: "setup_policy.p0", Count: 1})
	}
	for i := range 12 {
		out.Gone = append(out.Gone, fmt.Sprintf("p%02d@x", i))
	}
	var b bytes.Buffer
	if err := view.Outcome(&b, view.Style{}, &engine.Plan{IDs: engine.NewLateIDs()}, out, false); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"  ! setup_policy.p0, create: the service is away\n",
		"  ! setup_policy.p3999, create: only once: 3999\n",
		"  and 3,983 more: the service is away\n",
		"  and 10 more: held back by setup_policy.p0\n",
		"12 people (p00@x, p01@x, p02@x, p03@x, p04@x and 7 more).",
		"Partly applied: 0 done, 4007 failed, 30 held back.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q", want)
		}
	}
	if n := strings.Count(text, "\n"); n > 60 {
		t.Errorf("%d lines:\n%s", n, text)
	}
}

// TestSamplesAreCounted: whoever is not named is counted.
func TestSamplesAreCounted(t *testing.T) {
	p := &engine.Plan{RowsKept: 3, IDs: engine.NewLateIDs()}
	p.RowGroups = []*engine.RowGroup{{Type: "setup_policy", Policy: "Pilot", Action: engine.Create, Reason: engine.ReasonNew, Count: 4812, Samples: []string{"a@x", "b@x"}}}
	p.RowOps = []*engine.RowOp{{}}
	for i := range 7 {
		p.Unmanaged = append(p.Unmanaged, engine.Unmanaged{Kind: "setup_policy", Key: fmt.Sprint("Policy ", i)})
	}
	for i := range 25 {
		p.Recorded = append(p.Recorded, &engine.Change{Action: engine.Move, Addr: addr.Instance{Kind: "app", Name: fmt.Sprint("n", i)}, From: addr.Instance{Kind: "app", Name: fmt.Sprint("o", i)}})
	}
	var b bytes.Buffer
	if err := view.Plan(&b, view.Style{}, p, view.PlanOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"      a@x, b@x and 4,810 more\n",
		"  7 setup policies: Policy 0, Policy 1, Policy 2, Policy 3, Policy 4 and 2 more\n",
		"    app.o19 is now app.n19\n    and 5 more moved\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, b.String())
		}
	}
}
