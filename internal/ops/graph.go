package ops

import (
	"context"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/ops/drawing"
	"github.com/teamsform/teamsform/internal/teams"
)

// Graph draws the blocks of a configuration and what they refer to, without a
// tenant.
type Graph struct {
	Runtime *Runtime
	Source  Source
}

// Drawing is the result: blocks and the references between them.
type Drawing struct {
	Nodes []drawing.Node // by address
	Edges []drawing.Edge // by from, then to
	Files map[string]*hcl.File
	Diags hcl.Diagnostics
}

// Run loads the configuration.
func (g *Graph) Run(ctx context.Context) *Drawing {
	cfg, diags := g.Runtime.load(ctx, g.Source, teams.Kinds())
	out := &Drawing{Diags: diags}
	if cfg == nil {
		return out
	}
	if out.Files = cfg.Sources; !diags.HasErrors() {
		out.Nodes, out.Edges = drawing.Of(cfg)
	}
	return out
}
