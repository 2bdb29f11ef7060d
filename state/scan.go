package state

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"unicode/utf8"
)

// scanner walks a JSON document through a window that slides over the input,
// so that a state of a million rows is never in memory as text. It hands out
// values as raw slices of the window: they are good until the next call.
//
// It also hashes what it passes, because the digest covers all bytes before
// itself, and counts lines for messages.
type scanner struct {
	r    io.Reader
	file string

	buf   []byte // the window; buf[pos:] is still to be read
	pos   int
	mark  int // start of the value being read, kept in the window; -1: none
	eof   bool
	ioErr error

	// sound says that buf is known to be valid JSON: values are not checked.
	sound bool

	lines   int // line ends before buf[counted]
	counted int

	sum    hash.Hash
	hashed int  // buf[:hashed] is in sum
	dropCR bool // the file has CRLF line ends: version control may do that
}

const windowSize = 256 << 10

var errCutOff = errors.New("unexpected end")

// within returns a scanner over a value that a scanner has taken, on line.
func within(raw []byte, file string, line int) *scanner {
	return &scanner{buf: raw, eof: true, mark: -1, sound: true, file: file, lines: line - 1}
}

// newScanner returns a scanner of r. size is the length of the input where it is
// known, else 0.
func newScanner(r io.Reader, file string, size int) *scanner {
	window := windowSize
	if size > 0 {
		window = min(window, size+1) // one more, to see the end
	}
	return &scanner{r: r, file: file, buf: make([]byte, 0, window), mark: -1, sum: sha256.New()}
}

// fill slides the window and reads more. It reports whether there was more.
func (s *scanner) fill() bool {
	if s.eof {
		return false
	}
	keep := s.pos
	if s.mark >= 0 {
		keep = s.mark
	}
	s.hashTo(keep)
	s.countTo(max(keep, s.counted))
	s.counted -= keep
	n := copy(s.buf[:cap(s.buf)], s.buf[keep:])
	s.buf = s.buf[:n]
	s.pos -= keep
	s.hashed -= keep
	if s.mark >= 0 {
		s.mark = 0
	}
	if n == cap(s.buf) {
		s.buf = append(make([]byte, 0, 2*n), s.buf...)
	}
	for range 100 {
		got, err := s.r.Read(s.buf[n:cap(s.buf)])
		s.buf = s.buf[:n+got]
		if err != nil {
			s.eof = true
			if err != io.EOF {
				s.ioErr = err
			}
		}
		if got > 0 {
			return true
		}
		if s.eof {
			return false
		}
	}
	s.eof, s.ioErr = true, io.ErrNoProgress
	return false
}

// hashTo brings buf[:end] into the digest.
func (s *scanner) hashTo(end int) {
	if end <= s.hashed {
		return
	}
	part := s.buf[s.hashed:end]
	if s.dropCR {
		part = bytes.ReplaceAll(part, []byte{'\r'}, nil)
	}
	s.sum.Write(part)
	s.hashed = end
}

// line is the line that the scanner stands on, from 1.
func (s *scanner) line() int {
	s.countTo(s.pos)
	return s.lines + 1
}

// countTo moves the place up to which line ends are counted.
func (s *scanner) countTo(at int) {
	if at < s.counted {
		s.lines -= bytes.Count(s.buf[at:s.counted], []byte{'\n'})
	} else {
		s.lines += bytes.Count(s.buf[s.counted:at], []byte{'\n'})
	}
	s.counted = at
}

// peek skips white space and returns the next byte without taking it; 0 at the
// end of the input.
func (s *scanner) peek() byte {
	for {
		for s.pos < len(s.buf) {
			switch c := s.buf[s.pos]; c {
			case ' ', '\t', '\n', '\r':
				s.pos++
			default:
				return c
			}
		}
		if !s.fill() {
			return 0
		}
	}
}

// take skips white space and takes the byte c.
func (s *scanner) take(c byte) error {
	switch got := s.peek(); {
	case got == c:
		s.pos++
		return nil
	case s.ended():
		return s.cutOff()
	default:
		return s.notJSON("expected %q, found %q", c, got)
	}
}

func (s *scanner) ended() bool { return s.eof && s.pos >= len(s.buf) }

