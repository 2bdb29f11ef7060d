package teams

import (
	"encoding/json"

	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams/internal/delay"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// SetupPolicy is the kind of app setup policies.
const SetupPolicy = "setup_policy"

func setupPolicyKind() *schema.Kind {
	known := WellKnownApps()
	return &schema.Kind{
		Name: SetupPolicy, Version: 1, Title: "setup policy", Plural: "setup policies", Rank: schema.RankSetupPolicy, Delay: delay.Policy(""),
		Doc:     "A policy of Teams apps > Setup policies: who may upload custom apps, which apps are pinned and installed. A person has exactly one: the one assigned to them, else that of their group with the lowest rank, else Global.",
		KeyAttr: "name", LabelIsKey: true, HasHolders: true, Reserved: isGlobal, BuiltIn: isBuiltIn, Check: checkBuiltIn,
		Attrs: append(policyAttrs(),
			&schema.Attr{
				Name: "upload_custom_apps", Label: "Upload custom apps", Type: schema.Bool{}, Unset: schema.LetGo, Default: true,
				AffectsAccess: true, Narrow: narrowSwitch, First: true, GuardAll: "upload_for_all",
				Doc: "Whether the policy's holders may upload an app package for themselves or a team. Removing the attribute leaves the value as it is.",
			},
			&schema.Attr{Name: "user_pinning", Label: "User pinning", Type: schema.Bool{}, Default: true, Doc: "Whether people may pin apps themselves. Off, their own pins are removed."},
			&schema.Attr{Name: "pinned_apps", Label: "Pinned apps", Type: schema.Apps{Ordered: true, Known: known}, Unset: schema.LetGo, AffectsAccess: true, Doc: "Apps on the app bar, in order. Pinning also installs. Fewer than two are ignored by mobile clients."},
			&schema.Attr{Name: "installed_apps", Label: "Installed apps", Type: schema.Apps{Known: known}, Default: []any{}, AffectsAccess: true, Shrinks: []string{modelAppCentric}, Doc: "Apps installed for each holder. With app-centric management the list takes no new apps; see installed_for of app_availability."},
			&schema.Attr{Name: "messaging_pins", Label: "Pinned messaging extensions", Type: schema.Apps{Ordered: true, Known: known}, Default: []any{}, Doc: "Message extensions pinned below the message box, in order."},
			&schema.Attr{Name: "meeting_apps", Label: "Meeting apps", Type: schema.Apps{Known: known}, Default: []any{}, Doc: "Apps preset in meetings."},
		),
	}
}

// isBuiltIn reports whether a setup policy is Microsoft's own.
func isBuiltIn(key string) bool { return schema.FoldKey(key) == "firstlineworker" }

// checkBuiltIn refuses to manage a policy that the service keeps read-only.
func checkBuiltIn(attrs schema.Attrs) []schema.Problem {
	name, _ := attrs["name"].(string)
	if !isBuiltIn(name) {
		return nil
	}
	return []schema.Problem{{Attr: "name", Summary: "Built-in policy", Detail: "FirstLineWorker is built in and cannot be changed, only assigned. Make a policy of your own that starts from it: copy_of = \"FirstLineWorker\"."}}
}

// setupCodec maps setup policies (policy-plane facts 1.1, 6.1).
type setupCodec struct{}

var _ policyCodec = setupCodec{}

func (setupCodec) Type() teamsadmin.PolicyType { return teamsadmin.SetupPolicy }

func (setupCodec) switches() map[string]string {
	return map[string]string{"upload_custom_apps": "AllowSideLoading", "user_pinning": "AllowUserPinning"}
}

func (setupCodec) lists() map[string]string {
	return map[string]string{
		"pinned_apps": "PinnedAppBarApps", "installed_apps": "AppPresetList",
		"messaging_pins": "PinnedMessageBarApps", "meeting_apps": "AppPresetMeetingList",
	}
}

func (c setupCodec) Decode(p teamsadmin.Policy) schema.Attrs {
	attrs := schema.Attrs{}
	for name, property := range c.switches() {
		if v, known := p.Bool(property); known {
			attrs[name] = v
		}
	}
	for name, property := range c.lists() {
		if apps, known := p.Apps(property); known {
			attrs[name] = appIDs(apps)
		}
	}
	return attrs
}

func (c setupCodec) Encode(attrs schema.Attrs) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, property := range c.switches() {
		if v, ok := attrs[name].(bool); ok {
			out[property] = teamsadmin.BoolValue(v)
		}
	}
	for name, property := range c.lists() {
		if v, ok := attrs[name].([]any); ok {
			_, ordered := teamsadmin.IsAppList(property)
			out[property] = teamsadmin.AppsValue(texts(v), ordered)
		}
	}
	return out
}

func appIDs(apps []teamsadmin.AppRef) []any {
	out := make([]any, len(apps))
	for i, a := range apps {
		out[i] = a.ID
	}
	return out
}

func texts(items []any) []string {
	out := make([]string, len(items))
	for i, e := range items {
		out[i], _ = e.(string)
	}
	return out
}
