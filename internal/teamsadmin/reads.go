package teamsadmin

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Reads is the half of HTTP that cannot write.
type Reads struct {
	get        reads
	appCentric bool // the root answers for app-centric management
}

// SetupPolicies implements Reader.
func (r *Reads) SetupPolicies(ctx context.Context) ([]Policy, error) {
	return r.policies(ctx, SetupPolicy)
}

// PermissionPolicies implements Reader.
func (r *Reads) PermissionPolicies(ctx context.Context) ([]Policy, error) {
	return r.policies(ctx, PermissionPolicy)
}

const (
	policiesPath   = "/Skype.Policy/configurations/"
	groupsPath     = "/Skype.Policy/groupPolicyAssignments"
	orgPath        = "/Teams.MiddletierService/tenantWideAppsSettingsGlobal"
	policyTemplate = "/configuration/{name}"
)

func (r *Reads) policies(ctx context.Context, typ PolicyType) ([]Policy, error) {
	k, err := policiesCall("Get", typ)
	if err != nil {
		return nil, err
	}
	var raw rows
	if err := r.get.one(ctx, k, &raw); err != nil {
		return nil, err
	}
	policies := make([]Policy, 0, len(raw))
	for _, row := range raw {
		p, err := decodePolicy(row)
		if err != nil {
			return nil, fmt.Errorf("GET %s: %w", k.template, err)
		}
		policies = append(policies, p)
	}
	slices.SortFunc(policies, func(a, b Policy) int { return compareNames(a.Name, b.Name) })
	return policies, nil
}

func policiesCall(verb string, typ PolicyType) (call, error) {
	if typ != SetupPolicy && typ != PermissionPolicy {
		return call{}, fmt.Errorf("%q is no type of policy for apps", typ)
	}
	path := policiesPath + string(typ)
	return call{url: path, template: path, cmdlet: verb + "-Cs" + string(typ)}, nil
}

func compareNames(a, b string) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
}

// rows is a JSON array; an array of one has been seen to arrive without its brackets.
type rows []json.RawMessage

func (r *rows) UnmarshalJSON(raw []byte) error {
	if raw = bytes.TrimSpace(raw); len(raw) > 0 && raw[0] == '{' {
		*r = rows{bytes.Clone(raw)}
		return nil
	}
	if string(raw) == "null" {
		return errors.New("null instead of a list") // not the same as an empty one
	}
	return json.Unmarshal(raw, (*[]json.RawMessage)(r))
}

func decodePolicy(raw json.RawMessage) (Policy, error) {
	p := Policy{}
	if err := json.Unmarshal(raw, &p.Properties); err != nil {
		return p, fmt.Errorf("a policy that is no object: %w", err)
	}
	identity, _ := p.Text("Identity")
	p.Name = BareName(identity)
	if p.Name == "" {
		return p, fmt.Errorf("a policy without an Identity")
	}
	for key := range p.Properties {
		if strings.EqualFold(key, "Identity") {
			delete(p.Properties, key)
		}
	}
	return p, nil
}

// GroupAssignments implements Reader.
func (r *Reads) GroupAssignments(ctx context.Context) ([]GroupAssignment, error) {
	k := call{url: groupsPath, template: groupsPath, cmdlet: "Get-CsGroupPolicyAssignment"}
	var raw rows
	if err := r.get.one(ctx, k, &raw); err != nil {
		return nil, err
	}
	list := make([]GroupAssignment, 0, len(raw))
	for _, row := range raw {
		a, err := decodeGroupAssignment(row)
		if err != nil {
			return nil, fmt.Errorf("GET %s: %w", k.template, err)
		}
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b GroupAssignment) int {
		return cmp.Or(cmp.Compare(a.PolicyType, b.PolicyType), cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.GroupID, b.GroupID))
	})
	return list, nil
}

// decodeGroupAssignment reads the names in any case. The rank is called Priority in some places.
func decodeGroupAssignment(raw json.RawMessage) (GroupAssignment, error) {
	var row struct {
		GroupID    string `json:"GroupId"`
		PolicyType PolicyType
		PolicyName string
		Rank       *int
		Priority   *int
	}
	if err := json.Unmarshal(raw, &row); err != nil {
		return GroupAssignment{}, fmt.Errorf("a group assignment: %w", err)
	}
	if row.GroupID == "" || row.PolicyType == "" {
		return GroupAssignment{}, fmt.Errorf("a group assignment without a GroupId or PolicyType")
	}
	a := GroupAssignment{GroupID: row.GroupID, PolicyType: row.PolicyType, PolicyName: BareName(row.PolicyName)}
	if rank := cmp.Or(row.Rank, row.Priority); rank != nil {
		a.Rank = *rank
	}
	return a, nil
}

// OrgAppSettings implements Reader.
func (r *Reads) OrgAppSettings(ctx context.Context) (OrgAppSettings, error) {
	s := OrgAppSettings{}
	k := call{url: orgPath, template: orgPath, cmdlet: "Get-CsTeamsSettingsCustomApp"}
	if err := r.get.one(ctx, k, &s.Properties); err != nil {
		return s, err
	}
	var on *bool
	if json.Unmarshal(s.Properties[customAppKey], &on) != nil || on == nil {
		return s, fmt.Errorf("GET %s: the answer has no %s", k.template, customAppKey)
	}
	s.CustomAppInteraction = *on
	return s, nil
}

const customAppKey = "isSideloadedAppsInteractionEnabled"
