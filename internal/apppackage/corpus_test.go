package apppackage_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/apppackage"
)

// shared returns the path of background data that lies beside the repository,
// and skips the test where there is none.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		if slices.Contains(strings.Split(os.Getenv("TEAMSFORM_REQUIRE"), ","), "data") {
			t.Fatal(err)
		}
		t.Skipf("needs the background data ../shared/%s beside the repository", name)
	}
	return path
}

// Real packages read, in folder and zip alike.
func TestRealPackagesRead(t *testing.T) {
	root := shared(t, "packages")
	want := map[string][]string{ // codes of problems
		"champion-management":             nil,
		"consulting-bot":                  nil,
		"http-status-cats":                nil,
		"office-visibility-addin":         nil,
		"remotesupport-enduser-localized": nil,
		"tab-activity-feed":               nil,
		"tfl-status-bot":                  nil,
		"wfm-shifts-connector":            nil,
		"xbox-game-master-agent":          nil,
	}
	for name, expected := range want {
		p, err := apppackage.Open(filepath.Join(root, name), apppackage.Options{})
		if diff := cmp.Diff(expected, codes(err)); diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		if err != nil {
			continue
		}
		data, err := p.Zip()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := apppackage.Read(data); err != nil || back.Digest != p.Digest {
			t.Errorf("%s: zip differs from folder (%v)", name, err)
		}
	}
}

// The verdict of the schema layer on every real manifest, as the file lies
// there, is that of Microsoft's own choice of validator, without exception. So
// are the keywords and places of all errors, with one class of difference: of a
// text that is no JSON the other validator says nothing but that, and we say
// where.
func TestSchemaVerdicts(t *testing.T) {
	for _, set := range []string{"manifests", "manifests-filled"} {
		dir := shared(t, set)
		errors := map[string]map[string]bool{} // file -> "keyword path"
		for _, fields := range rows(t, filepath.Join(dir, "oracle-errors.tsv")) {
			if errors[fields[0]] == nil {
				errors[fields[0]] = map[string]bool{}
			}
			errors[fields[0]][fields[1]+" "+fields[2]] = true
		}
		judged, valid, noJSON := 0, 0, 0
		for _, fields := range rows(t, filepath.Join(dir, "oracle.tsv")) {
			file := fields[0]
			raw, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			broken, found := false, map[string]bool{}
			for _, f := range apppackage.ValidateManifest(raw, apppackage.ValidateOptions{}) {
				if f.Layer != apppackage.LayerSchema {
					continue
				}
				broken = true
				if f.Keyword != "" {
					path := f.Path
					if path == "" {
						path = "/"
					}
					found[f.Keyword+" "+path] = true
				}
			}
			judged++
			if fields[4] == "yes" {
				valid++
			}
			if broken == (fields[4] == "yes") {
				t.Errorf("%s/%s: valid %s by the oracle, broken %t by us", set, file, fields[4], broken)
			}
			if fields[2] == "-" {
				noJSON++
				continue
			}
			if diff := cmp.Diff(slices.Sorted(maps.Keys(errors[file])), slices.Sorted(maps.Keys(found))); diff != "" {
				t.Errorf("%s/%s (-oracle +found):\n%s", set, file, diff)
			}
		}
		if judged < 200 || valid < 20 || noJSON > 5 {
			t.Errorf("%s: %d judged, %d valid, %d no JSON", set, judged, valid, noJSON)
		}
	}
}

// rows reads a table of tab-separated values without its heading.
func rows(t *testing.T, path string) [][]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for line := range strings.Lines(string(text)) {
		out = append(out, strings.Split(strings.TrimRight(line, "\r\n"), "\t"))
	}
	return out[1:]
}
