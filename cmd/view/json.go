package view

import (
	"encoding/json"
	"io"
)

// writeJSON prints a document for programs, indented, with "<" and "&" as they
// are.
func writeJSON(w io.Writer, doc any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
