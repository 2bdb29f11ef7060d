package settings

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/config/internal/version"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// Where things are kept unless the configuration says otherwise.
const (
	DefaultStatePath  = ".teamsform/state.json"
	DefaultTenantPath = ".teamsform/tenant.db"
	// With --emulated, so that the configured ones are never touched.
	emulatedStatePath  = ".teamsform/emulated/state.json"
	emulatedTenantPath = ".teamsform/emulated/tenant.db"
	LocalRoot          = "local" // the root of a configuration without one
)

// Spec says what a teamsform block holds.
func Spec() *eval.Spec {
	return &eval.Spec{
		What: "teamsform block",
		Attrs: []*schema.Attr{
			{Name: "required_version", Type: schema.String{}, Doc: `Versions of teamsform that may be used, such as ">= 0.1".`},
			{Name: "root", Type: schema.String{Check: checkRoot}, Doc: "The name of this configuration in the tenant; objects it creates are marked with it."},
		},
		Inner: []string{"state"},
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

func (r *Reader) readSettings(b *hclsyntax.Block) {
	s := &r.out.Settings
	s.Range = *eval.DefRange(b)
	sh := r.Check(b.Body, Spec())
	if !r.early(b.Body) {
		return
	}
	got := r.Attributes(sh, r.Context)
	s.Root, _ = got.Attrs["root"].(string)
	if c, ok := got.Attrs["required_version"].(string); ok {
		s.RequiredVersion = c
		r.checkVersion(c, got.Ranges["required_version"])
	}
	for i, inner := range sh.Inner["state"] {
		if i > 0 {
			r.Error(eval.DefRange(inner), problem.DuplicateBlock, "A configuration holds at most one state block, and another stands at %s. Remove one.", problem.Place(*eval.DefRange(sh.Inner["state"][0])))
			continue
		}
		r.readState(inner)
	}
}

// readState keeps every attribute of the state block as it is: each backend
// knows its own.
func (r *Reader) readState(b *hclsyntax.Block) {
	if len(b.Labels) != 1 {
		r.Error(eval.DefRange(b), problem.Labels, `A state block has exactly one label, where the state is kept: %s. Write: state "local" { ... }`, strings.Join(stateTypes(), ", "))
		return
	}
	if !slices.Contains(stateTypes(), b.Labels[0]) {
		r.Error(&b.LabelRanges[0], problem.UnknownWord, "State cannot be kept in %q; it can in: %s.%s", b.Labels[0], strings.Join(stateTypes(), ", "), diag.DidYouMean(b.Labels[0], stateTypes()))
		return
	}
	st := State{Type: b.Labels[0], Attrs: map[string]any{}, Range: *eval.DefRange(b)}
	for _, inner := range b.Body.Blocks {
		r.Error(eval.DefRange(inner), problem.UnknownBlock, "There is no block %q inside the state block.", inner.Type)
	}
	for _, a := range eval.SortedAttributes(b.Body) {
		v, result := r.Value(a.Expr, r.Context)
		if result != eval.Given {
			continue
		}
		v, _ = v.UnmarkDeep()
		plain, ok := plainValue(v)
		if !ok {
			r.Error(a.Expr.Range().Ptr(), schema.WrongType, "%s: a setting of a state is a text, a whole number, true or false, or a list or map of these.", a.Name)
			continue
		}
		st.Attrs[a.Name] = plain
		if st.Type == "local" {
			r.readLocalState(&st, a, plain)
		}
	}
	if st.Type == "local" && st.Path == "" {
		st.Path = DefaultStatePath
	}
	r.out.Settings.State = st
}

func (r *Reader) readLocalState(st *State, a *hclsyntax.Attribute, plain any) {
	text, isText := plain.(string)
	switch {
	case a.Name != "path":
		r.Error(&a.NameRange, problem.UnknownAttribute, "There is no attribute %q in a local state block.%s", a.Name, diag.DidYouMean(a.Name, []string{"path"}))
	case !isText:
		r.Error(a.Expr.Range().Ptr(), schema.WrongType, "path: Expected a path relative to this folder.")
	default:
		if err := r.Folder.Local(text); err != nil {
			r.Add(files.Diagnostic(a.Expr.Range().Ptr(), err))
			return
		}
		st.Path = files.Slashed(text)
	}
}

// finishSettings fills in what depends on several blocks.
func (r *Reader) finishSettings() {
	s, t := &r.out.Settings, &r.out.Tenant
	if r.Emulated {
		t.Driver, t.Path, t.CAFile = DriverEmulated, emulatedTenantPath, ""
		s.State = State{Type: "local", Path: emulatedStatePath}
	}
	switch {
	case s.Root != "":
	case t.Driver == DriverEmulated:
		s.Root = LocalRoot
	default:
		r.Error(&t.Range, problem.NoRoot, "On microsoft365 a configuration needs a name, so that its objects can be told from those of others. Write, for instance:\n\n    teamsform {\n      root = \"teams-apps\"\n    }")
	}
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
func (r *Reader) checkVersion(text string, rng hcl.Range) {
	cs, err := version.ParseConstraints(text)
	if err != nil {
		r.Error(&rng, problem.BadVersion, "%q is not a version constraint: %s. Write, for instance, \">= 0.1\" or \"~> 1.2\".", text, err)
		return
	}
	tool, err := version.Parse(r.Tool)
	if err != nil { // a build without a version
		return
	}
	if !cs.Allow(tool) {
		r.Error(&rng, problem.WrongVersion, "This is teamsform %s, and this configuration asks for %s. Use a version that fits, or change required_version.", r.Tool, text)
	}
}
