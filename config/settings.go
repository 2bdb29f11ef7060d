package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/version"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// Where things are kept unless the configuration says otherwise.
const (
	defaultStatePath  = ".teamsform/state.json"
	defaultTenantPath = ".teamsform/tenant.db"
	// With --emulated, so that the configured ones are never touched.
	emulatedStatePath  = ".teamsform/emulated/state.json"
	emulatedTenantPath = ".teamsform/emulated/tenant.db"
	localRoot          = "local"
)

func settingsSpec() *spec {
	return &spec{
		what: "teamsform block",
		attrs: []*schema.Attr{
			{Name: "required_version", Type: schema.String{}, Doc: `Versions of teamsform that may be used, such as ">= 0.1".`},
			{Name: "root", Type: schema.String{Check: checkRoot}, Doc: "The name of this configuration in the tenant; objects it creates are marked with it."},
		},
		inner: []string{"state"},
	}
}

// checkRoot limits the name to what fits into the mark that objects carry.
func checkRoot(s string) string {
	ok := s != "" && len(s) <= 40
	for _, r := range s {
		ok = ok && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}
	if ok {
		return ""
	}
	return "A root is 1 to 40 lower-case letters, digits, \"-\" and \"_\", such as \"teams-apps\"."
}

// stateTypes are the words for the label of a state block.
func stateTypes() []string { return []string{"local", "azblob", "http", "s3"} }

// loadSettings evaluates the teamsform, tenant and guard blocks, which may
// read variables only, and then makes the context of everything else.
func (l *loader) loadSettings() {
	l.cfg.Settings = Settings{State: State{Type: "local", Path: defaultStatePath}}
	for _, b := range l.blocks[typeSettings] {
		l.readSettings(b)
	}
	l.cfg.Tenant = Tenant{Driver: DriverEmulated, AccessModel: ModelPolicies, Cloud: "global", Path: defaultTenantPath, PolicyTransport: "powershell"}
	id, model := cty.NullVal(cty.String), cty.StringVal(ModelPolicies)
	for _, b := range l.blocks[typeTenant] {
		id, model = l.readTenant(b)
	}
	for _, b := range l.blocks[typeGuard] {
		l.readGuard(b)
	}
	l.finishSettings()
	l.base = l.settings.NewChild()
	l.base.Variables = map[string]cty.Value{rootTenant: cty.ObjectVal(map[string]cty.Value{"id": id, "access_model": model})}
}

func (l *loader) readSettings(b *hclBlock) {
	s := &l.cfg.Settings
	s.Range = *defRange(b)
	sh := l.check(b.Body, settingsSpec())
	if !l.early(b.Body) {
		return
	}
	got := l.attributes(sh, l.settings)
	s.Root, _ = got.attrs["root"].(string)
	if c, ok := got.attrs["required_version"].(string); ok {
		s.RequiredVersion = c
		l.checkVersion(c, got.ranges["required_version"])
	}
	for i, inner := range sh.inner["state"] {
		if i > 0 {
			l.error(defRange(inner), sumDuplicateBlock, "A configuration holds at most one state block, and another stands at %s. Remove one.", place(*defRange(sh.inner["state"][0])))
			continue
		}
		l.readState(inner)
	}
}

// readState keeps every attribute of the state block as it is: each backend
// knows its own.
func (l *loader) readState(b *hclBlock) {
	if len(b.Labels) != 1 {
		l.error(defRange(b), sumLabels, `A state block has exactly one label, where the state is kept: %s. Write: state "local" { ... }`, strings.Join(stateTypes(), ", "))
		return
	}
	if !slices.Contains(stateTypes(), b.Labels[0]) {
		l.error(&b.LabelRanges[0], sumUnknownWord, "State cannot be kept in %q; it can in: %s.%s", b.Labels[0], strings.Join(stateTypes(), ", "), diag.DidYouMean(b.Labels[0], stateTypes()))
		return
	}
	st := State{Type: b.Labels[0], Attrs: map[string]any{}, Range: *defRange(b)}
	for _, inner := range b.Body.Blocks {
		l.error(defRange(inner), sumUnknownBlock, "There is no block %q inside the state block.", inner.Type)
	}
	for _, a := range sortedAttributes(b.Body) {
		v, result := l.value(a.Expr, l.settings)
		if result != given {
			continue
		}
		v, _ = v.UnmarkDeep()
		plain, ok := plainValue(v)
		if !ok {
			l.error(a.Expr.Range().Ptr(), schema.WrongType, "%s: a setting of a state is a text, a whole number, true or false, or a list or map of these.", a.Name)
			continue
		}
		st.Attrs[a.Name] = plain
		if st.Type == "local" {
			l.readLocalState(&st, a, plain)
		}
	}
	if st.Type == "local" && st.Path == "" {
		st.Path = defaultStatePath
	}
	l.cfg.Settings.State = st
}

