package ops_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/teamsform/teamsform/engine/applying"
	"github.com/teamsform/teamsform/engine/planfile"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/internal/teamsadmin"
	"github.com/teamsform/teamsform/state"
)

// Who is asked may take an hour to answer. What others change meanwhile is
// refused as it is for a plan from a file.
func TestChangeWhileAsked(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, quickstart(t))
	defer w.end()
	w.mustApply(applyOptions{})
	w.edit("main.teams.hcl", "upload_custom_apps = true", "upload_custom_apps = false")
	w.edit("trusted.csv", "upn", "upn\ntom@contoso.example")
	for _, c := range []struct {
		took   time.Duration
		failed int
	}{{time.Hour, 2}, {0, 0}} {
		op := &ops.Apply{Runtime: w.runtime(), Source: w.source(), Parallelism: 1, Confirm: func(*ops.Planned) (bool, error) {
			if c.took == 0 {
				return true, nil
			}
			w.mu.Lock()
			w.now = w.now.Add(c.took)
			w.mu.Unlock()
			conn := w.foreign()
			w.check(conn.Control.CreatePolicy(ctx, teamsadmin.SetupPolicy, teamsadmin.Policy{Name: "Foreign"}))
			w.assignByHand("tom@contoso.example", "Foreign")
			return true, conn.Control.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "Trusted uploaders", map[string]json.RawMessage{"Description": teamsadmin.TextValue("By hand [teamsform:local]")})
		}}
		res := op.Run(ctx)
		if res.Diags.HasErrors() || res.Outcome == nil || res.Outcome.Failed != c.failed {
			t.Fatalf("after %s: %s, %+v", c.took, text(res.Diags), res.Outcome)
		}
	}
	if err := w.settled(); err != nil {
		t.Error(err)
	}
}

// The state remembers the last ten plan files that were applied, in order, and
// drops what is older.
func TestAppliedPlansAreRemembered(t *testing.T) {
	w := newWorld(t, quickstart(t))
	defer w.end()
	var digests []string
	for i := range 12 {
		w.edit("main.teams.hcl", "May upload custom apps", fmt.Sprintf("May upload custom apps (%d)", i))
		p := w.save(applyOptions{})
		if p.Diags.HasErrors() {
			t.Fatal(text(p.Diags))
		}
		digests = append(digests, p.Saved.Digest)
		if err := clean(w.applyFile(applyOptions{})); err != nil {
			t.Fatal(err)
		}
	}
	st, err := state.DecodeWith(bytes.NewReader(w.disk.doc), table.NewStrings(teams.PolicyTypes()...), state.DecodeOptions{})
	w.check(err)
	list := applying.AppliedPlans(st)
	if len(list) != 10 {
		t.Fatalf("%d plans are remembered", len(list))
	}
	for i, p := range list {
		if p.Digest != digests[i+2] || p.Serial != uint64(i+3) {
			t.Errorf("%d: %+v, want %s", i, p, digests[i+2])
		}
	}
	if _, known := applying.Applied(st, digests[0]); known {
		t.Error("the first one is still known")
	}
	if got, known := applying.Applied(st, digests[11]); !known || got.Serial != st.Serial {
		t.Errorf("the last one: %+v, serial %d", got, st.Serial)
	}
}

// A plan file is whole or not there, replaces the one before, and is for its
// owner alone.
func TestSavePlan(t *testing.T) {
	w := newWorld(t, quickstart(t))
	defer w.end()
	p := w.save(applyOptions{})
	if p.Diags.HasErrors() {
		t.Fatal(text(p.Diags))
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.json")
	w.check(os.WriteFile(path, []byte("something else"), 0o644))
	w.check(planfile.Save(path, p.Saved))
	info, err := os.Stat(path)
	w.check(err)
	if mode := info.Mode().Perm(); mode&0o077 != 0 && filepath.Separator == '/' {
		t.Errorf("mode %v", mode)
	}
	names, err := os.ReadDir(dir)
	w.check(err)
	raw, err := os.ReadFile(path)
	w.check(err)
	if len(names) != 1 || !strings.HasPrefix(string(raw), `{"format_version":`) {
		t.Errorf("%d files, %.40s", len(names), raw)
	}
}
