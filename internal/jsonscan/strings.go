package jsonscan

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// StringEnd returns the length of the JSON string that b starts with, with its
// quotes; 0 if there is none.
func StringEnd(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	for at := 1; ; {
		i := bytes.IndexByte(b[at:], '"')
		if i < 0 {
			return 0
		}
		at += i + 1
		slashes := 0
		for at-2-slashes > 0 && b[at-2-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return at
		}
	}
}

// Unquote decodes the text of a JSON string that is known to be valid.
func Unquote(raw []byte) (string, error) {
	if body := raw[1 : len(raw)-1]; bytes.IndexByte(body, '\\') < 0 {
		return string(body), nil
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err
}

// AppendString appends s as a JSON string. Unlike encoding/json it leaves
// <, > and & readable.
func AppendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return appendEscaped(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func appendEscaped(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s { // invalid UTF-8 comes out as U+FFFD
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
