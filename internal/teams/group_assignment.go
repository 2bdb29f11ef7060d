package teams

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams/internal/delay"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// GroupAssignment is the generated kind of policies assigned to groups: one
// object per (policy type, group), made by the compile step from
// policy_assignment blocks.
const GroupAssignment = "group_assignment"

func groupAssignmentKind() *schema.Kind {
	return &schema.Kind{
		Name: GroupAssignment, Version: 1, Title: "group assignment", Plural: "group assignments",
		Rank: schema.RankGroupAssignment, Generated: true, RowLike: true, Delay: delay.Group(),
		Doc:      "A setup policy assigned to a group (Teams admin centre: Setup policies > Group policy assignment).",
		HolderOf: holderOf,
		Attrs: []*schema.Attr{
			{Name: "type", Quiet: true, Type: schema.String{}, Doc: "Kind of the policy."},
			{Name: "group", Quiet: true, Type: schema.String{Fold: true}, Doc: "Object id of the group."},
			{Name: "policy", Type: schema.String{Fold: true}, Unset: schema.LetGo, AffectsAccess: true, Doc: "Name of the policy."},
			{Name: "rank", Type: schema.Int{}, Unset: schema.LetGo, Recreate: true, AffectsAccess: true, Doc: "Place among the groups that have a policy of this kind; the lowest wins. An order, not a number: unmanaged groups in between do not matter."},
			{Name: "order", Input: true, Type: schema.StringList{}, Doc: "The wanted order of all managed groups."},
		},
	}
}

func holderOf(attrs schema.Attrs) (kind, key string) {
	kind, _ = attrs["type"].(string)
	key, _ = attrs["policy"].(string)
	return kind, key
}

// groupKey is the natural key of a group assignment.
func groupKey(kind, group string) string { return kind + "/" + strings.ToLower(group) }

// wireType names a kind of policy as the services do.
func wireType(kind string) teamsadmin.PolicyType {
	if kind == PermissionPolicy {
		return teamsadmin.PermissionPolicy
	}
	return teamsadmin.SetupPolicy
}

// kindOfType is the reverse; "" for types that are not ours.
func kindOfType(typ string) string {
	switch {
	case strings.EqualFold(typ, string(teamsadmin.SetupPolicy)):
		return SetupPolicy
	case strings.EqualFold(typ, string(teamsadmin.PermissionPolicy)):
		return PermissionPolicy
	}
	return ""
}

// groupAssignments is the collection of policies assigned to groups.
type groupAssignments struct {
	*Writing
	kind *schema.Kind
}

func (c *groupAssignments) Kind() *schema.Kind { return c.kind }

// Batch implements engine.Writer. Each insertion shifts the ranks behind it,
// so they go one by one.
func (c *groupAssignments) Batch() (size, parallel int) { return 1, 1 }

