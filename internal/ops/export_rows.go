package ops

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
)

// inlineUpTo is how many people stand in the block itself instead of a file.
const inlineUpTo = 5

// declareAssignments writes who has which policy.
func (x *exporter) declareAssignments() {
	x.declareGroups()
	x.declareHolders()
}

// declareHolders writes a list of people and an assignment per policy.
func (x *exporter) declareHolders() {
	keys := slices.SortedFunc(maps.Keys(x.rows), func(a, b objectKey) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.key, b.key))
	})
	people, lists := 0, 0
	for _, k := range keys {
		names := x.rows[k]
		slices.SortFunc(names, func(a, b string) int {
			return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
		})
		policy, ok := x.at[k]
		if !ok {
			x.withoutPolicy(k, fmt.Sprintf("assigned to %s directly", personCount(len(names))))
			continue
		}
		label := policy.Name
		if k.kind == teams.PermissionPolicy {
			label += "_permissions"
		}
		label = x.freeLabel(teams.PolicyAssignment, label)
		x.taken[addr.New("users", label)] = true
		file := ""
		if len(names) > inlineUpTo {
			file = listsFolder + "/" + strings.TrimSuffix(policy.Kind, "_policy") + "_" + policy.Name + ".csv"
			x.lists[file] = names
		}
		x.add(fileAssignments, config.UsersBlock(label, file, names), config.NewBlock{
			Type: teams.PolicyAssignment, Label: label, Args: []config.NewArg{
				{Name: "policy", Value: schema.Ref{Addr: policy}}, {Name: "users", Value: schema.Ref{Addr: addr.New("users", label)}},
			},
		})
		people += len(names)
		lists++
	}
	if lists > 0 {
		x.out.Counts = append(x.out.Counts, ExportCount{lists, "list of people", "lists of people"},
			ExportCount{people, "person with a policy of their own", "people with a policy of their own"})
	}
}

// withoutPolicy reports assignments of a policy that has no block here.
func (x *exporter) withoutPolicy(k objectKey, what string) {
	title := k.kind
	if kind := x.kinds.Kind(k.kind); kind != nil {
		title = kind.Title
	}
	x.cannot(fmt.Sprintf("%s %q", title, k.key), what+"; the policy has no block here, so nothing can refer to it")
}

// declareGroups writes a group and an assignment per policy that a group has.
func (x *exporter) declareGroups() {
	objects := x.objects[teams.GroupAssignment]
	slices.SortStableFunc(objects, func(a, b engine.Object) int {
		typeA, _ := a.Attrs["type"].(string)
		typeB, _ := b.Attrs["type"].(string)
		return cmp.Or(cmp.Compare(typeA, typeB), cmp.Compare(rankOf(a), rankOf(b)), cmp.Compare(a.Key, b.Key))
	})
	labels := x.groupBlocks(objects)
	last, written := map[string]int64{}, 0
	for _, o := range objects {
		kind, key := x.kinds.Kind(teams.GroupAssignment).HolderOf(o.Attrs)
		id, _ := o.Attrs["group"].(string)
		policy, ok := x.at[keyed(kind, key)]
		what := fmt.Sprintf("group %q", cmp.Or(o.Name, id))
		switch {
		case !ok:
			x.withoutPolicy(objectKey{kind, key}, "assigned to the "+what)
			continue
		case !x.groups[id].Found:
			x.cannot(what, fmt.Sprintf("has %s, but the directory does not know it", policy))
			continue
		case kind != teams.SetupPolicy:
			x.cannot(what, fmt.Sprintf("has %s; only setup policies can be assigned to groups here", policy))
			continue
		}
		// Ranks are an order; a number that cannot be written moves up.
		rank := max(rankOf(o), last[kind]+1)
		last[kind] = rank
		label := x.freeLabel(teams.PolicyAssignment, policy.Name+"_for_"+labels[id])
		x.add(fileAssignments, config.NewBlock{Type: teams.PolicyAssignment, Label: label, Args: []config.NewArg{
			{Name: "policy", Value: schema.Ref{Addr: policy}}, {Name: "group", Value: schema.Ref{Addr: addr.New("group", labels[id])}}, {Name: "rank", Value: rank},
		}})
		written++
	}
	if written > 0 {
		x.out.Counts = append(x.out.Counts, ExportCount{written, "group with a policy", "groups with a policy"})
	}
}

func rankOf(o engine.Object) int64 {
	n, _ := o.Attrs["rank"].(int64)
	return n
}

// groupBlocks writes the groups and returns their labels by id.
func (x *exporter) groupBlocks(objects []engine.Object) map[string]string {
	var named []config.Named
	audience := x.audienceGroups()
	for _, id := range slices.Sorted(maps.Keys(x.groups)) {
		used := slices.Contains(audience, id) || slices.ContainsFunc(objects, func(o engine.Object) bool {
			kind, key := x.kinds.Kind(teams.GroupAssignment).HolderOf(o.Attrs)
			_, exported := x.at[keyed(kind, key)]
			return exported && kind == teams.SetupPolicy && o.Attrs["group"] == id
		})
		if used && x.groups[id].Found {
			named = append(named, config.Named{Key: id, Name: x.groups[id].Name})
		}
	}
	labels := config.Labels("group", named)
	slices.SortFunc(named, func(a, b config.Named) int { return cmp.Compare(labels[a.Key], labels[b.Key]) })
	for _, n := range named {
		g := x.groups[n.Key]
		x.add(fileGroups, config.GroupBlock(labels[n.Key], n.Key, g.Name, g.Unique))
	}
	x.labels = labels
	return labels
}

// freeLabel makes a label that no other block of the type has.
func (x *exporter) freeLabel(kind, label string) string {
	free := label
	for n := 2; x.taken[addr.New(kind, free)]; n++ {
		free = fmt.Sprintf("%s_%d", label, n)
	}
	x.taken[addr.New(kind, free)] = true
	return free
}

func personCount(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}
