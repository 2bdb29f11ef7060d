package ops

import (
	"context"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
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
	Nodes []GraphNode // by address
	Edges []GraphEdge // by from, then to
	Files map[string]*hcl.File
	Diags hcl.Diagnostics
}

// GraphNode is one block.
type GraphNode struct {
	Addr      addr.Instance // of the block, without a key
	Instances int           // with for_each the number of keys, else 1
	Each      bool          // the block has for_each
	Lookup    bool          // users, group or store_app: read, never changed
}

// GraphEdge says that one block needs another.
type GraphEdge struct {
	From, To addr.Instance
	Declared bool // by depends_on
}

// Run loads the configuration.
func (g *Graph) Run(ctx context.Context) *Drawing {
	cfg, diags := g.Runtime.load(ctx, g.Source, teams.Kinds())
	out := &Drawing{Diags: diags}
	if cfg == nil {
		return out
	}
	if out.Files = cfg.Sources; !diags.HasErrors() {
		d := &drawing{nodes: map[addr.Instance]*GraphNode{}, edges: map[[2]addr.Instance]bool{}}
		d.blocks(cfg)
		d.references(cfg)
		d.into(out)
	}
	return out
}

// drawing collects what Run found. Instances of one block share a node: a
// block for a thousand teams is one box.
type drawing struct {
	nodes map[addr.Instance]*GraphNode
	edges map[[2]addr.Instance]bool // true: only by depends_on
}

func (d *drawing) node(a addr.Instance, lookup bool) {
	n := d.nodes[a.Block()]
	if n == nil {
		n = &GraphNode{Addr: a.Block(), Lookup: lookup}
		d.nodes[a.Block()] = n
	}
	n.Instances++
	n.Each = n.Each || a.HasKey
}

func (d *drawing) blocks(cfg *config.Config) {
	for _, inst := range cfg.Instances {
		d.node(inst.Addr, false)
	}
	for a := range cfg.Users {
		d.node(a, true)
	}
	for a := range cfg.Groups {
		d.node(a, true)
	}
	for a := range cfg.StoreApps {
		d.node(a, true)
	}
}

func (d *drawing) references(cfg *config.Config) {
	for _, inst := range cfg.Instances {
		for _, to := range inst.Needs {
			d.edge(inst.Addr, to, slices.Contains(inst.DependsOn, to))
		}
		for _, v := range inst.Attrs {
			d.values(inst.Addr, v)
		}
		for _, blocks := range inst.Blocks {
			for _, b := range blocks {
				for _, v := range b.Attrs {
					d.values(inst.Addr, v)
				}
			}
		}
		d.storeApps(cfg, inst)
	}
}

// values draws the references that a value holds.
func (d *drawing) values(from addr.Instance, v any) {
	for _, r := range schema.Refs(v) {
		d.edge(from, r.Addr, false)
	}
}

// storeApps draws apps of the store by their ids: in a value that is all that
// is left of a store_app block.
func (d *drawing) storeApps(cfg *config.Config, inst *config.Instance) {
	if len(cfg.StoreApps) == 0 {
		return
	}
	used := map[string]bool{}
	for _, v := range inst.Attrs {
		stringsIn(v, used)
	}
	for a, app := range cfg.StoreApps {
		if used[app.ID] {
			d.edge(inst.Addr, a, false)
		}
	}
}

func stringsIn(v any, found map[string]bool) {
	switch v := v.(type) {
	case string:
		found[v] = true
	case []any:
		for _, e := range v {
			stringsIn(e, found)
		}
	case map[string]any:
		for _, e := range v {
			stringsIn(e, found)
		}
	}
}

func (d *drawing) edge(from, to addr.Instance, declared bool) {
	from, to = from.Block(), to.Block()
	if from == to || d.nodes[to] == nil {
		return
	}
	key := [2]addr.Instance{from, to}
	only, drawn := d.edges[key]
	d.edges[key] = declared && (!drawn || only)
}

// into puts what was collected in order.
func (d *drawing) into(out *Drawing) {
	for _, n := range d.nodes {
		out.Nodes = append(out.Nodes, *n)
	}
	slices.SortFunc(out.Nodes, func(x, y GraphNode) int { return addr.Compare(x.Addr, y.Addr) })
	for key, declared := range d.edges {
		out.Edges = append(out.Edges, GraphEdge{key[0], key[1], declared})
	}
	slices.SortFunc(out.Edges, func(x, y GraphEdge) int {
		if c := addr.Compare(x.From, y.From); c != 0 {
			return c
		}
		return addr.Compare(x.To, y.To)
	})
}
