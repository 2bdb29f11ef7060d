package policies

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// What app-centric management does to policies: permission policies mean
// nothing any more, and setup policies install nothing new.

// errNoEffect rolls a write back whose answer is that of a success.
var errNoEffect = errors.New("accepted, without effect")

// inEffect lets a write of a permission policy come to nothing where access is
// decided per app. The caller is not told: the real service answers as ever,
// and changes nothing.
func inEffect(tx *store.Tx, policyType string, err error) error {
	if err != nil || policyType != store.PermissionPolicy {
		return err
	}
	on, err := tx.AppCentric()
	if err == nil && on {
		err = errNoEffect
	}
	return err
}

// acceptsInstalls refuses new installs through a setup policy where apps are
// installed by their own records: what is listed can be taken away, and nothing
// can be added. from is the policy that the list is compared with. How the real
// service refuses is not known (inferred: 400).
func acceptsInstalls(tx *store.Tx, policyType, from string, values map[string]json.RawMessage) error {
	raw, listed := values["AppPresetList"]
	if policyType != store.SetupPolicy || !listed {
		return nil
	}
	on, err := tx.AppCentric()
	if err != nil || !on {
		return err
	}
	p, err := tx.Policy(policyType, from)
	if err != nil {
		return err
	}
	have := p.AppIDs("AppPresetList")
	wanted := store.Policy{Values: map[string]json.RawMessage{"AppPresetList": raw}}
	for _, id := range wanted.AppIDs("AppPresetList") {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.EqualFold(h, id) }) {
			return wire.BadRequest("App %s cannot be added to AppPresetList: in this tenant apps are installed by the app's own settings; the list can only get shorter.", id)
		}
	}
	return nil
}
