package drawing

import (
	"slices"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

// Node is one block.
type Node struct {
	Addr      addr.Instance // of the block, without a key
	Instances int           // with for_each the number of keys, else 1
	Each      bool          // the block has for_each
	Lookup    bool          // users, group or store_app: read, never changed
}

// Edge says that one block needs another.
type Edge struct {
	From, To addr.Instance
	Declared bool // by depends_on
}

// Of draws the blocks of a configuration (by address) and the references between
// them (by from, then to).
func Of(cfg *config.Config) ([]Node, []Edge) {
	d := &drawing{nodes: map[addr.Instance]*Node{}, edges: map[[2]addr.Instance]bool{}}
	d.blocks(cfg)
	d.references(cfg)
	return d.into()
}

// drawing collects what Of finds. Instances of one block share a node: a
// block for a thousand teams is one box.
type drawing struct {
	nodes map[addr.Instance]*Node
	edges map[[2]addr.Instance]bool // true: only by depends_on
}

func (d *drawing) node(a addr.Instance, lookup bool) {
	n := d.nodes[a.Block()]
	if n == nil {
		n = &Node{Addr: a.Block(), Lookup: lookup}
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
func (d *drawing) into() (nodes []Node, edges []Edge) {
	for _, n := range d.nodes {
		nodes = append(nodes, *n)
	}
	slices.SortFunc(nodes, func(x, y Node) int { return addr.Compare(x.Addr, y.Addr) })
	for key, declared := range d.edges {
		edges = append(edges, Edge{key[0], key[1], declared})
	}
	slices.SortFunc(edges, func(x, y Edge) int {
		if c := addr.Compare(x.From, y.From); c != 0 {
			return c
		}
		return addr.Compare(x.To, y.To)
	})
	return nodes, edges
}
