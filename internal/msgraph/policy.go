package msgraph

import (
	"context"
	"fmt"
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
	var page policyIDs
	if err := r.get.one(ctx, policyIDEndpoint(policyType, name), &page); err != nil {
		return "", err
	}
	if id := findPolicyID(page, name); id != "" {
		return id, nil
	}
	return "", &NotFoundError{What: policyType + " " + name}
}

// PolicyIDs returns the ids of several policies of a type, twenty per call, in the order of names; one that does not
// exist has an empty id.
func (r *Reader) PolicyIDs(ctx context.Context, policyType string, names []string) ([]string, error) {
	urls := make([]string, len(names))
	for i, name := range names {
		urls[i] = policyIDEndpoint(policyType, name).url
	}
	answers, err := r.get.batchGet(ctx, policyIDPath, urls)
	if err != nil {
		return nil, err
	}
	found := make([]string, len(names))
	for i, answer := range answers {
		var page policyIDs
		if _, err := each(policyIDPath, answer, &page); err != nil {
			return nil, fmt.Errorf("looking up the %s %q: %w", policyType, names[i], err)
		}
		found[i] = findPolicyID(page, names[i])
	}
	return found, nil
}

const policyIDPath = "/admin/teams/policy/getPolicyId"

type policyIDs = collection[struct {
	Name     string `json:"name"`
	PolicyID string `json:"policyId"`
}]

func policyIDEndpoint(policyType, name string) endpoint {
	call := "(type=" + pathLiteral(policyType) + ",name=" + pathLiteral(name) + ")"
	return endpoint{url: policyIDPath + call, template: policyIDPath}
}

func findPolicyID(page policyIDs, name string) string {
	for _, policy := range page.Value {
		if strings.EqualFold(BarePolicyName(policy.Name), BarePolicyName(name)) {
			return policy.PolicyID
		}
	}
	return ""
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
