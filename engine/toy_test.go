package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
	"github.com/teamsform/teamsform/engine/guarding"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// The kinds of a made-up tenant: boxes, and shelves that let some boxes stand
// on them, in a house with a switch. They have what the engine treats apart: ids made late, values with a
// direction, a version.

func boxKind() *schema.Kind {
	return &schema.Kind{
		Name: "app", Version: 2, Title: "app", Plural: "boxes", Rank: schema.RankApp, KeyAttr: "name", LabelIsKey: true,
		Lost: &schema.Lost{Guard: "delete_app", From: "the attic", ID: "label", And: "its dust"},
		Attrs: []*schema.Attr{
			{Name: "name", Type: schema.String{Fold: true}},
			{Name: "size", Type: schema.Int{}, Default: int64(1)},
			{Name: "catalog_id", Late: true, Type: schema.String{}},
		},
		// Version 1 kept the size as text, in another attribute.
		Upgrade: func(from int, raw json.RawMessage) (json.RawMessage, error) {
			var old struct {
				Name string `json:"name"`
				Wide string `json:"width"`
			}
			if err := json.Unmarshal(raw, &old); err != nil {
				return nil, err
			}
			var size int64
			if _, err := fmt.Sscan(old.Wide, &size); err != nil {
				return nil, fmt.Errorf("from %d: width %q: %w", from, old.Wide, err)
			}
			return json.Marshal(map[string]any{"name": old.Name, "size": size})
		},
	}
}

func shelfKind() *schema.Kind {
	return &schema.Kind{
		Name: "shelf", Version: 1, Title: "shelf", Plural: "shelves", Rank: schema.RankSetupPolicy, KeyAttr: "name", LabelIsKey: true,
		Reserved: func(key string) bool { return schema.FoldKey(key) == "global" },
		Attrs: []*schema.Attr{
			{Name: "name", Type: schema.String{Fold: true}},
			{Name: "open", Type: schema.Bool{}, Unset: schema.LetGo, Default: true, Narrow: both, AffectsAccess: true, GuardAll: "upload_for_all"},
			{Name: "boxes", Type: schema.Apps{}, Unset: schema.LetGo, Narrow: common},
			{Name: "colour", Type: schema.String{}, Default: ""},
		},
	}
}

func houseKind() *schema.Kind {
	return &schema.Kind{
		Name: "house", Version: 1, Title: "house", Plural: "houses", Rank: schema.RankOrgSettings, Unlabeled: true,
		Attrs: []*schema.Attr{
			{Name: "lit", Type: schema.Bool{}, Unset: schema.LetGo, Default: true, Narrow: both, AffectsAccess: true, Guard: "org_switch", Master: true},
			{Name: "smell", Type: schema.String{}, Unset: schema.LetGo},
		},
	}
}

// both is the tightest of two switches.
func both(before, after any) any {
	if after == true {
		return before
	}
	return after
}

// common is what two lists share.
func common(before, after any) any {
	old, _ := before.([]any)
	now, _ := after.([]any)
	out := []any{}
	for _, e := range now {
		for _, o := range old {
			if e == o {
				out = append(out, e)
			}
		}
	}
	return out
}

// toyTenant holds objects in memory.
type toyTenant struct {
	t       *testing.T
	kinds   *schema.Registry
	mu      sync.Mutex
	objects map[string]map[string]*engine.Object // kind, folded key
	made    int
	log     []string
	refuse  func(*engine.Op) error
	now     time.Time
	// stale is what listings show instead of the objects: replicas that lag.
	stale map[string]map[string]*engine.Object
	lists int
	slept func(lists int)
	tweak func(*engine.Input) // what a plan is made from, beside the files
}

func newToyTenant(t *testing.T) *toyTenant {
	return &toyTenant{
		t: t, kinds: schema.NewRegistry(boxKind(), shelfKind(), houseKind()), now: noon,
		objects: map[string]map[string]*engine.Object{"app": {}, "shelf": {}, "house": {}},
	}
}

// put is somebody else who makes or changes an object.
func (tt *toyTenant) put(kind, key, id string, attrs schema.Attrs) {
	if k := tt.kinds.Kind(kind); k.KeyAttr != "" {
		attrs["name"] = key
	}
	tt.objects[kind][schema.FoldKey(key)] = &engine.Object{ID: id, Key: key, Attrs: attrs}
}

type toyCollection struct {
	*toyTenant
	kind *schema.Kind
}

func (c *toyCollection) Kind() *schema.Kind { return c.kind }

func (c *toyCollection) Batch() (size, parallel int) { return 1, 1 }

func (c *toyCollection) List(_ context.Context, _ engine.Scope, yield func(engine.Object) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lists++
	objects := c.objects
	if c.stale != nil {
		objects = c.stale
	}
	var keys []string
	for key := range objects[c.kind.Name] {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		o := *objects[c.kind.Name][key]
		attrs := schema.Attrs{}
		for name, v := range o.Attrs {
			attrs[name] = v
		}
		o.Attrs = attrs
		if err := yield(o); err != nil {
			return err
		}
	}
	return nil
}

