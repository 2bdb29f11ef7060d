package config

import (
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/settings"
	"github.com/teamsform/teamsform/config/internal/variables"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// What the language has besides the kinds, as data: for references, editors
// and other programs. It comes from the specs that blocks are checked against,
// so that it cannot say anything else than the program does.

// BlockInfo describes a block that is no kind, or one inside a block.
type BlockInfo struct {
	Name   string
	Labels []string // what stands in quotes after the type
	Once   bool     // at most one in its place
	Doc    string
	Attrs  []*schema.Attr // typed attributes
	Free   []FreeAttr     // attributes that are read as expressions
	Blocks []BlockInfo
}

// FreeAttr is an attribute whose value has no type of its own.
type FreeAttr struct {
	Name     string
	Type     string // for people
	Required bool
	Doc      string
}

// Blocks describes the blocks that may stand at the top of a file, other than
// those of kinds, which are given for what refers to them.
func Blocks(kinds *schema.Registry) []BlockInfo {
	variable := info(typeVariable, variables.Spec(), "An input value of the configuration.", "name")
	variable.Blocks = []BlockInfo{info("validation", eval.ConditionSpec("validation block"), "A condition that a value must fulfil.")}
	program := once(info(typeSettings, settings.Spec(), "Settings of the program; may read variables only."))
	program.Blocks = []BlockInfo{{
		Name: "state", Labels: []string{"type"}, Once: true, Doc: "Where the state is kept; a local file by default. The label is the place.",
		Attrs: []*schema.Attr{{Name: "path", Type: schema.String{What: "path"}, Doc: "With \"local\": the file, relative to the folder."}},
	}}
	removed := info(typeRemoved, removedSpec(), "Says how objects end whose block is gone.")
	removed.Blocks = []BlockInfo{once(info("lifecycle", removedLifecycleSpec(), "What becomes of the object."))}
	return []BlockInfo{
		program,
		once(info(typeTenant, settings.TenantSpec(), "The tenant; may read variables only. Without it, an emulated tenant beside the configuration.")),
		once(info(typeGuard, settings.GuardSpec(), "Limits that refuse a run which would do too much.")),
		variable,
		{Name: typeLocals, Doc: "Names for expressions: every line is a name and its value."},
		info(typeOutput, outputSpec(), "A value for people or for the next program.", "name"),
		info(typeUsers, lookupSpec(typeUsers), "A list of people, who are not managed.", "name"),
		info(typeGroup, lookupSpec(typeGroup), "A group of the directory, which is not managed.", "name"),
		info(typeStoreApp, lookupSpec(typeStoreApp), "An app of the Microsoft Teams store.", "name"),
		{
			Name: typeModule, Labels: []string{"name"}, Doc: "Another folder as a part of this configuration. Further arguments are the values of its variables.",
			Free: []FreeAttr{{"source", "text", true, "Path of the folder, starting with ./ or ../"}},
		},
		info(typeMoved, movedSpec(), "What was known under one address is now under another."),
		removed,
		info(typeImport, importSpec(kinds), "Takes an object that exists under management."),
		info(typeIgnore, ignoreSpec(kinds), "Leaves unmanaged objects out of reports."),
		info(typeExpect, expectSpec(), "What a person is to be able to do once this is applied.", "expectation, as a sentence"),
	}
}

// EveryBlock describes what the block of any kind may hold besides the
// attributes of the kind.
func EveryBlock() BlockInfo {
	out := info("", &eval.Spec{Meta: metaAttrs()}, "")
	lifecycle := once(info("lifecycle", lifecycleSpec(), "How the object ends, and what protects it."))
	lifecycle.Blocks = []BlockInfo{info("precondition", preconditionSpec(), "A condition that must hold for every plan.")}
	out.Blocks = []BlockInfo{lifecycle}
	return out
}

func info(name string, s *eval.Spec, doc string, labels ...string) BlockInfo {
	out := BlockInfo{Name: name, Labels: labels, Doc: doc, Attrs: s.Attrs}
	for _, m := range s.Meta {
		out.Free = append(out.Free, freeAttr(name, m))
	}
	return out
}

func once(b BlockInfo) BlockInfo {
	b.Once = true
	return b
}

// freeAttr describes an attribute that a block reads by itself.
func freeAttr(block, name string) FreeAttr {
	switch {
	case name == "for_each":
		return FreeAttr{name, "map or set of texts", false, "One instance for each element; each.key and each.value tell them apart."}
	case name == "when":
		return FreeAttr{name, "true or false", false, "Whether the block stands at all."}
	case name == "depends_on":
		return FreeAttr{name, "list of blocks", false, "Blocks that come first although no expression names them."}
	case name == "ignore_changes":
		return FreeAttr{name, "list of attributes", false, "Attributes, or parts of them, that are set when the object is made and left alone afterwards."}
	case name == "value":
		return FreeAttr{name, "any", true, "What to give out."}
	case name == "type":
		return FreeAttr{name, "type", false, "The type that a value must have."}
	case name == "default":
		return FreeAttr{name, "any", false, "The value when none is given; without it one must be."}
	case name == "from" && block == typeRemoved:
		return FreeAttr{name, "address", true, "What is gone from the files."}
	case name == "from":
		return FreeAttr{name, "address", true, "The former address."}
	case name == "to":
		return FreeAttr{name, "address", true, "The present address."}
	}
	return FreeAttr{Name: name, Type: "any"}
}

// FunctionInfo describes a function of expressions.
type FunctionInfo struct {
	Name     string
	Params   []ParamInfo
	Variadic *ParamInfo // takes any number of these at the end; nil: does not
	Returns  string     // "any" when it depends on the arguments
}

// ParamInfo is a parameter. Type is written as in a variable block.
type ParamInfo struct{ Name, Type string }

// Functions describes the functions of the language, by name.
func Functions() []FunctionInfo {
	set := functionSet()
	var out []FunctionInfo
	for _, name := range sortedNames(set) {
		f := set[name]
		i := FunctionInfo{Name: name, Returns: returnType(f)}
		for _, p := range f.Params() {
			i.Params = append(i.Params, ParamInfo{p.Name, typeText(p.Type)})
		}
		if p := f.VarParam(); p != nil {
			i.Variadic = &ParamInfo{p.Name, typeText(p.Type)}
		}
		out = append(out, i)
	}
	return out
}

// returnType asks a function what it makes of unknown arguments.
func returnType(f function.Function) string {
	var args []cty.Type
	for _, p := range f.Params() {
		args = append(args, p.Type)
	}
	if p := f.VarParam(); p != nil {
		args = append(args, p.Type)
	}
	t, err := f.ReturnType(args)
	if err != nil {
		return "any"
	}
	return typeText(t)
}

// typeText writes a type as a variable block does. Functions such as try take
// an expression before it is evaluated.
func typeText(t cty.Type) string {
	if t.IsCapsuleType() {
		return "expression"
	}
	return typeexpr.TypeString(t)
}
