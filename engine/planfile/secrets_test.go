package planfile_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/planfile"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
)

const hush = "hush-hush"

// secretPlan makes a policy and publishes an app, with values from sensitive
// variables in every place where a value can stand.
func secretPlan() *engine.Plan {
	kinds := teams.Kinds()
	policy, app := kinds.Kind(teams.SetupPolicy), kinds.Kind(teams.App)
	at, appAt := addr.New("setup_policy", "x"), addr.New("app", "a")
	record := engine.Draft{
		Kind: policy, Addr: at, Key: "X", Owned: []string{"description", "name"}, Sensitive: []string{"description"},
		Attrs: schema.Attrs{"name": "X", "description": hush}, Adopted: schema.Attrs{"description": hush},
	}
	change := &engine.Change{Addr: at, Kind: policy, Key: "X", Action: engine.Update, Attrs: []engine.AttrChange{
		{Attr: policy.Attr("description"), Before: hush, After: hush, Prior: hush, Sensitive: true},
		{Attr: policy.Attr("name"), Before: "Y", After: "X"},
	}}
	return &engine.Plan{
		Changes: []*engine.Change{change}, Recorded: []*engine.Change{change}, Drift: []*engine.Change{change},
		Ops: []*engine.Op{
			{
				Seq: 1, Phase: engine.Make, Kind: app, Action: engine.Create, Addr: appAt, Key: "k", Sensitive: []string{"values"},
				Input: schema.Attrs{"package": "p", "values": map[string]any{"KEY": hush}}, After: schema.Attrs{"version": "1.0.0"},
				Record: engine.Draft{Kind: app, Addr: appAt, Key: "k", Attrs: schema.Attrs{"version": "1.0.0"}},
			},
			{
				Seq: 2, Phase: engine.Wire, Kind: policy, Action: engine.Update, Addr: at, Key: "X", Sensitive: []string{"description"},
				Before: schema.Attrs{"name": "Y", "description": hush}, After: schema.Attrs{"name": "X", "description": hush}, Record: record,
			},
		},
		Records: &engine.Records{Set: []engine.Draft{record}},
		Outputs: []engine.OutputChange{{Name: "o", After: hush, Sensitive: true}},
	}
}

// TestSecrets checks that no value of a sensitive variable is in a plan file,
// that the plan itself keeps them, and that a plan which was read takes them
// from the configuration.
func TestSecrets(t *testing.T) {
	plan := secretPlan()
	f := &planfile.File{Plan: plan, Strings: table.NewStrings()}
	raw := written(t, f)
	if strings.Contains(string(raw), hush) {
		t.Fatalf("a secret is in the file:\n%s", raw)
	}
	for _, d := range []string{cmp.Diff(schema.Attrs{"name": "X", "description": hush}, plan.Ops[1].After), cmp.Diff(any(hush), plan.Changes[0].Attrs[0].After)} {
		if d != "" {
			t.Errorf("writing has changed the plan: %s", d)
		}
	}
	got, err := planfile.Read(bytes.NewReader(raw), planfile.ReadOptions{Kinds: teams.Kinds()})
	if err != nil {
		t.Fatal(err)
	}
	if c := got.Plan.Changes[0]; len(c.Attrs) != 2 || !c.Attrs[0].Sensitive || c.Attrs[0].After != nil || c.Attrs[1].After != "X" {
		t.Errorf("the change is read as %+v", c.Attrs)
	}
	want := []addr.Instance{addr.New("app", "a"), addr.New("setup_policy", "x")}
	if d := cmp.Diff(want, planfile.NeedsSecrets(got.Plan)); d != "" {
		t.Errorf("needs secrets (-want +got):\n%s", d)
	}
	err = planfile.FillSecrets(got.Plan, func(at addr.Instance, attr string) (any, bool) {
		if attr == "values" {
			return map[string]any{"KEY": hush}, true
		}
		return hush, true
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, op := range got.Plan.Ops {
		if d := cmp.Diff([]schema.Attrs{plan.Ops[i].After, plan.Ops[i].Input, plan.Ops[i].Record.Attrs}, []schema.Attrs{op.After, op.Input, op.Record.Attrs}); d != "" {
			t.Errorf("operation %d, filled in (-want +got):\n%s", op.Seq, d)
		}
	}
	if d := cmp.Diff(plan.Records.Set[0].Attrs, got.Plan.Records.Set[0].Attrs); d != "" {
		t.Errorf("record, filled in (-want +got):\n%s", d)
	}
	// What the tenant had before is not known, and not compared.
	if _, there := got.Plan.Ops[1].Before["description"]; there {
		t.Error("a former value came from somewhere")
	}
}

// A value that the configuration does not have any more is said to be missing.
func TestSecretsMissing(t *testing.T) {
	raw := written(t, &planfile.File{Plan: secretPlan(), Strings: table.NewStrings()})
	for _, missing := range []string{"values", "description"} {
		got, err := planfile.Read(bytes.NewReader(raw), planfile.ReadOptions{Kinds: teams.Kinds()})
		if err != nil {
			t.Fatal(err)
		}
		err = planfile.FillSecrets(got.Plan, func(_ addr.Instance, attr string) (any, bool) { return map[string]any{}, attr != missing })
		if err == nil || !strings.Contains(err.Error(), "no value for "+missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}

// A secret whose change goes in steps cannot be saved: the steps depend on it.
func TestSecretInSteps(t *testing.T) {
	plan := secretPlan()
	plan.Ops[1].Sensitive = []string{"upload_custom_apps"}
	err := planfile.Write(&bytes.Buffer{}, &planfile.File{Plan: plan, Strings: table.NewStrings()})
	if err == nil || !strings.Contains(err.Error(), "upload_custom_apps") || !strings.Contains(err.Error(), "nonsensitive()") {
		t.Errorf("%v", err)
	}
}
