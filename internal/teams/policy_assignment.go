package teams

import (
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams/internal/delay"
)

// PolicyAssignment is the kind of block that assigns a policy. It is compiled:
// to rows for people, to a group assignment for a group.
const PolicyAssignment = "policy_assignment"

func policyAssignmentKind() *schema.Kind {
	return &schema.Kind{
		Name: PolicyAssignment, Version: 1, Title: "policy assignment", Plural: "policy assignments",
		Rank: schema.RankUserAssignment, Input: true, Delay: delay.Person(),
		Doc: "Gives a policy to people, or a setup policy to a group. With people, the policy's direct holders become exactly those of all its blocks together, unless one of them says rows = \"at_least\".",
		Attrs: []*schema.Attr{
			{Name: "policy", Required: true, Type: schema.Reference{Kinds: []string{SetupPolicy, PermissionPolicy}}, Doc: "The policy to assign."},
			{Name: "users", Type: schema.References{Kinds: []string{"users"}}, Doc: "People who get it directly. Their own assignment wins over any group's."},
			{Name: "group", Type: schema.Reference{Kinds: []string{"group"}}, Doc: "The group whose direct members get it; nested groups are not followed. Setup policies only."},
			{Name: "rank", Type: schema.Int{Min: 1}, Doc: "With a group: its place among the groups that have a setup policy, the lowest winning. An order, not a number."},
			{Name: "rows", Type: schema.String{Words: []string{"exact", "at_least"}}, Default: "exact", Doc: "Whether other direct holders of the policy are unassigned (\"exact\") or left alone (\"at_least\")."},
		},
		Check: checkAssignment,
	}
}

func checkAssignment(attrs schema.Attrs) []schema.Problem {
	_, users := attrs["users"]
	_, group := attrs["group"]
	_, rank := attrs["rank"]
	_, rows := attrs["rows"]
	policy, _ := attrs["policy"].(schema.Ref)
	switch {
	case users == group:
		return []schema.Problem{{Summary: "Exactly one audience needed", Detail: "Write either users = users.NAME, or group = group.NAME with a rank. To do both, write two blocks."}}
	case group && policy.Addr.Kind == PermissionPolicy:
		return []schema.Problem{{Attr: "group", Summary: "Permission policies cannot go to groups", Detail: "The service assigns permission policies to people only. List them with users = users.NAME."}}
	case group && !rank:
		return []schema.Problem{{Attr: "group", Summary: "Rank missing", Detail: "A person may be in several groups with a setup policy; the rank says which wins. Add rank = 1, or the place that fits."}}
	case group && rows:
		return []schema.Problem{{Attr: "rows", Summary: "Rows without people", Detail: "rows says what becomes of other people who hold the policy directly; an assignment to a group says nothing about them. Remove it."}}
	case users && rank:
		return []schema.Problem{{Attr: "rank", Summary: "Rank without a group", Detail: "A policy assigned to people directly always wins; only groups have a rank. Remove it."}}
	}
	return nil
}
