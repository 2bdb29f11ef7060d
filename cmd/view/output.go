package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/teamsform/teamsform/internal/ops"
)

// Outputs prints the outputs of the last apply.
func Outputs(w io.Writer, values []ops.OutputValue) error {
	var b strings.Builder
	for _, v := range values {
		if v.Sensitive {
			fmt.Fprintf(&b, "%s = (sensitive: not kept in the state)\n", v.Name)
			continue
		}
		fmt.Fprintf(&b, "%s = %s\n", v.Name, indented(v.Value))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Output prints the value of one output.
func Output(w io.Writer, v ops.OutputValue) error {
	_, err := io.WriteString(w, indented(v.Value)+"\n")
	return err
}

// OutputRaw prints a text, number or truth value as it is, without quotes and
// without a line end, for the use in scripts.
func OutputRaw(w io.Writer, v ops.OutputValue) error {
	raw := bytes.TrimSpace(v.Value)
	text := string(raw)
	switch {
	case len(raw) > 0 && raw[0] == '"':
		if err := json.Unmarshal(raw, &text); err != nil {
			return fmt.Errorf("output %s: %w", v.Name, err)
		}
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || text == "null":
		return fmt.Errorf("the output %q is not a single text, number or truth value: --raw cannot print it. Use --json", v.Name)
	}
	_, err := io.WriteString(w, text)
	return err
}

// indented prints JSON on lines, for people.
func indented(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, unescaped(raw), "", "  ") != nil {
		return string(raw)
	}
	return b.String()
}

// unescaped spells out what the state writes as \u003c, \u003e and \u0026.
func unescaped(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return raw
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if d.Decode(&v) != nil || enc.Encode(v) != nil {
		return raw
	}
	return bytes.TrimSpace(b.Bytes())
}

// outputFormat is the version of the JSON of `output --json`.
const outputFormat = "1.0"

// OutputsJSON prints outputs for programs. Sensitive ones have no value.
func OutputsJSON(w io.Writer, values []ops.OutputValue) error {
	type value struct {
		Value     json.RawMessage `json:"value,omitempty"`
		Sensitive bool            `json:"sensitive"`
	}
	doc := struct {
		FormatVersion string           `json:"format_version"`
		Outputs       map[string]value `json:"outputs"`
	}{outputFormat, map[string]value{}}
	for _, v := range values {
		doc.Outputs[v.Name] = value{unescaped(v.Value), v.Sensitive}
	}
	return writeJSON(w, doc)
}
