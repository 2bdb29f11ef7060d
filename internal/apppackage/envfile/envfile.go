package envfile

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxBytes bounds a file of values; real ones have a few dozen lines.
const maxBytes = 1 << 20

// Error is a line that is no assignment.
type Error struct {
	Line    int // from 1; 0 for the file as a whole
	Message string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}

// assignment is NAME=VALUE, "export" allowed before it.
var assignment = regexp.MustCompile(`^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$`)

// Parse returns the values of a file. Empty lines and lines that begin with #
// do not count. A value may stand in single, double or back quotes; \n, \r, \t,
// \\ and \" are understood in double quotes only. Without quotes a " #" begins
// a comment. A name that is set again has its last value. An error is an *Error.
//
// Values that begin with "crypto_" are encrypted by the toolkit and can be read
// by it alone: they are an error, because a package with such a value in it is
// of no use.
func Parse(text []byte) (map[string]string, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if len(text) > maxBytes {
		return nil, &Error{0, fmt.Sprintf("the file is larger than %d bytes", maxBytes)}
	}
	if !utf8.Valid(text) {
		return nil, &Error{0, "the file is not UTF-8"}
	}
	out := map[string]string{}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		m := assignment.FindStringSubmatch(line)
		if m == nil {
			return nil, &Error{n, fmt.Sprintf("%.40q is no assignment; write NAME=VALUE", line)}
		}
		value, problem := unquote(m[2])
		if problem == "" && strings.HasPrefix(value, "crypto_") {
			problem = "the value is encrypted by the Agents Toolkit, which alone can read it"
		}
		if problem != "" {
			return nil, &Error{n, m[1] + ": " + problem}
		}
		out[m[1]] = value
	}
	return out, nil
}

func unquote(s string) (value, problem string) {
	if s == "" || !strings.ContainsRune("'\"`", rune(s[0])) {
		if i := strings.Index(s, " #"); i >= 0 {
			s = s[:i]
		}
		if strings.HasPrefix(s, "#") {
			s = ""
		}
		return strings.TrimSpace(s), ""
	}
	quote := s[0]
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			if rest := strings.TrimSpace(s[i+1:]); rest != "" && rest[0] != '#' {
				return "", fmt.Sprintf("%.20q stands behind the closing quote", rest)
			}
			return b.String(), ""
		case c == '\\' && quote == '"' && i+1 < len(s):
			i++
			b.WriteString(escaped(s[i]))
		default:
			b.WriteByte(c)
		}
	}
	return "", "the closing quote is missing; a value ends with its line"
}

func escaped(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	case '\\', '"':
		return string(rune(c))
	}
	return `\` + string(rune(c))
}
