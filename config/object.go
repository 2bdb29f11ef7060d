package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// object is a block that gives objects: a managed kind, or a reference to the
// directory or the store. It has one instance, or one per key of for_each.
type object struct {
	l       *loader
	node    *node
	kind    *schema.Kind // nil for users, group and store_app
	addr    addr.Instance
	rng     hcl.Range
	shape   *eval.Shape
	forEach *hclsyntax.Attribute
	when    *hclsyntax.Attribute
	depends []dependency
	life    *lifecycleBlock

	// one evaluates one instance and returns its value as others see it, or
	// an unknown value when it is faulty.
	one func(a addr.Instance, ctx *hcl.EvalContext) cty.Value

	attributes []string        // what others may read, for suggestions; nil: nothing
	keys       []string        // instances that exist, with for_each, sorted
	absent     map[string]bool // keys switched off by when

	searched bool // byKey is filled
	byKey    []indexed
}

// metaAttrs are the attributes that every kind has.
func metaAttrs() []string { return []string{"for_each", "when", "depends_on"} }

// declareObject declares a block of a managed kind.
func (l *loader) declareObject(b *hclBlock, k *schema.Kind) {
	if k.Unlabeled && !l.Labels(b) || !k.Unlabeled && !l.Labels(b, "NAME") {
		return
	}
	s := &eval.Spec{What: k.Name + " block", Attrs: k.Attrs, Blocks: k.Blocks, Meta: metaAttrs(), Inner: []string{"lifecycle"}}
	if k.LabelIsKey {
		s.Attrs = keyOptional(k)
	}
	o := l.newObject(b, s)
	if o == nil {
		return
	}
	o.kind = k
	o.one = o.instance
	for _, a := range k.Attrs {
		o.attributes = append(o.attributes, a.Name)
	}
	o.depends = l.dependencies(o.shape.Written["depends_on"])
	o.life = l.lifecycle(o, o.shape.Inner["lifecycle"])
	if k.Unlabeled && o.forEach != nil {
		l.Error(&o.forEach.NameRange, problem.ForEach, "A configuration holds at most one %s block, so it cannot have for_each. Remove for_each.", k.Name)
		o.forEach = nil
	}
}

// keyOptional returns the attributes of k with the natural key not required,
// because the label stands in for it.
func keyOptional(k *schema.Kind) []*schema.Attr {
	out := slices.Clone(k.Attrs)
	for i, a := range out {
		if a.Name == k.KeyAttr && a.Required {
			c := *a
			c.Required = false
			out[i] = &c
		}
	}
	return out
}

// newObject declares the node of a block, or returns nil when its name is
// taken.
func (l *loader) newObject(b *hclBlock, s *eval.Spec) *object {
	label := ""
	if len(b.Labels) > 0 {
		label = b.Labels[0]
	}
	a := addr.Instance{Module: l.module, Kind: b.Type, Name: label}
	n := &node{name: a.String(), root: b.Type, label: label, rng: *eval.DefRange(b)}
	o := &object{l: l, node: n, addr: a, rng: n.rng, absent: map[string]bool{}}
	n.object, n.run = o, o.run
	if !l.declare(n) {
		return nil
	}
	o.shape = l.Check(b.Body, s)
	o.forEach, o.when = o.shape.Written["for_each"], o.shape.Written["when"]
	n.refs = eval.References(b.Body)
	return o
}

// run evaluates every instance.
func (o *object) run(ctx *hcl.EvalContext) {
	if o.forEach == nil {
		o.node.value, o.node.absent = o.runOne(o.addr, ctx)
		return
	}
	each, ok := o.l.forEach(o.forEach, ctx)
	if !ok {
		o.node.value = unknown()
		return
	}
	members := make(map[string]cty.Value, len(each))
	for _, e := range each {
		ictx := ctx.NewChild()
		ictx.Variables = map[string]cty.Value{rootEach: e.object()}
		v, absent := o.runOne(o.addr.WithKey(e.key), ictx)
		if absent {
			o.absent[e.key] = true
			continue
		}
		o.keys = append(o.keys, e.key)
		members[e.key] = v
	}
	o.node.value = cty.ObjectVal(members)
}

// runOne evaluates one instance unless when switches it off.
func (o *object) runOne(a addr.Instance, ctx *hcl.EvalContext) (v cty.Value, absent bool) {
	if o.when != nil {
		on, ok := o.l.when(o.when, ctx)
		if !ok {
			return unknown(), false
		}
		if !on {
			return unknown(), true
		}
	}
	return o.one(a, ctx), false
}

// when evaluates a when attribute.
func (l *loader) when(a *hclsyntax.Attribute, ctx *hcl.EvalContext) (on, ok bool) {
	v, result := l.Value(a.Expr, ctx)
	if result == eval.Faulty {
		return false, false
	}
	if r, late := eval.LateIn(v); late {
		l.Add(eval.LateDiagnostic(a.Expr.Range().Ptr(), r))
		return false, false
	}
	v, _ = v.UnmarkDeep()
	v, err := convert.Convert(v, cty.Bool)
	if err != nil || v.IsNull() {
		l.Error(a.Expr.Range().Ptr(), problem.Condition, "when must be true or false; false is as if the block were not there.")
		return false, false
	}
	return v.True(), true
}

// eachItem is one key of for_each with its value.
type eachItem struct {
	key   string
	value cty.Value
}

func (e eachItem) object() cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"key": cty.StringVal(e.key), "value": e.value})
}

