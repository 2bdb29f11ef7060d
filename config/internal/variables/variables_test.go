package variables_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/functions"
	"github.com/teamsform/teamsform/config/internal/variables"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// reader opens a new folder with the given files.
func reader(t *testing.T, texts map[string]string) *variables.Reader {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	folder, err := files.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &variables.Reader{Evaluator: &eval.Evaluator{}, Folder: folder, Dir: dir, Sources: map[string]*hcl.File{}, Functions: functions.Pure()}
}

// read declares the variables of a text and gives their values and what was
// said.
func read(t *testing.T, r *variables.Reader, text string) (cty.Value, []variables.Variable, string) {
	t.Helper()
	f, diags := hclsyntax.ParseConfig([]byte(text), "t.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	ctx, declared := r.Read(f.Body.(*hclsyntax.Body).Blocks)
	var said []string
	for _, d := range r.Diags {
		said = append(said, d.Summary+": "+d.Detail)
	}
	return ctx.Variables["var"], declared, strings.Join(said, "\n")
}

// TestStrength gives one variable a value in every way, from the weakest on.
func TestStrength(t *testing.T) {
	r := reader(t, map[string]string{
		"a.auto.teamsvars.hcl": `v = "auto a"`, "b.auto.teamsvars.hcl": `v = "auto b"`, "named.teamsvars.hcl": `v = "named"`, ".auto.teamsvars.hcl": `v = "hidden"`,
	})
	const text = `variable "v" { default = "default" }`
	empty := reader(t, nil)
	named := filepath.Join(r.Dir, "named.teamsvars.hcl")
	env := func(name string) (string, bool) { return "environment", name == "TEAMSFORM_VAR_v" }
	for _, tt := range []struct {
		r            variables.Reader
		want, source string
	}{
		{variables.Reader{Folder: empty.Folder}, "default", "default"},
		{variables.Reader{Folder: empty.Folder, LookupEnv: env}, "environment", "environment"},
		{variables.Reader{Folder: empty.Folder, Environ: func() []string { return []string{"X=1", "TEAMSFORM_VAR_v=from=list"} }}, "from=list", "environment"},
		{variables.Reader{Folder: r.Folder, LookupEnv: env}, "auto b", "b.auto.teamsvars.hcl"},
		{variables.Reader{Folder: r.Folder, VarFiles: []string{named}}, "named", "named.teamsvars.hcl"},
		{variables.Reader{Folder: r.Folder, VarFiles: []string{named}, Vars: []string{"v=first", "v=second"}}, "second", "--var"},
	} {
		tt.r.Evaluator, tt.r.Dir, tt.r.Sources = &eval.Evaluator{}, r.Dir, map[string]*hcl.File{}
		got, declared, said := read(t, &tt.r, text)
		if got.GetAttr("v").AsString() != tt.want || declared[0].Source != tt.source || said != "" {
			t.Errorf("v = %#v from %s, want %q from %s; %s", got, declared[0].Source, tt.want, tt.source, said)
		}
	}
}

func TestTypes(t *testing.T) {
	for _, tt := range []struct {
		block, given string
		want         cty.Value
	}{
		{``, `text`, cty.StringVal("text")},
		{`type = string`, `[1]`, cty.StringVal("[1]")},
		{`type = number`, `3`, cty.NumberIntVal(3)},
		{`type = list(string)`, `["a", 1]`, cty.ListVal([]cty.Value{cty.StringVal("a"), cty.StringVal("1")})},
		{`type = object({ a = string, b = optional(bool, true) })`, `{ a = "x" }`, cty.ObjectVal(map[string]cty.Value{"a": cty.StringVal("x"), "b": cty.True})},
		{`type = any`, `null`, cty.NullVal(cty.DynamicPseudoType)},
		{"type = number\nnullable = false\ndefault = 7", `null`, cty.NumberIntVal(7)},
		{`sensitive = true`, `hush`, cty.StringVal("hush").Mark(functions.Sensitive{})},
	} {
		r := reader(t, nil)
		r.Vars = []string{"v=" + tt.given}
		got, _, said := read(t, r, "variable \"v\" {\n"+tt.block+"\n}")
		if !got.GetAttr("v").RawEquals(tt.want) || said != "" {
			t.Errorf("%s given %s: %#v, want %#v; %s", tt.block, tt.given, got, tt.want, said)
		}
	}
}

func TestMistakes(t *testing.T) {
	for _, tt := range []struct {
		block string
		vars  []string
		want  string
	}{
		{``, nil, "var.v has no default, and no value was given for it"},
		{``, []string{"w=1"}, `no such variable is declared. Did you mean "v"?`},
		{``, []string{"v"}, "does not have the form name=value"},
		{`type = number`, []string{"v=hush"}, "cannot be read as an expression of type number"},
		{`type = number`, []string{`v="hush"`}, "is not of type number: a number is required"},
		{"type = number\ndefault = \"x\"", nil, "The default of var.v does not fit its type"},
		{"nullable = false\ndefault = null", nil, "its default is null"},
		{"nullable = false\ntype = any", []string{"v=null"}, "the value from --var is null"},
		{"default = 1\nvalidation {\n condition = var.v > 1\n error_message = \"More.\"\n}", nil, "More.\n\nThis is checked for what is declared at t.hcl:1."},
		{"default = 1\nvalidation {\n condition = local.v > 1\n error_message = \"More.\"\n}", nil, `"local" is not known here`},
		{"default = 1\nvalidation {\n condition = var.w > 1\n error_message = \"More.\"\n}", nil, "Did you mean var.v?"},
		{"default = 1\nvalidation \"x\" {}", nil, "no label"},
		{"default = 1\n}\nvariable \"v\" {", nil, "var.v is declared already at t.hcl:1"},
		{"default = nothing()", nil, "Function calls not allowed"},
		{"type = strin", nil, "strin"},
	} {
		r := reader(t, nil)
		r.Vars = tt.vars
		_, _, said := read(t, r, "variable \"v\" {\n"+tt.block+"\n}")
		if !strings.Contains(said, tt.want) || strings.Contains(said, "hush") {
			t.Errorf("%s %v: %s, want %q", tt.block, tt.vars, said, tt.want)
		}
	}
}

func TestValuesFiles(t *testing.T) {
	r := reader(t, map[string]string{"x.auto.teamsvars.hcl": "w = 1\nblock {}\n"})
	r.VarFiles = []string{filepath.Join(r.Dir, "none.hcl")}
	_, _, said := read(t, r, `variable "v" { default = 1 }`)
	for _, want := range []string{`No variable "w" is declared`, "Blocks belong into a file that ends in .teams.hcl", "named by --var-file, cannot be read: it does not exist"} {
		if !strings.Contains(said, want) {
			t.Errorf("%s\nlacks %q", said, want)
		}
	}
	if r.Sources["x.auto.teamsvars.hcl"] == nil {
		t.Error("a file of values cannot be shown")
	}
}

// TestModuleArguments gives a module's variables their values: files, flags
// and the environment have no say.
func TestModuleArguments(t *testing.T) {
	block := schema.BlockValue(addr.New("app", "a"), map[string]cty.Value{"name": cty.StringVal("A")})
	secret := cty.StringVal("hush").Mark(functions.Sensitive{})
	args := map[string]cty.Value{
		"text": cty.NumberIntVal(1), "block": block, "secret": secret, "unknown": eval.Unknown(), "null": cty.NullVal(cty.String), "typed": block, "other": cty.True,
	}
	r := reader(t, map[string]string{"x.auto.teamsvars.hcl": `text = "file"`})
	r.Vars = []string{"text=flag"}
	r.LookupEnv = func(string) (string, bool) { return "environment", true }
	r.Module = &variables.Module{Name: "m", Arguments: map[string]variables.Argument{}, Call: hcl.Range{Filename: "call.hcl", Start: hcl.Pos{Line: 4}}}
	for name, v := range args {
		r.Module.Arguments[name] = variables.Argument{Value: v, Range: hcl.Range{Filename: "call.hcl"}}
	}
	got, _, said := read(t, r, `
variable "text" { type = string }
variable "block" { type = any }
variable "secret" {
  type = string
  validation {
    condition     = var.secret != "hush"
    error_message = "Not this."
  }
}
variable "unknown" {}
variable "null" {
  nullable = false
  default  = "instead"
}
variable "typed" { type = string }
variable "given" {}
variable "count" {}
variable "preset" { default = 1 }
`)
	want := map[string]cty.Value{
		"text": cty.StringVal("1"), "block": block, "secret": secret, "unknown": eval.Unknown(), "null": cty.StringVal("instead"),
		"typed": eval.Unknown(), "given": eval.Unknown(), "count": eval.Unknown(), "preset": cty.NumberIntVal(1),
	}
	for name, v := range want {
		if !got.GetAttr(name).RawEquals(v) {
			t.Errorf("var.%s = %#v, want %#v", name, got.GetAttr(name), v)
		}
	}
	wantSaid := strings.Join([]string{
		`Value for an undeclared variable: The module m has no variable "other".`,
		"No value for variable: A module block cannot give a value for count, because the name means something else there. Give the variable another name, or a default.",
		"No value for variable: The module m needs a value for given. Write: given = ...",
		"Invalid value for variable: typed is a block passed on, and var.typed of the module has the type string. Declare it with type = any.",
		"Value refused by validation: Not this.\n\nThis is checked by the condition at t.hcl:7.",
	}, "\n")
	if diff := cmp.Diff(wantSaid, said); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
	for _, d := range r.Diags {
		if d.Summary == "Value refused by validation" && d.Subject.Filename != "call.hcl" {
			t.Errorf("a refused argument is shown in %s", d.Subject.Filename)
		}
	}
}