// value takes the next JSON value and returns its text, checked to be valid.
func (s *scanner) value() ([]byte, error) {
	c := s.peek()
	if s.ended() {
		return nil, s.cutOff()
	}
	outer := s.mark >= 0
	if !outer {
		s.mark = s.pos
	}
	start := s.pos - s.mark
	var err error
	switch c {
	case '"':
		err = s.skipString()
	case '{', '[':
		err = s.skipNested()
	default:
		err = s.skipWord()
	}
	raw := s.buf[s.mark+start : s.pos]
	if !outer {
		s.mark = -1
	}
	if err != nil {
		return nil, err
	}
	if !s.sound && (!json.Valid(raw) || !utf8.Valid(raw)) {
		return nil, s.notJSON("this value is not valid JSON")
	}
	return raw, nil
}

// skipString passes a string; pos is at its opening quote.
func (s *scanner) skipString() error {
	s.pos++
	for {
		rest := s.buf[s.pos:]
		quote := bytes.IndexByte(rest, '"')
		if quote >= 0 {
			rest = rest[:quote]
		}
		switch slash := bytes.IndexByte(rest, '\\'); {
		case slash >= 0:
			s.pos += slash + 1
			if s.pos < len(s.buf) || s.fill() {
				s.pos++ // the escaped byte
			}
		case quote >= 0:
			s.pos += quote + 1
			return nil
		default:
			s.pos = len(s.buf)
		}
		if s.pos >= len(s.buf) && !s.fill() {
			return s.cutOff()
		}
	}
}

// skipNested passes an object or array; pos is at its opening bracket.
func (s *scanner) skipNested() error {
	depth := 0
	for {
		for s.pos < len(s.buf) {
			switch s.buf[s.pos] {
			case '"':
				if err := s.skipString(); err != nil {
					return err
				}
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			s.pos++
			if depth == 0 {
				return nil
			}
		}
		if !s.fill() {
			return s.cutOff()
		}
	}
}

// skipWord passes a number, true, false or null.
func (s *scanner) skipWord() error {
	for {
		for s.pos < len(s.buf) {
			switch s.buf[s.pos] {
			case ',', ']', '}', ' ', '\t', '\n', '\r', ':', '"', '{', '[':
				return nil
			}
			s.pos++
		}
		if !s.fill() {
			return nil
		}
	}
}

// text takes the next value, which must be a string.
func (s *scanner) text() (string, error) {
	if c := s.peek(); c != '"' && !s.ended() {
		return "", s.notJSON("expected a string, found %q", c)
	}
	raw, err := s.value()
	if err != nil {
		return "", err
	}
	return unquote(raw)
}

// more tells whether a list or object that closes with end goes on, taking the
// comma or the end. first says that nothing was read of it yet.
func (s *scanner) more(end byte, first bool) (bool, error) {
	switch c := s.peek(); {
	case c == end:
		s.pos++
		return false, nil
	case s.ended():
		return false, s.cutOff()
	case first:
		return true, nil
	case c == ',':
		s.pos++
		return true, nil
	default:
		return false, s.notJSON("expected a comma or %q, found %q", end, c)
	}
}

// object takes an object and calls f after each key and colon.
func (s *scanner) object(f func(key string) error) error {
	if err := s.take('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more('}', first)
		if err != nil || !more {
			return err
		}
		key, err := s.text()
		if err != nil {
			return err
		}
		if err := s.take(':'); err != nil {
			return err
		}
		if err := f(key); err != nil {
			return err
		}
	}
}

// list takes an array and calls f at the start of each element.
func (s *scanner) list(f func() error) error {
	if err := s.take('['); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more(']', first)
		if err != nil || !more {
			return err
		}
		if err := f(); err != nil {
			return err
		}
	}
}

// unquote decodes the text of a JSON string that is known to be valid.
func unquote(raw []byte) (string, error) {
	if body := raw[1 : len(raw)-1]; bytes.IndexByte(body, '\\') < 0 {
		return string(body), nil
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err
}

func (s *scanner) cutOff() error {
	if s.ioErr != nil {
		return s.ioErr
	}
	return problem(s.file, s.line(), SummaryCutOff, "%s ends in the middle. %s", s.file, wayOut)
}

func (s *scanner) notJSON(format string, args ...any) error {
	return problem(s.file, s.line(), SummaryNotJSON, "%s is not the JSON that teamsform writes: "+format+". %s",
		append(append([]any{s.file}, args...), wayOut)...)
}
