package packageview

import (
	"fmt"
	"io"
	"strings"

	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

// Build says what was built, or why nothing was.
func Build(w io.Writer, s view.Style, path string, v *packages.Built) error {
	var b strings.Builder
	b.WriteString(title(s, path, v.Package) + "\n")
	findings(&b, s, v.Findings)
	if v.Out == "" {
		b.WriteString(verdict(s, v.Findings) + " Nothing was built.\n")
	} else {
		if v.Manifest != "" {
			fmt.Fprintf(&b, "  version      %s -> %s, also in %s\n", v.OldVersion, v.Package.Manifest.Version, v.Manifest)
		} else if v.OldVersion != "" {
			fmt.Fprintf(&b, "  version      %s -> %s\n", v.OldVersion, v.Package.Manifest.Version)
		}
		fmt.Fprintf(&b, "  written      %s (%d bytes, %s)\n", v.Out, v.Bytes, amount(len(v.Package.Files), "file"))
		fmt.Fprintf(&b, "  digest       %s (of the content)\n", v.Package.Digest)
		fmt.Fprintf(&b, "  sha256       %s (of the zip)\n", v.SHA256)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// BuildJSON says the same for programs.
func BuildJSON(w io.Writer, v *packages.Built) error {
	doc := struct {
		Format     string    `json:"format"`
		Built      bool      `json:"built"`
		Path       string    `json:"path"` // "" when nothing was built
		Digest     string    `json:"digest"`
		SHA256     string    `json:"sha256"`
		Bytes      int       `json:"bytes"`
		ManifestID string    `json:"manifest_id"`
		Version    string    `json:"version"`
		OldVersion string    `json:"old_version,omitempty"`
		Findings   []finding `json:"findings"`
	}{Format: format, Built: v.Out != "", Path: v.Out, SHA256: v.SHA256, Bytes: v.Bytes, OldVersion: v.OldVersion, Findings: findingsJSON(v.Findings)}
	if p := v.Package; p != nil {
		doc.Digest, doc.ManifestID, doc.Version = p.Digest, p.Manifest.ID, p.Manifest.Version
	}
	return writeJSON(w, doc)
}