func (l *loader) readLocalState(st *State, a *hclsyntax.Attribute, plain any) {
	text, isText := plain.(string)
	switch {
	case a.Name != "path":
		l.error(&a.NameRange, sumUnknownAttribute, "There is no attribute %q in a local state block.%s", a.Name, diag.DidYouMean(a.Name, []string{"path"}))
	case !isText:
		l.error(a.Expr.Range().Ptr(), schema.WrongType, "path: Expected a path relative to this folder.")
	default:
		if err := l.folder.local(text); err != nil {
			l.pathError(a.Expr.Range().Ptr(), err)
			return
		}
		st.Path = slashed(text)
	}
}

// finishSettings fills in what depends on several blocks.
func (l *loader) finishSettings() {
	s, t := &l.cfg.Settings, &l.cfg.Tenant
	if l.opts.Emulated {
		t.Driver, t.Path, t.CAFile = DriverEmulated, emulatedTenantPath, ""
		s.State = State{Type: "local", Path: emulatedStatePath}
	}
	switch {
	case s.Root != "":
	case t.Driver == DriverEmulated:
		s.Root = localRoot
	default:
		l.error(&t.Range, sumNoRoot, "On microsoft365 a configuration needs a name, so that its objects can be told from those of others. Write, for instance:\n\n    teamsform {\n      root = \"teams-apps\"\n    }")
	}
}

// early reports references in a settings block to anything but variables.
func (l *loader) early(body *hclsyntax.Body) bool {
	ok := true
	for _, t := range references(body) {
		if t.RootName() == rootVar {
			ok = l.checkVar(t) && ok
			continue
		}
		rng := t.SourceRange()
		l.error(&rng, sumEarly, "%q is not known here: this block is evaluated first and can read variables only. Use var.NAME, or write the value out.", t.RootName())
		ok = false
	}
	return ok
}

// plainValue turns a known value into plain data, if it is made of texts,
// whole numbers and truth values only. Nulls are left out.
func plainValue(v cty.Value) (any, bool) {
	ty := v.Type()
	switch {
	case ty == cty.String:
		return v.AsString(), true
	case ty == cty.Bool:
		return v.True(), true
	case ty == cty.Number:
		n, acc := v.AsBigFloat().Int64()
		return n, acc == 0
	case ty.IsTupleType(), ty.IsListType(), ty.IsSetType():
		out := []any{}
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			if e.IsNull() {
				continue
			}
			plain, ok := plainValue(e)
			if !ok {
				return nil, false
			}
			out = append(out, plain)
		}
		return out, true
	case ty.IsObjectType(), ty.IsMapType():
		out := map[string]any{}
		for it := v.ElementIterator(); it.Next(); {
			k, e := it.Element()
			if e.IsNull() {
				continue
			}
			plain, ok := plainValue(e)
			if !ok {
				return nil, false
			}
			out[k.AsString()] = plain
		}
		return out, true
	}
	return nil, false
}

// checkVersion compares this program's version with the constraint.
func (l *loader) checkVersion(text string, rng hcl.Range) {
	cs, err := version.ParseConstraints(text)
	if err != nil {
		l.error(&rng, sumBadVersion, "%q is not a version constraint: %s. Write, for instance, \">= 0.1\" or \"~> 1.2\".", text, err)
		return
	}
	tool, err := version.Parse(l.opts.Tool)
	if err != nil { // a build without a version
		return
	}
	if !cs.Allow(tool) {
		l.error(&rng, sumWrongVersion, "This is teamsform %s, and this configuration asks for %s. Use a version that fits, or change required_version.", l.opts.Tool, text)
	}
}
