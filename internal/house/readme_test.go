package house

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	teamsform "github.com/teamsform/teamsform/cmd"
)

var update = flag.Bool("update", false, "rewrite the output that README.md shows")

// shownUntil ends what README.md shows of the plan.
const shownUntil = "\nGroup assignments\n"

// TestReadmePlan keeps the plan that README.md shows real.
func TestReadmePlan(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "examples", "quickstart"))); err != nil {
		t.Fatal(err)
	}
	// What a run in place has left behind is no part of the example.
	if err := os.RemoveAll(filepath.Join(dir, ".teamsform")); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := teamsform.Run(context.Background(), []string{"-C", dir, "plan"}, teamsform.IO{
		In: strings.NewReader(""), Out: &out, Err: &errs,
		LookupEnv: func(string) (string, bool) { return "", false },
		Environ:   func() []string { return nil },
	})
	if code != teamsform.ExitOK {
		t.Fatalf("plan of the quickstart: exit code %d\n%s", code, errs.String())
	}
	want, _, found := strings.Cut(out.String(), shownUntil)
	if !found {
		t.Fatalf("the plan of the quickstart has no group assignments:\n%s", out.String())
	}
	want = strings.TrimSpace(want)
	readme := read(t, "README.md")
	before, rest, ok := strings.Cut(readme, "```text\n")
	shown, after, closed := strings.Cut(rest, "\n```")
	if !ok || !closed {
		t.Fatal("README.md shows no plan")
	}
	diff := cmp.Diff(want, strings.TrimSpace(shown))
	if diff == "" {
		return
	}
	if !*update {
		t.Fatalf("README.md shows another plan; run: go test ./internal/house -run TestReadmePlan -update\n(- real, + README.md)\n%s", diff)
	}
	text := before + "```text\n" + want + "\n```" + after
	if err := os.WriteFile(filepath.Join(root, "README.md"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
