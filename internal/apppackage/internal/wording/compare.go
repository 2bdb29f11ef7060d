package wording

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// Difference is one thing that is otherwise in the new manifest.
type Difference struct {
	Path string // JSON pointer in the new manifest; of what is gone, in the old one
	Kind Kind
	// Old and New are the values as JSON, cut where long; "" where there is none.
	Old, New string
	Text     string // a sentence without its end
}

// Kind says what happened to a value.
type Kind string

// The kinds.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
)

// most bounds what is listed; a manifest with more is another app.
const most = 500

// Compare returns the differences in the order of the new manifest, those of
// what is gone after their neighbours, at most 500. Not different are GUIDs and
// scopes that differ by case only, and lists of texts in another order.
func Compare(old, new *jsondoc.Node) []Difference {
	c := &comparer{}
	c.object(place{}, old, new)
	return c.out
}

// Text is the difference of two texts.
func Text(path, subject, old, new string) Difference {
	d := Difference{Path: path, Kind: Changed, Old: fmt.Sprintf("%q", cut(old)), New: fmt.Sprintf("%q", cut(new))}
	d.Text = fmt.Sprintf("%s: %s -> %s", subject, d.Old, d.New)
	return d
}

type comparer struct{ out []Difference }

// place is where a value stands, for programs and in words.
type place struct {
	pointer string
	pattern string   // the pointer with * for elements
	words   []string // from the outermost
}

func (p place) member(name string) place {
	out := place{pointer: jsondoc.Child(p.pointer, name), pattern: p.pattern + "/" + name, words: slices.Clip(p.words)}
	if word := label(out.pattern, name); word != "" {
		out.words = append(out.words, word)
	}
	return out
}

// element is one of a list; key names it, "" where only the place does.
func (p place) element(i int, key string) place {
	out := place{pointer: jsondoc.Item(p.pointer, i), pattern: p.pattern + "/*", words: slices.Clip(p.words)}
	one := singular(p.pattern)
	switch {
	case one == "":
		one = "element"
	case len(out.words) > 0:
		out.words = out.words[:len(out.words)-1] // "tab" in place of "tabs"
	}
	switch {
	case key != "":
		one += fmt.Sprintf(" %q", cut(key))
	case i > 0 || !alone(p.pattern):
		one += fmt.Sprintf(" %d", i+1)
	}
	out.words = append(slices.Clip(out.words), one)
	return out
}

func (c *comparer) add(p place, kind Kind, old, new *jsondoc.Node) {
	if len(c.out) >= most {
		return
	}
	d := Difference{Path: p.pointer, Kind: kind, Old: value(old), New: value(new)}
	subject := strings.Join(p.words, ", ")
	switch {
	case kind == Changed:
		d.Text = fmt.Sprintf("%s: %s -> %s", subject, d.Old, d.New)
	case kind == Added && scalar(new):
		d.Text = fmt.Sprintf("%s added: %s", subject, d.New)
	case kind == Removed && scalar(old):
		d.Text = fmt.Sprintf("%s removed: %s", subject, d.Old)
	default:
		d.Text = fmt.Sprintf("%s %s", subject, kind)
	}
	c.out = append(c.out, d)
}

func (c *comparer) compare(p place, old, new *jsondoc.Node) {
	switch {
	case len(c.out) >= most:
	case old == nil && isFalse(new), new == nil && isFalse(old): // absent is false
	case old == nil:
		c.add(p, Added, nil, new)
	case new == nil:
		c.add(p, Removed, old, nil)
	case old.Kind == jsondoc.Object && new.Kind == jsondoc.Object:
		c.object(p, old, new)
	case old.Kind == jsondoc.Array && new.Kind == jsondoc.Array:
		c.list(p, old, new)
	case old.Kind == jsondoc.String && new.Kind == jsondoc.String:
		if fold(p, old.Text) != fold(p, new.Text) {
			c.add(p, Changed, old, new)
		}
	case old.Canonical() != new.Canonical():
		c.add(p, Changed, old, new)
	}
}

