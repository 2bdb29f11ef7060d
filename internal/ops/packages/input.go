package packages

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/apppackage/envfile"
	"github.com/teamsform/teamsform/internal/diag"
)

// Input says which package is meant, what fills its placeholders, and which
// rules count.
type Input struct {
	Path     string   // a folder, a .zip, or a manifest.json
	Values   []string // NAME=VALUE, stronger than files
	EnvFiles []string // files of NAME=VALUE lines, later ones stronger
	Env      string   // name of an environment of the Agents Toolkit: env/.env.NAME near the package
	Rules    []string // ID=off|warning|error
}

// options reads what the input says beside its path.
func (in Input) options() (apppackage.Options, apppackage.ValidateOptions, hcl.Diagnostics) {
	values, diags := in.values()
	severities, more := Severities(in.Rules)
	return apppackage.Options{Values: values}, apppackage.ValidateOptions{Severity: severities}, append(diags, more...)
}

// values collects the values of placeholders, weakest first.
func (in Input) values() (map[string]string, hcl.Diagnostics) {
	values := map[string]string{}
	var diags hcl.Diagnostics
	files := in.EnvFiles
	if in.Env != "" {
		found := environmentFiles(in.Path, in.Env)
		if len(found) == 0 {
			diags = append(diags, diag.Error(nil, "Environment not found", "There is no file env/.env.%s in the folder of the package or in the two above it. Name the file by --env-file.", in.Env))
		}
		files = append(found, files...)
	}
	for _, name := range files {
		diags = append(diags, readValues(name, values)...)
	}
	for _, pair := range in.Values {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			diags = append(diags, diag.Error(nil, "Invalid placeholder value", "%q is no value of a placeholder. Write --value NAME=VALUE.", pair))
			continue
		}
		values[name] = value
	}
	return values, diags
}

// environmentFiles finds the files of an environment where the Agents Toolkit
// keeps them: in the folder env of the project, which is beside the folder of
// the package. What only one person should have is in a second file.
func environmentFiles(path, env string) []string {
	dir := path
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		dir = filepath.Dir(path)
	}
	for range 3 {
		shared := filepath.Join(dir, "env", ".env."+env)
		if _, err := os.Stat(shared); err == nil {
			if own := shared + ".user"; exists(own) {
				return []string{shared, own}
			}
			return []string{shared}
		}
		dir = filepath.Join(dir, "..")
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func readValues(name string, into map[string]string) hcl.Diagnostics {
	text, err := os.ReadFile(name)
	if err != nil {
		return diag.FromError("File of values cannot be read", err)
	}
	values, err := envfile.Parse(text)
	var wrong *envfile.Error
	if errors.As(err, &wrong) {
		pos := hcl.Pos{Line: max(wrong.Line, 1), Column: 1}
		return hcl.Diagnostics{diag.Error(&hcl.Range{Filename: name, Start: pos, End: pos}, "Invalid file of values", "%s.", wrong.Message)}
	}
	for k, v := range values {
		into[k] = v
	}
	return nil
}

// Severities reads ID=off|warning|error.
func Severities(rules []string) (map[string]apppackage.Severity, hcl.Diagnostics) {
	out := map[string]apppackage.Severity{}
	var diags hcl.Diagnostics
	for _, rule := range rules {
		id, severity, ok := strings.Cut(rule, "=")
		switch s := apppackage.Severity(severity); {
		case !ok || !slices.Contains(apppackage.Severities(), s):
			diags = append(diags, diag.Error(nil, "Invalid rule", "%q changes no rule. Write --rule ID=off, ID=warning or ID=error.", rule))
		case !apppackage.KnownRule(id):
			diags = append(diags, diag.Error(nil, "Unknown rule", "%s%s", apppackage.NoSuchRule(id), diag.DidYouMean(id, apppackage.RuleIDs())))
		default:
			out[id] = s
		}
	}
	return out, diags
}

// unused warns of values that were given one by one and fill nothing. Those of
// files are for other things too.
func (in Input) unused(p *apppackage.Package) hcl.Diagnostics {
	var diags hcl.Diagnostics
	if p == nil {
		return nil
	}
	for _, pair := range in.Values {
		if name, _, _ := strings.Cut(pair, "="); slices.Contains(p.UnusedValues, name) {
			diags = append(diags, diag.Warning(nil, "Unused value", "The package has no placeholder ${{%s}}. Leave the value out, or correct its name.", name))
		}
	}
	return diags
}
