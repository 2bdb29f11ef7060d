package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/state"
)

// shelves declares n shelves.
func shelves(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "shelf \"s%02d\" {}\n", i)
	}
	return b.String()
}

// applied makes a plan, carries it out and returns the state.
func (tt *toyTenant) applied(text string, prior *state.State) *state.State {
	tt.t.Helper()
	s, out := tt.apply(tt.mustPlan(text, prior), prior)
	if out.Failed+out.Held > 0 {
		tt.t.Fatalf("%+v", out.Problems)
	}
	return s
}

// tripped lists the verdicts that tripped, as "guard: count/base limit origin by".
func tripped(p *engine.Plan) []string {
	out := []string{}
	for _, v := range p.Guards {
		if v.Tripped {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s: %d/%d %s %s %s", v.Guard, v.Count, v.Base, v.Limit, v.Origin, v.AllowedBy)))
		}
	}
	return out
}

func refusing(p *engine.Plan) []string {
	out := []string{}
	for _, v := range p.Refusing() {
		out = append(out, v.Guard)
	}
	return out
}

// The limits of deletions: a count, and a share that counts from ten up.
func TestDeletionsGuard(t *testing.T) {
	for _, c := range []struct {
		before, after int
		guard         string
		want          []string
	}{
		{9, 0, "", nil},
		{10, 9, "", nil},
		{10, 8, "", []string{"deletions: 2/10 10 and 10% default"}},
		{200, 190, "", nil},
		{200, 189, "", []string{"deletions: 11/200 10 and 10% default"}},
		{200, 170, `deletions = "15%"`, nil},
		{200, 169, `deletions = "15%"`, []string{"deletions: 31/200 15% file"}},
		{9, 0, `deletions = "0%"`, nil},
		{9, 8, `deletions = 0`, []string{"deletions: 1/9 0 file"}},
	} {
		t.Run(fmt.Sprintf("%d to %d %s", c.before, c.after, c.guard), func(t *testing.T) {
			tt := newToyTenant(t)
			guard := "guard {\n" + c.guard + "\n}\n"
			s := tt.applied(guard+shelves(c.before), nil)
			p := tt.mustPlan(guard+shelves(c.after), s)
			if d := cmp.Diff(append([]string{}, c.want...), tripped(p)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if len(p.Refusing()) != len(c.want) {
				t.Errorf("refuses %v", refusing(p))
			}
		})
	}
}

// Where guards refuse, and what lets them pass.
func TestWhereGuardsRefuse(t *testing.T) {
	const lit, dark = "house {\n lit = true\n}\n", "house {\n lit = false\n}\n"
	for _, c := range []struct {
		name, guard, driver string
		allow               []string
		want                []string
		by                  engine.Allowance
	}{
		{name: "emulated without a block", driver: config.DriverEmulated},
		{name: "emulated with a block", guard: "guard {}\n", driver: config.DriverEmulated, want: []string{"org_switch"}},
		{name: "the real thing", driver: config.DriverMicrosoft365, want: []string{"org_switch"}},
		{name: "allowed", driver: config.DriverMicrosoft365, allow: []string{"deletions", "org_switch"}, by: engine.AllowedByPlan},
		{name: "another is allowed", driver: config.DriverMicrosoft365, allow: []string{"deletions"}, want: []string{"org_switch"}},
		{name: "a limit", guard: "guard {\n org_switch = 1\n}\n", driver: config.DriverEmulated},
	} {
		t.Run(c.name, func(t *testing.T) {
			tt := newToyTenant(t)
			tt.put("house", "house", "house", schema.Attrs{"lit": true})
			tt.tweak = func(in *engine.Input) { in.Tenant.Driver = c.driver }
			s := tt.applied(c.guard+lit, nil)
			tt.tweak = func(in *engine.Input) { in.Tenant.Driver, in.Allow = c.driver, c.allow }
			p := tt.mustPlan(c.guard+dark, s)
			if d := cmp.Diff(append([]string{}, c.want...), refusing(p)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			for _, v := range p.Guards {
				if v.Guard == "org_switch" && (v.Count != 1 || v.AllowedBy != c.by) {
					t.Errorf("%+v", v)
				}
			}
			if len(c.want) > 0 {
				if p.Allow([]string{"org_switch"}); len(p.Refusing()) > 0 {
					t.Error("allowing on apply does not help")
				}
			}
		})
	}
}

// A limit that the files loosen counts from the apply after the one that
// records it, one that they tighten at once, and --allow at once.
func TestLimitsInForce(t *testing.T) {
	tt := newToyTenant(t)
	guard := func(body string) string { return "guard {\n" + body + "\n}\n" }
	s := tt.applied(guard("")+shelves(20), nil)

	// Loosened together with what it stood against: refused, and said first.
	wide := guard(`deletions = 15`)
	p := tt.mustPlan(wide+shelves(8), s)
	if d := cmp.Diff([]string{"deletions: 12/20 10 and 10% applied"}, tripped(p)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if !p.Guards[0].Awaiting {
		t.Error("the verdict does not say that the file lets it pass by now")
	}
	if first := p.Attention[0]; first.Topic != engine.TopicLoosened || !strings.Contains(first.Text, "10 and 10% -> 15") {
		t.Errorf("first under attention: %q", first.Text)
	}
	tt.tweak = func(in *engine.Input) { in.Allow = []string{"deletions"} }
	if p := tt.mustPlan(wide+shelves(8), s); len(p.Refusing()) > 0 {
		t.Error("--allow does not count at once")
	}
	tt.tweak = nil

	// By itself it is something to record; from then on it counts.
	p = tt.mustPlan(wide+shelves(20), s)
	if !p.Empty() || p.ToRecord() != 1 {
		t.Errorf("%d to record, want the limit alone", p.ToRecord())
	}
	s, _ = tt.apply(p, s)
	p = tt.mustPlan(wide+shelves(8), s)
	if len(p.Refusing()) > 0 || len(tripped(p)) > 0 {
		t.Errorf("after it was recorded: %v", tripped(p))
	}

	// Tightened: at once, and no loosening.
	p = tt.mustPlan(guard(`deletions = 3`)+shelves(8), s)
	if d := cmp.Diff([]string{"deletions: 12/20 3 file"}, tripped(p)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	for _, n := range p.Attention {
		if n.Topic == engine.TopicLoosened {
			t.Errorf("taken for loosened: %s", n.Text)
		}
	}
}

// A guard block that goes away, and an allow that comes, count one apply later.
func TestAllowAndBlockInForce(t *testing.T) {
	const lit, dark = "house {\n lit = true\n}\n", "house {\n lit = false\n}\n"
	for name, loose := range map[string]string{"block gone": "", "allow": "guard {\n allow = [\"org_switch\"]\n}\n", "limit": "guard {\n org_switch = 1\n}\n"} {
		t.Run(name, func(t *testing.T) {
			tt := newToyTenant(t)
			tt.put("house", "house", "house", schema.Attrs{"lit": true})
			s := tt.applied("guard {}\n"+lit, nil)
			p := tt.mustPlan(loose+dark, s)
			if d := cmp.Diff([]string{"org_switch"}, refusing(p)); d != "" {
				t.Errorf("at once: -want +got:\n%s", d)
			}
			if p.Attention[0].Topic != engine.TopicLoosened {
				t.Errorf("first: %q", p.Attention[0].Text)
			}
			s = tt.applied(loose+lit, s)
			if p = tt.mustPlan(loose+dark, s); len(p.Refusing()) > 0 {
				t.Errorf("one apply later: %v", refusing(p))
			}
			if p = tt.mustPlan("guard {}\n"+dark, s); len(p.Refusing()) != 1 {
				t.Error("taking it back does not count at once")
			}
		})
	}
	// Before the first apply the files' own count.
	tt := newToyTenant(t)
	tt.put("house", "house", "house", schema.Attrs{"lit": true})
	p := tt.mustPlan("guard {\n allow = [\"org_switch\"]\n}\n"+dark, nil)
	if len(p.Refusing()) > 0 || tripped(p)[0] != "org_switch: 1/0 0 default file" {
		t.Errorf("%v", tripped(p))
	}
}

// Nothing that only does a part of what the files say changes the limits.
func TestPartialPlansKeepTheLimits(t *testing.T) {
	tt := newToyTenant(t)
	s := tt.applied("guard {}\n"+shelves(2), nil)
	tt.tweak = func(in *engine.Input) { in.Targets, _ = patterns("shelf.s00") }
	after := tt.applied("guard {\n deletions = 99\n}\n"+shelves(2), s)
	if string(after.Guards) != string(s.Guards) {
		t.Errorf("a partial apply recorded %s", after.Guards)
	}
	s.Guards = []byte(`{"version":99}`)
	if _, diags := tt.plan(shelves(2), s); !diags.HasErrors() || !strings.Contains(diags.Error(), "newer teamsform") {
		t.Errorf("limits of a newer version: %v", diags)
	}
	s.Guards = []byte(`{"version":1,"limits":{"deletions":["many"]}}`)
	if _, diags := tt.plan(shelves(2), s); !diags.HasErrors() {
		t.Error("a limit that is none is accepted")
	}
}

func patterns(text string) ([]addr.Pattern, error) {
	p, err := addr.ParsePattern(text)
	return []addr.Pattern{p}, err
}

// Everything that makes possible for all what was not: an edit, a drift, a
// reset, a restore, and the switch above it.
func TestOpenForAll(t *testing.T) {
	const closed = "shelf \"global\" {\n name = \"Global\"\n open = false\n}\n"
	const open = "shelf \"global\" {\n name = \"Global\"\n open = true\n}\n"
	reset := func(how string) string {
		return strings.TrimSuffix(closed, "}\n") + "lifecycle {\n on_destroy = \"" + how + "\"\n}\n}\n"
	}
	for _, c := range []struct {
		name          string
		lit, was      bool
		first, second string
		between       func(*toyTenant)
		want          bool
	}{
		{name: "an edit", was: true, first: closed, second: open, want: true},
		{name: "closing", was: true, first: open, second: closed},
		{name: "adopted as it is", was: true, second: open},
		{name: "adopted and opened", second: open, want: true},
		{name: "let go", was: true, first: closed, second: ""},
		{name: "reset to its default", first: reset("reset"), second: "", want: true},
		{name: "restored to open", was: true, first: reset("restore"), second: "", want: true},
		{name: "restored to closed", was: false, first: reset("restore"), second: ""},
		{name: "someone closed it", was: true, first: open, second: open, between: func(tt *toyTenant) { tt.objects["shelf"]["global"].Attrs["open"] = false }, want: true},
		{name: "someone opened it", was: true, first: closed, second: closed, between: func(tt *toyTenant) { tt.objects["shelf"]["global"].Attrs["open"] = true }},
		{name: "the switch, with a global nobody manages", was: true, second: "house {\n lit = true\n}\n", want: true},
		{name: "the switch, with a closed global", was: false, second: "house {\n lit = true\n}\n"},
		{name: "the switch, and global closes", was: true, second: "house {\n lit = true\n}\n" + closed},
		{name: "the switch goes off", lit: true, was: true, second: "house {\n lit = false\n}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tt := newToyTenant(t)
			tt.put("house", "house", "house", schema.Attrs{"lit": c.lit})
			tt.put("shelf", "Global", "g", schema.Attrs{"open": c.was})
			var s *state.State
			if c.first != "" {
				s = tt.applied(c.first, nil)
			}
			if c.between != nil {
				c.between(tt)
			}
			p := tt.mustPlan("guard {}\n"+c.second, s)
			got := false
			for _, g := range refusing(p) {
				got = got || g == "upload_for_all"
			}
			if got != c.want {
				t.Errorf("refuses %v, want upload_for_all: %v\n%v", refusing(p), c.want, steps(p))
			}
		})
	}
}

// reset_global, delete_app, adopt, and what destroy implies.
func TestOtherGuards(t *testing.T) {
	const box = "app \"b\" {}\n"
	tt := newToyTenant(t)
	tt.put("app", "mine", "m1", schema.Attrs{"size": int64(4)})
	s := tt.applied("guard {}\n"+box, nil)

	p := tt.mustPlan("guard {}\n", s)
	if d := cmp.Diff([]string{"delete_app: 1/0 0 default"}, tripped(p)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if text := p.Attention[0].Text; !strings.Contains(text, "Lost for ever: its label, its dust") {
		t.Errorf("%q", text)
	}
	tt.tweak = func(in *engine.Input) { in.Destroy = true }
	if p = tt.mustPlan("guard {}\n"+box, s); len(p.Refusing()) > 0 || tripped(p)[0] != "delete_app: 1/0 0 default destroy" {
		t.Errorf("destroy: %v", tripped(p))
	}
	tt.tweak = func(in *engine.Input) { in.Adopt = true }
	p = tt.mustPlan("guard {}\n"+box+"app \"mine\" {\n size = 9\n}\n", s)
	if d := cmp.Diff([]string{"adopt"}, refusing(p)); d != "" {
		t.Errorf("adopt: -want +got:\n%s", d)
	}
	if p = tt.mustPlan("guard {}\n"+box+"app \"mine\" {\n size = 4\n}\n", s); len(tripped(p)) > 0 {
		t.Errorf("what is there as the files say trips %v", tripped(p))
	}
	tt.tweak = nil
	p = tt.mustPlan("guard {}\n"+box+"app \"mine\" {\n size = 9\n}\nimport {\n to = app.mine\n id = \"m1\"\n}\n", s)
	if len(tripped(p)) > 0 {
		t.Errorf("an import trips %v", tripped(p))
	}
}

// assessor answers what a test says, and keeps what it was asked.
type assessor struct {
	impact *engine.Impact
	asked  []engine.AssessInput
	diags  hcl.Diagnostics
}

func (a *assessor) Assess(_ context.Context, in engine.AssessInput) (*engine.Impact, hcl.Diagnostics) {
	a.asked = append(a.asked, in)
	return a.impact, a.diags
}

// What an assessor finds is guarded; what follows from a hold is reported.
func TestGuardsOverImpact(t *testing.T) {
	find := func(texts ...string) []engine.Finding {
		var out []engine.Finding
		for _, text := range texts {
			out = append(out, engine.Finding{Addr: addr.New("app", "b"), Text: text})
		}
		return out
	}
	for _, c := range []struct {
		name, guard string
		impact      engine.Impact
		want        []string
	}{
		{name: "nothing"},
		{name: "people", impact: engine.Impact{Losing: engine.Headcount{People: 3, Guests: 1, Samples: []string{"ana", "ben", "eva"}}, HadAccess: 12}, want: []string{"people_losing_access: 3/12 0 default"}},
		{name: "few people", guard: "people_losing_access = 3", impact: engine.Impact{Losing: engine.Headcount{People: 3}, HadAccess: 12}},
		{name: "a share of few", guard: `people_losing_access = "50%"`, impact: engine.Impact{Losing: engine.Headcount{People: 2}, HadAccess: 3}, want: []string{"people_losing_access: 2/3 50% file"}},
		{name: "by a hold", impact: engine.Impact{LosingByHold: engine.Headcount{People: 3}, HadAccess: 12}},
		{name: "windows", impact: engine.Impact{Windows: find("open")}, want: []string{"publish_open: 1/0 0 default"}},
		{name: "consent", impact: engine.Impact{Consent: find("bot-added", "scope-added"), Accepted: find("stale")}, want: []string{"consent: 2/0 0 default"}},
		{name: "lock out", impact: engine.Impact{LockOut: find("own policy")}, want: []string{"lock_out: 1/0 0 default"}},
		{name: "upload", impact: engine.Impact{UploadForAll: find("rollout")}, want: []string{"upload_for_all: 1/0 0 default"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tt := newToyTenant(t)
			tt.put("shelf", "old", "o", schema.Attrs{"open": true, "colour": "red"})
			a := &assessor{impact: &c.impact}
			tt.tweak = func(in *engine.Input) { in.Assessor = a }
			text := "guard {\n" + c.guard + "\n}\nshelf \"old\" {\n open = false\n}\nshelf \"new\" {\n boxes = [app.b]\n}\napp \"b\" {}\nimport {\n to = shelf.old\n id = \"o\"\n}\n"
			p := tt.mustPlan(text, nil)
			if d := cmp.Diff(append([]string{}, c.want...), tripped(p)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if len(p.Refusing()) != len(c.want) || p.Impact != a.impact {
				t.Errorf("refuses %v, impact %v", refusing(p), p.Impact)
			}
			for _, v := range p.Refusing() {
				if v.Text == "" || !strings.Contains(v.Refusal(), "--allow="+v.Guard) {
					t.Errorf("%+v\n%s", v, v.Refusal())
				}
			}
			checkWorlds(t, a)
		})
	}
}

// checkWorlds looks at what the assessor was given.
func checkWorlds(t *testing.T, a *assessor) {
	t.Helper()
	if len(a.asked) != 1 {
		t.Fatalf("asked %d times", len(a.asked))
	}
	in := a.asked[0]
	before, after := in.Before.Objects["shelf"], in.After.Objects["shelf"]
	if len(before) != 1 || before[0].Attrs["open"] != true {
		t.Errorf("before: %+v", before)
	}
	if len(after) != 2 || after[0].Attrs["open"] != false || after[0].Attrs["colour"] != "red" {
		t.Errorf("after: %+v", after)
	}
	if _, late := after[1].Attrs["boxes"].([]any)[0].(schema.Ref); !late {
		t.Errorf("what is made names %v", after[1].Attrs["boxes"])
	}
	if _, read := in.Before.Objects["house"]; read || in.Before.HasRows {
		t.Error("what was not read stands there")
	}
}

// An assessor is asked only when something changes that affects access.
func TestAssessorIsAskedWhenAccessChanges(t *testing.T) {
	tt := newToyTenant(t)
	a := &assessor{}
	s := tt.applied("shelf \"s\" {\n open = true\n colour = \"red\"\n}\n", nil)
	tt.tweak = func(in *engine.Input) { in.Assessor = a }
	tt.mustPlan("shelf \"s\" {\n open = true\n colour = \"blue\"\n}\n", s)
	if len(a.asked) != 0 {
		t.Error("asked about a colour")
	}
	tt.mustPlan("shelf \"s\" {\n open = false\n colour = \"red\"\n}\n", s)
	if len(a.asked) != 1 {
		t.Error("not asked about access")
	}
	a.diags = hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Cannot be assessed"}}
	if _, diags := tt.plan("shelf \"s\" {\n open = false\n}\n", s); !diags.HasErrors() {
		t.Error("an assessor that fails makes a plan")
	}
}
