package httpx

import (
	"encoding/json"
	"strings"
	"unicode"
)

// maxText bounds how many bytes are kept of one text out of an error body.
const maxText = 2000

// Text is a string in an error's body. It tolerates other JSON in its place (numbers and booleans are kept as they
// are written, the rest is empty) and holds nothing that a terminal would obey.
type Text string

// UnmarshalJSON never fails on valid JSON.
func (t *Text) UnmarshalJSON(raw []byte) error {
	var s string
	switch {
	case json.Unmarshal(raw, &s) == nil: // null leaves s empty
	case len(raw) > 0 && (raw[0] == '{' || raw[0] == '['):
	default:
		s = string(raw)
	}
	*t = Text(Plain(s))
	return nil
}

// Plain makes s fit for one line of a terminal: at most maxText bytes, no control or formatting characters, runs of
// blanks as one.
func Plain(s string) string {
	cut := len(s) > maxText
	if cut {
		s = s[:maxText]
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	if cut {
		s += "..."
	}
	return s
}

// IsObject reports whether raw is a JSON object, as far as its first byte tells.
func IsObject(raw json.RawMessage) bool {
	for _, b := range raw {
		switch b {
		case ' ', '\t', '\r', '\n':
		default:
			return b == '{'
		}
	}
	return false
}
