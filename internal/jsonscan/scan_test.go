package jsonscan_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/jsonscan"
	"pgregory.net/rapid"
)

// tree reads a value into what encoding/json makes of it, with the scanner's
// own walk over objects and lists.
func tree(s *jsonscan.Scanner) (any, error) {
	switch s.Peek() {
	case '{':
		out := map[string]any{}
		err := s.Object(func(key string) error {
			v, err := tree(s)
			out[key] = v
			return err
		})
		return out, err
	case '[':
		out := []any{}
		err := s.List(func() error {
			v, err := tree(s)
			out = append(out, v)
			return err
		})
		return out, err
	}
	raw, err := s.Value()
	if err != nil {
		return nil, err
	}
	var v any
	err = json.Unmarshal(raw, &v)
	return v, err
}

const sample = ` {"a": [1, -2.5e3, true, null, "x\"\\\u00e9\n"], "b": {}, "c": [], "{[": {"]}": ["]", "}", "\\"]}} `

// readers are ways in which input may come.
func readers(doc string) map[string]io.Reader {
	return map[string]io.Reader{
		"at once":            strings.NewReader(doc),
		"byte by byte":       iotest.OneByteReader(strings.NewReader(doc)),
		"with its end":       iotest.DataErrReader(strings.NewReader(doc)),
		"with empty reads":   &stutter{r: strings.NewReader(doc)},
		"of unknown length":  io.MultiReader(strings.NewReader(doc)),
		"beyond one window":  io.MultiReader(strings.NewReader(strings.Repeat(" ", 300<<10)), strings.NewReader(doc)),
		"across two windows": io.MultiReader(strings.NewReader(strings.Repeat(" ", 256<<10-20)), strings.NewReader(doc)),
	}
}

// stutter reads nothing every other time.
type stutter struct {
	r io.Reader
	n int
}

func (s *stutter) Read(b []byte) (int, error) {
	if s.n++; s.n%2 == 0 {
		return 0, nil
	}
	return s.r.Read(b[:min(3, len(b))])
}

func TestWalk(t *testing.T) {
	var want any
	if err := json.Unmarshal([]byte(sample), &want); err != nil {
		t.Fatal(err)
	}
	for name, r := range readers(sample) {
		for _, size := range []int{0, 1, 7, len(sample)} {
			if size > 0 && name != "at once" {
				continue
			}
			t.Run(fmt.Sprint(name, " ", size), func(t *testing.T) {
				s := jsonscan.New(r, size)
				got, err := tree(s)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				if s.Peek() != 0 || !s.Ended() || s.Err() != nil {
					t.Errorf("not at the end: %v", s.Err())
				}
			})
			r = strings.NewReader(sample)
		}
	}
}

// The whole of any value is taken, as it stands.
func TestValue(t *testing.T) {
	for name, r := range readers(sample) {
		t.Run(name, func(t *testing.T) {
			raw, err := jsonscan.New(r, 0).Value()
			if err != nil || string(raw) != strings.TrimSpace(sample) {
				t.Errorf("got %q, %v", raw, err)
			}
		})
	}
}

func TestLongValue(t *testing.T) {
	long := `["` + strings.Repeat(`ab\"c`, 200_000) + `"]`
	s := jsonscan.New(iotest.HalfReader(strings.NewReader(" "+long+",1")), 0)
	raw, err := s.Value()
	if err != nil || string(raw) != long {
		t.Fatalf("%d bytes of %d, %v", len(raw), len(long), err)
	}
	if err := s.Take(','); err != nil {
		t.Error(err)
	}
	if raw, err = s.Value(); string(raw) != "1" || err != nil {
		t.Errorf("behind it: %q, %v", raw, err)
	}
}

