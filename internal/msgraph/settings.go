package msgraph

import (
	"context"
	"net/http"
)

// TeamsAppSettings are the tenant's settings for apps that Graph knows. The switch for custom apps is not among them.
// A nil field is not known when read, and not changed when written. Applications cannot call either; it takes a person.
type TeamsAppSettings struct {
	// AllowUserRequests: users may ask for apps that are not available to them.
	AllowUserRequests *bool `json:"allowUserRequestsForAppAccess,omitempty"`
	// PersonalScopeConsent: apps with resource-specific permissions may be installed for a person.
	PersonalScopeConsent *bool `json:"isUserPersonalScopeResourceSpecificConsentEnabled,omitempty"`
}

const appSettingsPath = "/teamwork/teamsAppSettings"

// TeamsAppSettings reads the settings.
func (r *Reader) TeamsAppSettings(ctx context.Context) (TeamsAppSettings, error) {
	var s TeamsAppSettings
	err := r.get.one(ctx, endpoint{url: appSettingsPath, template: appSettingsPath}, &s)
	return s, err
}

// PatchTeamsAppSettings changes the settings that are not nil.
func (c *Client) PatchTeamsAppSettings(ctx context.Context, s TeamsAppSettings) error {
	_, err := c.send.send(ctx, http.MethodPatch, endpoint{url: appSettingsPath, template: appSettingsPath}, s)
	return err
}
