package teamsadmin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// CreatePolicy implements Admin.
func (h *HTTP) CreatePolicy(ctx context.Context, typ PolicyType, p Policy) error {
	k, err := policiesCall("New", typ)
	if err != nil {
		return err
	}
	name := BareName(p.Name)
	if _, err := segment("name of a policy", name); err != nil {
		return err
	}
	if SameName(name, Global) {
		return fmt.Errorf("the policy %s always exists; update it", Global)
	}
	body, err := wireProperties(p.Properties)
	if err != nil {
		return fmt.Errorf("policy %s: %w", name, err)
	}
	body["Identity"] = encode(name)
	return h.send.send(ctx, http.MethodPost, k, body)
}

// UpdatePolicy implements Admin.
func (h *HTTP) UpdatePolicy(ctx context.Context, typ PolicyType, name string, changes map[string]json.RawMessage) error {
	k, err := policyCall("Set", typ, name)
	if err != nil {
		return err
	}
	body, err := wireProperties(changes)
	if err != nil {
		return fmt.Errorf("policy %s: %w", name, err)
	}
	if len(body) == 0 {
		return nil
	}
	return h.send.send(ctx, http.MethodPut, k, body)
}

// DeletePolicy implements Admin.
func (h *HTTP) DeletePolicy(ctx context.Context, typ PolicyType, name string) error {
	k, err := policyCall("Remove", typ, name)
	if err != nil {
		return err
	}
	return h.send.send(ctx, http.MethodDelete, k, nil)
}

func policyCall(verb string, typ PolicyType, name string) (call, error) {
	k, err := policiesCall(verb, typ)
	if err != nil {
		return k, err
	}
	escaped, err := segment("name of a policy", BareName(name))
	k.url += "/configuration/" + escaped
	k.template += policyTemplate
	return k, err
}

// AssignGroup implements Admin.
func (h *HTTP) AssignGroup(ctx context.Context, typ PolicyType, groupID, policy string, rank int) error {
	if rank < 0 {
		return fmt.Errorf("rank %d: ranks count from 1", rank)
	}
	if BareName(policy) == "" {
		return fmt.Errorf("no policy named for group %s", groupID)
	}
	k, err := groupCall("New", typ, groupID)
	if err != nil {
		return err
	}
	return h.send.send(ctx, http.MethodPatch, k, struct {
		PolicyName string
		Rank       int `json:",omitempty"`
	}{BareName(policy), rank})
}

// UnassignGroup implements Admin.
func (h *HTTP) UnassignGroup(ctx context.Context, typ PolicyType, groupID string) error {
	k, err := groupCall("Remove", typ, groupID)
	if err != nil {
		return err
	}
	return h.send.send(ctx, http.MethodDelete, k, nil)
}

// groupCall refuses permission policies, which the service does not assign to groups.
func groupCall(verb string, typ PolicyType, groupID string) (call, error) {
	if typ != SetupPolicy {
		return call{}, fmt.Errorf("a %s cannot be assigned to a group", typ)
	}
	group, err := segment("id of a group", groupID)
	return call{
		url:      groupsPath + "/" + group + "/policyTypes/" + string(typ),
		template: groupsPath + "/{id}/policyTypes/" + string(typ),
		cmdlet:   verb + "-CsGroupPolicyAssignment",
	}, err
}

// SetCustomAppInteraction implements Admin.
//
// The service takes only the whole object. Everything that was read goes back as it was, the list of per-app settings
// above all: sources disagree on what the service makes of an empty one, and at worst it forgets what every app was
// set to. So without that list nothing is written.
func (h *HTTP) SetCustomAppInteraction(ctx context.Context, allowed bool) error {
	settings, err := h.OrgAppSettings(ctx)
	if err != nil {
		return err
	}
	body, err := orgBody(settings.Properties, allowed)
	if err != nil {
		return err
	}
	return h.send.send(ctx, http.MethodPut, call{url: orgPath, template: orgPath, cmdlet: "Set-CsTeamsSettingsCustomApp"}, body)
}

// orgBody is the settings object for writing: some keys are spelled with a capital there and without one when read.
func orgBody(read map[string]json.RawMessage, allowed bool) (map[string]json.RawMessage, error) {
	if list := bytes.TrimSpace(read["appSettingsList"]); len(list) == 0 || list[0] != '[' {
		return nil, fmt.Errorf("the organisation's app settings were read without their appSettingsList; writing them " +
			"back could erase per-app settings, so nothing was changed")
	}
	body := make(map[string]json.RawMessage, len(read))
	for key, value := range read {
		if rest, ok := strings.CutPrefix(key, "lob"); ok {
			key = "Lob" + rest
		}
		body[key] = value
	}
	body[customAppKey] = BoolValue(allowed)
	return body, nil
}
