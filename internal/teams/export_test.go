package teams

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

func TestUnknownNames(t *testing.T) {
	u := UnknownProperties{Properties: map[string]json.RawMessage{
		"B": json.RawMessage("true"), "A": json.RawMessage(`"x"`), "Zero": json.RawMessage("0"), "Off": json.RawMessage("false"),
		"Null": json.RawMessage("null"), "List": json.RawMessage(" [] "), "Object": json.RawMessage("{}"), "Text": json.RawMessage(`""`), "None": nil,
	}}
	set, empty := u.Names()
	if d := cmp.Diff([]string{"A", "B", "Off", "Zero"}, set); d != "" {
		t.Errorf("with a value (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"List", "None", "Null", "Object", "Text"}, empty); d != "" {
		t.Errorf("without a value (-want +got):\n%s", d)
	}
}

// TestKnownPropertiesAreThoseRead: a property is unknown exactly if Decode does
// not look at it, whatever its case.
func TestKnownPropertiesAreThoseRead(t *testing.T) {
	for typ, tt := range map[string]struct {
		codec policyCodec
		read  []string
	}{
		"setup": {setupCodec{}, []string{"AllowSideLoading", "AllowUserPinning", "PinnedAppBarApps", "AppPresetList", "PinnedMessageBarApps", "AppPresetMeetingList"}},
		"permission": {permissionCodec{}, []string{
			"PrivateCatalogApps", "PrivateCatalogAppsType", "DefaultCatalogApps", "DefaultCatalogAppsType", "GlobalCatalogApps", "globalcatalogappstype",
		}},
	} {
		properties := map[string]json.RawMessage{"Description": nil, "Identity": nil, "Key": nil, "Future": json.RawMessage("1")}
		for _, name := range tt.read {
			properties[name] = json.RawMessage("[]")
		}
		left := without(properties, knownProperties(tt.codec))
		if d := cmp.Diff(map[string]json.RawMessage{"Future": json.RawMessage("1")}, left); d != "" {
			t.Errorf("%s (-want +got):\n%s", typ, d)
		}
		if attrs := tt.codec.Decode(teamsadmin.Policy{Properties: left}); len(attrs) > 0 {
			t.Errorf("%s: what is left is read: %v", typ, attrs)
		}
	}
}
