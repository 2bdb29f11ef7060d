package config

import (
	"strings"

	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/zclconf/go-cty/cty"
)

func tenantSpec() *spec {
	return &spec{what: "tenant block", attrs: []*schema.Attr{
		{Name: "driver", Type: schema.String{Words: []string{DriverEmulated, DriverMicrosoft365}}, Doc: "What kind of tenant; emulated by default."},
		{Name: "id", Type: schema.String{Check: checkGUID, What: "tenant id"}, Doc: "The tenant's id (a GUID); required for microsoft365."},
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

func checkGUID(s string) string {
	if _, err := table.ParseID(s); err != nil {
		return "Expected an id of the form 11111111-2222-3333-4444-555555555555."
	}
	return ""
}

// readTenant evaluates the tenant block. It returns tenant.id and
// tenant.access_model as expressions see them.
func (l *loader) readTenant(b *hclBlock) (id, model cty.Value) {
	t := &l.cfg.Tenant
	t.Range = *defRange(b)
	sh := l.check(b.Body, tenantSpec())
	if !l.early(b.Body) {
		return unknown(), unknown()
	}
	got := l.attributes(sh, l.settings)
	for name, field := range map[string]*string{
		"driver": &t.Driver, "id": &t.ID, "access_model": &t.AccessModel, "cloud": &t.Cloud,
		"ca_file": &t.CAFile, "policy_transport": &t.PolicyTransport, "people": &t.People, "path": &t.Path,
	} {
		if s, ok := got.attrs[name].(string); ok {
			*field = s
		}
	}
	t.ID = strings.ToLower(t.ID)
	t.People, t.Path, t.CAFile = slashed(t.People), slashed(t.Path), slashed(t.CAFile)
	l.checkTenant(sh, got)
	id, model = cty.NullVal(cty.String), cty.StringVal(t.AccessModel)
	if t.ID != "" {
		id = cty.StringVal(t.ID)
	}
	if sh.written["id"] != nil && got.faulty("id") {
		id = unknown()
	}
	if sh.written["access_model"] != nil && got.faulty("access_model") {
		model = unknown()
	}
	return id, model
}

// faulty reports whether an attribute that is written has no usable value.
func (v *values) faulty(name string) bool {
	_, ok := v.attrs[name]
	return !ok && !v.complete
}

func (l *loader) checkTenant(sh *shape, got *values) {
	t := l.cfg.Tenant
	if t.Driver == DriverMicrosoft365 {
		for _, name := range []string{"id", "access_model"} {
			if got.attrs[name] == nil && !(sh.written[name] != nil && got.faulty(name)) {
				l.error(&t.Range, sumMissing, "A tenant block with driver = %q needs %q: %s", t.Driver, name, describe(tenantAttr(name)))
			}
		}
	}
	only := driverOnly()
	for _, a := range sortedAttributes(sh.body) {
		if want := only[a.Name]; want != "" && want != t.Driver && sh.written[a.Name] != nil && got.attrs[a.Name] != nil && !got.faulty("driver") {
			l.error(&a.NameRange, sumDriver, "%q applies to driver = %q only, and this tenant has driver = %q. Remove the attribute or change the driver.", a.Name, want, t.Driver)
		}
	}
	for _, name := range []string{"people", "path", "ca_file"} {
		l.checkTenantPath(got, name)
	}
}

// checkTenantPath checks a path of the tenant block. Files that are read, not
// made, must exist.
func (l *loader) checkTenantPath(got *values, name string) {
	file, ok := got.attrs[name].(string)
	if !ok {
		return
	}
	err := l.folder.local(file)
	if err == nil && name != "path" {
		_, err = l.folder.resolve(file)
	}
	if err != nil {
		rng := got.ranges[name]
		l.pathError(&rng, err)
	}
}

func tenantAttr(name string) *schema.Attr {
	for _, a := range tenantSpec().attrs {
		if a.Name == name {
			return a
		}
	}
	return nil
}
