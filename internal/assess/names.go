package assess

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
)

// NoSuchApp is the problem with a name that leads to no app, or to several.
func (v *View) NoSuchApp(name string, ambiguous bool) *hcl.Diagnostic {
	if ambiguous {
		return diag.Error(nil, "Ambiguous app", "Several apps of the tenant are called %q. Name the one that is meant by its App ID or External app ID.", name)
	}
	var names []string
	for _, app := range v.Custom() {
		names = append(names, v.AllApps()[app].Name)
	}
	return diag.Error(nil, "Unknown app", "The tenant's catalog has no app %q.%s Name it by its address, App ID, External app ID or name; \"teamsform access matrix\" lists them.", name, diag.DidYouMean(name, names))
}

// NoSuchPerson is the problem with a name that nobody has.
func (v *View) NoSuchPerson(name string) *hcl.Diagnostic {
	var near []string
	for other := range v.Names {
		if len(near) < 20_000 { // a suggestion is not worth more
			near = append(near, other)
		}
	}
	return diag.Error(nil, "Unknown person", "Nobody in the tenant is called %q.%s Give the sign-in name (user principal name) or the object id.", name, diag.DidYouMean(name, near))
}
