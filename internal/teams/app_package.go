package teams

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
)

func pathProblem(in schema.DeriveInput, err error) hcl.Diagnostics {
	var diags hcl.Diagnostics
	if errors.As(err, &diags) {
		return diags
	}
	rng := in.Ranges["package"]
	return hcl.Diagnostics{diag.Error(&rng, "Package not found", "%s", err)}
}

// packageProblems turns each problem of a package into a diagnostic at the
// attribute that names the package.
func packageProblems(in schema.DeriveInput, err error) hcl.Diagnostics {
	rng := in.Ranges["package"]
	var problems apppackage.Problems
	if !errors.As(err, &problems) {
		var one *apppackage.Error
		if !errors.As(err, &one) {
			return hcl.Diagnostics{diag.Error(&rng, "Package cannot be read", "%s", err)}
		}
		problems = apppackage.Problems{one}
	}
	var diags hcl.Diagnostics
	for _, p := range problems {
		diags = append(diags, diag.WithAddress(diag.Error(&rng, "Invalid app package", "%s", p.Error()), in.Addr.String()))
	}
	return diags
}

// packageWarnings reports what is odd about a package that can be used.
func packageWarnings(in schema.DeriveInput, pkg *apppackage.Package) hcl.Diagnostics {
	rng := in.Ranges["package"]
	var diags hcl.Diagnostics
	for _, name := range pkg.UnusedValues {
		at := rng
		if r, ok := in.Ranges["values"]; ok {
			at = r
		}
		diags = append(diags, diag.Warning(&at, "Unused value", "The package has no placeholder ${{%s}}. Remove the value, or correct its name.", name))
	}
	return diags
}

// packageFiles lists the files a package was read from.
func packageFiles(path string, pkg *apppackage.Package) []string {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return []string{path}
	}
	var files []string
	for _, f := range pkg.Files {
		files = append(files, filepath.Join(path, filepath.FromSlash(f.Name)))
	}
	return files
}

func textValues(v any) map[string]string {
	m, _ := v.(map[string]any)
	out := map[string]string{}
	for name, value := range m {
		out[name], _ = value.(string)
	}
	return out
}
