package apppackage

import "github.com/teamsform/teamsform/internal/apppackage/internal/consent"

// What consent to an app depends on, and how two versions compare. The types
// are those of internal/consent.
type (
	// Surface is what consent depends on, taken from a manifest; it can be kept
	// where the old package cannot.
	Surface = consent.Surface
	// SurfaceBot is what matters of a bot.
	SurfaceBot = consent.SurfaceBot
	// SurfaceCompose is what matters of a message extension.
	SurfaceCompose = consent.SurfaceCompose
	// ResourceAccess is a resource-specific permission.
	ResourceAccess = consent.ResourceAccess
	// Consent says whether people are asked again.
	Consent = consent.Verdict
	// Change is a difference that bears on consent, or a note that goes with one.
	Change = consent.Change
	// Judge says how fired rules count.
	Judge = consent.Judge
	// ConsentList is a documented list of changes that ask again, with its date.
	ConsentList = consent.List
)

// The verdicts; required beats possible beats none. Unknown is for an old
// version of which too little is known to say none.
const (
	ConsentRequired = consent.Required
	ConsentPossible = consent.Possible
	ConsentNone     = consent.None
	ConsentUnknown  = consent.Unknown
)

// Surface returns what consent to the package depends on.
func (p *Package) Surface() Surface { return consent.SurfaceOf(p.tree()) }

// CompareSurfaces returns the differences of two versions that bear on consent,
// by path and rule, and the verdict on the whole.
func CompareSurfaces(old, new Surface, j Judge) (Consent, []Change) {
	return consent.Compare(old, new, j)
}

// ConsentLists returns the documented lists, oldest first: C0 (2020) and C1
// (2021) for developers; A1 (2021), A2 (2022), A3 (2023), A4 (2024) for
// administrators; D is the manifest reference, K the guide to converting agents
// (2026).
func ConsentLists() ([]ConsentList, error) { return consent.Load() }

// FindConsentList returns the list that is meant by an id, a date or a year.
func FindConsentList(name string) (ConsentList, bool) {
	all, err := consent.Load()
	if err != nil {
		return ConsentList{}, false
	}
	return consent.Find(all, name)
}

// ConsentRules returns the ids of the rules that changes name, sorted.
func ConsentRules() []string { return consent.Rules() }
