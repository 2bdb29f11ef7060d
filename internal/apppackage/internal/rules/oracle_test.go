package rules_test

import (
	"bufio"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
	"github.com/teamsform/teamsform/internal/apppackage/internal/rules"
)

// shared returns the path of background data that lies beside the repository,
// and skips the test where there is none.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "..", "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		if slices.Contains(strings.Split(os.Getenv("TEAMSFORM_REQUIRE"), ","), "data") {
			t.Fatal(err)
		}
		t.Skipf("needs the background data ../shared/%s beside the repository", name)
	}
	return path
}

func load(t testing.TB) *rules.Table {
	t.Helper()
	table, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// records reads a table of tab-separated values into one map per line.
func records(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []map[string]string
	var head []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if head == nil {
			head = fields
			continue
		}
		record := map[string]string{}
		for i, name := range head {
			record[name] = fields[i]
		}
		out = append(out, record)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// Verdict and every single violation agree with those that Microsoft's own
// choice of validator found on real manifests.
func TestOracle(t *testing.T) {
	for _, name := range []string{"manifests", "manifests-filled"} {
		t.Run(name, func(t *testing.T) {
			dir := shared(t, name)
			want := map[string]map[string]bool{}
			for _, r := range records(t, filepath.Join(dir, "oracle-errors.tsv")) {
				if want[r["file"]] == nil {
					want[r["file"]] = map[string]bool{}
				}
				want[r["file"]][r["keyword"]+" "+r["instance_path"]] = true
			}
			table, judged := load(t), 0
			for _, r := range records(t, filepath.Join(dir, "oracle.tsv")) {
				judged += judge(t, table, dir, r, want[r["file"]])
			}
			if judged < 200 {
				t.Errorf("only %d manifests judged", judged)
			}
		})
	}
}

func judge(t *testing.T, table *rules.Table, dir string, r map[string]string, want map[string]bool) int {
	text, err := os.ReadFile(filepath.Join(dir, r["file"]))
	if err != nil {
		t.Fatal(err)
	}
	root, err := jsondoc.Parse(text)
	var syntax *jsondoc.SyntaxError
	if errors.As(err, &syntax) && (syntax.Reason == jsondoc.DuplicateKey || syntax.Reason == jsondoc.Encoding) {
		return 0 // we refuse what the oracle's reader took: the last of two keys, UTF-16
	}
	if (err != nil) != (r["schema_used"] == "-") {
		t.Errorf("%s: %v, oracle used schema %s", r["file"], err, r["schema_used"])
	}
	if err != nil || r["schema_used"] == "none" {
		return 0
	}
	version := strings.TrimPrefix(r["schema_used"], "v")
	if version == "DevPreview" {
		version = rules.DevPreview
	}
	found, err := table.Check(rules.Manifest, version, root)
	if err != nil {
		t.Fatal(err)
	}
	if valid := r["valid"] == "yes"; valid != (len(found) == 0) {
		t.Errorf("%s: oracle says valid %t, found %v", r["file"], valid, found)
	}
	got := map[string]bool{}
	for _, v := range found {
		path := v.Path
		if path == "" {
			path = "/"
		}
		got[v.Keyword+" "+path] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("%s (-oracle +found):\n%s", r["file"], diff)
	}
	return 1
}
