package apppackage_test

import (
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

// The schema layer's verdict on every real manifest is that of Microsoft's own
// choice of validator, the version being found the same way. The rules package
// compares the violations one by one.
func TestSchemaVerdicts(t *testing.T) {
	for _, set := range []string{"manifests", "manifests-filled"} {
		dir := shared(t, set)
		text, err := os.ReadFile(filepath.Join(dir, "oracle.tsv"))
		if err != nil {
			t.Fatal(err)
		}
		explained := map[string]int{}
		judged := 0
		for line := range strings.Lines(string(text)) {
			fields := strings.Split(line, "\t")
			if fields[0] == "file" {
				continue
			}
			file, valid := fields[0], fields[4] == "yes"
			raw, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			broken := false
			for _, f := range apppackage.ValidateManifest(raw, apppackage.ValidateOptions{}) {
				switch f.Rule {
				case "DuplicateKey", "NotUtf8": // refused by us before any schema
					explained[f.Rule]++
					broken = !valid
				case "Serialization_FileNotValidJson", "Serialization_TrailingCommaInManifestJsonFile":
					broken = true
				}
				if f.Layer == apppackage.LayerSchema {
					broken = true
				}
			}
			judged++
			if broken == valid {
				t.Errorf("%s/%s: valid %t by the oracle, %t by us", set, file, valid, !broken)
			}
		}
		if judged < 200 || explained["DuplicateKey"] > 2 || explained["NotUtf8"] > 1 {
			t.Errorf("%s: %d judged, explained %v", set, judged, explained)
		}
	}
}
