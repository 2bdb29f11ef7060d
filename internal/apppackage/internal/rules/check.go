package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// Violation is one broken constraint. Path is the JSON pointer of the value
// ("" is the root); for required, additionalProperties and dependencies that of
// the object. Pos is where to look: for a member that should not be there, its
// name. Detail completes the message: the missing or surplus member, the limit,
// the allowed values or the pattern.
type Violation struct {
	Keyword string
	Path    string
	Pos     jsondoc.Pos
	Value   *jsondoc.Node
	Detail  []string
}

// maxViolations is how many violations are looked for. A document with more is
// no honest one, and listing all would cost more than reading it did.
const maxViolations = 1000

// Check judges a document by the rules of its kind and version. All violations
// are returned, up to a thousand or a few more, in the order of the rules'
// keywords and of the document. Where
// alternatives (anyOf, oneOf, if) fail, the violations of each alternative are
// listed with that of the choice. The error is for an unknown version or a
// broken table.
func (t *Table) Check(kind Kind, version string, root *jsondoc.Node) ([]Violation, error) {
	i, ok := t.header.Roots[kind][version]
	if !ok {
		return nil, fmt.Errorf("no rules for %s %s", kind, version)
	}
	c := &checker{table: t}
	c.check(i, root, "")
	return c.found, c.err
}

// checker collects violations of one document. err is a broken table.
type checker struct {
	table *Table
	found []Violation
	err   error
}

func (c *checker) add(keyword, path string, pos jsondoc.Pos, v *jsondoc.Node, detail ...string) {
	c.found = append(c.found, Violation{Keyword: keyword, Path: path, Pos: pos, Value: v, Detail: detail})
}

// passes tries a rule without reporting.
func (c *checker) passes(i int, v *jsondoc.Node, path string) bool {
	trial := &checker{table: c.table}
	trial.check(i, v, path)
	if trial.err != nil {
		c.err = trial.err
	}
	return len(trial.found) == 0
}

func (c *checker) check(i int, v *jsondoc.Node, path string) {
	if len(c.found) >= maxViolations {
		return
	}
	r, err := c.table.rule(i)
	if err != nil {
		c.err = err
		return
	}
	if len(r.Type) > 0 && !slices.ContainsFunc(r.Type, func(name string) bool { return isType(v, name) }) {
		c.add("type", path, v.Pos, v, r.Type...)
	}
	c.values(r, v, path)
	switch v.Kind {
	case jsondoc.String:
		c.text(r, v, path)
	case jsondoc.Number:
		c.number(r, v, path)
	case jsondoc.Array:
		c.array(r, v, path)
	case jsondoc.Object:
		c.object(r, v, path)
	case jsondoc.Null, jsondoc.Bool:
	}
	c.choices(r, v, path)
}

func isType(v *jsondoc.Node, name string) bool {
	if name == "integer" && v.Kind == jsondoc.Number {
		n, ok := jsondoc.Rational(v.Text)
		return ok && n.IsInt()
	}
	return v.Kind.String() == name
}

func (c *checker) values(r *Rule, v *jsondoc.Node, path string) {
	if r.Const != nil && !c.isOneOf(v, r.Const) {
		c.add("const", path, v.Pos, v, string(r.Const))
	}
	if r.Enum != nil && !c.isOneOf(v, r.Enum...) {
		allowed := make([]string, len(r.Enum))
		for i, e := range r.Enum {
			allowed[i] = string(e)
		}
		c.add("enum", path, v.Pos, v, allowed...)
	}
}

func (c *checker) isOneOf(v *jsondoc.Node, allowed ...json.RawMessage) bool {
	canonical := v.Canonical()
	return slices.ContainsFunc(allowed, func(text json.RawMessage) bool {
		n, err := jsondoc.Parse(text)
		if err != nil {
			c.err = fmt.Errorf("value %s of the manifest rules: %w", text, err)
			return false
		}
		return n.Canonical() == canonical
	})
}

func (c *checker) text(r *Rule, v *jsondoc.Node, path string) {
	if r.MaxLength != nil || r.MinLength != nil {
		length := utf8.RuneCountInString(v.Text)
		if r.MaxLength != nil && length > *r.MaxLength {
			c.add("maxLength", path, v.Pos, v, strconv.Itoa(*r.MaxLength), strconv.Itoa(length))
		}
		if r.MinLength != nil && length < *r.MinLength {
			c.add("minLength", path, v.Pos, v, strconv.Itoa(*r.MinLength), strconv.Itoa(length))
		}
	}
	if r.Pattern != "" && !c.matches(r.Pattern, v.Text) {
		c.add("pattern", path, v.Pos, v, r.Pattern)
	}
	if r.Format == "uri" && !isURI(v.Text) {
		c.add("format", path, v.Pos, v, r.Format)
	}
}

