package ops

import (
	"context"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/zclconf/go-cty/cty"
)

// Console evaluates expressions over a configuration. It reads neither a
// tenant nor a state.
type Console struct {
	Runtime *Runtime
	Source  Source
}

// Calculator answers expressions.
type Calculator struct {
	Files map[string]*hcl.File
	Diags hcl.Diagnostics // of the configuration; with errors it answers nothing

	cfg *config.Config
}

// Run loads the configuration.
func (c *Console) Run(ctx context.Context) *Calculator {
	opts := c.Runtime.options(c.Source, teams.Kinds())
	opts.Keep = true
	cfg, diags := config.Load(ctx, opts)
	return &Calculator{cfg: cfg, Files: cfg.Sources, Diags: diags}
}

// Answer is the value of one expression.
type Answer struct {
	Value cty.Value // cty.NilVal with errors; see config.Config.Evaluate
	Files map[string]*hcl.File
	Diags hcl.Diagnostics
}

// Evaluate answers one expression. A mistake in one does not touch the next.
func (c *Calculator) Evaluate(expr string) *Answer {
	v, diags := c.cfg.Evaluate(expr)
	return &Answer{Value: v, Diags: diags, Files: map[string]*hcl.File{config.ExpressionFile: {Bytes: []byte(expr)}}}
}

// Addresses lists what may be written as an address, for suggestions while a
// command line is typed.
type Addresses struct {
	Runtime *Runtime
	Source  Source
	State   bool // of what the state remembers only
}

// Run reads the configuration, and the state where it is a local file. Whatever
// cannot be read gives no addresses. Sorted, without repeats.
func (a *Addresses) Run(ctx context.Context) []string {
	s := open(ctx, a.Runtime, a.Source, 0)
	defer s.close()
	var out []string
	if s.cfg != nil && !a.State {
		out = s.cfg.Addresses()
	}
	if s.ok() && s.cfg.Settings.State.Type == "local" {
		if s.readState(ctx); s.prior != nil {
			for _, known := range addresses(s.prior) {
				out = append(out, known.String())
				if known.HasKey {
					out = append(out, known.Block().String())
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
