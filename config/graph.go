package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/zclconf/go-cty/cty"
)

// node is one thing that is evaluated once: a local value, an output, or a
// block with all its instances. Edges run between nodes, never between
// instances, so that the graph grows with what is written and not with keys.
type node struct {
	name   string // as referred to, such as "app.helpdesk"
	root   string // first name of a reference to it
	label  string // second name; "" for a kind without label
	rng    hcl.Range
	refs   []hcl.Traversal // every reference in its expressions
	object *object         // blocks only
	gives  []string        // names of the outputs, modules only
	run    func(*hcl.EvalContext)

	uses   []use
	used   map[[2]string]bool
	value  cty.Value // as other nodes see it
	absent bool      // switched off by when
	broken bool      // part of a cycle

	state visit
}

// use is one reference of a node to another.
type use struct {
	to          *node // nil when the name is unknown, which has been reported
	root, label string
	rng         hcl.Range
}

// visit is the state of the search for an order.
type visit int

const (
	unvisited visit = iota
	visiting
	visited
)

func (n *node) eval(ctx *hcl.EvalContext) {
	if n.broken {
		n.value = unknown()
		return
	}
	n.run(ctx)
}

// declare adds a node, or reports the one that has the name already.
func (l *loader) declare(n *node) bool {
	if l.nodes[n.root] == nil {
		l.nodes[n.root] = map[string]*node{}
	}
	if first := l.nodes[n.root][n.label]; first != nil {
		if n.label == "" {
			l.Error(&n.rng, problem.DuplicateBlock, "A configuration holds at most one %s block, and another stands at %s. Merge the two.", n.name, problem.Place(first.rng))
			return false
		}
		l.Error(&n.rng, problem.DuplicateName, "%s is declared already at %s. Give one of the two another name, or remove it.", n.name, problem.Place(first.rng))
		return false
	}
	l.nodes[n.root][n.label] = n
	l.order = append(l.order, n)
	return true
}

// link resolves the references of every node.
func (l *loader) link() {
	for _, n := range l.order {
		for _, t := range n.refs {
			l.resolve(n, t)
		}
	}
}

// sorted returns the nodes in an order in which each follows what it refers
// to, and reports cycles. Otherwise file order is kept.
func (l *loader) sorted() []*node {
	out := make([]*node, 0, len(l.order))
	var path []use // how the search came here
	var walk func(n *node)
	walk = func(n *node) {
		n.state = visiting
		for _, u := range n.uses {
			switch {
			case u.to == nil || u.to.state == visited:
			case u.to.state == visiting:
				l.cycle(append(path, u), u.to)
			default:
				path = append(path, u)
				walk(u.to)
				path = path[:len(path)-1]
			}
		}
		n.state = visited
		out = append(out, n)
	}
	for _, n := range l.order {
		if n.state == unvisited {
			walk(n)
		}
	}
	return out
}

// cycle reports the references that lead from start back to it. path ends with
// the reference to start.
func (l *loader) cycle(path []use, start *node) {
	from := len(path) - 1
	for from > 0 && path[from-1].to != start {
		from--
	}
	loop := path[from:]
	var b strings.Builder
	name := start.name
	for _, u := range loop {
		fmt.Fprintf(&b, "\n    %s refers to %s at %s", name, u.to.name, problem.Place(u.rng))
		u.to.broken = true
		name = u.to.name
	}
	if len(loop) == 1 {
		l.Error(&loop[0].rng, problem.Self, "%s refers to itself. Write the value out, or put what both places need into locals { }.", start.name)
		return
	}
	l.Error(&loop[0].rng, problem.Cycle, "These refer to each other in a circle, so none can be evaluated first:\n%s\n\nRemove one of the references.", b.String())
}

// scope gives the evaluation context of a node: variables, tenant, and the
// nodes it refers to, no others. So the cost of a block does not grow with the
// number of blocks.
func (l *loader) scope(n *node) *hcl.EvalContext {
	if len(n.uses) == 0 {
		return l.base
	}
	groups := map[string]map[string]cty.Value{}
	ctx := l.base.NewChild()
	ctx.Variables = map[string]cty.Value{}
	for _, u := range n.uses {
		v := unknown()
		if u.to != nil {
			v = u.to.value
		}
		if u.label == "" {
			if u.to == nil || !u.to.absent {
				ctx.Variables[u.root] = v
			}
			continue
		}
		if groups[u.root] == nil {
			groups[u.root] = map[string]cty.Value{}
		}
		if u.to == nil || !u.to.absent {
			groups[u.root][u.label] = v
		}
	}
	for root, members := range groups {
		ctx.Variables[root] = cty.ObjectVal(members)
	}
	return ctx
}

// addUse records an edge once per target; the first place is kept.
func (n *node) addUse(u use) {
	key := [2]string{u.root, u.label}
	if n.used[key] {
		return
	}
	if n.used == nil {
		n.used = map[[2]string]bool{}
	}
	n.used[key] = true
	n.uses = append(n.uses, u)
}
