package apppackage_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/teamsform/teamsform/internal/apppackage"
)

func BenchmarkValidateManifest(b *testing.B) {
	raw := fixture(b, "bot")["manifest.json"].Data
	b.ReportAllocs()
	for b.Loop() {
		apppackage.ValidateManifest(raw, apppackage.ValidateOptions{})
	}
}

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := apppackage.Open(examplePath, apppackage.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// All real manifests once, reading included, each by all rules that a manifest
// alone can break. tools/ajv measures the same files with the validator of
// Microsoft's tools.
func BenchmarkManifestsFilled(b *testing.B) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "manifests-filled", "*", "*.json"))
	if err != nil || len(paths) == 0 {
		b.Skip("needs the background data ../shared/manifests-filled beside the repository")
	}
	b.ReportMetric(float64(len(paths)), "files")
	for b.Loop() {
		for _, path := range paths {
			raw, err := os.ReadFile(path)
			if err != nil {
				b.Fatal(err)
			}
			apppackage.ValidateManifest(raw, apppackage.ValidateOptions{})
		}
	}
}
