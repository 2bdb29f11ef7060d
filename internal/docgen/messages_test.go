package docgen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/config"
)

// TestMessagesAreComplete compares the tables of the page of diagnostics with
// the summaries in the sources.
func TestMessagesAreComplete(t *testing.T) {
	documented := map[string]bool{}
	for _, m := range messages() {
		if documented[m.summary] {
			t.Errorf("%q stands twice in the table", m.summary)
		}
		documented[m.summary] = true
		if !strings.HasSuffix(m.when, ".") || !strings.HasSuffix(m.remedy, ".") {
			t.Errorf("%q: sentences end in a full stop", m.summary)
		}
	}
	said := summaries(t, "engine", "engine/applying", "engine/planfile", "internal/teams", "internal/ops", "internal/ops/packages", "internal/ops/blocking", "internal/snapshot", "internal/folder", "internal/assess", "cmd", "internal/schema")
	for s, place := range said {
		if !documented[s] && !ofConfig(s) {
			t.Errorf("%s: %q stands in no table", place, s)
		}
	}
	for s := range documented {
		if said[s] == "" {
			t.Errorf("%q stands in the table, and nothing says it", s)
		}
	}
}

func ofConfig(summary string) bool {
	return slices.ContainsFunc(config.Diagnostics(), func(d config.DiagnosticDoc) bool { return d.Summary == summary })
}

// summaries finds the fixed first lines of messages: the texts given to the
// functions that make diagnostics, and the Summary of a schema.Problem.
func summaries(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	fset := token.NewFileSet()
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", dir, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if lit := summaryOf(n); lit != nil {
					s, _ := strconv.Unquote(lit.Value)
					found[s] = fset.Position(lit.Pos()).String()
				}
				return true
			})
		}
	}
	return found
}

// summaryOf returns the summary that a node gives as a text, or nil.
func summaryOf(n ast.Node) *ast.BasicLit {
	text := func(e ast.Expr) *ast.BasicLit {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			return lit
		}
		return nil
	}
	switch n := n.(type) {
	case *ast.ValueSpec:
		if len(n.Values) == 1 && strings.HasPrefix(n.Names[0].Name, "Summary") {
			return text(n.Values[0])
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Summary" {
			return text(n.Value)
		}
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		switch {
		case (sel.Sel.Name == "Error" || sel.Sel.Name == "Warning") && len(n.Args) >= 3:
			return text(n.Args[1])
		case (sel.Sel.Name == "FromError" || sel.Sel.Name == "fail" || sel.Sel.Name == "Fail" || sel.Sel.Name == "importError") && len(n.Args) >= 2:
			return text(n.Args[0])
		}
	}
	return nil
}
