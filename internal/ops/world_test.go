package ops_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/state"
)

// tester is a testing.TB or a *rapid.T.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Error(args ...any)
	Cleanup(f func())
}

// world is a configuration folder, its emulated tenant and its state. Clock
// and ids are deterministic; sleeping advances the clock and costs nothing.
type world struct {
	t      tester
	dir    string
	tenant *emulator.Tenant
	disk   *disk
	fate   *fate            // of the current run
	local  bool             // keep the state in a file instead of memory
	like   emulator.Options // of the tenant: its access model, its switches
	see    func(r *http.Request)
	spoil  func(r *http.Request) spoiled

	edited map[string]string // files as they were before

	mu  sync.Mutex
	now time.Time
	ids int
}

// newWorld opens a fresh tenant for the configuration in dir.
func newWorld(t tester, dir string) *world {
	t.Helper()
	return newWorldLike(t, dir, emulator.Options{})
}

// newWorldLike opens a fresh tenant with an access model and switches.
func newWorldLike(t tester, dir string, like emulator.Options) *world {
	t.Helper()
	w := &world{like: like, t: t, dir: dir, disk: &disk{}, fate: forever(), now: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)}
	people, err := os.ReadFile(filepath.Join(dir, "people.json"))
	if err != nil {
		t.Fatal(err)
	}
	w.open(people)
	return w
}

func (w *world) open(people []byte) {
	w.t.Helper()
	path := filepath.Join(w.dir, ".teamsform", "tenant.db")
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.t.Fatal(err)
	}
	o := w.like
	o.Path, o.People, o.Clock, o.NewID, o.NoSync = path, people, w.clock, w.newID, true
	tenant, err := emulator.Open(context.Background(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.tenant = tenant
	w.t.Cleanup(w.close)
}

// close ends the use of the tenant.
func (w *world) close() { _ = w.tenant.Close() }

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(time.Millisecond)
	return w.now
}

// later lets time pass.
func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) newID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", w.ids, w.ids)
}

