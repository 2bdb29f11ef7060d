package variables

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/functions"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/zclconf/go-cty/cty"
)

// EnvPrefix starts the names of environment variables that give values.
const EnvPrefix = "TEAMSFORM_VAR_"

// The words of Variable.Source that are not file names.
const (
	SourceDefault     = "default"
	SourceEnvironment = "environment"
	SourceFlag        = "--var"
)

// candidate is one value given for a variable, from the weakest source to the
// strongest; the last one counts.
type candidate struct {
	source string
	text   string               // from the environment or the command line
	attr   *hclsyntax.Attribute // from a file
}

// giveValues finds the value of every variable: environment, then automatic
// files by name, then --var-file, then --var; the last one given counts.
func (r *Reader) giveValues() {
	if r.Module != nil {
		r.giveArguments()
		return
	}
	given := map[string]candidate{}
	for name := range r.vars {
		if text, ok := r.lookupEnv(EnvPrefix + name); ok {
			given[name] = candidate{source: SourceEnvironment, text: text}
		}
	}
	for _, f := range r.autoFiles() {
		r.valuesFrom(f, given)
	}
	for _, name := range r.VarFiles {
		if f := r.namedFile(name); f != nil {
			r.valuesFrom(f, given)
		}
	}
	for _, arg := range r.Vars {
		r.valueFromFlag(arg, given)
	}
	for _, name := range slices.Sorted(maps.Keys(r.vars)) {
		c, ok := given[name]
		r.choose(r.vars[name], c, ok)
	}
}

func (r *Reader) lookupEnv(name string) (string, bool) {
	if r.LookupEnv != nil {
		return r.LookupEnv(name)
	}
	if r.Environ == nil {
		return "", false
	}
	for _, entry := range r.Environ() {
		if key, text, ok := strings.Cut(entry, "="); ok && key == name {
			return text, true
		}
	}
	return "", false
}

// valuesFile is a parsed file of values.
type valuesFile struct {
	name string
	body *hclsyntax.Body
}

// autoFiles parses the files of values that count without being named.
func (r *Reader) autoFiles() []*valuesFile {
	entries, err := os.ReadDir(r.Folder.Real)
	if err != nil {
		return nil // reported by readSources
	}
	var out []*valuesFile
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasPrefix(name, ".") || !strings.HasSuffix(name, AutoSuffix) {
			continue
		}
		data, err := r.Folder.Read(name)
		if err != nil {
			r.Add(files.Diagnostic(nil, err))
		} else if f := r.parseValues(name, data); f != nil {
			out = append(out, f)
		}
	}
	return out
}

// namedFile parses a file named by --var-file. It may lie anywhere.
func (r *Reader) namedFile(name string) *valuesFile {
	data, err := os.ReadFile(name)
	if err != nil {
		r.Error(nil, problem.VarFile, "The file %q, named by --var-file, cannot be read: %s. The path is relative to the working directory.", filepath.ToSlash(name), files.Cause(err))
		return nil
	}
	shown := filepath.ToSlash(name)
	if abs, err := filepath.Abs(name); err == nil {
		for _, base := range []string{r.Dir, r.Folder.Real} {
			base, errBase := filepath.Abs(base)
			rel, err := filepath.Rel(base, abs)
			if errBase == nil && err == nil {
				shown = path.Clean(filepath.ToSlash(rel))
				if filepath.IsLocal(rel) {
					break
				}
			}
		}
	}
	r.Folder.Record(shown, data)
	return r.parseValues(shown, data)
}

func (r *Reader) parseValues(name string, data []byte) *valuesFile {
	file, diags := hclsyntax.ParseConfig(data, name, hcl.InitialPos)
	r.Add(diags...)
	if file == nil || diags.HasErrors() {
		return nil
	}
	r.Sources[name] = file
	body := file.Body.(*hclsyntax.Body)
	for _, b := range body.Blocks {
		r.Error(eval.DefRange(b), problem.ValuesBlock, "A file of values holds lines of the form name = value. Blocks belong into a file that ends in %s.", SourceSuffix)
	}
	return &valuesFile{name: name, body: body}
}

