package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/teamsform/teamsform/config"
)

func env(pairs ...string) func(*config.Options) {
	return func(o *config.Options) {
		o.LookupEnv = func(name string) (string, bool) {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1], true
				}
			}
			return "", false
		}
	}
}

func vars(v ...string) func(*config.Options) {
	return func(o *config.Options) { o.Vars = append(o.Vars, v...) }
}

// varFiles names files inside the folder.
func varFiles(names ...string) func(*config.Options) {
	return func(o *config.Options) {
		for _, n := range names {
			o.VarFiles = append(o.VarFiles, filepath.Join(o.Dir, n))
		}
	}
}

// TestPrecedence adds one stronger source after another.
func TestPrecedence(t *testing.T) {
	const main = "-- main.teams.hcl --\nvariable \"v\" { default = \"default\" }\noutput \"o\" { value = var.v }\n"
	const auto = "-- b.auto.teamsvars.hcl --\nv = \"auto b\"\n-- a.auto.teamsvars.hcl --\nv = \"auto a\"\n"
	const files = "-- one.teamsvars.hcl --\nv = \"file one\"\n-- two.teamsvars.hcl --\nv = \"file two\"\n"
	environment := env("TEAMSFORM_VAR_v", "environment")
	tests := []struct {
		name    string
		archive string
		options []func(*config.Options)
		want    string
		source  string
	}{
		{"default", main, nil, "default", "default"},
		{"files that are not named do not count", main + files, nil, "default", "default"},
		{"environment", main, []func(*config.Options){environment}, "environment", "environment"},
		{"auto file by name", main + auto, []func(*config.Options){environment}, "auto b", "b.auto.teamsvars.hcl"},
		{"named file", main + auto + files, []func(*config.Options){environment, varFiles("two.teamsvars.hcl", "one.teamsvars.hcl")}, "file one", "one.teamsvars.hcl"},
		{"flag", main + auto + files, []func(*config.Options){environment, varFiles("one.teamsvars.hcl"), vars("v=flag one", "v=flag two")}, "flag two", "--var"},
		{"empty flag", main, []func(*config.Options){vars("v=")}, "", "--var"},
		{"flag with equal signs", main, []func(*config.Options){vars("v=a=b=c")}, "a=b=c", "--var"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := mustLoad(t, tt.archive, tt.options...)
			want(t, "value", outputs(t, c)["o"], `"`+tt.want+`"`)
			want(t, "source", c.Variables[0].Source, tt.source)
		})
	}
}

// TestEnvironList is the environment as os.Environ gives it.
func TestEnvironList(t *testing.T) {
	c := mustLoad(t, one("variable \"v\" {}\noutput \"o\" { value = var.v }"), func(o *config.Options) {
		o.Environ = func() []string { return []string{"=C:=x", "V=no", "TEAMSFORM_VAR_v=a=b", "TEAMSFORM_VAR_unknown=1"} }
	})
	want(t, "value", outputs(t, c)["o"], `"a=b"`)
}

// TestVariableTypes: text is taken as it is where the type is text, and read
// as an expression elsewhere.
func TestVariableTypes(t *testing.T) {
	tests := []struct{ ty, text, want string }{
		{"string", `["a"]`, `"[\"a\"]"`},
		{"string", `null`, `"null"`},
		{"", `["a"]`, `"[\"a\"]"`},
		{"any", `["a"]`, `["a"]`},
		{"number", `4.5`, `4.5`},
		{"bool", `true`, `true`},
		{"list(string)", `["a", 1]`, `["a","1"]`},
		{"set(string)", `["b", "a", "b"]`, `["a","b"]`},
		{"map(number)", `{ a = 1 }`, `{"a":1}`},
		{"tuple([string, number])", `["a", 1]`, `["a",1]`},
		{"object({ a = string, b = optional(number, 3), c = optional(string) })", `{ a = "x" }`, `{"a":"x","b":3,"c":null}`},
		{"list(object({ n = optional(string, \"d\") }))", `[{}]`, `[{"n":"d"}]`},
		{"number", `null`, `null`},
	}
	for _, tt := range tests {
		t.Run(tt.ty+" "+tt.text, func(t *testing.T) {
			line := ""
			if tt.ty != "" {
				line = "type = " + tt.ty
			}
			source := one("variable \"v\" {\n" + line + "\n}\noutput \"o\" { value = var.v }")
			for from, option := range map[string]func(*config.Options){"flag": vars("v=" + tt.text), "environment": env("TEAMSFORM_VAR_v", tt.text)} {
				want(t, from, outputs(t, mustLoad(t, source, option))["o"], tt.want)
			}
		})
	}
}

