package graph

import (
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// expansion is one element of $expand with its nested options.
type expansion struct {
	name   string
	sel    []string // nil: all
	expand []expansion
}

// maxExpandDepth bounds nesting, as the services do.
const maxExpandDepth = 4

// parseExpand reads "appDefinitions($select=id,version;$expand=bot),x".
func parseExpand(s string) ([]expansion, error) { return parseExpandAt(s, 1) }

func parseExpandAt(s string, depth int) ([]expansion, error) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	if depth > maxExpandDepth {
		return nil, wire.BadRequest("Parsing OData Select and Expand failed: $expand is nested too deeply.")
	}
	var out []expansion
	for _, part := range splitOutside(s, ',') {
		name, rest, nested := strings.Cut(part, "(")
		x := expansion{name: strings.TrimSpace(name)}
		if nested {
			inner, ok := strings.CutSuffix(strings.TrimSpace(rest), ")")
			if !ok {
				return nil, wire.BadRequest("Parsing OData Select and Expand failed: unbalanced parentheses.")
			}
			if err := x.options(inner, depth); err != nil {
				return nil, err
			}
		}
		if x.name == "" {
			return nil, wire.BadRequest("Parsing OData Select and Expand failed: a name is missing.")
		}
		out = append(out, x)
	}
	return out, nil
}

func (x *expansion) options(s string, depth int) error {
	for _, option := range splitOutside(s, ';') {
		key, value, _ := strings.Cut(option, "=")
		switch strings.TrimSpace(key) {
		case "$select":
			x.sel = parseSelect(value)
		case "$expand":
			nested, err := parseExpandAt(value, depth+1)
			if err != nil {
				return err
			}
			x.expand = nested
		default:
			return wire.BadRequest("Parsing OData Select and Expand failed: option '%s' is not supported.", strings.TrimSpace(key))
		}
	}
	return nil
}

// splitOutside cuts at sep where no parenthesis is open.
func splitOutside(s string, sep byte) []string {
	var out []string
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case sep:
			if depth == 0 {
				out = append(out, s[from:i])
				from = i + 1
			}
		}
	}
	return append(out, s[from:])
}

// parseSelect reads a $select list; nil means everything.
func parseSelect(s string) []string {
	var out []string
	for name := range strings.SplitSeq(s, ",") {
		if name = strings.TrimSpace(name); name != "" && name != "*" {
			out = append(out, name)
		}
	}
	return out
}

// selected tells whether a property is asked for.
func selected(sel []string, name string) bool {
	return sel == nil || slices.ContainsFunc(sel, func(s string) bool { return strings.EqualFold(s, name) })
}
