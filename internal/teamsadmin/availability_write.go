package teamsadmin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// change is the body of Update-M365TeamsApp. The two audiences are families of parameters that a call must not mix.
type change struct {
	IsBlocked *bool `json:",omitempty"`

	AppAssignmentType AudienceType `json:",omitempty"`
	OperationType     string       `json:",omitempty"`
	Users             []string     `json:",omitempty"`
	Groups            []string     `json:",omitempty"`

	AppInstallType          AudienceType `json:",omitempty"`
	InstallForOperationType string       `json:",omitempty"`
	InstallForUsers         []string     `json:",omitempty"`
	InstallForGroups        []string     `json:",omitempty"`
}

func changeOf(of AudienceOf, typ AudienceType, operation string, users, groups []string) (change, error) {
	switch of {
	case Available:
		return change{AppAssignmentType: typ, OperationType: operation, Users: users, Groups: groups}, nil
	case Installed:
		return change{AppInstallType: typ, InstallForOperationType: operation, InstallForUsers: users, InstallForGroups: groups}, nil
	}
	return change{}, fmt.Errorf("an app has no audience %q", of)
}

func (h *HTTP) updateApp(ctx context.Context, appID string, c change) error {
	if !h.appCentric {
		return errNotOffered
	}
	k, err := appCall("Update-M365TeamsApp", appID)
	if err != nil {
		return err
	}
	return h.send.send(ctx, http.MethodPatch, k, c)
}

// SetAudience implements AvailabilityAdmin.
func (h *HTTP) SetAudience(ctx context.Context, appID string, of AudienceOf, typ AudienceType) error {
	if typ != Everyone && typ != Noone {
		return fmt.Errorf("%q is neither everyone nor no one", typ)
	}
	c, err := changeOf(of, typ, "", nil, nil)
	if err != nil {
		return err
	}
	return h.updateApp(ctx, appID, c)
}

// AddToAudience implements AvailabilityAdmin.
func (h *HTTP) AddToAudience(ctx context.Context, appID string, of AudienceOf, users, groups []string) error {
	return h.changeAudience(ctx, appID, of, "Add", users, groups)
}

// RemoveFromAudience implements AvailabilityAdmin.
func (h *HTTP) RemoveFromAudience(ctx context.Context, appID string, of AudienceOf, users, groups []string) error {
	return h.changeAudience(ctx, appID, of, "Remove", users, groups)
}

// changeAudience sends as many calls as it takes. Groups go first: they hold most people, who then lose nothing while
// an app that was everyone's becomes that of a list.
func (h *HTTP) changeAudience(ctx context.Context, appID string, of AudienceOf, operation string, users, groups []string) error {
	users, groups = slices.Clone(users), slices.Clone(groups)
	for sent := 0; len(users)+len(groups) > 0; sent++ {
		g := min(len(groups), MaxAudienceChange)
		u := min(len(users), MaxAudienceChange-g)
		c, err := changeOf(of, UsersAndGroups, operation, users[:u], groups[:g])
		if err == nil {
			err = h.updateApp(ctx, appID, c)
		}
		if err != nil {
			if sent > 0 && !IsAmbiguous(err) {
				err = &partlyError{err}
			}
			return err
		}
		users, groups = users[u:], groups[g:]
	}
	return nil
}

// partlyError is a failure after some of a change was made.
type partlyError struct{ err error }

func (e *partlyError) Error() string {
	return "some of the change was made before this failed: " + e.err.Error()
}
func (e *partlyError) Unwrap() error { return e.err }

func isPartly(err error) bool {
	var e *partlyError
	return errors.As(err, &e)
}

// BlockApp implements AvailabilityAdmin.
func (h *HTTP) BlockApp(ctx context.Context, appID string, blocked bool) error {
	return h.updateApp(ctx, appID, change{IsBlocked: &blocked})
}

// SetCustomAppsDefault implements AvailabilityAdmin.
func (h *HTTP) SetCustomAppsDefault(ctx context.Context, everyone bool) error {
	if !h.appCentric {
		return errNotOffered
	}
	value := "None"
	if everyone {
		value = "All"
	}
	k := call{url: defaultsPath, template: defaultsPath, cmdlet: "Update-M365UnifiedTenantSettings"}
	return h.send.send(ctx, http.MethodPatch, k, struct{ SettingName, SettingValue string }{customDefault, value})
}
