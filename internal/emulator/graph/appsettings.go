package graph

import (
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// appSettingsID is the id of the one teamsAppSettings object.
const appSettingsID = "teamsAppSettings"

func (s *Server) getAppSettings(c *wire.Call) error {
	known := []string{"id", "allowUserRequestsForAppAccess", "isUserPersonalScopeResourceSpecificConsentEnabled"}
	if c.Beta() {
		known = append(known, "isChatResourceSpecificConsentEnabled")
	}
	sel, err := selection(c, "teamsAppSettings", known)
	if err != nil {
		return err
	}
	var v store.AppSettings
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		var err error
		v, err = tx.AppSettings()
		return err
	})
	if err != nil {
		return err
	}
	o := begin(nil, sel)
	o.text("id", appSettingsID)
	o.boolean("allowUserRequestsForAppAccess", v.AllowUserRequestsForAppAccess)
	o.boolean("isUserPersonalScopeResourceSpecificConsentEnabled", v.IsUserPersonalScopeResourceSpecificConsentEnabled)
	if c.Beta() {
		o.boolean("isChatResourceSpecificConsentEnabled", v.IsChatResourceSpecificConsentEnabled)
	}
	return single(c, "teamwork/teamsAppSettings/$entity", o.end())
}

// patchAppSettings changes the properties that the body names.
func (s *Server) patchAppSettings(c *wire.Call) error {
	var body struct {
		Type     string `json:"@odata.type"`
		ID       string `json:"id"`
		Requests *bool  `json:"allowUserRequestsForAppAccess"`
		Personal *bool  `json:"isUserPersonalScopeResourceSpecificConsentEnabled"`
		Chat     *bool  `json:"isChatResourceSpecificConsentEnabled"`
	}
	if err := c.DecodeJSON(&body, true); err != nil {
		return err
	}
	if body.Chat != nil && !c.Beta() {
		return wire.BadRequest("The property 'isChatResourceSpecificConsentEnabled' does not exist on type 'microsoft.graph.teamsAppSettings'.")
	}
	err := s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		v, err := tx.AppSettings()
		if err != nil {
			return err
		}
		set := func(to *bool, from *bool) {
			if from != nil {
				*to = *from
			}
		}
		set(&v.AllowUserRequestsForAppAccess, body.Requests)
		set(&v.IsUserPersonalScopeResourceSpecificConsentEnabled, body.Personal)
		set(&v.IsChatResourceSpecificConsentEnabled, body.Chat)
		return tx.PutAppSettings(v)
	})
	if err != nil {
		return err
	}
	return c.NoContent()
}
