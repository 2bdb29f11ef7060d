package settings

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/zclconf/go-cty/cty"
)

// TenantSpec says what a tenant block holds.
func TenantSpec() *eval.Spec {
	return &eval.Spec{What: "tenant block", Attrs: []*schema.Attr{
		{Name: "driver", Type: schema.String{Words: []string{DriverEmulated, DriverMicrosoft365}}, Doc: "What kind of tenant; emulated by default."},
		{Name: "id", Type: schema.String{Check: CheckGUID, What: "tenant id"}, Doc: "The tenant's id (a GUID); required for microsoft365."},
		{Name: "access_model", Type: schema.String{Words: []string{ModelPolicies, ModelAppCentric}}, Doc: "How the tenant decides who may use an app; required for microsoft365."},
		{Name: "cloud", Type: schema.String{Words: []string{"global", "gcc_high", "dod", "china"}}, Doc: "The national cloud; global by default."},
		{Name: "ca_file", Type: schema.String{What: "path"}, Doc: "Certificates to trust besides the system's own."},
		{Name: "policy_transport", Type: schema.String{Words: []string{"powershell", "config_api"}}, Doc: "How policies are read and written on microsoft365."},
		{Name: "people", Type: schema.String{What: "path"}, Doc: "File of people and groups of an emulated tenant."},
		{Name: "path", Type: schema.String{What: "path"}, Doc: "Where an emulated tenant is kept."},
	}}
}

// driverOnly names the attributes that one driver alone understands.
func driverOnly() map[string]string {
	return map[string]string{"people": DriverEmulated, "path": DriverEmulated, "ca_file": DriverMicrosoft365, "policy_transport": DriverMicrosoft365}
}

// CheckGUID complains about a text that is not the id of a tenant, person or group.
func CheckGUID(s string) string {
	if _, err := table.ParseID(s); err != nil {
		return "Expected an id of the form 11111111-2222-3333-4444-555555555555."
	}
	return ""
}

// readTenant evaluates the tenant block. It returns tenant.id and
// tenant.access_model as expressions see them.
func (r *Reader) readTenant(b *hclsyntax.Block) (id, model cty.Value) {
	t := &r.out.Tenant
	t.Range = *eval.DefRange(b)
	sh := r.Check(b.Body, TenantSpec())
	if !r.early(b.Body) {
		return eval.Unknown(), eval.Unknown()
	}
	got := r.Attributes(sh, r.Context)
	for name, field := range map[string]*string{
		"driver": &t.Driver, "id": &t.ID, "access_model": &t.AccessModel, "cloud": &t.Cloud,
		"ca_file": &t.CAFile, "policy_transport": &t.PolicyTransport, "people": &t.People, "path": &t.Path,
	} {
		if s, ok := got.Attrs[name].(string); ok {
			*field = s
		}
	}
	t.ID = strings.ToLower(t.ID)
	t.People, t.Path, t.CAFile = files.Slashed(t.People), files.Slashed(t.Path), files.Slashed(t.CAFile)
	r.checkTenant(sh, got)
	id, model = cty.NullVal(cty.String), cty.StringVal(t.AccessModel)
	if t.ID != "" {
		id = cty.StringVal(t.ID)
	}
	if sh.Written["id"] != nil && got.Faulty("id") {
		id = eval.Unknown()
	}
	if sh.Written["access_model"] != nil && got.Faulty("access_model") {
		model = eval.Unknown()
	}
	return id, model
}

func (r *Reader) checkTenant(sh *eval.Shape, got *eval.Values) {
	t := r.out.Tenant
	if t.Driver == DriverMicrosoft365 {
		for _, name := range []string{"id", "access_model"} {
			if got.Attrs[name] == nil && !(sh.Written[name] != nil && got.Faulty(name)) {
				r.Error(&t.Range, problem.Missing, "A tenant block with driver = %q needs %q: %s", t.Driver, name, eval.Describe(tenantAttr(name)))
			}
		}
	}
	only := driverOnly()
	for _, a := range eval.SortedAttributes(sh.Body) {
		if want := only[a.Name]; want != "" && want != t.Driver && sh.Written[a.Name] != nil && got.Attrs[a.Name] != nil && !got.Faulty("driver") {
			r.Error(&a.NameRange, problem.Driver, "%q applies to driver = %q only, and this tenant has driver = %q. Remove the attribute or change the driver.", a.Name, want, t.Driver)
		}
	}
	for _, name := range []string{"people", "path", "ca_file"} {
		r.checkTenantPath(got, name)
	}
}

// checkTenantPath checks a path of the tenant block. Files that are read, not
// made, must exist.
func (r *Reader) checkTenantPath(got *eval.Values, name string) {
	file, ok := got.Attrs[name].(string)
	if !ok {
		return
	}
	err := r.Folder.Local(file)
	if err == nil && name != "path" {
		_, err = r.Folder.Resolve(file)
	}
	if err != nil {
		rng := got.Ranges[name]
		r.Add(files.Diagnostic(&rng, err))
	}
}

func tenantAttr(name string) *schema.Attr {
	for _, a := range TenantSpec().Attrs {
		if a.Name == name {
			return a
		}
	}
	return nil
}