// List yields the assignments of app policies. The number of a rank is left
// untold until Align says which of them are out of order.
func (c *groupAssignments) List(ctx context.Context, scope engine.Scope, yield func(engine.Object) error) error {
	list, err := c.groups.get(ctx, c.admin.GroupAssignments)
	if err != nil {
		return err
	}
	var ids []string
	for _, key := range scope.Known {
		if _, group, ok := strings.Cut(key, "/"); ok {
			ids = append(ids, group)
		}
	}
	for _, a := range list {
		if kindOfType(string(a.PolicyType)) != "" {
			ids = append(ids, a.GroupID)
		}
	}
	if err := c.people.NameGroups(ctx, ids); err != nil {
		return err
	}
	for _, a := range list {
		kind := kindOfType(string(a.PolicyType))
		if kind == "" {
			continue
		}
		key := groupKey(kind, a.GroupID)
		err := yield(engine.Object{ID: key, Key: key, Name: c.people.GroupName(a.GroupID), Attrs: schema.Attrs{
			"type": kind, "group": strings.ToLower(a.GroupID), "policy": a.PolicyName, "rank": int64(a.Rank),
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// NameOf implements engine.Namer.
func (c *groupAssignments) NameOf(key string) string {
	_, group, _ := strings.Cut(key, "/")
	return c.people.GroupName(group)
}

// Align makes ranks comparable: desired ranks are an order among the managed
// groups. Those that stand in order already compare equal whatever their
// numbers; as few as possible are moved, the rest being the longest part that
// is in order.
func (c *groupAssignments) Align(desired []*engine.Desired, actual []engine.Object) {
	byKey := map[string]*engine.Object{}
	for i := range actual {
		byKey[actual[i].Key] = &actual[i]
	}
	byType := map[string][]*engine.Desired{}
	for _, d := range desired {
		if byKey[d.Key] != nil {
			kind, _ := d.Attrs["type"].(string)
			byType[kind] = append(byType[kind], d)
		}
	}
	for _, list := range byType {
		slices.SortFunc(list, func(x, y *engine.Desired) int { return int(rankOf(x.Attrs) - rankOf(y.Attrs)) })
		numbers := make([]int64, len(list))
		for i, d := range list {
			numbers[i] = rankOf(byKey[d.Key].Attrs)
		}
		for i, stays := range longestRising(numbers) {
			a := byKey[list[i].Key]
			switch {
			case stays:
				a.Attrs["rank"] = list[i].Attrs["rank"]
			case rankOf(a.Attrs) == rankOf(list[i].Attrs):
				a.Attrs["rank"] = int64(0) // the number is right and the place is not
			}
		}
	}
}

// Expect implements engine.Expecter: a group that is becoming visible at a rank
// moves those behind it down, as the service does.
func (c *groupAssignments) Expect(actual []engine.Object, changed []int) {
	slices.SortFunc(changed, func(x, y int) int { return int(rankOf(actual[x].Attrs) - rankOf(actual[y].Attrs)) })
	for _, i := range changed {
		for j := range actual {
			if j != i && actual[j].Attrs["type"] == actual[i].Attrs["type"] && rankOf(actual[j].Attrs) >= rankOf(actual[i].Attrs) {
				actual[j].Attrs["rank"] = rankOf(actual[j].Attrs) + 1
			}
		}
	}
}

func rankOf(attrs schema.Attrs) int64 {
	n, _ := attrs["rank"].(int64)
	return n
}

// longestRising marks one longest strictly rising subsequence of numbers. At
// most 64 groups have a policy, so the square is small.
func longestRising(numbers []int64) []bool {
	length, from := make([]int, len(numbers)), make([]int, len(numbers))
	best := -1
	for i := range numbers {
		length[i], from[i] = 1, -1
		for j := range i {
			if numbers[j] < numbers[i] && length[j]+1 > length[i] {
				length[i], from[i] = length[j]+1, j
			}
		}
		if best < 0 || length[i] > length[best] {
			best = i
		}
	}
	stays := make([]bool, len(numbers))
	for i := best; i >= 0; i = from[i] {
		stays[i] = true
	}
	return stays
}

// Forget implements engine.Forgetter.
func (c *groupAssignments) Forget() { c.groups.drop() }

// Apply implements engine.Writer.
func (c *groupAssignments) Apply(ctx context.Context, ops []*engine.Op, report func(engine.Result)) error {
	for _, op := range ops {
		err := c.one(ctx, op)
		report(engine.Result{Op: op, ID: op.Key, Err: err, InDoubt: ambiguous(err), Doubtful: badRequest(err)})
	}
	return nil
}

func (c *groupAssignments) one(ctx context.Context, op *engine.Op) error {
	kind, group, ok := strings.Cut(op.Key, "/")
	if !ok {
		return fmt.Errorf("%s has no group", op.Addr)
	}
	typ := wireType(kind)
	current, err := c.groups.get(ctx, c.admin.GroupAssignments)
	if err != nil {
		return err
	}
	c.groups.drop()
	if op.Action == engine.Delete {
		err := c.control.UnassignGroup(ctx, typ, group)
		if teamsadmin.IsNotFound(err) {
			return nil // gone is what was wanted
		}
		return err
	}
	policy, _ := op.After["policy"].(string)
	at := place(current, typ, group, op)
	if op.Action == engine.Update {
		// There is no call that replaces a group's policy: remove, then add at
		// the same rank (policy-plane facts 1.5). After a failure between the
		// two the next plan finds the assignment gone and makes it again.
		if err := c.control.UnassignGroup(ctx, typ, group); err != nil && !teamsadmin.IsNotFound(err) {
			return err
		}
	}
	return c.control.AssignGroup(ctx, typ, group, policy, at)
}

// place is the rank at which a group comes to stand as wanted: its own if it
// has one and only the policy changes, else right behind the managed group
// that is wanted before it, else before the first one wanted after it, else
// the number that was written.
func place(current []teamsadmin.GroupAssignment, typ teamsadmin.PolicyType, group string, op *engine.Op) int {
	ranks := map[string]int{}
	for _, a := range current {
		if strings.EqualFold(string(a.PolicyType), string(typ)) {
			ranks[strings.ToLower(a.GroupID)] = a.Rank
		}
	}
	if op.Action == engine.Update && ranks[group] > 0 {
		return ranks[group]
	}
	order, _ := op.Input["order"].([]any)
	at := slices.Index(order, any(group))
	for i := at - 1; i >= 0; i-- {
		if r := ranks[order[i].(string)]; r > 0 {
			return r + 1
		}
	}
	for i := at + 1; at >= 0 && i < len(order); i++ {
		if r := ranks[order[i].(string)]; r > 0 {
			return r
		}
	}
	wanted := int(rankOf(op.After))
	return min(max(wanted, 1), len(ranks)+1)
}
