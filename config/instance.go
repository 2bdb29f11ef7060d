package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// instance evaluates one instance of a managed kind.
func (o *object) instance(a addr.Instance, ctx *hcl.EvalContext) cty.Value {
	l, k := o.l, o.kind
	before := l.Errors
	o.checkModel()
	got := l.Attributes(o.shape, ctx)
	blocks, complete := l.NestedBlocks(o.shape, ctx)
	life := o.life.evaluate(l, ctx)
	if !got.Complete || !complete {
		return unknown()
	}
	o.checkAttrModels(got)
	if !o.giveKey(got) {
		return unknown()
	}
	inst := &Instance{Addr: a, Kind: k, Attrs: got.Attrs, Ranges: got.Ranges, DeclRange: o.rng, Blocks: blocks, Lifecycle: life, Sensitive: got.Sensitive}
	slices.Sort(inst.Sensitive)
	o.derive(inst)
	if k.Check != nil && l.Errors == before {
		for _, p := range k.Check(inst.Attrs) {
			o.checkProblem(inst, p)
		}
	}
	if l.Errors != before {
		return unknown()
	}
	inst.DependsOn = l.dependsOn(o.depends)
	inst.Needs = o.needs(inst, ctx)
	l.cfg.Instances = append(l.cfg.Instances, inst)
	return o.asOthersSee(inst, got)
}

// checkModel reports a kind that the tenant's access model does not have.
func (o *object) checkModel() {
	model := o.l.cfg.Tenant.AccessModel
	if len(o.kind.Models) > 0 && !slices.Contains(o.kind.Models, model) {
		o.l.Error(&o.rng, problem.Model, "%s exists on tenants with access_model = %q, and this tenant has access_model = %q. Remove the block, switch it off with when = tenant.access_model == %q, or correct access_model in the tenant block.", o.kind.Name, strings.Join(o.kind.Models, `" or "`), model, o.kind.Models[0])
	}
}

// checkAttrModels reports attributes that the tenant's access model does not
// have. One that is null is not mentioned.
func (o *object) checkAttrModels(got *eval.Values) {
	model := o.l.cfg.Tenant.AccessModel
	for _, a := range o.kind.Attrs {
		if _, given := got.Attrs[a.Name]; !given || a.Derived || len(a.Models) == 0 || slices.Contains(a.Models, model) {
			continue
		}
		rng := got.Ranges[a.Name]
		o.l.Error(&rng, problem.Model, "%s of %s exists on tenants with access_model = %q, and this tenant has access_model = %q. Remove the attribute, write %s = tenant.access_model == %q ? VALUE : null, or correct access_model in the tenant block.",
			a.Name, o.kind.Name, strings.Join(a.Models, `" or "`), model, a.Name, a.Models[0])
	}
}

// giveKey lets the label stand in for a natural key that is not written.
func (o *object) giveKey(got *eval.Values) bool {
	k := o.kind
	if !k.LabelIsKey || k.KeyAttr == "" || got.Attrs[k.KeyAttr] != nil {
		return true
	}
	label := o.addr.Name
	if k.Reserved != nil && k.Reserved(label) {
		o.l.Error(&o.rng, problem.Reserved, "The label %q would stand for the %s of that name, which every tenant has. Write %s = \"Global\" out if that one is meant, or choose another label.", label, k.Title, k.KeyAttr)
		return false
	}
	if a := k.Attr(k.KeyAttr); a != nil {
		v, problems := a.Type.Decode(cty.StringVal(label))
		for _, p := range problems {
			o.l.Error(&o.rng, p.Summary, "The label serves as %s: %s", k.KeyAttr, p.Detail)
		}
		if len(problems) > 0 {
			return false
		}
		got.Attrs[k.KeyAttr] = v
		got.Seen[k.KeyAttr] = cty.StringVal(label)
	}
	return true
}

