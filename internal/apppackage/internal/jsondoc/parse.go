package jsondoc

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds nesting; real manifests stay under twenty.
const maxDepth = 200

// SyntaxError says why a text is not JSON, and where.
type SyntaxError struct {
	Pos     Pos
	Reason  Reason
	Message string
}

// Reason classifies a SyntaxError.
type Reason int

// The reasons for refusing a text.
const (
	Malformed Reason = iota
	TrailingComma
	DuplicateKey
	Comment
	Encoding
	TooDeep
)

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Pos.Line, e.Pos.Column, e.Message)
}

// bom is the UTF-8 byte order mark.
var bom = []byte{0xEF, 0xBB, 0xBF}

// TrimBOM returns the text without its leading UTF-8 byte order mark; a second
// one goes too, so that trimming what was trimmed changes nothing.
func TrimBOM(text []byte) []byte {
	for bytes.HasPrefix(text, bom) {
		text = text[len(bom):]
	}
	return text
}

// Parse reads one JSON value, tolerating a UTF-8 byte order mark. The error,
// if any, is a *SyntaxError. Member names of an object must be unique.
func Parse(text []byte) (*Node, error) {
	root, _, err := parse(text, false)
	return root, err
}

// ParseLenient reads on where other readers do, so that the rest can be judged:
// of members with the same name the last counts, and UTF-16 is decoded. What it
// tolerated is listed, at most a hundred times; any other fault is the error.
func ParseLenient(text []byte) (root *Node, tolerated []*SyntaxError, err error) {
	return parse(text, true)
}

// maxTolerated bounds the list of tolerated faults.
const maxTolerated = 100

func parse(text []byte, lenient bool) (*Node, []*SyntaxError, error) {
	p := &parser{text: TrimBOM(text), line: 1, lenient: lenient}
	var wrong *SyntaxError
	if err := p.checkEncoding(); errors.As(err, &wrong) {
		decoded, ok := fromUTF16(text)
		if !lenient || !ok {
			return nil, nil, err
		}
		p = &parser{text: decoded, line: 1, lenient: true, tolerated: []*SyntaxError{wrong}}
	}
	root, err := p.document()
	return root, p.tolerated, err
}

// fromUTF16 decodes text that begins with a byte order mark of UTF-16, or with
// an ASCII character in that form.
func fromUTF16(text []byte) ([]byte, bool) {
	if len(text) < 2 || len(text)%2 != 0 {
		return nil, false
	}
	low, high := 0, 1
	if text[0] == 0xFE || text[0] == 0 {
		low, high = 1, 0
	}
	if marked := text[high] == 0xFE && text[low] == 0xFF; !marked && (text[high] != 0 || text[low] == 0) {
		return nil, false
	}
	units := make([]uint16, 0, len(text)/2)
	for i := 0; i < len(text); i += 2 {
		units = append(units, uint16(text[i+high])<<8|uint16(text[i+low]))
	}
	return TrimBOM([]byte(string(utf16.Decode(units)))), true
}

func (p *parser) document() (*Node, error) {
	p.space()
	root, err := p.value(0)
	if err == nil {
		p.space()
		if p.at < len(p.text) {
			err = p.unexpected("the end of the text")
		}
	}
	if err != nil {
		return nil, err
	}
	return root, nil
}

type parser struct {
	text      []byte
	at        int
	line      int
	lenient   bool
	tolerated []*SyntaxError
	// lineStart is the offset of the first byte of the line; counted and
	// countedAt remember the last column computed, so that columns of a long
	// line cost one pass in all.
	lineStart          int
	counted, countedAt int
}

func (p *parser) pos() Pos {
	if p.countedAt < p.lineStart || p.countedAt > p.at {
		p.counted, p.countedAt = 0, p.lineStart
	}
	p.counted += utf8.RuneCount(p.text[p.countedAt:p.at])
	p.countedAt = p.at
	return Pos{Line: p.line, Column: p.counted + 1}
}

