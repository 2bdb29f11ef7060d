package graph

import (
	"strings"
	"unicode"
)

// tokenKind is what a piece of a $filter expression is.
type tokenKind int

const (
	tokEnd tokenKind = iota
	tokWord
	tokText // a quoted literal, quotes taken off
	tokPunct
)

type token struct {
	kind tokenKind
	text string
}

// lex cuts a $filter expression into tokens. Quotes are doubled inside
// literals. An unfinished literal becomes a punctuation token that no rule
// accepts.
func lex(s string) []token {
	var out []token
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ' || c == '\t':
			i++
		case c == '\'':
			text, n, ok := quoted(s[i:])
			if !ok {
				return append(out, token{tokPunct, s[i:]})
			}
			out = append(out, token{tokText, text})
			i += n
		case strings.IndexByte("(),:", c) >= 0:
			out = append(out, token{tokPunct, string(c)})
			i++
		default:
			n := strings.IndexFunc(s[i:], func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("(),:'", r) })
			if n < 0 {
				n = len(s) - i
			}
			if n == 0 { // other white space
				i++
				continue
			}
			out = append(out, token{tokWord, s[i : i+n]})
			i += n
		}
	}
	return append(out, token{tokEnd, ""})
}

// quoted reads a literal from its opening quote and gives its content and
// length in bytes.
func quoted(s string) (string, int, bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1, true
	}
	return "", 0, false
}