func TestNullable(t *testing.T) {
	const source = "variable \"v\" {\n nullable = %s\n type = number\n default = 5\n}\noutput \"o\" { value = var.v }"
	for nullable, expect := range map[string]string{"true": "null", "false": "5"} {
		c := mustLoad(t, one(sprintf(source, nullable)), vars("v=null"))
		want(t, "nullable = "+nullable, outputs(t, c)["o"], expect)
	}
}

// TestValidationSeesOtherVariables lets one variable limit another.
func TestValidationSeesOtherVariables(t *testing.T) {
	source := one(`
variable "low" { default = 1 }
variable "high" {
  type = number
  validation {
    condition     = var.high > var.low
    error_message = "high must exceed ${var.low}"
  }
}`)
	mustLoad(t, source, vars("high=2"))
	_, diags := load(t, source, vars("high=1"))
	want(t, "message", render(diags), "error: Value refused by validation (main.teams.hcl:6,21-6,39)\n    high must exceed 1\n\n    This is checked for what is declared at main.teams.hcl:3.\n")
}

// TestVarFileOutsideTheFolder may lie anywhere, because a person names it.
func TestVarFileOutsideTheFolder(t *testing.T) {
	dir := folder(t, "-- shared.teamsvars.hcl --\nv = \"shared\"\n-- inner/main.teams.hcl --\nvariable \"v\" {}\noutput \"o\" { value = var.v }\n")
	c, diags := config.Load(t.Context(), config.Options{Dir: filepath.Join(dir, "inner"), VarFiles: []string{filepath.Join(dir, "shared.teamsvars.hcl")}})
	if diags.HasErrors() {
		t.Fatal(render(diags))
	}
	want(t, "value", outputs(t, c)["o"], `"shared"`)
	want(t, "source", c.Variables[0].Source, "../shared.teamsvars.hcl")
	want(t, "file", c.Files[0].Path, "../shared.teamsvars.hcl")
}

// TestVarFileIsRelativeToTheWorkingDirectory, not to the folder: it stands on
// the command line.
func TestVarFileIsRelativeToTheWorkingDirectory(t *testing.T) {
	dir := folder(t, "-- v.teamsvars.hcl --\nv = \"right\"\n-- inner/v.teamsvars.hcl --\nv = \"wrong\"\n-- inner/main.teams.hcl --\nvariable \"v\" {}\noutput \"o\" { value = var.v }\n")
	t.Chdir(dir)
	c, diags := config.Load(t.Context(), config.Options{Dir: "inner", VarFiles: []string{"v.teamsvars.hcl"}})
	if diags.HasErrors() {
		t.Fatal(render(diags))
	}
	want(t, "value", outputs(t, c)["o"], `"right"`)
}

// TestFilesThatDoNotCount: hidden files, folders and other endings.
func TestFilesThatDoNotCount(t *testing.T) {
	dir := folder(t, one(`output "o" { value = 1 }`)+"-- .hidden.teams.hcl --\nbroken {\n-- old.teams.hcl.bak --\nbroken {\n-- sub/x.teams.hcl --\nbroken {\n-- .x.auto.teamsvars.hcl --\nv = 1\n")
	if err := os.Mkdir(filepath.Join(dir, "folder.teams.hcl"), 0o755); err != nil {
		t.Fatal(err)
	}
	c, diags := config.Load(t.Context(), config.Options{Dir: dir})
	if len(diags) > 0 {
		t.Fatal(render(diags))
	}
	want(t, "files", len(c.Files), 1)
}