// valuesFrom takes over the values of a file. An undeclared name is a warning:
// one file may serve several configurations.
func (r *Reader) valuesFrom(f *valuesFile, given map[string]candidate) {
	for _, a := range eval.SortedAttributes(f.body) {
		if r.vars[a.Name] == nil {
			r.Warn(&a.NameRange, problem.UndeclaredValue, "No variable %q is declared, so this value is not used.%s", a.Name, r.suggestVar(a.Name))
			continue
		}
		given[a.Name] = candidate{source: f.name, attr: a}
	}
}

// valueFromFlag takes over --var name=value. An undeclared name is an error: a
// person has just typed it.
func (r *Reader) valueFromFlag(arg string, given map[string]candidate) {
	name, text, ok := strings.Cut(arg, "=")
	name = strings.TrimSpace(name)
	if !ok || name == "" {
		r.Error(nil, problem.VarFlag, "--var %q does not have the form name=value. Write, for instance:\n\n    --var 'tenant_id=11111111-2222-3333-4444-555555555555'", arg)
		return
	}
	if r.vars[name] == nil {
		r.Error(nil, problem.UndeclaredValue, "--var gives a value for %q, and no such variable is declared.%s", name, r.suggestVar(name))
		return
	}
	given[name] = candidate{source: SourceFlag, text: text}
}

func (r *Reader) suggestVar(name string) string {
	if hint := diag.DidYouMean(name, slices.Sorted(maps.Keys(r.vars))); hint != "" {
		return hint
	}
	return " Add a block variable \"" + name + "\" { }, or remove the value."
}

// choose settles the value of v from what was given, if anything was.
func (r *Reader) choose(v *variable, c candidate, ok bool) {
	v.value, v.source, v.given = eval.Unknown(), c.source, c.text
	switch {
	case ok:
		if val, rng, fine := r.read(v, c); fine {
			v.value = r.accept(v, val, rng, c.source)
		}
	case v.preset != cty.NilVal:
		v.value, v.source = v.preset, SourceDefault
	default:
		r.Error(&v.rng, problem.NoValue, "var.%s has no default, and no value was given for it. Give one with --var '%s=...', in a file that ends in %s, or in the environment variable %s%s; or add a default.", v.name, v.name, AutoSuffix, EnvPrefix, v.name)
	}
	if v.sensitive {
		v.value = v.value.Mark(functions.Sensitive{})
	}
}

// read evaluates a given value. Text from the command line or the environment
// is taken as it is for text variables, and as an expression for others.
func (r *Reader) read(v *variable, c candidate) (cty.Value, *hcl.Range, bool) {
	if c.attr != nil {
		val, result := r.Value(c.attr.Expr, nil)
		return val, c.attr.Expr.Range().Ptr(), result != eval.Faulty
	}
	if !v.typed || v.ty == cty.String {
		return cty.StringVal(c.text), &v.rng, true
	}
	expr, diags := hclsyntax.ParseExpression([]byte(c.text), "<"+c.source+">", hcl.InitialPos)
	if !diags.HasErrors() {
		var val cty.Value
		if val, diags = expr.Value(nil); !diags.HasErrors() {
			return val, &v.rng, true
		}
	}
	r.Error(&v.rng, problem.VarType, "The value of var.%s from %s cannot be read as an expression of type %s: %s", v.name, c.describe(), v.typeName(), firstDetail(diags))
	return cty.NilVal, nil, false
}

func (c candidate) describe() string {
	switch c.source {
	case SourceEnvironment:
		return "the environment"
	case SourceFlag:
		return SourceFlag
	}
	return c.source
}

// accept converts a given value to the variable's type.
func (r *Reader) accept(v *variable, val cty.Value, rng *hcl.Range, source string) cty.Value {
	if val.IsNull() && !v.nullable {
		if v.preset != cty.NilVal {
			v.source = SourceDefault
			return v.preset
		}
		r.Error(rng, problem.VarNull, "var.%s has nullable = false, and the value from %s is null. Give another value.", v.name, candidate{source: source}.describe())
		return eval.Unknown()
	}
	out, err := v.convert(val)
	if err != nil {
		r.Error(rng, problem.VarType, "The value of var.%s from %s is not of type %s: %s.", v.name, candidate{source: source}.describe(), v.typeName(), err)
		return eval.Unknown()
	}
	return out
}

// firstDetail gives the detail of the first diagnostic, which never holds the
// text itself: it may be a secret.
func firstDetail(diags hcl.Diagnostics) string {
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			return d.Detail
		}
	}
	return ""
}
