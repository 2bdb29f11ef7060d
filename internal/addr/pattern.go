package addr

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Pattern selects addresses: one instance (app.x["k"]), all instances of a
// block (app.x), everything in a module (module.net), or, with "*" for any run
// of characters, whatever fits (app.*, policy_assignment.team_*["*"]).
type Pattern struct {
	text string
	re   *regexp.Regexp
}

// ParsePattern reads a pattern. Errors say what was expected.
func ParsePattern(s string) (Pattern, error) {
	plain := strings.ReplaceAll(strings.ReplaceAll(s, "~*", "~x"), "*", "x")
	if moduleOnly(plain) {
		return compile(s, `\..*`)
	}
	a, err := Parse(plain)
	if err != nil {
		return Pattern{}, fmt.Errorf("%q selects nothing: expected an address or a pattern such as app.helpdesk, app.*, policy_assignment.staff[\"north\"] or module.net", s)
	}
	if a.HasKey {
		return compile(s, "")
	}
	return compile(s, `(\[.*\])?`)
}

// moduleOnly reports whether s is a module path without an object.
func moduleOnly(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts)%2 != 0 {
		return false
	}
	for i := 0; i < len(parts); i += 2 {
		if parts[i] != "module" || !isName(parts[i+1]) {
			return false
		}
	}
	return true
}

func compile(s, rest string) (Pattern, error) {
	var b strings.Builder
	b.WriteString("^")
	for i, part := range strings.Split(s, "*") {
		if i > 0 {
			b.WriteString(".*")
		}
		b.WriteString(regexp.QuoteMeta(part))
	}
	b.WriteString(rest + "$")
	re, err := regexp.Compile(b.String())
	if err != nil {
		return Pattern{}, fmt.Errorf("pattern %s: %w", strconv.Quote(s), err)
	}
	return Pattern{text: s, re: re}, nil
}

// Matches reports whether the pattern selects a.
func (p Pattern) Matches(a Instance) bool { return p.MatchesText(a.String()) }

// MatchesText does the same for an address as text.
func (p Pattern) MatchesText(s string) bool { return p.re != nil && p.re.MatchString(s) }

// String gives the pattern as it was written.
func (p Pattern) String() string { return p.text }
