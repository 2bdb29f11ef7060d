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

func indented(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return string(raw)
	}
	return b.String()
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
		doc.Outputs[v.Name] = value{v.Value, v.Sensitive}
	}
	return writeJSON(w, doc)
}
