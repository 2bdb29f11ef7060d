package config

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/people"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// Expect says what a person is to be able to do once the configuration is
// applied. A plan whose result differs is not applied.
type Expect struct {
	Name  string // as labelled, with the key of for_each behind it
	Addr  addr.Instance
	User  UserName
	App   any             // app id as text, or a schema.Ref to an app; nil without one
	Can   map[string]bool // by ability: discover, use, installed, pinned, upload
	Range hcl.Range
}

// Abilities lists what an expect block may speak of.
func Abilities() []string { return []string{"discover", "use", "installed", "pinned", "upload"} }

func expectSpec() *eval.Spec {
	return &eval.Spec{
		What: "expect block", Meta: []string{"for_each", "when"},
		Attrs: []*schema.Attr{
			{Name: "user", Required: true, Type: schema.String{What: "sign-in name or object id"}, Doc: "The person: user principal name or object id."},
			{Name: "app", Type: oneApp{}, Doc: "The app: app.NAME, store_app.NAME, or an app id. Not needed when only upload is expected."},
			{Name: "can", Required: true, Type: abilities{}, Doc: "What is not mentioned is not looked at."},
		},
	}
}

// declareExpect declares an expect block. Its label is a sentence for people.
func (l *loader) declareExpect(b *hclBlock) {
	if len(b.Labels) != 1 || strings.TrimSpace(b.Labels[0]) == "" {
		l.Error(eval.DefRange(b), problem.Labels, "An expect block has one label, which says what is expected: expect \"a trainee does not see it yet\" { ... }")
		return
	}
	if o := l.newObject(b, expectSpec()); o != nil {
		o.one = o.expect
	}
}

// expect evaluates one instance. Nothing can refer to it.
func (o *object) expect(a addr.Instance, ctx *hcl.EvalContext) cty.Value {
	got := o.l.Attributes(o.shape, ctx)
	user, named := got.Attrs["user"].(string)
	can, says := got.Attrs["can"].(map[string]bool)
	if !got.Complete || !named || !says { // it has been told what is missing
		return unknown()
	}
	e := Expect{Name: a.Name, Addr: a, Range: o.rng, App: got.Attrs["app"], Can: can}
	if a.HasKey {
		e.Name += " (" + a.Key + ")"
	}
	name, complaint := people.Parse(user)
	if rng := got.Ranges["user"]; complaint != "" {
		o.l.Error(&rng, people.SumBadName, "%s", complaint)
		return unknown()
	}
	e.User = name
	for _, ability := range Abilities() {
		if _, asked := e.Can[ability]; asked && ability != "upload" && e.App == nil {
			rng := got.Ranges["can"]
			o.l.Error(&rng, problem.Missing, "%q is about an app, and the block names none. Add app = app.NAME.", ability)
			return unknown()
		}
	}
	o.l.cfg.Expects = append(o.l.cfg.Expects, e)
	return unknown()
}

// compareExpects puts the blocks in the order of the files.
func compareExpects(a, b Expect) int {
	switch {
	case before(a.Range, b.Range):
		return -1
	case before(b.Range, a.Range):
		return 1
	}
	return addr.Compare(a.Addr, b.Addr)
}

// oneApp is one app: a reference, or an id as text.
type oneApp struct{}

// Decode implements schema.Type.
func (oneApp) Decode(v cty.Value) (any, []schema.Problem) {
	list, problems := schema.Apps{Ordered: true}.Decode(cty.TupleVal([]cty.Value{v}))
	if apps, ok := list.([]any); ok && len(apps) == 1 && len(problems) == 0 {
		return apps[0], nil
	}
	for i := range problems {
		problems[i].Path = nil
	}
	return nil, problems
}

// DecodeJSON implements schema.Type.
func (oneApp) DecodeJSON(json.RawMessage) (any, error) { return nil, nil }

// Equal implements schema.Type.
func (oneApp) Equal(a, b any) bool { return a == b }

// Describe implements schema.Type.
func (oneApp) Describe() string { return "an app: app.NAME, store_app.NAME or an app id" }

// abilities is an object of true and false by ability.
type abilities struct{}

// Decode implements schema.Type.
func (t abilities) Decode(v cty.Value) (any, []schema.Problem) {
	ty := v.Type()
	wrong := func(detail string) (any, []schema.Problem) {
		return nil, []schema.Problem{{Summary: schema.WrongType, Detail: detail}}
	}
	if !ty.IsObjectType() && !ty.IsMapType() {
		return wrong("Expected " + t.Describe() + ".")
	}
	out := map[string]bool{}
	for it := v.ElementIterator(); it.Next(); {
		k, e := it.Element()
		name := k.AsString()
		e, _ = e.Unmark()
		switch {
		case !slices.Contains(Abilities(), name):
			return wrong("There is no ability " + name + ". Expected " + t.Describe() + ".")
		case e.IsNull():
		case !e.Type().Equals(cty.Bool):
			return wrong(name + " is true or false.")
		default:
			out[name] = e.True()
		}
	}
	if len(out) == 0 {
		return wrong("Nothing is expected. Expected " + t.Describe() + ".")
	}
	return out, nil
}

// DecodeJSON implements schema.Type.
func (abilities) DecodeJSON(json.RawMessage) (any, error) { return nil, nil }

// Equal implements schema.Type.
func (abilities) Equal(any, any) bool { return false }

// Describe implements schema.Type.
func (abilities) Describe() string {
	return "{ " + strings.Join(Abilities(), ", ") + " }, each true or false"
}