// derive computes what comes from files.
func (o *object) derive(inst *Instance) {
	if o.kind.Derive == nil {
		return
	}
	l := o.l
	var paths []string
	res := o.kind.Derive(schema.DeriveInput{
		Addr: inst.Addr, Attrs: maps.Clone(inst.Attrs), Blocks: inst.Blocks, Ranges: inst.Ranges, Range: inst.DeclRange,
		Path: func(attr string) (string, error) {
			rng, name := inst.Ranges[attr], ""
			name, _ = inst.Attrs[attr].(string)
			if !slices.Contains(paths, attr) {
				paths = append(paths, attr)
			}
			full, err := l.folder.Resolve(name)
			if err != nil {
				return "", hcl.Diagnostics{files.Diagnostic(&rng, err)}
			}
			return full, nil
		},
	})
	l.Add(res.Diags...)
	for _, attr := range paths { // an apply reads it as seen from the configuration's folder
		if name, ok := inst.Attrs[attr].(string); ok {
			inst.Attrs[attr] = l.folder.Shown(name)
		}
	}
	for name, v := range res.Attrs {
		inst.Attrs[name] = v
	}
	for _, full := range res.Files {
		if err := l.folder.RecordPath(full); err != nil {
			l.Add(files.Diagnostic(&inst.DeclRange, err))
		}
	}
}

// checkProblem places what Kind.Check found.
func (o *object) checkProblem(inst *Instance, p schema.Problem) {
	rng := inst.DeclRange
	if w := o.shape.Written[p.Attr]; w != nil {
		rng = eval.RangeAt(w.Expr, p.Path)
	}
	o.l.Error(&rng, p.Summary, "%s: %s", inst.Addr, p.Detail)
}

// asOthersSee gives the value of an instance to blocks that refer to it: every
// attribute of the kind, null when not mentioned.
func (o *object) asOthersSee(inst *Instance, got *eval.Values) cty.Value {
	fields := make(map[string]cty.Value, len(o.kind.Attrs))
	for _, a := range o.kind.Attrs {
		v, ok := got.Seen[a.Name]
		switch {
		case a.Late:
			v = schema.LateValue(inst.Addr, a.Name)
		case ok:
		default:
			var err error
			if v, err = schema.Value(inst.Attrs[a.Name]); err != nil {
				v = unknown()
			}
		}
		fields[a.Name] = v
	}
	return schema.BlockValue(inst.Addr, fields)
}

// checkKeys reports two objects of one kind with the same natural key.
func (l *loader) checkKeys() {
	type kindKey struct{ kind, key string }
	first := make(map[kindKey]*Instance, len(l.cfg.Instances))
	for _, inst := range l.cfg.Instances {
		attr := inst.Kind.KeyAttr
		key, ok := inst.Attrs[attr].(string)
		if attr == "" || !ok {
			continue
		}
		id := kindKey{inst.Kind.Name, schema.FoldKey(key)}
		other := first[id]
		if other == nil {
			first[id] = inst
			continue
		}
		a, b := other, inst
		if before(keyRange(b), keyRange(a)) {
			a, b = b, a
		}
		hint := ""
		if b.Addr.HasKey && a.Addr.Block() == b.Addr.Block() {
			hint = " Give each instance its own, such as " + attr + " = each.key."
		}
		rng := keyRange(b)
		l.Error(&rng, problem.SameKey, "%s (%s) and %s (%s) both have %s = %q; upper and lower case count as the same, and the tenant can hold only one.%s", a.Addr, problem.Place(keyRange(a)), b.Addr, problem.Place(rng), attr, key, hint)
	}
}

// keyRange is where the natural key is written: the attribute, or the label.
func keyRange(inst *Instance) hcl.Range {
	if rng, ok := inst.Ranges[inst.Kind.KeyAttr]; ok {
		return rng
	}
	return inst.DeclRange
}

// before orders ranges by file and position.
func before(a, b hcl.Range) bool {
	if a.Filename != b.Filename {
		return a.Filename < b.Filename
	}
	return a.Start.Byte < b.Start.Byte
}