func (c *checker) matches(pattern, text string) bool {
	m, err := c.table.matcher(pattern)
	if err != nil {
		c.err = err
		return true
	}
	return m(text)
}

func (c *checker) number(r *Rule, v *jsondoc.Node, path string) {
	if r.Minimum == "" && r.Maximum == "" {
		return
	}
	n, ok := jsondoc.Rational(v.Text)
	if !ok {
		c.add("type", path, v.Pos, v, "number of ordinary size")
		return
	}
	if low, ok := jsondoc.Rational(r.Minimum.String()); ok && n.Cmp(low) < 0 {
		c.add("minimum", path, v.Pos, v, r.Minimum.String())
	}
	if high, ok := jsondoc.Rational(r.Maximum.String()); ok && n.Cmp(high) > 0 {
		c.add("maximum", path, v.Pos, v, r.Maximum.String())
	}
}

func (c *checker) array(r *Rule, v *jsondoc.Node, path string) {
	if r.MaxItems != nil && len(v.Items) > *r.MaxItems {
		c.add("maxItems", path, v.Pos, v, strconv.Itoa(*r.MaxItems), strconv.Itoa(len(v.Items)))
	}
	if r.MinItems != nil && len(v.Items) < *r.MinItems {
		c.add("minItems", path, v.Pos, v, strconv.Itoa(*r.MinItems), strconv.Itoa(len(v.Items)))
	}
	if r.UniqueItems {
		seen := map[string]int{}
		for i, item := range v.Items {
			canonical := item.Canonical()
			if first, dup := seen[canonical]; dup {
				c.add("uniqueItems", path, item.Pos, v, strconv.Itoa(first), strconv.Itoa(i))
				break
			}
			seen[canonical] = i
		}
	}
	if r.Items != nil {
		for i, item := range v.Items {
			c.check(*r.Items, item, jsondoc.Item(path, i))
		}
	}
}

func (c *checker) object(r *Rule, v *jsondoc.Node, path string) {
	if r.MinProperties != nil && len(v.Members) < *r.MinProperties {
		c.add("minProperties", path, v.Pos, v, strconv.Itoa(*r.MinProperties), strconv.Itoa(len(v.Members)))
	}
	for _, name := range r.Required {
		if v.Get(name) == nil {
			c.add("required", path, v.Pos, v, name)
		}
	}
	for _, m := range v.Members {
		if len(c.found) >= maxViolations {
			break
		}
		c.member(r, m, v, path)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Dependencies)) {
		if v.Get(name) != nil {
			c.check(r.Dependencies[name], v, path)
		}
	}
}

func (c *checker) member(r *Rule, m jsondoc.Member, v *jsondoc.Node, path string) {
	known := false
	if i, ok := r.Properties[m.Name]; ok {
		known = true
		c.check(i, m.Value, jsondoc.Child(path, m.Name))
	}
	for _, pp := range r.PatternProperties {
		if pp[0] < 0 || pp[0] >= len(c.table.header.Patterns) {
			c.err = fmt.Errorf("manifest rules name pattern %d of %d", pp[0], len(c.table.header.Patterns))
			return
		}
		if c.matches(c.table.header.Patterns[pp[0]], m.Name) {
			known = true
			c.check(pp[1], m.Value, jsondoc.Child(path, m.Name))
		}
	}
	switch {
	case known:
	case r.Closed:
		c.add("additionalProperties", path, m.NamePos, v, m.Name)
	case r.Additional != nil:
		c.check(*r.Additional, m.Value, jsondoc.Child(path, m.Name))
	}
}

func (c *checker) choices(r *Rule, v *jsondoc.Node, path string) {
	for _, i := range r.AllOf {
		c.check(i, v, path)
	}
	if r.AnyOf != nil && c.passing(r.AnyOf, v, path) == 0 {
		c.all(r.AnyOf, v, path)
		c.add("anyOf", path, v.Pos, v)
	}
	if r.OneOf != nil {
		switch n := c.passing(r.OneOf, v, path); {
		case n == 0:
			c.all(r.OneOf, v, path)
			c.add("oneOf", path, v.Pos, v, "0")
		case n > 1:
			c.add("oneOf", path, v.Pos, v, strconv.Itoa(n))
		}
	}
	if r.Not != nil && c.passes(*r.Not, v, path) {
		c.add("not", path, v.Pos, v)
	}
	if r.If != nil && r.Then != nil && c.passes(*r.If, v, path) && !c.passes(*r.Then, v, path) {
		c.check(*r.Then, v, path)
		c.add("if", path, v.Pos, v)
	}
}

func (c *checker) passing(alternatives []int, v *jsondoc.Node, path string) int {
	n := 0
	for _, i := range alternatives {
		if c.passes(i, v, path) {
			n++
		}
	}
	return n
}

func (c *checker) all(alternatives []int, v *jsondoc.Node, path string) {
	for _, i := range alternatives {
		c.check(i, v, path)
	}
}
