package jsondoc

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Kind is the JSON type of a value.
type Kind int

// The kinds of a JSON value.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// String returns the name that JSON Schema uses for the type.
func (k Kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[k]
}

// Pos is a place in the text: line and column count from 1, the column in
// characters (code points), not bytes. The zero Pos means no place.
type Pos struct{ Line, Column int }

// Node is one JSON value. All methods accept a nil receiver, so that a path
// through absent members reads as absent rather than needing a check each step.
type Node struct {
	Kind Kind
	Pos  Pos
	// Text is the decoded value of a string, and the literal of a number or boolean.
	Text string
	// Items are the elements of an array.
	Items []*Node
	// Members are those of an object, in the order of the text, names unique.
	Members []Member
}

// Member is one name and value of an object.
type Member struct {
	Name    string
	NamePos Pos
	Value   *Node
}

// Get returns the member of that name, or nil when n is no object or has none.
func (n *Node) Get(name string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Members {
		if n.Members[i].Name == name {
			return n.Members[i].Value
		}
	}
	return nil
}

// At follows a path of member names.
func (n *Node) At(path ...string) *Node {
	for _, name := range path {
		n = n.Get(name)
	}
	return n
}

// Index returns the i-th element of an array, or nil.
func (n *Node) Index(i int) *Node {
	if n == nil || i < 0 || i >= len(n.Items) {
		return nil
	}
	return n.Items[i]
}

// Str returns the text of a string value, and "" for anything else.
func (n *Node) Str() string {
	if n == nil || n.Kind != String {
		return ""
	}
	return n.Text
}

// True reports whether the value is the boolean true.
func (n *Node) True() bool { return n != nil && n.Kind == Bool && n.Text == "true" }

// List returns the elements of an array, and nil for anything else.
func (n *Node) List() []*Node {
	if n == nil {
		return nil
	}
	return n.Items
}

// Strings returns the string elements of an array; other elements are skipped.
func (n *Node) Strings() []string {
	var out []string
	for _, item := range n.List() {
		if item.Kind == String {
			out = append(out, item.Text)
		}
	}
	return out
}

// Place returns the position of the value, and the zero Pos for an absent one.
func (n *Node) Place() Pos {
	if n == nil {
		return Pos{}
	}
	return n.Pos
}

// Lookup resolves a JSON pointer ("" or "/" is the value itself) and returns
// nil when it leads nowhere.
func (n *Node) Lookup(pointer string) *Node {
	if pointer == "" || pointer == "/" {
		return n
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if n == nil {
			return nil
		}
		if n.Kind == Array {
			i, err := strconv.Atoi(part)
			if err != nil {
				return nil
			}
			n = n.Index(i)
			continue
		}
		n = n.Get(unescape.Replace(part))
	}
	return n
}

var (
	escape   = strings.NewReplacer("~", "~0", "/", "~1")
	unescape = strings.NewReplacer("~1", "/", "~0", "~")
)

// Child extends a JSON pointer by a member name.
func Child(pointer, name string) string { return pointer + "/" + escape.Replace(name) }

// Item extends a JSON pointer by an index.
func Item(pointer string, i int) string { return pointer + "/" + strconv.Itoa(i) }

// Canonical returns a text that is the same for values that JSON Schema holds
// equal: members sorted, numbers by value. It is for comparing, not for output.
func (n *Node) Canonical() string {
	var b strings.Builder
	n.canonical(&b)
	return b.String()
}

func (n *Node) canonical(b *strings.Builder) {
	switch {
	case n == nil || n.Kind == Null:
		b.WriteString("null")
	case n.Kind == Number:
		if r, ok := Rational(n.Text); ok {
			b.WriteString(r.RatString())
			return
		}
		b.WriteString(n.Text)
	case n.Kind == String:
		b.WriteString(strconv.Quote(n.Text))
	case n.Kind == Array:
		b.WriteByte('[')
		for _, item := range n.Items {
			item.canonical(b)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case n.Kind == Object:
		members := slices.Clone(n.Members)
		slices.SortFunc(members, func(x, y Member) int { return strings.Compare(x.Name, y.Name) })
		b.WriteByte('{')
		for _, m := range members {
			b.WriteString(strconv.Quote(m.Name))
			b.WriteByte(':')
			m.Value.canonical(b)
			b.WriteByte(',')
		}
		b.WriteByte('}')
	default:
		b.WriteString(n.Text)
	}
}

// Rational returns the exact value of a number literal. Long literals and
// exponents beyond a thousand are refused: they would cost time and memory out
// of proportion to the text.
func Rational(literal string) (*big.Rat, bool) {
	if len(literal) > 400 {
		return nil, false
	}
	if i := strings.IndexAny(literal, "eE"); i >= 0 {
		exponent, err := strconv.Atoi(literal[i+1:])
		if err != nil || exponent > 1000 || exponent < -1000 {
			return nil, false
		}
	}
	return new(big.Rat).SetString(literal)
}
