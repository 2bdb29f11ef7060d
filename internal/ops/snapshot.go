package ops

import (
	"context"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/snapshot"
	"github.com/teamsform/teamsform/internal/teams"
)

// Snapshot reads a whole tenant: people, groups, policies and who has them,
// the app catalog, settings. It only reads, and takes no part in the state.
// App packages cannot be read; versions can.
type Snapshot struct {
	Runtime *Runtime
	Source  Source
	Mask    bool // replace what tells who people are, and the organisation's own words
	// Progress, if any, is told how many things of a kind have been read. It
	// may be called from several goroutines, never at the same time.
	Progress func(what string, done int)
}

// Snapshotted is what a snapshot gives.
type Snapshotted struct {
	Tenant *snapshot.Tenant // nil after an error
	Diags  hcl.Diagnostics
	Files  map[string]*hcl.File
	Calls  map[string]int
}

// Run reads the tenant of the configuration.
func (s *Snapshot) Run(ctx context.Context) *Snapshotted {
	out := &Snapshotted{}
	run := &session{rt: s.Runtime, kinds: teams.Kinds()}
	defer run.close()
	defer func() { out.Diags, out.Files, out.Calls = run.diags, run.files(), run.calls() }()
	if run.cfg, run.diags = s.Runtime.load(ctx, s.Source, run.kinds); !run.ok() {
		return out
	}
	if run.connect(ctx); !run.ok() {
		return out
	}
	tenant, diags, err := snapshot.Take(ctx, run.conn.Graph.Reader(), run.conn.Reader, s.Progress)
	if err != nil {
		run.fail("Tenant cannot be read", err)
		return out
	}
	run.diags = append(run.diags, diags...)
	if out.Tenant = tenant; s.Mask {
		tenant.Mask()
	}
	return out
}
