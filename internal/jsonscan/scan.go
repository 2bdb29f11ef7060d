package jsonscan

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"unicode/utf8"
)

// Scanner walks a JSON document through a window that slides over the input,
// so that a state of a million rows is never in memory as text. It hands out
// values as raw slices of the window: they are good until the next call.
//
// It also hashes what it passes, because the digest covers all bytes before
// itself, and counts lines for messages.
type Scanner struct {
	r io.Reader

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

// New returns a scanner of r. size is the length of the input where it is known,
// else 0.
func New(r io.Reader, size int) *Scanner {
	window := windowSize
	if size > 0 {
		window = min(window, size+1) // one more, to see the end
	}
	return &Scanner{r: r, buf: make([]byte, 0, window), mark: -1, sum: sha256.New()}
}

// Within returns a scanner over a value that a scanner has taken, which starts
// on the given line. Values in it are not checked again.
func Within(raw []byte, line int) *Scanner {
	return &Scanner{buf: raw, eof: true, mark: -1, sound: true, lines: line - 1}
}

// Error says what is wrong with the input.
type Error struct {
	Line   int  // from 1
	CutOff bool // the input ends in the middle
	What   string
}

// Error gives line and problem.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.What) }

// Start returns the first bytes of the input, at most n, before anything is
// taken.
func (s *Scanner) Start(n int) []byte {
	for len(s.buf) < n && s.fill() {
		continue
	}
	return s.buf[:min(n, len(s.buf))]
}

// Ignore passes n bytes at the start as if they were not there.
func (s *Scanner) Ignore(n int) { s.pos, s.hashed = n, n }

// IgnoreCR leaves carriage returns out of the digest: version control may have
// added them.
func (s *Scanner) IgnoreCR() { s.dropCR = true }

// Mark keeps the input from the next byte on, so that Rewind can go back to it
// or Sum stop there, until Release.
func (s *Scanner) Mark() { s.mark = s.pos }

// Rewind goes back to the mark and releases it.
func (s *Scanner) Rewind() { s.pos, s.mark = s.mark, -1 }

// Release gives up the mark, if there is one.
func (s *Scanner) Release() { s.mark = -1 }

// Sum is the SHA-256 of all input before the mark. It can be asked for once.
func (s *Scanner) Sum() []byte {
	s.hashTo(s.mark)
	return s.sum.Sum(nil)
}

// Rest returns the rest of the line, without its end, if that is within reach
// bytes; else what there is, at least reach bytes unless the input ends.
func (s *Scanner) Rest(reach int) []byte {
	for {
		rest := s.buf[s.pos:]
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			return rest[:end]
		}
		if len(rest) >= reach || !s.fill() {
			return rest
		}
	}
}

// Skip passes n bytes of what Rest returned.
func (s *Scanner) Skip(n int) { s.pos += n }

// Err is the error that ended the input, if it was not its end.
func (s *Scanner) Err() error { return s.ioErr }

// fill slides the window and reads more. It reports whether there was more.
func (s *Scanner) fill() bool {
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
func (s *Scanner) hashTo(end int) {
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

// Line is the line that the scanner stands on, from 1.
func (s *Scanner) Line() int {
	s.countTo(s.pos)
	return s.lines + 1
}

// countTo moves the place up to which line ends are counted.
func (s *Scanner) countTo(at int) {
	if at < s.counted {
		s.lines -= bytes.Count(s.buf[at:s.counted], []byte{'\n'})
	} else {
		s.lines += bytes.Count(s.buf[s.counted:at], []byte{'\n'})
	}
	s.counted = at
}

// Peek skips white space and returns the next byte without taking it; 0 at the
// end of the input.
func (s *Scanner) Peek() byte {
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

// Take skips white space and takes the byte c.
func (s *Scanner) Take(c byte) error {
	switch got := s.Peek(); {
	case got == c:
		s.pos++
		return nil
	case s.Ended():
		return s.cutOff()
	default:
		return s.wrong("expected %q, found %q", c, got)
	}
}

// Ended reports whether all input is taken.
func (s *Scanner) Ended() bool { return s.eof && s.pos >= len(s.buf) }

// Value takes the next JSON value and returns its text, checked to be valid.
func (s *Scanner) Value() ([]byte, error) {
	c := s.Peek()
	if s.Ended() {
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
		return nil, s.wrong("this value is not valid JSON")
	}
	return raw, nil
}

// skipString passes a string; pos is at its opening quote.
func (s *Scanner) skipString() error {
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
func (s *Scanner) skipNested() error {
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
func (s *Scanner) skipWord() error {
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

// Text takes the next value, which must be a string.
func (s *Scanner) Text() (string, error) {
	if c := s.Peek(); c != '"' && !s.Ended() {
		return "", s.wrong("expected a string, found %q", c)
	}
	raw, err := s.Value()
	if err != nil {
		return "", err
	}
	return Unquote(raw)
}

// More tells whether a list or object that closes with end goes on, taking the
// comma or the end. first says that nothing was read of it yet.
func (s *Scanner) More(end byte, first bool) (bool, error) {
	switch c := s.Peek(); {
	case c == end:
		s.pos++
		return false, nil
	case s.Ended():
		return false, s.cutOff()
	case first:
		return true, nil
	case c == ',':
		s.pos++
		return true, nil
	default:
		return false, s.wrong("expected a comma or %q, found %q", end, c)
	}
}

// Object takes an object and calls f after each key and colon.
func (s *Scanner) Object(f func(key string) error) error {
	if err := s.Take('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.More('}', first)
		if err != nil || !more {
			return err
		}
		key, err := s.Text()
		if err != nil {
			return err
		}
		if err := s.Take(':'); err != nil {
			return err
		}
		if err := f(key); err != nil {
			return err
		}
	}
}

// List takes an array and calls f at the start of each element.
func (s *Scanner) List(f func() error) error {
	if err := s.Take('['); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.More(']', first)
		if err != nil || !more {
			return err
		}
		if err := f(); err != nil {
			return err
		}
	}
}

// cutOff is the error of an input that ends too early, or that cannot be read
// any further.
func (s *Scanner) cutOff() error {
	if s.ioErr != nil {
		return s.ioErr
	}
	return &Error{Line: s.Line(), CutOff: true, What: "unexpected end"}
}

func (s *Scanner) wrong(format string, args ...any) error {
	return &Error{Line: s.Line(), What: fmt.Sprintf(format, args...)}
}
