package appcentric

import (
	"net/http"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// setting is a row of Get-M365UnifiedTenantSettings.
type setting struct {
	Name   string   `json:"SettingName"`
	Value  string   `json:"SettingValue"`
	Users  []string `json:"Users"`
	Groups []string `json:"Groups"`
}

// settingNames are the settings in the order in which they are listed.
func settingNames() []string {
	return []string{"DefaultApp", "GlobalApp", "PrivateApp", "EnableCopilotExtensibility"}
}

func valueOf(d *store.Defaults, name string) *string {
	switch name {
	case "DefaultApp":
		return &d.Microsoft
	case "GlobalApp":
		return &d.Store
	case "PrivateApp":
		return &d.Custom
	}
	return &d.Copilot
}

// settings lists the organisation's defaults: all of them, or those that
// settingNames of the query names, separated by commas.
func (s *Server) settings(c *wire.Call) error {
	names := settingNames()
	if want := c.Query.Get("settingNames"); want != "" {
		names = nil
		for _, w := range strings.Split(want, ",") {
			name, ok := word(strings.TrimSpace(w), settingNames()...)
			if !ok {
				return wire.BadRequest("%q is none of %s.", w, strings.Join(settingNames(), ", "))
			}
			names = append(names, name)
		}
	}
	rows := []setting{}
	err := s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		if err := wanted(tx); err != nil {
			return err
		}
		d, err := tx.Defaults()
		for _, n := range names {
			rows = append(rows, setting{Name: n, Value: *valueOf(&d, n)})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, rows)
}

// setSettings changes one default. It concerns new apps and every app that
// nobody has saved.
func (s *Server) setSettings(c *wire.Call) error {
	var body struct {
		Name  string `json:"SettingName"`
		Value string `json:"SettingValue"`
	}
	if err := c.DecodeJSON(&body, true); err != nil {
		return err
	}
	name, known := word(body.Name, settingNames()...)
	value, ok := word(body.Value, store.DefaultAll, store.DefaultNone)
	if !known || !ok {
		return wire.BadRequest("%q cannot be set to %q: a setting is one of %s, its value All or None.", body.Name, body.Value, strings.Join(settingNames(), ", "))
	}
	err := s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		if err := wanted(tx); err != nil {
			return err
		}
		d, err := tx.Defaults()
		if err != nil {
			return err
		}
		*valueOf(&d, name) = value
		return tx.PutDefaults(d)
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"Message": "The setting was updated."})
}
