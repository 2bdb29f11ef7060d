package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	linkPattern = regexp.MustCompile(`\]\(([^)\s]+)(?:\s+"[^"]*")?\)`)
	headPattern = regexp.MustCompile(`(?m)^#{1,6} +(.+)$`)
	codePattern = regexp.MustCompile("(?s)```.*?```")
)

// TestLinks checks that relative links of the documents lead to a file of the
// repository, and to a heading where they name one.
func TestLinks(t *testing.T) {
	found := 0
	for _, name := range files(t) {
		if !strings.HasSuffix(name, ".md") {
			continue
		}
		for _, m := range linkPattern.FindAllStringSubmatch(codePattern.ReplaceAllString(read(t, name), ""), -1) {
			target := m[1]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			found++
			file, anchor, _ := strings.Cut(target, "#")
			to := name
			if file != "" {
				to = path.Join(path.Dir(name), file)
			}
			info, err := os.Stat(filepath.Join(root, filepath.FromSlash(to)))
			if err != nil {
				t.Errorf("%s links to %s, which is not there", name, target)
				continue
			}
			if anchor != "" && (info.IsDir() || !headings(read(t, to))[anchor]) {
				t.Errorf("%s links to %s, and there is no such heading", name, target)
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d links found: is the pattern wrong?", found)
	}
}

// headings gives the anchors that GitHub makes of a document's headings.
func headings(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range headPattern.FindAllStringSubmatch(codePattern.ReplaceAllString(text, ""), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z':
				return r
			}
			return -1
		}, strings.ToLower(strings.TrimSpace(m[1])))
		out[anchor] = true
	}
	return out
}

// TestExitCodes compares the table of docs/cli.md with the constants.
func TestExitCodes(t *testing.T) {
	var inCode []string
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "cmd", "exit.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "ExitCode" && len(spec.Values) == 1 {
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				inCode = append(inCode, lit.Value)
			}
		}
		return true
	})
	_, section, ok := strings.Cut(read(t, "docs/cli.md"), "\n## Exit codes\n")
	if !ok {
		t.Fatal("docs/cli.md has no section on exit codes")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var inDocs []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\d+)` \\|").FindAllStringSubmatch(section, -1) {
		inDocs = append(inDocs, m[1])
	}
	for _, code := range inCode {
		page, index := read(t, "docs/exit-codes/"+code+".md"), read(t, "docs/exit-codes/README.md")
		if !strings.HasPrefix(page, "# Exit code "+code+"\n") || !strings.Contains(page, "**What to do**") {
			t.Errorf("docs/exit-codes/%s.md does not say what the code is and what to do", code)
		}
		if !strings.Contains(index, "| [`"+code+"`]("+code+".md) |") {
			t.Errorf("docs/exit-codes/README.md does not list %s", code)
		}
	}
	if diff := cmp.Diff(inCode, inDocs); diff != "" || len(inCode) == 0 {
		t.Errorf("exit codes (- cmd/exit.go, + docs/cli.md):\n%s", diff)
	}
}

// TestLaterBlocks compares what docs/language.md says is not there yet with
// what the program refuses as not there yet.
func TestLaterBlocks(t *testing.T) {
	m := regexp.MustCompile(`(?s)func laterTypes\(\) \[\]string \{.*?\{(.*?)\}`).FindStringSubmatch(read(t, "config/toplevel.go"))
	if m == nil {
		t.Fatal("config/toplevel.go has no laterTypes")
	}
	_, section, _ := strings.Cut(read(t, "docs/language.md"), "\n## What is not there yet\n")
	want := regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(m[1], -1)
	for _, w := range want {
		if !strings.Contains(section, "`"+w[1]+"`") {
			t.Errorf("docs/language.md does not say that %s is not there yet", w[1])
		}
	}
	if got := strings.Count(section, "`") / 2; got != len(want) {
		t.Errorf("docs/language.md names %d blocks that are not there yet, the program %d", got, len(want))
	}
}

// actions are the actions that workflows may use, with the version that is
// pinned. A new one, or another version, is a decision of its own.
var actions = map[string]string{
	"actions/checkout": "v4",
	"actions/setup-go": "v5",
}

// TestActions checks that every action is one of these at its version.
func TestActions(t *testing.T) {
	uses := regexp.MustCompile(`(?m)^\s*(?:-\s*)?uses:\s*(\S+)`)
	found := 0
	for _, name := range files(t) {
		if !strings.HasPrefix(name, ".github/") || !strings.HasSuffix(name, ".yml") {
			continue
		}
		for _, m := range uses.FindAllStringSubmatch(read(t, name), -1) {
			if strings.HasPrefix(m[1], "./") {
				continue
			}
			found++
			action, version, _ := strings.Cut(m[1], "@")
			if want, ok := actions[action]; !ok || version != want {
				t.Errorf("%s uses %s; the pinned version of %s is %q", name, m[1], action, want)
			}
		}
	}
	if found == 0 {
		t.Error("no workflow uses an action: is the pattern wrong?")
	}
}

// TestDocumentsExist checks that what every reader looks for is there.
func TestDocumentsExist(t *testing.T) {
	for _, name := range []string{
		"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "NOTICE", "LICENSE",
		"docs/getting-started.md", "docs/concepts.md", "docs/cli.md", "docs/language.md", "docs/not-verified.md",
		"docs/reference/README.md", "examples/README.md",
	} {
		if strings.TrimSpace(read(t, name)) == "" {
			t.Errorf("%s is empty", name)
		}
	}
	for _, name := range files(t) {
		if rest, ok := strings.CutPrefix(name, "examples/"); ok {
			if dir, _, nested := strings.Cut(rest, "/"); nested {
				if _, err := os.Stat(filepath.Join(root, "examples", dir, "README.md")); err != nil {
					t.Errorf("examples/%s has no README.md", dir)
				}
			}
		}
	}
}
