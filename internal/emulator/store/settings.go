package store

import (
	"encoding/json"
	"fmt"
)

// OrgSwitch is the tenant-wide apps settings object, with the keys of a read.
// One of its fields is the switch for custom apps; a write replaces all of it.
type OrgSwitch struct {
	IsAppsEnabled                      bool            `json:"isAppsEnabled"`
	IsAppsPurchaseEnabled              bool            `json:"isAppsPurchaseEnabled"`
	IsExternalAppsEnabledByDefault     bool            `json:"isExternalAppsEnabledByDefault"`
	IsLicenseBasedPinnedAppsEnabled    bool            `json:"isLicenseBasedPinnedAppsEnabled"`
	IsTenantWideAutoInstallEnabled     bool            `json:"isTenantWideAutoInstallEnabled"`
	IsSideloadedAppsInteractionEnabled bool            `json:"isSideloadedAppsInteractionEnabled"`
	LobTextColor                       string          `json:"lobTextColor"`
	LobBackground                      string          `json:"lobBackground"`
	LobLogo                            string          `json:"lobLogo"`
	LobLogomark                        string          `json:"lobLogomark"`
	AppAccessRequestConfig             json.RawMessage `json:"appAccessRequestConfig,omitempty"`
	AppSettingsList                    json.RawMessage `json:"appSettingsList"` // array, kept as sent
}

// AppSettings is the teamsAppSettings object of Graph.
type AppSettings struct {
	AllowUserRequestsForAppAccess                     bool `json:"allowUserRequestsForAppAccess"`
	IsUserPersonalScopeResourceSpecificConsentEnabled bool `json:"isUserPersonalScopeResourceSpecificConsentEnabled"`
	// Beta only.
	IsChatResourceSpecificConsentEnabled bool `json:"isChatResourceSpecificConsentEnabled"`
}

func (tx *Tx) createSettings() error {
	err := tx.PutOrgSwitch(OrgSwitch{
		IsAppsEnabled: true, IsAppsPurchaseEnabled: true, IsExternalAppsEnabledByDefault: true,
		IsSideloadedAppsInteractionEnabled: true, LobBackground: "#fff", AppSettingsList: json.RawMessage(`[]`),
	})
	if err != nil {
		return err
	}
	return tx.PutAppSettings(AppSettings{AllowUserRequestsForAppAccess: true, IsUserPersonalScopeResourceSpecificConsentEnabled: true})
}

// OrgSwitch reads the tenant-wide apps settings.
func (tx *Tx) OrgSwitch() (OrgSwitch, error) {
	var s OrgSwitch
	return s, tx.setting("orgSwitch", &s)
}

// PutOrgSwitch replaces the tenant-wide apps settings.
func (tx *Tx) PutOrgSwitch(s OrgSwitch) error {
	tx.touch(PartSettings, []byte("orgSwitch"), bktSettings)
	return put(tx.b.Bucket(bktSettings), []byte("orgSwitch"), s)
}

// AppSettings reads Graph's teamsAppSettings.
func (tx *Tx) AppSettings() (AppSettings, error) {
	var s AppSettings
	return s, tx.setting("appSettings", &s)
}

// PutAppSettings replaces Graph's teamsAppSettings.
func (tx *Tx) PutAppSettings(s AppSettings) error {
	tx.touch(PartSettings, []byte("appSettings"), bktSettings)
	return put(tx.b.Bucket(bktSettings), []byte("appSettings"), s)
}

func (tx *Tx) setting(name string, v any) error {
	if err := get(tx.b.Bucket(bktSettings), []byte(name), v); err != nil {
		return fmt.Errorf("setting %s: %w", name, err)
	}
	return nil
}