func TestErrors(t *testing.T) {
	for doc, want := range map[string]jsonscan.Error{
		"":                {Line: 1, CutOff: true, What: "unexpected end"},
		"\n\n":            {Line: 3, CutOff: true, What: "unexpected end"},
		"{":               {Line: 1, CutOff: true, What: "unexpected end"},
		"{\n\"a":          {Line: 2, CutOff: true, What: "unexpected end"},
		"{\n\"a\\":        {Line: 2, CutOff: true, What: "unexpected end"},
		"{\n\"a\"":        {Line: 2, CutOff: true, What: "unexpected end"},
		"{\"a\":\n[1,":    {Line: 2, CutOff: true, What: "unexpected end"},
		"{\"a\":\n[1":     {Line: 2, CutOff: true, What: "unexpected end"},
		"{\"a\":\n[1}":    {Line: 2, What: "expected a comma or ']', found '}'"},
		"{\n\"a\" 1}":     {Line: 2, What: "expected ':', found '1'"},
		"{\n1:1}":         {Line: 2, What: "expected a string, found '1'"},
		"[\n\n1 2]":       {Line: 3, What: "expected a comma or ']', found '2'"},
		"[\n1,\n]":        {Line: 3, What: "this value is not valid JSON"},
		"[\n01]":          {Line: 2, What: "this value is not valid JSON"},
		"[\ntru]":         {Line: 2, What: "this value is not valid JSON"},
		"[\n\"\t\"]":      {Line: 2, What: "this value is not valid JSON"},
		"[\n\"\\x\"]":     {Line: 2, What: "this value is not valid JSON"},
		"[\n\"\xff\"]":    {Line: 2, What: "this value is not valid JSON"},
		"{\"a\":1,\n}":    {Line: 2, What: "expected a string, found '}'"},
		"{\"a\":1\n\"b\"": {Line: 2, What: "expected a comma or '}', found '\"'"},
	} {
		for _, r := range []io.Reader{strings.NewReader(doc), iotest.OneByteReader(strings.NewReader(doc))} {
			_, err := tree(jsonscan.New(r, 0))
			var got *jsonscan.Error
			if !errors.As(err, &got) || *got != want {
				t.Errorf("%q gives %v, want %v", doc, err, &want)
			}
		}
	}
}

func TestReadErrors(t *testing.T) {
	broken := errors.New("broken pipe")
	s := jsonscan.New(io.MultiReader(strings.NewReader(`{"a":`), iotest.ErrReader(broken)), 0)
	if _, err := tree(s); !errors.Is(err, broken) || !errors.Is(s.Err(), broken) {
		t.Errorf("got %v, %v", err, s.Err())
	}
	s = jsonscan.New(forever{}, 0)
	if _, err := tree(s); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that gives nothing: %v", err)
	}
}

type forever struct{}

func (forever) Read([]byte) (int, error) { return 0, nil }

// A callback's error ends the walk.
func TestCallbackErrors(t *testing.T) {
	stop := errors.New("stop")
	if err := jsonscan.New(strings.NewReader(`{"a":1,"b":2}`), 0).Object(func(string) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("object: %v", err)
	}
	if err := jsonscan.New(strings.NewReader(`[1,2]`), 0).List(func() error { return stop }); !errors.Is(err, stop) {
		t.Errorf("list: %v", err)
	}
}

// The digest covers all bytes before the mark, however they came.
func TestSum(t *testing.T) {
	before := "{\"a\":\r\n[" + strings.Repeat("1,\r\n", 100_000) + "2],"
	doc := before + "\r\n \"digest\":1}"
	for _, c := range []struct {
		name   string
		setup  func(*jsonscan.Scanner)
		hashed string
	}{
		{"as it is", func(*jsonscan.Scanner) {}, before + "\r\n "},
		{"without CR", func(s *jsonscan.Scanner) { s.Start(10); s.IgnoreCR() }, strings.ReplaceAll(before, "\r", "") + "\n "},
	} {
		for _, r := range []io.Reader{strings.NewReader(doc), iotest.HalfReader(strings.NewReader(doc)), io.MultiReader(strings.NewReader(doc))} {
			s := jsonscan.New(r, 0)
			c.setup(s)
			var sum []byte
			if err := s.Take('{'); err != nil {
				t.Fatal(err)
			}
			for first := true; ; first = false {
				more, err := s.More('}', first)
				if err != nil {
					t.Fatal(err)
				}
				if !more {
					break
				}
				s.Peek()
				s.Mark()
				key, err := s.Text()
				if err != nil {
					t.Fatal(err)
				}
				if key == "digest" {
					sum = s.Sum()
				}
				s.Release()
				if err := s.Take(':'); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Value(); err != nil {
					t.Fatal(err)
				}
			}
			if want := sha256.Sum256([]byte(c.hashed)); !bytes.Equal(sum, want[:]) {
				t.Errorf("%s: another digest", c.name)
			}
		}
	}
}

func TestIgnore(t *testing.T) {
	s := jsonscan.New(strings.NewReader("\ufeff1"), 0)
	if got := s.Start(3); string(got) != "\ufeff" {
		t.Errorf("the start is %q", got)
	}
	s.Ignore(3)
	s.Mark()
	if want := sha256.Sum256(nil); !bytes.Equal(s.Sum(), want[:]) {
		t.Error("what is ignored is in the digest")
	}
	if raw, err := s.Value(); string(raw) != "1" || err != nil {
		t.Errorf("got %q, %v", raw, err)
	}
}

