package rules

import (
	"fmt"
	"regexp"
	"strings"
)

// lookAhead states in Go the two patterns that the regexp package cannot
// express: the schemas' patterns are ECMAScript, and these look ahead. Whoever
// regenerates the table from newer schemas learns of a third one from
// TestEveryPatternCompiles.
func lookAhead(pattern string) func(string) bool {
	switch pattern {
	case `^(?![nN][uU][lL]{2}$)\s*\S.*`:
		return func(s string) bool { return !strings.EqualFold(s, "null") && strings.ContainsFunc(s, notSpace) }
	case `^(?!.*[\r\n\f\b\v\u0007\t])[\S]*\.xll$`:
		return func(s string) bool {
			return strings.HasSuffix(s, ".xll") && !strings.ContainsFunc(s, func(r rune) bool { return space(r) || r == '\b' || r == '\a' })
		}
	}
	return nil
}

// matcher returns the test of a pattern; a match anywhere in the text counts.
func (t *Table) matcher(pattern string) (func(string) bool, error) {
	if m := t.matchers[pattern]; m != nil {
		return m, nil
	}
	m := lookAhead(pattern)
	if m == nil {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil, fmt.Errorf("pattern of the manifest rules: %w", err)
		}
		m = re.MatchString
	}
	t.matchers[pattern] = m
	return m, nil
}

// space is what \s matches in ECMAScript.
func space(r rune) bool {
	switch {
	case r >= '\t' && r <= '\r', r == ' ', r == 0xA0, r == 0x1680, r >= 0x2000 && r <= 0x200A,
		r == 0x2028, r == 0x2029, r == 0x202F, r == 0x205F, r == 0x3000, r == 0xFEFF:
		return true
	}
	return false
}

func notSpace(r rune) bool { return !space(r) }
