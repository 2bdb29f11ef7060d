package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/functions"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Functions gives the functions of the language, under Terraform's names.
// None reads a clock, randomness, the environment or the network, so that the
// same files always give the same plan.
func (f *Folder) Functions() map[string]function.Function {
	fs := functions.Pure()
	maps.Copy(fs, f.fileFunctions())
	fs["templatefile"] = f.templateFile(fs)
	return fs
}

// fileFunctions read files inside the folder. Each file read counts for the
// configuration digest.
func (f *Folder) fileFunctions() map[string]function.Function {
	return map[string]function.Function{
		"file": functions.Fixed(cty.String, functions.Texts("path"), func(args []cty.Value) (cty.Value, error) {
			text, err := f.readText(args[0].AsString())
			return cty.StringVal(text), err
		}),
		"filesha256": functions.Fixed(cty.String, functions.Texts("path"), func(args []cty.Value) (cty.Value, error) {
			data, err := f.Read(args[0].AsString())
			if err != nil {
				return cty.NilVal, pathArgument(0, err)
			}
			sum := sha256.Sum256(data)
			return cty.StringVal(hex.EncodeToString(sum[:])), nil
		}),
		"fileset": functions.Fixed(cty.Set(cty.String), functions.Texts("path", "pattern"), func(args []cty.Value) (cty.Value, error) {
			return f.fileSet(args[0].AsString(), args[1].AsString())
		}),
	}
}

func (f *Folder) readText(name string) (string, error) {
	data, err := f.Read(name)
	if err != nil {
		return "", pathArgument(0, err)
	}
	if !utf8.Valid(data) {
		return "", function.NewArgErrorf(0, "%q is not a text in UTF-8", name)
	}
	return strings.TrimPrefix(string(data), "\ufeff"), nil
}

// fileSet lists the files below dir whose path, relative to dir and written
// with "/", matches the pattern. "*" and "?" do not match "/"; "**" as a part
// of its own matches any number of folders. What teamsform itself keeps there
// does not count.
func (f *Folder) fileSet(dir, pattern string) (cty.Value, error) {
	if dir == "" {
		dir = "."
	}
	base, err := f.Resolve(dir)
	if err != nil {
		return cty.NilVal, pathArgument(0, err)
	}
	parts := strings.Split(path.Clean(pattern), "/")
	for _, p := range parts {
		if _, err := path.Match(p, ""); err != nil {
			return cty.NilVal, function.NewArgErrorf(1, "%q is not a pattern: a bracket is not closed", pattern)
		}
	}
	var found []cty.Value
	err = filepath.WalkDir(base, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".teamsform" {
				return filepath.SkipDir
			}
			return nil
		}
		if info, err := os.Stat(p); err != nil || !info.Mode().IsRegular() {
			return nil // a link that leads nowhere, or a socket
		}
		rel, err := filepath.Rel(base, p)
		if err == nil && matchParts(parts, strings.Split(filepath.ToSlash(rel), "/")) {
			found = append(found, cty.StringVal(filepath.ToSlash(rel)))
		}
		return err
	})
	if err != nil {
		return cty.NilVal, pathArgument(0, err)
	}
	if len(found) == 0 {
		return cty.SetValEmpty(cty.String), nil
	}
	return cty.SetVal(found), nil
}

// matchParts matches a path part by part.
func matchParts(pattern, parts []string) bool {
	if len(pattern) == 0 {
		return len(parts) == 0
	}
	if pattern[0] == "**" {
		for i := 0; i <= len(parts); i++ {
			if matchParts(pattern[1:], parts[i:]) {
				return true
			}
		}
		return false
	}
	if len(parts) == 0 {
		return false
	}
	ok, err := path.Match(pattern[0], parts[0])
	return ok && err == nil && matchParts(pattern[1:], parts[1:])
}

// templateFile renders a file of the folder as a template over the given
// values. Templates may call every function but templatefile.
func (f *Folder) templateFile(fs map[string]function.Function) function.Function {
	inner := maps.Clone(fs)
	render := func(args []cty.Value) (cty.Value, error) {
		name := args[0].AsString()
		text, err := f.readText(name)
		if err != nil {
			return cty.NilVal, err
		}
		expr, diags := hclsyntax.ParseTemplate([]byte(text), name, hcl.InitialPos)
		if diags.HasErrors() {
			return cty.NilVal, templateError(diags)
		}
		ctx := &hcl.EvalContext{Functions: inner, Variables: args[1].AsValueMap()}
		for _, t := range expr.Variables() {
			if _, ok := ctx.Variables[t.RootName()]; !ok {
				return cty.NilVal, function.NewArgErrorf(1, "the template %q uses %q, which is not among the given values", name, t.RootName())
			}
		}
		v, diags := expr.Value(ctx)
		if diags.HasErrors() {
			return cty.NilVal, templateError(diags)
		}
		return v, nil
	}
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "values", Type: cty.DynamicPseudoType}},
		Type: func(args []cty.Value) (cty.Type, error) {
			if ty := args[1].Type(); !ty.IsObjectType() && !ty.IsMapType() {
				return cty.NilType, function.NewArgErrorf(1, "must be a map of the values that the template uses")
			}
			if _, ok := schema.RefOf(args[1]); ok {
				return cty.NilType, function.NewArgErrorf(1, "must be a map of values, not a whole block")
			}
			return cty.DynamicPseudoType, nil
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return render(args) },
	})
}

// templateError gives the first mistake inside a template file, with its place
// there.
func templateError(diags hcl.Diagnostics) error {
	for _, d := range diags {
		if d.Severity == hcl.DiagError && d.Subject != nil {
			return function.NewArgErrorf(0, "%s: %s: %s", problem.Place(*d.Subject), d.Summary, strings.TrimSuffix(d.Detail, "."))
		}
	}
	return function.NewArgErrorf(0, "the template cannot be rendered")
}

// pathArgument words a problem with a path for a function call.
func pathArgument(i int, err error) error {
	if p := new(Problem); errors.As(err, &p) {
		return function.NewArgErrorf(i, "%s", strings.TrimSuffix(p.detail, "."))
	}
	return function.NewArgErrorf(i, "%s", Cause(err))
}