func (p *parser) fail(reason Reason, format string, args ...any) error {
	return &SyntaxError{Pos: p.pos(), Reason: reason, Message: fmt.Sprintf(format, args...)}
}

func (p *parser) checkEncoding() error {
	head := p.text[:min(len(p.text), 4)]
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) ||
		(len(head) >= 2 && (head[0] == 0) != (head[1] == 0)) {
		return &SyntaxError{Pos: Pos{1, 1}, Reason: Encoding, Message: "the text is UTF-16; JSON for Teams must be UTF-8"}
	}
	if utf8.Valid(p.text) {
		return nil
	}
	for p.at < len(p.text) {
		r, size := utf8.DecodeRune(p.text[p.at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		p.at += size
		if r == '\n' {
			p.line++
			p.lineStart = p.at
		}
	}
	return p.fail(Encoding, "byte 0x%02X is not valid UTF-8", p.text[p.at])
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case '\n':
			p.line++
			p.lineStart = p.at + 1
		case ' ', '\t', '\r':
		default:
			return
		}
		p.at++
	}
}

func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// unexpected reports the next character where want was due.
func (p *parser) unexpected(want string) error {
	if p.at >= len(p.text) {
		return p.fail(Malformed, "the text ends where %s was expected", want)
	}
	rest := p.text[p.at:]
	if bytes.HasPrefix(rest, []byte("//")) || bytes.HasPrefix(rest, []byte("/*")) {
		return p.fail(Comment, "comments are not allowed in JSON")
	}
	r, _ := utf8.DecodeRune(rest)
	return p.fail(Malformed, "%s was expected, not %q", want, r)
}