// After a rewind the same is read again, on the same lines.
func TestRewind(t *testing.T) {
	doc := "[\n{\"table\":\n\"x\"},\n2]"
	for _, r := range []io.Reader{strings.NewReader(doc), iotest.OneByteReader(strings.NewReader(doc))} {
		s := jsonscan.New(r, 0)
		if err := s.Take('['); err != nil {
			t.Fatal(err)
		}
		s.Peek()
		s.Mark()
		if err := s.Take('{'); err != nil {
			t.Fatal(err)
		}
		if key, err := s.Text(); key != "table" || err != nil {
			t.Errorf("key %q, %v", key, err)
		}
		if err := s.Take(':'); err != nil {
			t.Fatal(err)
		}
		s.Peek()
		if s.Line() != 3 {
			t.Errorf("line %d before the rewind", s.Line())
		}
		s.Rewind()
		if s.Line() != 2 {
			t.Errorf("line %d after the rewind", s.Line())
		}
		if raw, err := s.Value(); string(raw) != "{\"table\":\n\"x\"}" || err != nil {
			t.Errorf("got %q, %v", raw, err)
		}
		if s.Line() != 3 {
			t.Errorf("line %d behind the value", s.Line())
		}
	}
}

func TestRest(t *testing.T) {
	long := strings.Repeat("x", 100)
	s := jsonscan.New(iotest.OneByteReader(strings.NewReader("ab\n"+long+"\n"+long)), 0)
	if got := s.Rest(10); string(got) != "ab" {
		t.Errorf("a short line is %q", got)
	}
	s.Skip(1)
	if got := s.Rest(10); string(got) != "b" {
		t.Errorf("after one byte: %q", got)
	}
	s.Skip(2)
	if got := s.Rest(10); string(got) != long[:10] {
		t.Errorf("a line out of reach gives %q", got)
	}
	if got := s.Rest(200); string(got) != long {
		t.Errorf("the same within reach gives %d bytes", len(got))
	}
	s.Skip(101)
	if got := s.Rest(1000); string(got) != long {
		t.Errorf("the last line without an end gives %q", got)
	}
	if s.Line() != 3 {
		t.Errorf("line %d", s.Line())
	}
}

func TestWithin(t *testing.T) {
	s := jsonscan.Within([]byte("{\"a\":\n1}"), 7)
	if err := s.Object(func(string) error { _, err := s.Value(); return err }); err != nil {
		t.Error(err)
	}
	if s.Line() != 8 {
		t.Errorf("line %d", s.Line())
	}
	if _, err := s.Value(); err == nil || err.Error() != "line 8: unexpected end" {
		t.Errorf("got %v", err)
	}
}

func TestStringEnd(t *testing.T) {
	for b, want := range map[string]int{
		``: 0, `x`: 0, `"`: 0, `"x`: 0, `""`: 2, `"x"y`: 3, `"\""`: 4, `"\\"`: 4, `"\\\""z`: 6, `"\`: 0, `"\"`: 0, `"a\\","b"`: 5,
	} {
		if got := jsonscan.StringEnd([]byte(b)); got != want {
			t.Errorf("%s ends at %d, want %d", b, got, want)
		}
	}
}

// Strings are written as encoding/json reads them, and on one line.
func TestStrings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("\"\\\n\t\r\x00\x1f<>&é\u2028a")))).Draw(t, "text")
		raw := jsonscan.AppendString([]byte("x"), text)[1:]
		var got string
		if err := json.Unmarshal(raw, &got); err != nil || got != text {
			t.Fatalf("%s reads as %q, %v", raw, got, err)
		}
		if bytes.ContainsAny(raw, "\n\r\t") {
			t.Fatalf("not on one line: %s", raw)
		}
		if end := jsonscan.StringEnd(raw); end != len(raw) {
			t.Fatalf("%s ends at %d", raw, end)
		}
		if got, err := jsonscan.Unquote(raw); err != nil || got != text {
			t.Fatalf("%s is %q, %v", raw, got, err)
		}
	})
	if got := string(jsonscan.AppendString(nil, "a\xffb")); got != "\"a\ufffdb\"" {
		t.Errorf("what is not UTF-8 is written as %q", got)
	}
	if got := string(jsonscan.AppendString(nil, "<&>\n\x01")); got != `"<&>\n\u0001"` {
		t.Errorf("got %s", got)
	}
}

// The scanner takes what encoding/json takes, and nothing else.
func FuzzWalk(f *testing.F) {
	for _, doc := range []string{sample, `[1,]`, `{"a"}`, `"\ud800"`, `[[[]]]`, `-`, `1 2`, "\"\xff\""} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		s := jsonscan.New(iotest.HalfReader(strings.NewReader(doc)), 0)
		got, err := tree(s)
		whole := err == nil && s.Peek() == 0 && s.Ended()
		var want any
		valid := json.Unmarshal([]byte(doc), &want) == nil
		if strings.ToValidUTF8(doc, "") != doc {
			return // stricter than encoding/json
		}
		if whole != valid {
			t.Fatalf("%q: taken %v (%v), valid %v", doc, whole, err, valid)
		}
		if diff := cmp.Diff(want, got); valid && diff != "" {
			t.Fatal(diff)
		}
	})
}
