package policies

import (
	"encoding/json"

	"github.com/teamsform/teamsform/internal/emulator/store"
)

// Known picks the properties of a policy that the tenant has and checks them
// as it does for a request. Others are left out: a real tenant has more of
// them than the emulated one.
func Known(policyType string, properties map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	values := map[string]json.RawMessage{}
	for _, f := range store.Fields(policyType) {
		raw, ok := properties[f.Name]
		if !ok || f.IsList() && string(raw) == "null" {
			continue
		}
		v, err := policyField{f}.normal(raw)
		if err != nil {
			return nil, err
		}
		values[f.Name] = v
	}
	return values, nil
}
