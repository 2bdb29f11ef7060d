package apppackage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// BumpParts returns the parts of a version that can be raised.
func BumpParts() []string { return []string{"major", "minor", "patch"} }

// Bump raises a part of a version and sets what follows it to 0. Numbers may be
// of any length; missing parts count as 0, and parts after the third are
// dropped. It is "" when the version is none, or the part not one of BumpParts.
func Bump(version, part string) string {
	if !dottedNumbers.MatchString(version) || len(version) > 256 {
		return ""
	}
	numbers := [3]*big.Int{new(big.Int), new(big.Int), new(big.Int)}
	for i, text := range strings.Split(version, ".") {
		if i < 3 {
			numbers[i].SetString(text, 10)
		}
	}
	raised := false
	for i, name := range BumpParts() {
		switch {
		case name == part:
			numbers[i].Add(numbers[i], big.NewInt(1))
			raised = true
		case raised:
			numbers[i].SetInt64(0)
		}
	}
	if !raised {
		return ""
	}
	return fmt.Sprintf("%s.%s.%s", numbers[0], numbers[1], numbers[2])
}

// NextVersion is the version to propose for an update of the given one, "" when
// that is no version.
func NextVersion(version string) string { return Bump(version, "patch") }

// SetVersion returns the text of a manifest with another version, and leaves
// everything else as it stands. An error is an *Error: the text is no manifest,
// or its version is missing or comes from a placeholder.
func SetVersion(manifest []byte, version string) ([]byte, error) {
	root, problems, problem := readManifest(manifest)
	switch {
	case problem != nil:
		return nil, problem
	case len(problems) > 0:
		return nil, problems[0]
	}
	n := root.Get("version")
	fail := func(message, remedy string) error {
		pos := n.Place()
		return &Error{Code: "VersionCannotBeEmpty", File: manifestName, Line: pos.Line, Column: pos.Column, Message: message, Remedy: remedy}
	}
	if n == nil || n.Kind != jsondoc.String {
		return nil, fail(`"version" is no text`, `write one such as "1.0.0"`)
	}
	if placeholder.MatchString(n.Text) {
		return nil, fail(fmt.Sprintf(`"version" is %.80q, which a value fills in`, n.Text), "raise that value")
	}
	at := offset(manifest, n.Pos)
	before := manifest[at:]
	end := at + 1 + bytes.IndexByte(before[1:], '"') + 1
	if !json.Valid(manifest[at:end]) {
		return nil, fail(`"version" has an escape in it`, "write it in plain digits and dots")
	}
	quoted, err := json.Marshal(version)
	if err != nil {
		return nil, fmt.Errorf("write version %q: %w", version, err)
	}
	return append(append(bytes.Clone(manifest[:at]), quoted...), manifest[end:]...), nil
}

// offset finds the byte of a place; columns count characters.
func offset(text []byte, pos jsondoc.Pos) int {
	at := len(text) - len(jsondoc.TrimBOM(text))
	for line := 1; line < pos.Line; line++ {
		at += bytes.IndexByte(text[at:], '\n') + 1
	}
	for i := range string(text[at:]) {
		if pos.Column--; pos.Column == 0 {
			return at + i
		}
	}
	return at
}
