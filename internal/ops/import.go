package ops

import (
	"context"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
	"github.com/teamsform/teamsform/internal/addr"
)

// Import takes one existing object under management. Nothing is sent to the
// tenant; the state records what the object has now.
type Import struct {
	Runtime     *Runtime
	Source      Source
	Addr        string // a block that stands in the configuration
	ID          string // remote id or natural key
	Takeover    bool   // also when another root made it
	LockTimeout time.Duration
}

// Imported is the result of an import.
type Imported struct {
	Planned
	// Change is the object as it was recorded: its Attrs are what the next plan
	// will change. nil: the block manages it already.
	Change  *engine.Change
	Outcome *applying.Outcome // nil when nothing was started
}

// Run imports.
func (i *Import) Run(ctx context.Context) *Imported {
	out := &Imported{}
	s := open(ctx, i.Runtime, i.Source, i.LockTimeout)
	defer s.close()
	defer func() { out.Diags, out.Files, out.Calls = s.diags, s.files(), s.calls() }()
	to, err := addr.Parse(i.Addr)
	if err != nil {
		s.wrong("Invalid address", "%s.", err)
	}
	if !s.ok() {
		return out
	}
	lease := s.lease(ctx, "import")
	if lease == nil {
		return out
	}
	defer s.release(ctx, lease)
	if s.readState(ctx); !s.ok() {
		return out
	}
	if s.connect(ctx); !s.ok() {
		return out
	}
	var diags hcl.Diagnostics
	out.Plan, diags = engine.PlanImport(ctx, s.input(), config.Import{To: to, ID: i.ID, Takeover: i.Takeover})
	if s.diags = append(s.diags, diags...); !s.ok() {
		return out
	}
	for _, c := range out.Plan.Recorded {
		if c.Addr == to {
			out.Change = c
		}
	}
	outcome, err := applying.Apply(ctx, s.applyInput(&Apply{Parallelism: 1}, out.Plan, lease))
	out.Outcome = outcome
	if err != nil {
		s.fail("State cannot be written", err)
	}
	return out
}

// input is what any plan of this run is made from.
func (s *session) input() engine.Input {
	return engine.Input{
		Config: s.cfg, Kinds: s.kinds, Prior: s.prior, InDoubt: s.inDoubt,
		Collections: s.reading.Collections(s.kinds), Table: s.reading.Rows(), Compiler: s.reading.Compiler(s.kinds),
		Strings: s.strings, Tenant: s.conn.Info, Root: s.cfg.Settings.Root, Tool: s.rt.Tool, PlannedAt: s.rt.Clock(),
	}
}
