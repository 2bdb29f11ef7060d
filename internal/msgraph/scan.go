package msgraph

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
)

// The two listings that grow with the tenant, users and their policies, are decoded by hand: encoding/json takes five
// microseconds for one user with two policies, and a tenant may have a million.
//
// The scanner is not a second JSON parser. It reads the plain case only: names spelled exactly, no escapes in them,
// the types that are documented. At the first thing out of the ordinary it gives up, and the page is decoded again by
// encoding/json, which then either makes sense of it or words the error. So it has to be right only about what it
// accepts, and a fuzz test holds it to that.

// scanner walks over one JSON document. Once it has failed, every method does nothing and returns zero.
type scanner struct {
	b      []byte
	i      int
	failed bool
	// known holds texts that come up again and again, so that a million users share a few policy names.
	known map[string]string
}

// maxKnown bounds the texts that are kept for sharing.
const maxKnown = 4096

func (s *scanner) fail() { s.failed = true }

// peek returns the next byte that is no blank, or 0 at the end.
func (s *scanner) peek() byte {
	for ; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// eat takes c, which must come next.
func (s *scanner) eat(c byte) {
	if s.failed || s.peek() != c {
		s.fail()
		return
	}
	s.i++
}

// more takes what stands between elements and reports whether another one follows; at the end it takes close. First
// says that none has been read yet.
func (s *scanner) more(first bool, closing byte) bool {
	if s.failed {
		return false
	}
	switch s.peek() {
	case closing:
		s.i++
		return false
	case ',':
		if first {
			s.fail()
			return false
		}
		s.i++
		return true
	}
	if !first {
		s.fail()
	}
	return first && !s.failed
}

// name reads the name of a field and the colon behind it.
func (s *scanner) name() []byte {
	raw, simple := s.token()
	if !simple {
		s.fail()
	}
	s.eat(':')
	return raw
}

// token reads a string as it stands and reports whether that is its meaning: plain ASCII without escapes.
func (s *scanner) token() (raw []byte, simple bool) {
	s.eat('"')
	if s.failed {
		return nil, true
	}
	simple = true
	for i := s.i + plain(s.b[s.i:]); i < len(s.b); i++ {
		switch c := s.b[i]; {
		case c == '"':
			raw, s.i = s.b[s.i:i], i+1
			return raw, simple
		case c == '\\':
			simple = false
			i++
		case c < ' ' || c >= 0x80:
			simple = false
		}
	}
	s.fail()
	return nil, true
}

// plain counts bytes, in steps of eight, that are neither a quote, a backslash or a control character nor beyond
// ASCII: most of what a listing holds.
func plain(b []byte) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; n+8 <= len(b); n += 8 {
		x := binary.LittleEndian.Uint64(b[n:])
		quote, back := x^'"'*ones, x^'\\'*ones
		// The highest bit of a byte is set where the byte is 0, or in the last term below a blank.
		odd := (quote-ones)&^quote | (back-ones)&^back | (x - ' '*ones) | x
		if odd&high != 0 {
			break
		}
	}
	return n
}

// text reads a string into v. Null leaves v as it is, as encoding/json has it.
func (s *scanner) text(v *string) {
	if s.null() {
		return
	}
	raw, simple := s.token()
	if !simple {
		*v = s.odd(raw)
		return
	}
	*v = string(raw)
}

// shared is text for values that repeat.
func (s *scanner) shared(v *string) {
	if s.null() {
		return
	}
	raw, simple := s.token()
	if !simple {
		*v = s.odd(raw)
		return
	}
	if known, ok := s.known[string(raw)]; ok {
		*v = known
		return
	}
	*v = string(raw)
	if s.known == nil {
		s.known = map[string]string{}
	}
	if len(s.known) < maxKnown {
		s.known[*v] = *v
	}
}

// null takes a null if one comes next.
func (s *scanner) null() bool {
	if s.failed || s.peek() != 'n' {
		return false
	}
	s.word("null")
	return true
}

