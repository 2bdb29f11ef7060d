package apppackage_test

import (
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
