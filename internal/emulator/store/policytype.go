package store

import "strings"

// Policy types that the tenant has.
const (
	SetupPolicy      = "TeamsAppSetupPolicy"
	PermissionPolicy = "TeamsAppPermissionPolicy"
)

// Names of the policies that cannot be made or deleted.
const (
	GlobalName    = "Global"
	FirstLineName = "FirstLineWorker"
)

// FieldKind is the form of a policy's property.
type FieldKind int

// Kinds of fields.
const (
	Text     FieldKind = iota // string or null
	Bool                      // true or false
	Apps                      // [{"Id": "..."}]
	Ordered                   // [{"Id": "...", "Order": 1}]
	ListMode                  // AllowedAppList or BlockedAppList
	Opaque                    // any array; kept as it is
)

// Field is one property of a policy type.
type Field struct {
	Name    string
	Kind    FieldKind
	Default string // JSON, of the Global policy of a new organisation
}

// IsList tells whether the property holds an array.
func (f Field) IsList() bool { return f.Kind == Apps || f.Kind == Ordered || f.Kind == Opaque }

// PolicyTypes are the types that the tenant has, in a fixed order.
func PolicyTypes() []string { return []string{SetupPolicy, PermissionPolicy} }

// PolicyTypeName finds the proper spelling of a type, in any letter case.
func PolicyTypeName(s string) (string, bool) {
	for _, t := range PolicyTypes() {
		if strings.EqualFold(t, s) {
			return t, true
		}
	}
	return "", false
}

// Fields are the properties of a type, in the order in which the service
// gives them, with the defaults of a new organisation.
func Fields(policyType string) []Field {
	if policyType == PermissionPolicy {
		return []Field{
			{"Description", Text, `null`},
			{"DefaultCatalogAppsType", ListMode, `"BlockedAppList"`},
			{"DefaultCatalogApps", Apps, `[]`},
			{"GlobalCatalogAppsType", ListMode, `"BlockedAppList"`},
			{"GlobalCatalogApps", Apps, `[]`},
			{"PrivateCatalogAppsType", ListMode, `"BlockedAppList"`},
			{"PrivateCatalogApps", Apps, `[]`},
		}
	}
	return []Field{
		{"AppPresetList", Apps, `[{"Id":"d2c6f111-ffad-42a0-b65e-ee00425598aa"}]`},
		{"PinnedAppBarApps", Ordered, `[{"Id":"14d6962d-6eeb-4f48-8890-de55454bb136","Order":1},` +
			`{"Id":"86fcd49b-61a2-4701-b771-54728cd291fb","Order":2},{"Id":"2a84919f-59d8-4441-a975-2a8c2643b741","Order":3}]`},
		{"PinnedMessageBarApps", Ordered, `[]`},
		{"AppPresetMeetingList", Apps, `[]`},
		{"AdditionalCustomizationApps", Opaque, `[]`},
		{"PinnedCallingBarApps", Ordered, `[]`},
		{"Description", Text, `null`},
		{"AllowSideLoading", Bool, `true`},
		{"AllowUserPinning", Bool, `true`},
	}
}

// firstLineWorker are the properties of the built-in setup policy that differ
// from the defaults. No source read gives its values; that frontline workers
// may not upload apps and have Activity, Chat and Shifts pinned is an
// assumption.
func firstLineWorker() map[string]string {
	return map[string]string{
		"AppPresetList": `[]`,
		"PinnedAppBarApps": `[{"Id":"14d6962d-6eeb-4f48-8890-de55454bb136","Order":1},` +
			`{"Id":"42f6c1da-a241-483a-a3cc-4f5be9185951","Order":2},{"Id":"86fcd49b-61a2-4701-b771-54728cd291fb","Order":3}]`,
		"AllowSideLoading": `false`,
	}
}
