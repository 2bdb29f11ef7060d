package ops_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/cmd/view/stream"
	"github.com/teamsform/teamsform/internal/ops"
)

var update = flag.Bool("update", false, "rewrite the golden texts")

// golden compares a text with a file, or writes it there with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		writeFile(t, path, got)
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// aboutPending are the JSON lines about what is on its way, without the moments
// at which they were written.
func aboutPending(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(line, `pending","step"`) || strings.Contains(line, `"pending":{`) {
			b.WriteString(writtenAt.ReplaceAllString(line, ""))
		}
	}
	return b.String()
}

var writtenAt = regexp.MustCompile(`"@timestamp":"[^"]*",`)

// What people read while something is still becoming visible, and when it never
// does: the whole texts of plan, apply and drift.
func TestTextsOfPending(t *testing.T) {
	dir := t.TempDir()
	icons(t, dir)
	writeFile(t, dir+"/people.json", conformancePeople())
	c := &conformance{world: newWorld(t, dir)}
	c.packages = newPackages(c.world)
	const first = `setup_policy "p" { description = "red" }
setup_policy "q" { upload_custom_apps = false }
app "a0" { package = "packages/app0" }`
	const second = `setup_policy "p" { description = "blue" }
setup_policy "q" { upload_custom_apps = false }
users "some" { upns = ["u0@contoso.example", "u1@contoso.example"] }
policy_assignment "some" {
  policy = setup_policy.q
  users  = users.some
}`
	c.write("main.teams.hcl", c.config(first))
	c.mustApply(applyOptions{})
	c.later(24 * time.Hour)
	c.fault = "lag:for=47h"
	c.wrong(true)
	c.write("main.teams.hcl", c.config(second))
	var b strings.Builder
	planText := func(p *ops.Planned, o view.PlanOptions) string {
		b.Reset()
		if p.Plan == nil {
			return text(p.Diags) + "\n"
		}
		if err := view.Plan(&b, view.Style{}, p.Plan, o); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	var lines strings.Builder
	show := stream.New(&lines, func() time.Time { return c.now }, "test", "apply")
	apply := &ops.Apply{Runtime: c.runtime(), Source: c.source(), Parallelism: 1, Sink: show}
	res := apply.Run(context.Background())
	c.fate.bury()
	if err := clean(res); err != nil {
		t.Fatal(err)
	}
	if err := show.Outcome(res.Plan, res.Outcome, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "pending-lines.txt", aboutPending(lines.String()))
	b.Reset()
	if err := view.Outcome(&b, view.Style{}, res.Plan, res.Outcome, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "pending-outcome.txt", b.String())
	golden(t, "pending-plan.txt", planText(c.mustPlan(applyOptions{}), view.PlanOptions{NextStep: true}))
	drift := &ops.Plan{Runtime: c.runtime(), Source: c.source(), Choice: ops.Choice{RefreshOnly: true}}
	golden(t, "pending-drift.txt", planText(drift.Run(context.Background()), view.PlanOptions{Drift: true}))
	c.edit("main.teams.hcl", `"blue"`, `"green"`)
	golden(t, "pending-and-changes.txt", planText(c.mustPlan(applyOptions{}), view.PlanOptions{NextStep: true}))
	c.edit("main.teams.hcl", `"green"`, `"blue"`)
	c.later(10 * time.Hour)
	late := text(c.plan(applyOptions{}).Diags)
	golden(t, "pending-late.txt", strings.ReplaceAll(late, dir, ".")+"\n")
	late = planText((&ops.Plan{Runtime: c.runtime(), Source: c.source(), Choice: ops.Choice{RefreshOnly: true}}).Run(context.Background()), view.PlanOptions{Drift: true})
	golden(t, "pending-late-drift.txt", late)
}
