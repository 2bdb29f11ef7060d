package msgraph

import (
	"context"
	"net/http"
	"strings"
)

// Types of Teams policy that concern apps. Graph takes any name here; that it takes these two is likely, not proven.
const (
	SetupPolicyType      = "TeamsAppSetupPolicy"
	PermissionPolicyType = "TeamsAppPermissionPolicy"
)

// DefaultAssignBatch is how many assignments to send in one AssignPolicy. Graph documents no limit; this one is a
// guess that has not been verified against a tenant.
const DefaultAssignBatch = 100

// Assignment gives a user a policy directly.
type Assignment struct {
	UserID     string
	PolicyType string
	PolicyID   string // opaque, from PolicyID; ignored when unassigning
}

// PolicyID returns the opaque id under which a policy is assigned. Names compare without regard to case and to the
// "Tag:" that the service puts before them. IsNotFound: there is no policy of that name.
func (r *Reader) PolicyID(ctx context.Context, policyType, name string) (string, error) {
	const template = "/admin/teams/policy/getPolicyId"
	var page collection[struct {
		Name     string `json:"name"`
		PolicyID string `json:"policyId"`
	}]
	call := "(type=" + pathLiteral(policyType) + ",name=" + pathLiteral(name) + ")"
	if err := r.get.one(ctx, endpoint{url: template + call, template: template}, &page); err != nil {
		return "", err
	}
	for _, policy := range page.Value {
		if strings.EqualFold(BarePolicyName(policy.Name), BarePolicyName(name)) && policy.PolicyID != "" {
			return policy.PolicyID, nil
		}
	}
	return "", &NotFoundError{What: policyType + " " + name}
}

// BarePolicyName strips the "Tag:" that the service puts before the names of policies an organisation made.
func BarePolicyName(name string) string {
	if len(name) >= 4 && strings.EqualFold(name[:4], "Tag:") {
		return name[4:]
	}
	return name
}

// AssignPolicy gives each user a policy directly, all in one call; the caller chooses how many, see
// DefaultAssignBatch. Success means accepted: the effect shows in UserConfigurations later. What becomes of the others
// when one item is refused is not documented, so read back after an error as well.
func (c *Client) AssignPolicy(ctx context.Context, batch []Assignment) error {
	return c.assign(ctx, "assign", batch)
}

// UnassignPolicy takes the direct assignment of that type from each user, all in one call.
func (c *Client) UnassignPolicy(ctx context.Context, batch []Assignment) error {
	bare := make([]Assignment, len(batch))
	for i, a := range batch {
		bare[i] = Assignment{UserID: a.UserID, PolicyType: a.PolicyType}
	}
	return c.assign(ctx, "unassign", bare)
}

type assignmentItem struct {
	Type       string `json:"@odata.type"`
	UserID     string `json:"userId"`
	PolicyType string `json:"policyType"`
	PolicyID   string `json:"policyId,omitempty"`
}

func (c *Client) assign(ctx context.Context, action string, batch []Assignment) error {
	if len(batch) == 0 {
		return nil
	}
	items := make([]assignmentItem, len(batch))
	for i, a := range batch {
		items[i] = assignmentItem{
			Type:   "#microsoft.graph.teamsAdministration.teamsPolicyUserAssignment",
			UserID: a.UserID, PolicyType: a.PolicyType, PolicyID: a.PolicyID,
		}
	}
	path := "/admin/teams/policy/userAssignments/" + action
	_, err := c.send.send(ctx, http.MethodPost, endpoint{url: path, template: path}, struct {
		Value []assignmentItem `json:"value"`
	}{items})
	return err
}