func (w *world) sleep(ctx context.Context, d time.Duration) error {
	if w.fate.isDead() {
		return errDead
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
	return ctx.Err()
}

// runtime is the surroundings of one run, which ends as its fate says.
func (w *world) runtime() *ops.Runtime {
	rt := &ops.Runtime{
		Clock: w.clock, NewID: w.newID, Sleep: w.sleep,
		LookupEnv: func(string) (string, bool) { return "", false }, Environ: func() []string { return nil },
		Tool: "test", Who: "somebody@somewhere",
	}
	rt.Connect = func(context.Context, *config.Config) (*ops.Connection, error) {
		return cmd.Dial(rt, w.tenant, func(next http.RoundTripper) http.RoundTripper {
			return &mortalWire{next: next, fate: w.fate, see: w.see, spoil: w.spoil}
		})
	}
	rt.WrapBackend = func(b state.Backend) state.Backend {
		if !w.local {
			b = w.disk
		}
		return &mortalBackend{Backend: b, fate: w.fate}
	}
	return rt
}

func (w *world) source() ops.Source { return ops.Source{Dir: w.dir} }

// applyOptions are what differs between runs.
type applyOptions struct {
	destroy, adopt bool
	parallelism    int
	saved          bool // by way of a plan file, which is made before the run's fate begins
}

// apply runs once and buries what its fate killed.
func (w *world) apply(o applyOptions) *ops.Applied {
	if o.saved {
		return w.applySaved(o)
	}
	op := &ops.Apply{
		Runtime: w.runtime(), Source: w.source(), Choice: ops.Choice{Destroy: o.destroy, Adopt: o.adopt}, Parallelism: max(o.parallelism, 1),
	}
	res := op.Run(context.Background())
	w.fate.bury()
	return res
}

// mustApply is an apply in a healthy world that has to succeed.
func (w *world) mustApply(o applyOptions) *ops.Applied {
	w.t.Helper()
	w.fate = forever()
	res := w.apply(o)
	if err := clean(res); err != nil {
		w.t.Fatalf("apply: %v", err)
	}
	return res
}

// clean says what is wrong with an apply that should have succeeded.
func clean(res *ops.Applied) error {
	if res.Diags.HasErrors() {
		return fmt.Errorf("%s", text(res.Diags))
	}
	if res.Outcome == nil {
		return errors.New("nothing was started")
	}
	var lines []string
	for _, p := range res.Outcome.Problems {
		lines = append(lines, fmt.Sprintf("%s: %v (held back by %q)", p.What, p.Err, p.HeldBy))
	}
	if len(lines) > 0 {
		return errors.New(strings.Join(lines, "\n"))
	}
	return nil
}

func (w *world) plan(o applyOptions) *ops.Planned {
	w.fate = forever()
	p := &ops.Plan{Runtime: w.runtime(), Source: w.source(), Choice: ops.Choice{Destroy: o.destroy, Adopt: o.adopt}}
	return p.Run(context.Background())
}

// mustPlan is a plan that has to be made.
func (w *world) mustPlan(o applyOptions) *ops.Planned {
	w.t.Helper()
	p := w.plan(o)
	if p.Diags.HasErrors() {
		w.t.Fatalf("plan: %s", text(p.Diags))
	}
	return p
}

// settled says why a plan of the present configuration is not empty, or nil.
func (w *world) settled() error {
	p := w.plan(applyOptions{})
	if p.Diags.HasErrors() {
		return fmt.Errorf("plan: %s", text(p.Diags))
	}
	if !p.Plan.Empty() || p.Plan.ToRecord() > 0 {
		return fmt.Errorf("the plan is not empty:\n%s", describePlan(p))
	}
	return nil
}

// describePlan lists what a plan would do, for messages.
func describePlan(p *ops.Planned) string {
	var b strings.Builder
	for _, c := range p.Plan.Changes {
		fmt.Fprintf(&b, "  %s %s %q (%s)", c.Action, c.Addr, c.Key, c.Reason)
		for _, a := range c.Attrs {
			fmt.Fprintf(&b, " %s: %v -> %v", a.Attr.Name, a.Before, a.After)
		}
		b.WriteByte('\n')
	}
	for _, c := range p.Plan.Recorded {
		fmt.Fprintf(&b, "  record %s %s %q (%s)\n", c.Action, c.Addr, c.Key, c.Reason)
	}
	for _, g := range p.Plan.RowGroups {
		fmt.Fprintf(&b, "  rows %s %s %q -> %q %d (%s) %v\n", g.Action, g.Type, g.Before, g.Policy, g.Count, g.Reason, g.Samples)
	}
	if n := p.Plan.RowsRecorded; n > 0 {
		fmt.Fprintf(&b, "  %d rows to record\n", n)
	}
	for _, o := range p.Plan.Outputs {
		fmt.Fprintf(&b, "  output %s: %s -> %v\n", o.Name, o.Before, o.After)
	}
	return b.String()
}

// dump is the tenant as canonical JSON, ids of apps replaced by manifest ids.
func (w *world) dump() string {
	w.t.Helper()
	raw, err := w.tenant.Dump(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	return withoutIDs(w.t, raw)
}

// uploaders are the sign-in names of those who may upload.
func (w *world) uploaders() []string {
	w.t.Helper()
	var out []string
	err := w.tenant.MayUpload(context.Background(), func(upn string) bool {
		out = append(out, upn)
		return true
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// write puts a file of the configuration.
func (w *world) write(name, content string) {
	w.t.Helper()
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if _, done := w.edited[path]; !done {
		if w.edited == nil {
			w.edited = map[string]string{}
		}
		raw, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			w.t.Fatal(err)
		}
		w.edited[path] = string(raw)
	}
	writeFile(w.t, path, content)
}

// restore undoes all edits, so that another world can use the folder.
func (w *world) restore() {
	w.t.Helper()
	for path, content := range w.edited {
		writeFile(w.t, path, content)
	}
	w.edited = nil
}

// edit replaces text in a file of the configuration, which must have it.
func (w *world) edit(name, old, with string) {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.dir, filepath.FromSlash(name)))
	if err != nil {
		w.t.Fatal(err)
	}
	if !strings.Contains(string(raw), old) {
		w.t.Fatalf("%s has no %q", name, old)
	}
	w.write(name, strings.ReplaceAll(string(raw), old, with))
}

func writeFile(t tester, path, content string) {
	t.Helper()
	err := os.WriteFile(path, []byte(content), 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		err = os.WriteFile(path, []byte(content), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// quickstart copies the example, without what a run left beside it.
func quickstart(t testing.TB) string {
	t.Helper()
	from, to := filepath.Join("..", "..", "examples", "quickstart"), t.TempDir()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".teamsform" {
				return filepath.SkipDir
			}
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err == nil {
			writeFile(t, filepath.Join(to, rel), string(raw))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// text prints diagnostics for messages.
func text(diags hcl.Diagnostics) string {
	var lines []string
	for _, d := range diags {
		lines = append(lines, d.Error())
	}
	return strings.Join(lines, "\n")
}

// assignPolicy gives a person a setup policy directly.
func assignPolicy(ctx context.Context, conn *ops.Connection, user, policy string) error {
	id, err := conn.Graph.PolicyID(ctx, "TeamsAppSetupPolicy", policy)
	if err != nil {
		return err
	}
	return conn.Graph.AssignPolicy(ctx, []msgraph.Assignment{{UserID: user, PolicyType: "TeamsAppSetupPolicy", PolicyID: id}})
}
