package packages

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/diag"
)

// Show looks into a package.
type Show struct{ Input Input }

// Shown is what a package holds.
type Shown struct {
	Path     string
	Package  *apppackage.Package
	Problems apppackage.Problems // why it could not be published as it is
}

// Run returns nil with diagnostics when there is nothing to show.
func (o *Show) Run() (*Shown, hcl.Diagnostics) {
	p, problems, diags := look(o.Input)
	if p == nil {
		return nil, diags
	}
	return &Shown{o.Input.Path, p, problems}, append(diags, o.Input.unused(p)...)
}

// look reads as much of a package as there is; without a manifest the problems
// are diagnostics.
func look(in Input) (*apppackage.Package, apppackage.Problems, hcl.Diagnostics) {
	options, _, diags := in.options()
	if diags.HasErrors() {
		return nil, nil, diags
	}
	p, problems, err := apppackage.Look(in.Path, options)
	switch {
	case err != nil:
		diags = append(diags, diag.FromError("Package cannot be read", err)...)
	case p == nil:
		for _, e := range problems {
			diags = append(diags, diag.Error(nil, "Invalid app package", "%s: %s", in.Path, e.Error()))
		}
	}
	return p, problems, diags
}