func (c *comparer) object(p place, old, new *jsondoc.Node) {
	before := index(old)
	for _, m := range new.Members {
		c.compare(p.member(m.Name), before[m.Name], m.Value)
		delete(before, m.Name)
	}
	for _, m := range old.Members {
		if _, gone := before[m.Name]; gone {
			c.compare(p.member(m.Name), m.Value, nil)
		}
	}
}

func index(object *jsondoc.Node) map[string]*jsondoc.Node {
	out := make(map[string]*jsondoc.Node, len(object.Members))
	for _, m := range object.Members {
		out[m.Name] = m.Value
	}
	return out
}

func (c *comparer) list(p place, old, new *jsondoc.Node) {
	if texts(old) && texts(new) {
		c.set(p, old, new)
		return
	}
	keys := keyOf(p.pattern)
	before := map[string][]*jsondoc.Node{}
	place := map[*jsondoc.Node]int{}
	name := func(i int, n *jsondoc.Node) string {
		if key := nameOf(n, keys); key != "" {
			return "k" + key
		}
		return fmt.Sprintf("i%d", i)
	}
	for i, n := range old.Items {
		key := name(i, n)
		before[key] = append(before[key], n)
		place[n] = i
	}
	matched := map[*jsondoc.Node]bool{}
	for i, n := range new.Items {
		key := name(i, n)
		var was *jsondoc.Node
		if same := before[key]; len(same) > 0 {
			was, before[key] = same[0], same[1:]
			matched[was] = true
		}
		c.compare(p.element(i, nameOf(n, keys)), was, n)
	}
	for _, n := range old.Items {
		if !matched[n] {
			c.compare(p.element(place[n], nameOf(n, keys)), n, nil)
		}
	}
}

func texts(list *jsondoc.Node) bool {
	return !slices.ContainsFunc(list.Items, func(n *jsondoc.Node) bool { return n.Kind != jsondoc.String })
}

// set compares lists of texts, whose order means nothing.
func (c *comparer) set(p place, old, new *jsondoc.Node) {
	folded := func(list *jsondoc.Node) map[string]bool {
		out := map[string]bool{}
		for _, n := range list.Items {
			out[fold(p, n.Text)] = true
		}
		return out
	}
	before, after := folded(old), folded(new)
	for i, n := range new.Items {
		if key := fold(p, n.Text); !before[key] {
			c.add(place{pointer: jsondoc.Item(p.pointer, i), words: p.words}, Added, nil, n)
			before[key] = true
		}
	}
	for i, n := range old.Items {
		if key := fold(p, n.Text); !after[key] {
			c.add(place{pointer: jsondoc.Item(p.pointer, i), words: p.words}, Removed, n, nil)
			after[key] = true
		}
	}
}

// fold takes out differences that make none to the service.
func fold(p place, text string) string {
	if strings.HasSuffix(p.pattern, "copes") || isGUID(text) {
		return strings.ToLower(text)
	}
	return text
}

func isGUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (text[i] == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(text[i])) {
			return false
		}
	}
	return true
}

func isFalse(n *jsondoc.Node) bool { return n == nil || n.Kind == jsondoc.Bool && n.Text == "false" }

func scalar(n *jsondoc.Node) bool {
	return n != nil && n.Kind != jsondoc.Object && n.Kind != jsondoc.Array
}

// value is a value as JSON, in one line.
func value(n *jsondoc.Node) string {
	switch {
	case n == nil:
		return ""
	case n.Kind == jsondoc.String:
		return fmt.Sprintf("%q", cut(n.Text))
	case n.Kind == jsondoc.Null:
		return "null"
	case n.Kind == jsondoc.Object:
		return fmt.Sprintf("{%d members}", len(n.Members))
	case n.Kind == jsondoc.Array:
		return fmt.Sprintf("[%d elements]", len(n.Items))
	}
	return cut(n.Text)
}

// cut shortens what is too long for a line.
func cut(text string) string {
	const longest = 80
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return text
}
