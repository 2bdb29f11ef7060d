package docgen_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/teams"
)

// hclBlocks gives the blocks of configuration that a page shows.
func hclBlocks(t *testing.T, page string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	var out []string
	for _, m := range regexp.MustCompile("(?s)```hcl\n(.*?)```").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	if len(out) == 0 {
		t.Fatalf("docs/%s shows no configuration", page)
	}
	return out
}

// write writes a file below dir.
func write(t *testing.T, text string, path ...string) {
	t.Helper()
	name := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestPagesLoad loads what the pages written by hand show, all blocks of a page
// together.
func TestPagesLoad(t *testing.T) {
	for page, rest := range map[string]string{
		"getting-started.md": ``,
		"language.md": `
app "helpdesk" { package = "packages/helpdesk" }
setup_policy "kiosk" { name = "Kiosk" }
`,
	} {
		t.Run(page, func(t *testing.T) {
			dir := beside(t, strings.Join(hclBlocks(t, page), "\n")+rest)
			write(t, `{"tenant": {"name": "X"}}`, dir, "people.json")
			write(t, "upn\nana@contoso.example\n", dir, "testers.csv")
			write(t, `
variable "name" { type = string }
setup_policy "base" { name = "Base ${var.name}" }
output "policy_name" { value = setup_policy.base.name }
`, dir, "baseline", "main.teams.hcl")
			// A module may lie outside of the folder; here it lies inside, so that
			// the test keeps to its own.
			name := filepath.Join(dir, "example.teams.hcl")
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			write(t, strings.ReplaceAll(string(text), `"../baseline"`, `"baseline"`), name)
			_, diags := config.Load(context.Background(), config.Options{Dir: dir, Kinds: teams.Kinds(), Tool: "0.1.0"})
			for _, d := range diags {
				t.Error(d)
			}
		})
	}
}
