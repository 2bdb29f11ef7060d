package settings

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/zclconf/go-cty/cty"
)

// Blocks are the blocks to read, in file order.
type Blocks struct{ Teamsform, Tenant, Guard []*hclsyntax.Block }

// Result is what the blocks say, with defaults filled in.
type Result struct {
	Settings Settings
	Tenant   Tenant
	Guard    *Guard // nil: no guard block

	// TenantValue is what expressions read as tenant: an object with id and
	// access_model.
	TenantValue cty.Value
}

// Reader evaluates the blocks. What is wrong goes to the Evaluator.
type Reader struct {
	*eval.Evaluator
	Folder   *files.Folder
	Context  *hcl.EvalContext         // variables only
	Variable func(hcl.Traversal) bool // reports a variable that is not declared
	Emulated bool                     // any configuration against an emulated tenant with its own state
	Tool     string                   // this program's version, "" when it has none

	out Result
}

// Read evaluates the blocks.
func (r *Reader) Read(blocks Blocks) Result {
	r.out.Settings = Settings{State: State{Type: "local", Path: DefaultStatePath}}
	for _, b := range blocks.Teamsform {
		r.readSettings(b)
	}
	r.out.Tenant = Tenant{Driver: DriverEmulated, AccessModel: ModelPolicies, Cloud: "global", Path: DefaultTenantPath, PolicyTransport: "powershell"}
	id, model := cty.NullVal(cty.String), cty.StringVal(ModelPolicies)
	for _, b := range blocks.Tenant {
		id, model = r.readTenant(b)
	}
	for _, b := range blocks.Guard {
		r.readGuard(b)
	}
	r.finishSettings()
	r.out.TenantValue = cty.ObjectVal(map[string]cty.Value{"id": id, "access_model": model})
	return r.out
}

// early reports references in a settings block to anything but variables.
func (r *Reader) early(body *hclsyntax.Body) bool {
	ok := true
	for _, t := range eval.References(body) {
		if t.RootName() == "var" {
			ok = r.Variable(t) && ok
			continue
		}
		rng := t.SourceRange()
		r.Error(&rng, problem.Early, "%q is not known here: this block is evaluated first and can read variables only. Use var.NAME, or write the value out.", t.RootName())
		ok = false
	}
	return ok
}