func (c *toyCollection) Apply(_ context.Context, ops []*engine.Op, report func(engine.Result)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, op := range ops {
		if c.refuse != nil {
			if err := c.refuse(op); err != nil {
				report(engine.Result{Op: op, Err: err})
				continue
			}
		}
		c.log = append(c.log, fmt.Sprintf("%s %s", op.Action, op.Addr))
		all := c.objects[c.kind.Name]
		key := schema.FoldKey(op.Key)
		switch op.Action {
		case engine.Delete:
			delete(all, key)
			report(engine.Result{Op: op, ID: op.ID})
			continue
		case engine.Create:
			c.made++
			all[key] = &engine.Object{ID: fmt.Sprintf("id-%d", c.made), Key: op.Key, Attrs: schema.Attrs{}}
		}
		for name, v := range op.After {
			all[key].Attrs[name] = v
		}
		report(engine.Result{Op: op, ID: all[key].ID})
	}
	return nil
}

func (tt *toyTenant) collections() (read map[string]engine.Collection, write map[string]engine.Writer) {
	read, write = map[string]engine.Collection{}, map[string]engine.Writer{}
	for _, k := range tt.kinds.Kinds() {
		c := &toyCollection{tt, k}
		read[k.Name], write[k.Name] = c, c
	}
	return read, write
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// load evaluates a configuration of toy blocks.
func (tt *toyTenant) load(text string) *config.Config {
	tt.t.Helper()
	dir := tt.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.teams.hcl"), []byte(text), 0o644); err != nil {
		tt.t.Fatal(err)
	}
	cfg, diags := config.Load(context.Background(), config.Options{
		Dir: dir, Kinds: tt.kinds, Tool: "test",
		LookupEnv: func(string) (string, bool) { return "", false }, Environ: func() []string { return nil },
	})
	if diags.HasErrors() {
		tt.t.Fatal(diags)
	}
	return cfg
}

// plan makes a plan from a configuration, a state and doubts.
func (tt *toyTenant) plan(text string, prior *state.State, doubts ...state.InDoubt) (*engine.Plan, hcl.Diagnostics) {
	tt.t.Helper()
	read, _ := tt.collections()
	names := table.NewStrings()
	if prior != nil {
		names = prior.Strings
	}
	in := engine.Input{
		Config: tt.load(text), Kinds: tt.kinds, Prior: prior, InDoubt: doubts, Collections: read, Strings: names,
		Root: "local", Tool: "test", PlannedAt: tt.now, Judge: guarding.Judge{}, Tenant: engine.TenantInfo{Driver: config.DriverEmulated},
	}
	if tt.tweak != nil {
		tt.tweak(&in)
	}
	return engine.BuildPlan(context.Background(), in)
}

func (tt *toyTenant) mustPlan(text string, prior *state.State, doubts ...state.InDoubt) *engine.Plan {
	tt.t.Helper()
	p, diags := tt.plan(text, prior, doubts...)
	if diags.HasErrors() {
		tt.t.Fatal(diags)
	}
	return p
}

// apply carries a plan out and returns the state that it writes.
func (tt *toyTenant) apply(p *engine.Plan, prior *state.State, change ...func(*applying.Input)) (*state.State, *applying.Outcome) {
	tt.t.Helper()
	_, write := tt.collections()
	b := &toyBackend{}
	in := applying.Input{
		Plan: p, Writers: write, Strings: table.NewStrings(), Backend: b, Lease: toyLease{}, Prior: prior,
		Tenant: "toy", Tool: "test", Parallelism: 1, Clock: func() time.Time { return tt.now },
		NewID: func() string { return "run" }, Sleep: func(_ context.Context, d time.Duration) error {
			tt.now = tt.now.Add(d)
			if tt.slept != nil {
				tt.slept(tt.lists)
			}
			return nil
		},
	}
	for _, f := range change {
		f(&in)
	}
	if prior != nil {
		in.Strings = prior.Strings
	}
	out, err := applying.Apply(context.Background(), in)
	if err != nil {
		tt.t.Fatal(err)
	}
	if b.written == nil {
		return prior, out
	}
	var doc bytes.Buffer
	if _, err := state.Encode(&doc, b.written); err != nil {
		tt.t.Fatal(err)
	}
	s, err := state.DecodeWith(&doc, table.NewStrings(), state.DecodeOptions{})
	if err != nil {
		tt.t.Fatal(err)
	}
	return s, out
}

// toyBackend keeps the last state and the journal.
type toyBackend struct {
	mu      sync.Mutex
	written *state.State
	lines   []string
}

func (b *toyBackend) Read(context.Context) (state.Snapshot, error) { return state.Snapshot{}, nil }

func (b *toyBackend) Write(_ context.Context, _ state.Meta, s *state.State) (state.Meta, error) {
	b.written = s.Clone()
	return state.Meta{Lineage: s.Lineage, Serial: s.Serial}, nil
}

func (b *toyBackend) Lease(context.Context, state.LockInfo) (state.Lease, error) {
	return toyLease{}, nil
}

func (b *toyBackend) Append(_ context.Context, _ uint64, line []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, string(line))
	return nil
}

type toyLease struct{}

func (toyLease) Check(context.Context) error   { return nil }
func (toyLease) Release(context.Context) error { return nil }

var errRefused = errors.New("refused by the test")

// steps lists the operations of a plan as "phase action address attributes".
func steps(p *engine.Plan) []string {
	var out []string
	for _, op := range p.Ops {
		var names []string
		for name, v := range op.After {
			if op.Action == engine.Update {
				names = append(names, fmt.Sprintf("%s=%v", name, v))
			}
		}
		sort.Strings(names)
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", op.Phase, op.Action, op.Addr, strings.Join(names, " "))))
	}
	return out
}