// odd gives a string with escapes or beyond ASCII its meaning.
func (s *scanner) odd(raw []byte) string {
	var v string
	if err := json.Unmarshal(s.b[s.i-len(raw)-2:s.i], &v); err != nil {
		s.fail()
	}
	return v
}

// word takes a literal, which must come next.
func (s *scanner) word(w string) {
	s.peek()
	if s.failed || !bytes.HasPrefix(s.b[s.i:], []byte(w)) {
		s.fail()
		return
	}
	s.i += len(w)
}

// flag reads true, false or null.
func (s *scanner) flag() *bool {
	if s.null() {
		return nil
	}
	value := s.peek() == 't'
	if value {
		s.word("true")
	} else {
		s.word("false")
	}
	return &value
}

// digits passes over a number of few enough digits to be an int64.
func (s *scanner) digits() {
	s.peek()
	start := s.i
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		s.i++
	}
	if n := s.i - start; n == 0 || n > 18 || n > 1 && s.b[start] == '0' {
		s.fail()
	}
}

// skip passes over a value of a field that is not wanted.
func (s *scanner) skip() {
	if s.failed {
		return
	}
	s.peek()
	start, depth := s.i, 0
	for !s.failed && s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case '"':
			s.token()
		case '{', '[':
			depth++
			s.i++
		case '}', ']', ',':
			if depth == 0 {
				s.check(start)
				return
			}
			if c != ',' {
				depth--
			}
			s.i++
		default:
			s.i++
		}
	}
	s.fail()
}

// check fails unless what was skipped since start is one JSON value.
func (s *scanner) check(start int) {
	if !json.Valid(s.b[start:s.i]) {
		s.fail()
	}
}

// unknown passes over the field called name, unless encoding/json would take it for one of wanted: it compares names
// without regard to case.
func (s *scanner) unknown(name []byte, wanted ...string) {
	for _, w := range wanted {
		if bytes.EqualFold(name, []byte(w)) {
			s.fail()
		}
	}
	s.skip()
}

// once fails the second time it is called with seen: encoding/json merges lists that are there twice.
func (s *scanner) once(seen *bool) {
	if *seen {
		s.fail()
	}
	*seen = true
}

// end fails unless nothing follows.
func (s *scanner) end() {
	if s.peek() != 0 || s.i < len(s.b) {
		s.fail()
	}
}

// pageDecoder decodes the pages of one listing, by hand if item is given.
type pageDecoder[T any] struct {
	// item reads one object into a T that holds what was read into it for an earlier page, so that its slices can be
	// used again.
	item func(*scanner, *T)
	scan scanner
	page collection[T]
}

// decode reads a page. What it returns is overwritten by the next call.
func (d *pageDecoder[T]) decode(body []byte) (*collection[T], error) {
	if d.item != nil && d.fast(body) {
		return &d.page, nil
	}
	var page collection[T]
	err := json.Unmarshal(body, &page)
	return &page, err
}

// fast reads the page by hand and reports whether it could.
func (d *pageDecoder[T]) fast(body []byte) bool {
	s := &d.scan
	s.b, s.i, s.failed = body, 0, false
	d.page.Next, d.page.Value = "", d.page.Value[:0]
	s.eat('{')
	seen := false
	for first := true; s.more(first, '}'); first = false {
		switch name := s.name(); string(name) {
		case "@odata.nextLink":
			s.text(&d.page.Next)
		case "@odata.count":
			s.digits()
		case "value":
			s.once(&seen)
			d.values(s)
		default:
			s.unknown(name, "@odata.nextLink", "@odata.count", "value")
		}
	}
	s.end()
	return !s.failed
}

func (d *pageDecoder[T]) values(s *scanner) {
	s.eat('[')
	for first := true; s.more(first, ']'); first = false {
		n := len(d.page.Value)
		if n < cap(d.page.Value) {
			d.page.Value = d.page.Value[:n+1]
		} else {
			var zero T
			d.page.Value = append(d.page.Value, zero)
		}
		d.item(s, &d.page.Value[n])
	}
}
