package policies

import (
	"encoding/json"

	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

func (s *Server) getOrgSwitch(c *wire.Call) error {
	var v store.OrgSwitch
	err := s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		var err error
		v, err = tx.OrgSwitch()
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(200, v)
}

// putOrgSwitch replaces the whole object. Some keys are spelled with a capital
// letter here and without one in a read. A body that lacks one is refused with
// the words of the real service, which do not say what is missing.
func (s *Server) putOrgSwitch(c *wire.Call) error {
	var body map[string]json.RawMessage
	if err := c.DecodeJSON(&body, false); err != nil {
		return err
	}
	var v store.OrgSwitch
	for key, target := range map[string]any{
		"isAppsEnabled":                      &v.IsAppsEnabled,
		"isAppsPurchaseEnabled":              &v.IsAppsPurchaseEnabled,
		"isExternalAppsEnabledByDefault":     &v.IsExternalAppsEnabledByDefault,
		"isLicenseBasedPinnedAppsEnabled":    &v.IsLicenseBasedPinnedAppsEnabled,
		"isTenantWideAutoInstallEnabled":     &v.IsTenantWideAutoInstallEnabled,
		"isSideloadedAppsInteractionEnabled": &v.IsSideloadedAppsInteractionEnabled,
		"LobTextColor":                       &v.LobTextColor,
		"LobBackground":                      &v.LobBackground,
		"LobLogo":                            &v.LobLogo,
		"LobLogomark":                        &v.LobLogomark,
	} {
		if raw, ok := body[key]; !ok || json.Unmarshal(raw, target) != nil {
			return incomplete()
		}
	}
	var list []json.RawMessage
	if json.Unmarshal(body["appSettingsList"], &list) != nil || list == nil {
		return incomplete()
	}
	v.AppSettingsList = body["appSettingsList"]
	v.AppAccessRequestConfig = body["appAccessRequestConfig"]
	err := s.store.Update(c.Request.Context(), func(tx *store.Tx) error { return tx.PutOrgSwitch(v) })
	if err != nil {
		return err
	}
	return c.JSON(200, v)
}

func incomplete() error {
	return wire.BadRequest("body of the tenantWideAppsSettings cannot be null")
}