func (p *parser) value(depth int) (*Node, error) {
	if depth > maxDepth {
		return nil, p.fail(TooDeep, "values are nested more than %d deep", maxDepth)
	}
	n := &Node{Pos: p.pos()}
	var err error
	switch c := p.peek(); {
	case c == '{':
		n.Kind = Object
		err = p.object(n, depth)
	case c == '[':
		n.Kind = Array
		err = p.array(n, depth)
	case c == '"':
		n.Kind = String
		n.Text, err = p.str()
	case c == '-' || (c >= '0' && c <= '9'):
		n.Kind = Number
		n.Text, err = p.number()
	case p.word("true"):
		n.Kind, n.Text = Bool, "true"
	case p.word("false"):
		n.Kind, n.Text = Bool, "false"
	case p.word("null"):
	default:
		err = p.unexpected("a value")
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

func (p *parser) word(w string) bool {
	if !bytes.HasPrefix(p.text[p.at:], []byte(w)) {
		return false
	}
	p.at += len(w)
	return true
}

func (p *parser) object(n *Node, depth int) error {
	p.at++
	p.space()
	if p.peek() == '}' {
		p.at++
		return nil
	}
	seen := map[string]int{} // index into the members
	for {
		m := Member{NamePos: p.pos()}
		if p.peek() != '"' {
			return p.unexpected("a member name in double quotes")
		}
		var err error
		if m.Name, err = p.str(); err != nil {
			return err
		}
		place, dup := seen[m.Name]
		if dup {
			first := n.Members[place].NamePos
			twice := &SyntaxError{
				Pos: m.NamePos, Reason: DuplicateKey,
				Message: fmt.Sprintf("%q occurs twice in one object; it was first set on line %d, column %d", m.Name, first.Line, first.Column),
			}
			if !p.lenient {
				return twice
			}
			if len(p.tolerated) < maxTolerated {
				p.tolerated = append(p.tolerated, twice)
			}
		} else {
			seen[m.Name] = len(n.Members)
		}
		p.space()
		if p.peek() != ':' {
			return p.unexpected("a colon")
		}
		p.at++
		p.space()
		if m.Value, err = p.value(depth + 1); err != nil {
			return err
		}
		if dup {
			n.Members[place] = m
		} else {
			n.Members = append(n.Members, m)
		}
		more, err := p.next('}')
		if err != nil || !more {
			return err
		}
	}
}

func (p *parser) array(n *Node, depth int) error {
	p.at++
	p.space()
	if p.peek() == ']' {
		p.at++
		return nil
	}
	for {
		item, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
		more, err := p.next(']')
		if err != nil || !more {
			return err
		}
	}
}

// next consumes what follows an element: a comma (more follows) or the end.
func (p *parser) next(end byte) (more bool, err error) {
	p.space()
	switch p.peek() {
	case end:
		p.at++
		return false, nil
	case ',':
	default:
		return false, p.unexpected(fmt.Sprintf("a comma or %q", rune(end)))
	}
	comma := p.pos()
	p.at++
	p.space()
	if c := p.peek(); c == '}' || c == ']' {
		return false, &SyntaxError{Pos: comma, Reason: TrailingComma, Message: fmt.Sprintf("a comma stands before the closing %q", rune(c))}
	}
	return true, nil
}

func (p *parser) number() (string, error) {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	switch {
	case p.peek() == '0':
		p.at++
	case p.digits() == 0:
		return "", p.unexpected("a digit")
	}
	if p.peek() == '.' {
		p.at++
		if p.digits() == 0 {
			return "", p.unexpected("a digit")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if s := p.peek(); s == '+' || s == '-' {
			p.at++
		}
		if p.digits() == 0 {
			return "", p.unexpected("a digit")
		}
	}
	return string(p.text[start:p.at]), nil
}

func (p *parser) digits() int {
	start := p.at
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	return p.at - start
}

func (p *parser) str() (string, error) {
	p.at++
	start := p.at
	for p.at < len(p.text) && p.text[p.at] != '"' && p.text[p.at] != '\\' && p.text[p.at] >= 0x20 {
		p.at++
	}
	if p.peek() == '"' {
		p.at++
		return string(p.text[start : p.at-1]), nil
	}
	var b strings.Builder
	b.Write(p.text[start:p.at])
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return b.String(), nil
		case c == '\\':
			if err := p.escaped(&b); err != nil {
				return "", err
			}
		case c < 0x20:
			return "", p.fail(Malformed, "a control character (0x%02X) stands inside a string; was a closing quote forgotten?", c)
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	return "", p.fail(Malformed, "the text ends inside a string")
}

func (p *parser) escaped(b *strings.Builder) error {
	if p.at+1 >= len(p.text) {
		return p.fail(Malformed, "the text ends inside a string")
	}
	c := p.text[p.at+1]
	if c == 'u' {
		return p.unicodeEscape(b)
	}
	i := strings.IndexByte(`"\/bfnrt`, c)
	if i < 0 {
		return p.fail(Malformed, "%q is no escape that JSON knows", `\`+string(rune(c)))
	}
	b.WriteByte("\"\\/\b\f\n\r\t"[i])
	p.at += 2
	return nil
}

// unicodeEscape reads \uXXXX or a surrogate pair; a lone surrogate reads as
// U+FFFD, as it does in encoding/json.
func (p *parser) unicodeEscape(b *strings.Builder) error {
	first, ok := p.hex4(p.at)
	if !ok {
		return p.fail(Malformed, `\u must be followed by four hexadecimal digits`)
	}
	p.at += 6
	if utf16.IsSurrogate(first) {
		second, ok := p.hex4(p.at)
		joined := utf16.DecodeRune(first, second)
		if ok && joined != utf8.RuneError {
			p.at += 6
		}
		first = joined
		if !ok {
			first = utf8.RuneError
		}
	}
	b.WriteRune(first)
	return nil
}

func (p *parser) hex4(at int) (rune, bool) {
	if at+6 > len(p.text) || p.text[at] != '\\' || p.text[at+1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(p.text[at+2:at+6]), 16, 16)
	return rune(v), err == nil
}
