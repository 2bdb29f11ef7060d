package state

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"unicode/utf8"

	"github.com/teamsform/teamsform/internal/jsonscan"
)

// Meta identifies one written document. The zero Meta is "no document".
type Meta struct {
	Lineage string
	Serial  uint64
	Digest  string // "sha256:..." over all bytes of the document before it
}

// Encode writes s as a document and returns what identifies it. Equal states
// give equal bytes. It refuses a state that could not be read back: two
// records of one address, raw values that are not JSON.
func Encode(w io.Writer, s *State) (Meta, error) {
	if s.Lineage == "" {
		return Meta{}, errors.New("write state: the lineage is empty")
	}
	e := &encoder{digest: sha256.New()}
	e.out = bufio.NewWriterSize(io.MultiWriter(w, e.digest), 64<<10)
	e.document(s, header{
		tool: s.Tool, lineage: s.Lineage, run: s.JournalRun, serial: s.Serial, base: s.BaseSerial,
	})
	sum, err := e.sum()
	if err != nil {
		return Meta{}, fmt.Errorf("write state: %w", err)
	}
	if _, err := fmt.Fprintf(w, "\"digest\":%q}\n", sum); err != nil {
		return Meta{}, fmt.Errorf("write state: %w", err)
	}
	return Meta{Lineage: s.Lineage, Serial: s.Serial, Digest: sum}, nil
}

// Fingerprint is a digest of what s says, whoever wrote it and when: without
// the serials, the tool and the run.
func Fingerprint(s *State) (string, error) {
	e := &encoder{digest: sha256.New()}
	e.out = bufio.NewWriterSize(e.digest, 64<<10)
	e.document(s, header{lineage: s.Lineage})
	sum, err := e.sum()
	if err != nil {
		return "", fmt.Errorf("compare states: %w", err)
	}
	return sum, nil
}

// SameContent reports whether a and b say the same, so that b need not be
// written over a.
func SameContent(a, b *State) (bool, error) {
	fa, err := Fingerprint(a)
	if err != nil {
		return false, err
	}
	fb, err := Fingerprint(b)
	return fa == fb, err
}

// header is the part of line 1 that is not content.
type header struct {
	tool, lineage, run string
	serial, base       uint64
}

// encoder writes a document through a digest. The first error sticks.
type encoder struct {
	out    *bufio.Writer
	digest interface {
		io.Writer
		Sum([]byte) []byte
	}
	line []byte // scratch
	err  error
}

func (e *encoder) sum() (string, error) {
	if e.err == nil {
		e.err = e.out.Flush()
	}
	return "sha256:" + hex.EncodeToString(e.digest.Sum(nil)), e.err
}

func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// flush sends the scratch line on.
func (e *encoder) flush() {
	if e.err == nil {
		_, e.err = e.out.Write(e.line)
	}
	e.line = e.line[:0]
}

func (e *encoder) text(s string) { e.line = append(e.line, s...) }

func (e *encoder) field(name string) {
	if n := len(e.line); n > 0 && e.line[n-1] != '{' {
		e.text(",")
	}
	e.line = jsonscan.AppendString(e.line, name)
	e.text(":")
}

// stringField writes a text field; an empty optional one is left out.
func (e *encoder) stringField(name, value string, optional bool) {
	if value == "" && optional {
		return
	}
	e.field(name)
	e.line = jsonscan.AppendString(e.line, value)
}

func (e *encoder) uintField(name string, n uint64) {
	e.field(name)
	e.line = strconv.AppendUint(e.line, n, 10)
}

// rawField writes raw JSON on one line; nil is left out.
func (e *encoder) rawField(name string, raw json.RawMessage) {
	if raw == nil {
		return
	}
	e.field(name)
	b := bytes.NewBuffer(e.line)
	if err := json.Compact(b, raw); err != nil {
		e.fail(fmt.Errorf("%s: %w", name, err))
		return
	}
	if !utf8.Valid(raw) {
		e.fail(fmt.Errorf("%s: not UTF-8", name))
		return
	}
	e.line = b.Bytes()
}

// rawFields writes a map of raw fields in name order.
func (e *encoder) rawFields(m map[string]json.RawMessage) {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		e.rawField(name, m[name])
	}
}

// document writes all but the digest.
func (e *encoder) document(s *State, h header) {
	e.text("{")
	e.uintField("format", FormatVersion)
	e.stringField("tool", h.tool, false)
	e.stringField("tenant", s.Tenant, false)
	e.stringField("tenant_name", s.TenantName, true)
	e.stringField("cloud", s.Cloud, true)
	e.stringField("lineage", h.lineage, false)
	e.uintField("serial", h.serial)
	if h.base != 0 {
		e.uintField("base_serial", h.base)
	}
	e.stringField("journal_run", h.run, true)
	e.text(",\n")
	e.flush()
	e.extra(s.Extra)
	e.line1("guards", s.Guards)
	e.line1("audiences", s.Audiences)
	e.text("\"outputs\":{")
	e.rawFields(s.Outputs)
	e.text("},\n")
	e.flush()
	e.objects(s.Objects)
	e.pendingRows(s.PendingRows)
	e.tables(s)
}

// line1 writes a top-level field on a line of its own; nil is left out.
func (e *encoder) line1(name string, raw json.RawMessage) {
	if e.rawField(name, raw); raw != nil {
		e.text(",\n")
		e.flush()
	}
}

// extra writes unknown top-level fields, one per line.
func (e *encoder) extra(m map[string]json.RawMessage) {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	known := &decoder{st: &State{}}
	for _, name := range names {
		if _, is := known.header(name); is || slices.Contains([]string{"outputs", "objects", "pending_rows", "tables"}, name) {
			e.fail(fmt.Errorf("the field %q is not an extra one", name))
			return
		}
		e.line1(name, m[name])
	}
}

// tables writes our table, if it has rows, and the unknown ones as they were.
func (e *encoder) tables(s *State) {
	e.text("\"tables\":[")
	first := true
	if len(s.Rows) > 0 {
		e.rows(s)
		first = false
	}
	for _, raw := range sortedTables(s.Tables) {
		if !first {
			e.text(",")
		}
		first = false
		e.text("\n")
		if !json.Valid(raw) || !utf8.Valid(raw) {
			e.fail(errors.New("a table kept verbatim is not JSON"))
		}
		e.line = append(e.line, raw...)
		e.flush()
	}
	if !first {
		e.text("\n")
	}
	e.text("],\n")
	e.flush()
}

func sortedTables(tables []json.RawMessage) []json.RawMessage {
	out := slices.Clone(tables)
	slices.SortStableFunc(out, func(a, b json.RawMessage) int { return bytes.Compare(a, b) })
	return out
}
