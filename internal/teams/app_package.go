package teams

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

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

// compareVersions compares MAJOR.MINOR.PATCH numbers. known is false when one
// of them is not of that form.
func compareVersions(a, b string) (order int, known bool) {
	x, okX := versionParts(a)
	y, okY := versionParts(b)
	if !okX || !okY {
		return 0, false
	}
	for i := range x {
		if x[i] != y[i] {
			if x[i] < y[i] {
				return -1, true
			}
			return 1, true
		}
	}
	return 0, true
}

func versionParts(s string) (parts [3]int, ok bool) {
	fields := strings.Split(s, ".")
	if len(fields) > 3 {
		return parts, false
	}
	for i, f := range fields {
		n, err := strconv.Atoi(f)
		if err != nil || n < 0 {
			return parts, false
		}
		parts[i] = n
	}
	return parts, true
}

// nextVersion proposes the version after s.
func nextVersion(s string) string {
	p, ok := versionParts(s)
	if !ok {
		return "a higher one"
	}
	return strconv.Itoa(p[0]) + "." + strconv.Itoa(p[1]) + "." + strconv.Itoa(p[2]+1)
}
