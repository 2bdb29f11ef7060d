package msgraph

import "context"

// UserConfiguration is what Teams policies a user really has.
type UserConfiguration struct {
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
	// Policies has one entry per policy type that is not left to the organisation's default.
	Policies []EffectivePolicy `json:"effectivePolicyAssignments"`
}

// EffectivePolicy is one policy that is in effect for a user.
type EffectivePolicy struct {
	PolicyType string           `json:"policyType"`
	Assignment PolicyAssignment `json:"policyAssignment"`
}

// PolicyAssignment says which policy, and how the user came to it.
type PolicyAssignment struct {
	DisplayName string `json:"displayName"` // may have the prefix "Tag:", see BarePolicyName
	// AssignmentType is direct or group.
	AssignmentType string `json:"assignmentType"`
	PolicyID       string `json:"policyId"`
	GroupID        string `json:"groupId"` // empty unless AssignmentType is group
}

const (
	userConfigPath   = "/admin/teams/userConfigurations"
	userConfigFields = "id,userPrincipalName,effectivePolicyAssignments"
)

// UserConfigurations calls yield for every user of the tenant, top per page at most (zero: 999; the service's own
// limit is not documented). The slice Policies is used again after yield returns; its texts may be kept.
func (r *Reader) UserConfigurations(ctx context.Context, top int, yield func(UserConfiguration) error) error {
	e := endpoint{
		url:      userConfigPath + params("$select", userConfigFields, "$top", pageSize(top)),
		template: userConfigPath,
	}
	return listWith(ctx, r.get, e, &pageDecoder[UserConfiguration]{item: scanUserConfiguration}, yield)
}

// UserConfigurationsByID returns the configuration of each user, twenty per call, in the order of ids; one that does
// not exist has an empty ID.
func (r *Reader) UserConfigurationsByID(ctx context.Context, ids []string) ([]UserConfiguration, error) {
	const template = userConfigPath + "/{id}"
	urls := make([]string, len(ids))
	for i, id := range ids {
		escaped, err := segment("user", id)
		if err != nil {
			return nil, err
		}
		urls[i] = userConfigPath + "/" + escaped + params("$select", userConfigFields)
	}
	answers, err := r.get.batchGet(ctx, template, urls)
	if err != nil {
		return nil, err
	}
	configs := make([]UserConfiguration, len(ids))
	for i, answer := range answers {
		if _, err := each(template, answer, &configs[i]); err != nil {
			return nil, err
		}
	}
	return configs, nil
}