// forEach evaluates a for_each attribute into its items, in key order.
func (l *loader) forEach(a *hclsyntax.Attribute, ctx *hcl.EvalContext) ([]eachItem, bool) {
	rng := a.Expr.Range()
	v, result := l.Value(a.Expr, ctx)
	if result == eval.Faulty {
		return nil, false
	}
	if r, ok := schema.RefOf(v); ok {
		l.Add(eval.RefDiagnostic(&rng, r))
		return nil, false
	}
	if r, late := eval.LateIn(v); late {
		l.Add(eval.LateDiagnostic(&rng, r))
		return nil, false
	}
	v, marks := v.Unmark()
	if _, is := marks[sensitive{}]; is {
		l.Error(&rng, problem.ForEach, "for_each is computed from a sensitive value, and its keys are shown in addresses. Use nonsensitive() if they may be seen.")
		return nil, false
	}
	ty := v.Type()
	switch {
	case v.IsNull():
		l.Error(&rng, problem.ForEach, "for_each is null. Write {} for no instances, or when = false to switch the block off.")
		return nil, false
	case ty.IsMapType() || ty.IsObjectType() || ty.IsSetType() && (ty.ElementType() == cty.String || v.LengthInt() == 0):
	case ty.IsTupleType() || ty.IsListType():
		l.Error(&rng, problem.ForEach, "for_each takes a map, or a set of texts, and this is a list. Write toset([...]) if its elements can serve as keys.")
		return nil, false
	default:
		l.Error(&rng, problem.ForEach, "for_each takes a map, or a set of texts, not %s.", ty.FriendlyName())
		return nil, false
	}
	return l.eachItems(v, &rng)
}

func (l *loader) eachItems(v cty.Value, rng *hcl.Range) ([]eachItem, bool) {
	var out []eachItem
	for it := v.ElementIterator(); it.Next(); {
		k, e := it.Element()
		if k.IsNull() {
			l.Error(rng, problem.ForEach, "An element of for_each is null. Leave it out, for instance with compact().")
			return nil, false
		}
		item := eachItem{key: k.AsString(), value: e}
		if len(item.key) > 0 && item.key[0] == '~' {
			l.Error(rng, problem.ForEach, "%q cannot be a key: keys that start with \"~\" are kept for objects that teamsform makes.", item.key)
			return nil, false
		}
		out = append(out, item)
	}
	slices.SortFunc(out, func(a, b eachItem) int { return compareText(a.key, b.key) })
	return out, true
}

// declareLocals declares each value of a locals block.
func (l *loader) declareLocals(b *hclBlock) {
	for _, inner := range b.Body.Blocks {
		l.Error(eval.DefRange(inner), problem.UnknownBlock, "A locals block holds lines of the form name = value. Write: %s = { ... }", inner.Type)
	}
	for _, a := range eval.SortedAttributes(b.Body) {
		n := &node{name: rootLocal + "." + a.Name, root: rootLocal, label: a.Name, rng: a.NameRange, refs: a.Expr.Variables()}
		n.run = func(ctx *hcl.EvalContext) { n.value, _ = l.Value(a.Expr, ctx) }
		l.declare(n)
	}
}

func outputSpec() *eval.Spec {
	return &eval.Spec{
		What: "output block",
		Attrs: []*schema.Attr{
			{Name: "description", Type: schema.String{}, Doc: "What the value is for."},
			{Name: "sensitive", Type: schema.Bool{}, Doc: "Hides the value."},
		},
		Meta: []string{"value"},
	}
}

// declareOutput declares an output block.
func (l *loader) declareOutput(b *hclBlock) {
	name := b.Labels[0]
	n := &node{name: typeOutput + "." + name, root: typeOutput, label: name, rng: *eval.DefRange(b)}
	if !l.declare(n) {
		return
	}
	sh := l.Check(b.Body, outputSpec())
	n.refs = eval.References(b.Body)
	if sh.Written["value"] == nil {
		l.Error(b.Body.MissingItemRange().Ptr(), problem.Missing, "The output block needs the attribute %q: what to give out.", "value")
	}
	n.run = func(ctx *hcl.EvalContext) {
		n.value = unknown()
		got := l.Attributes(sh, ctx)
		if a := sh.Written["value"]; a != nil {
			l.output(Output{Name: name, Range: n.rng}, got, a.Expr, ctx)
		}
	}
}

func (l *loader) output(out Output, got *eval.Values, expr hcl.Expression, ctx *hcl.EvalContext) {
	v, result := l.Value(expr, ctx)
	if l.parent != nil { // whoever uses it has been told why
		l.gives[out.Name] = unknown()
	}
	if result == eval.Faulty || !got.Complete {
		return
	}
	out.Description, _ = got.Attrs["description"].(string)
	out.Sensitive, _ = got.Attrs["sensitive"].(bool)
	if l.parent != nil { // what is sensitive stays so on its way through modules
		if out.Sensitive {
			v = v.Mark(sensitive{})
		}
		l.gives[out.Name] = v
		return
	}
	if v.HasMarkDeep(sensitive{}) && !out.Sensitive {
		l.Error(expr.Range().Ptr(), problem.SensitiveOutput, "output.%s is computed from a sensitive value. Add sensitive = true to hide it, or use nonsensitive() if it may be seen.", out.Name)
		return
	}
	out.Value = schema.Expose(v)
	if r, ok := opaqueIn(out.Value); ok {
		l.Add(eval.RefDiagnostic(expr.Range().Ptr(), r))
		return
	}
	l.cfg.Outputs = append(l.cfg.Outputs, out)
}

// opaqueIn returns a list of people inside v: they are not read before plan,
// so there is nothing to give out.
func opaqueIn(v cty.Value) (found schema.Ref, ok bool) {
	for _, part := range cty.DeepValues(v) {
		if r, is := schema.RefOf(part); is && r.Attr == "" {
			return r, true
		}
	}
	return found, false
}
