package packages

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/diag"
)

// Validate judges a package without a tenant.
type Validate struct{ Input Input }

// Validated is the verdict on a package.
type Validated struct {
	Path     string              // as given
	Package  *apppackage.Package // nil when there is no manifest to speak of
	Findings []apppackage.Finding
}

// Valid reports whether nothing speaks against publishing.
func (v *Validated) Valid() bool { return !apppackage.HasErrors(v.Findings) }

// Run returns nil with diagnostics when there is nothing to judge: a path that
// cannot be read, or options that make no sense.
func (o *Validate) Run() (*Validated, hcl.Diagnostics) {
	options, rules, diags := o.Input.options()
	if diags.HasErrors() {
		return nil, diags
	}
	p, findings, err := apppackage.Check(o.Input.Path, options, rules)
	if err != nil {
		return nil, append(diags, diag.FromError("Package cannot be read", err)...)
	}
	return &Validated{o.Input.Path, p, findings}, append(diags, o.Input.unused(p)...)
}
