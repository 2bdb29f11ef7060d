package store

import (
	"errors"
	"strings"
)

// Defaults are whether apps that nobody has saved are available to everyone,
// by the class of the app: All or None. Reads name them as the settings of
// the real service.
type Defaults struct {
	Microsoft string `json:"DefaultApp"`
	Store     string `json:"GlobalApp"`
	Custom    string `json:"PrivateApp"`
	// Copilot is another setting of the same list; it concerns no app here.
	Copilot string `json:"EnableCopilotExtensibility"`
}

// Values of the defaults.
const (
	DefaultAll  = "All"
	DefaultNone = "None"
)

// Defaults reads the organisation's defaults for apps. Those of a new
// organisation allow everything.
func (tx *Tx) Defaults() (Defaults, error) {
	d := Defaults{DefaultAll, DefaultAll, DefaultAll, DefaultAll}
	err := tx.setting("unifiedDefaults", &d)
	if errors.Is(err, ErrNotFound) { // never changed, or a file from before
		err = nil
	}
	return d, err
}

// PutDefaults changes them.
func (tx *Tx) PutDefaults(d Defaults) error {
	tx.touch(PartSettings, []byte("unifiedDefaults"), bktSettings)
	return put(tx.b.Bucket(bktSettings), []byte("unifiedDefaults"), d)
}

// MicrosoftApp is one of the apps that Microsoft puts into every tenant.
type MicrosoftApp struct{ ID, Name string }

// MicrosoftApps are those that the emulated tenant knows, in order of id. A
// real one has many more.
func MicrosoftApps() []MicrosoftApp {
	return []MicrosoftApp{
		{"14d6962d-6eeb-4f48-8890-de55454bb136", "Activity"},
		{"20c3440d-c67e-4420-9f80-0e50c39693df", "Calls"},
		{"2a84919f-59d8-4441-a975-2a8c2643b741", "Teams"},
		{"42f6c1da-a241-483a-a3cc-4f5be9185951", "Shifts"},
		{"5af6a76b-40fc-4ba1-af29-8f49b08e44fd", "Files"},
		{"86fcd49b-61a2-4701-b771-54728cd291fb", "Chat"},
		{"d2c6f111-ffad-42a0-b65e-ee00425598aa", "Viva Connections"},
		{"ef56c0de-36fc-4ef8-b417-3d82ba9d073c", "Calendar"},
	}
}

// IsMicrosoftApp tells whether an id is that of one of Microsoft's apps.
func IsMicrosoftApp(id string) bool {
	for _, m := range MicrosoftApps() {
		if strings.EqualFold(m.ID, id) {
			return true
		}
	}
	return false
}
