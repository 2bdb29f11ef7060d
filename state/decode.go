package state

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/jsonscan"
	"github.com/teamsform/teamsform/internal/table"
)

// DecodeOptions say how a document is read.
type DecodeOptions struct {
	File string // name for messages; "" means "state"
	// AnyDigest accepts a document that was edited by hand.
	AnyDigest bool
}

// Decode reads a document. Names in rows are interned in interner, which the
// caller shares with the tables it will compare with; objects and rows come
// out sorted for it. Errors about the content are hcl.Diagnostics with file,
// line and remedy.
func Decode(r io.Reader, interner *table.Strings) (*State, error) {
	return DecodeWith(r, interner, DecodeOptions{})
}

// DecodeWith is Decode with options.
func DecodeWith(r io.Reader, interner *table.Strings, o DecodeOptions) (*State, error) {
	if o.File == "" {
		o.File = "state"
	}
	if interner == nil {
		interner = table.NewStrings()
	}
	size := 0
	if sized, ok := r.(interface{ Len() int }); ok {
		size = sized.Len()
	}
	d := &decoder{Scanner: jsonscan.New(r, size), file: o.File, st: &State{Strings: interner}, seen: map[string]bool{}, sizeHint: size}
	if err := d.document(); err != nil {
		return nil, explain(o.File, err)
	}
	if err := d.finish(o.AnyDigest); err != nil {
		return nil, err
	}
	return d.st, nil
}

// decoder fills a State from the document. Fields may come in any order, since
// a document that was edited by hand may have been sorted by a tool; only
// "digest" ends what it covers.
type decoder struct {
	*jsonscan.Scanner
	file     string
	st       *State
	seen     map[string]bool // top-level fields read
	sizeHint int             // bytes of input, when known
	rows     rowReader
	lines    []int // of Objects, as read

	digest     string // as written
	digestLine int
	computed   string // of the bytes before it; "" if something follows it
}

// document takes the whole input.
func (d *decoder) document() error {
	if err := d.opening(); err != nil {
		return err
	}
	if err := d.Take('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := d.More('}', first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := d.topField(); err != nil {
			return err
		}
	}
	if d.Peek() != 0 || !d.Ended() {
		return &jsonscan.Error{Line: d.Line(), What: "something follows the end of the document"}
	}
	return d.Err()
}

// opening looks at the first bytes: wrong encodings are told by name, a UTF-8
// byte order mark is passed over, and line ends are noted.
func (d *decoder) opening() error {
	start := d.Start(4096)
	switch b := start; {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}),
		len(b) > 1 && (b[0] == 0 || b[1] == 0):
		return problem(d.file, 1, SummaryUTF16, "%s is UTF-16; a state is UTF-8. A redirection in Windows PowerShell writes UTF-16: save it as UTF-8, or write it with \"teamsform state pull\". %s", d.file, wayOut)
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		d.Ignore(3)
	}
	if i := bytes.IndexByte(start, '\n'); i > 0 && start[i-1] == '\r' {
		d.IgnoreCR()
	}
	return nil
}

// topField takes one field of the document. The key is kept in the window
// until it is known not to be "digest", because the digest stops before it.
func (d *decoder) topField() error {
	d.Peek()
	d.Mark()
	key, err := d.Text()
	if err != nil {
		return err
	}
	d.computed = ""
	if key == "digest" {
		d.computed, d.digestLine = "sha256:"+hex.EncodeToString(d.Sum()), d.Line()
	}
	d.Release()
	if err := d.Take(':'); err != nil {
		return err
	}
	if d.seen[key] {
		return problem(d.file, d.Line(), SummaryDuplicate, "The field %q stands twice. %s", key, wayOut)
	}
	d.seen[key] = true
	return d.topValue(key)
}

// topValue takes the value of a top-level field.
func (d *decoder) topValue(key string) error {
	switch key {
	case "outputs":
		return d.Object(func(name string) error {
			raw, err := d.Value()
			if err == nil {
				keep(&d.st.Outputs, name, raw)
			}
			return err
		})
	case "objects":
		return d.List(d.objectLine)
	case "pending_rows":
		return d.List(d.pendingLine)
	case "tables":
		return d.List(d.table)
	}
	line := d.Line()
	raw, err := d.Value()
	if err != nil {
		return err
	}
	target, known := d.header(key)
	if !known {
		keep(&d.st.Extra, key, raw)
		return nil
	}
	if err := json.Unmarshal(raw, target); err != nil {
		return problem(d.file, line, SummaryDamaged, "The field %q cannot be %s. %s", key, clip(raw), wayOut)
	}
	if key == "format" && d.st.Format > FormatVersion {
		return problem(d.file, line, SummaryNewer, "%s has format %d; this teamsform reads formats up to %d. Use a newer teamsform.", d.file, d.st.Format, FormatVersion)
	}
	return nil
}

// header returns where a header field goes.
func (d *decoder) header(key string) (target any, known bool) {
	s := d.st
	switch key {
	case "format":
		return &s.Format, true
	case "tool":
		return &s.Tool, true
	case "tenant":
		return &s.Tenant, true
	case "tenant_name":
		return &s.TenantName, true
	case "cloud":
		return &s.Cloud, true
	case "lineage":
		return &s.Lineage, true
	case "serial":
		return &s.Serial, true
	case "base_serial":
		return &s.BaseSerial, true
	case "journal_run":
		return &s.JournalRun, true
	case "guards":
		return &s.Guards, true
	case "audiences":
		return &s.Audiences, true
	case "digest":
		return &d.digest, true
	}
	return nil, false
}

// finish checks what can only be known at the end, and upgrades.
func (d *decoder) finish(anyDigest bool) error {
	s := d.st
	if s.Format < 1 || s.Lineage == "" || !d.seen["serial"] {
		return problem(d.file, 1, SummaryNotState, "%s is JSON, but lacks the fields format, lineage and serial of a teamsform state. Is it the state of another tool? %s", d.file, wayOut)
	}
	if err := d.sortObjects(); err != nil {
		return err
	}
	if err := d.sortRows(); err != nil {
		return err
	}
	if (d.computed == "" || d.digest != d.computed) && !anyDigest {
		what := "the digest at its end does not fit what stands before it"
		if d.digest == "" {
			what = "it has no digest"
		}
		return problem(d.file, cmp.Or(d.digestLine, d.Line()), SummaryDigest, "%s was edited by hand, or is damaged: %s. If the edit was meant, \"teamsform state push %s\" takes it over with a new digest. Otherwise: %s",
			d.file, what, d.file, lowerFirst(wayOut))
	}
	return upgrade(s)
}

// upgrade turns a state that was read from an older document format into the
// present one. Readers of older formats keep their testdata/format-N.json.
func upgrade(s *State) error {
	// Format 1 is the first: a change of meaning between N and N+1 is a case
	// here that falls through to the next.
	s.Format = FormatVersion
	return nil
}

// sortObjects puts objects in order and refuses two of one address.
func (d *decoder) sortObjects() error {
	if slices.IsSortedFunc(d.st.Objects, Compare) {
		return nil // neighbours were compared as they were read
	}
	sorted := slices.Clone(d.st.Objects)
	slices.SortStableFunc(sorted, Compare)
	for i := 1; i < len(sorted); i++ {
		if Compare(sorted[i-1], sorted[i]) == 0 {
			return d.duplicate(d.lines[slices.Index(d.st.Objects, sorted[i])], sorted[i])
		}
	}
	d.st.Objects = sorted
	return nil
}

func (d *decoder) duplicate(line int, o *Object) error {
	return problem(d.file, line, SummaryDuplicate, "%s stands twice; an address has one record. Remove one of them and take the file over with \"teamsform state push %s\". Otherwise: %s",
		o, d.file, lowerFirst(wayOut))
}

// keep stores a copy of raw, which lies in the window, in a map made on demand.
func keep(m *map[string]json.RawMessage, key string, raw []byte) {
	if *m == nil {
		*m = map[string]json.RawMessage{}
	}
	(*m)[key] = bytes.Clone(raw)
}

// clip shortens a value for a message.
func clip(raw []byte) string {
	if len(raw) > 40 {
		return strings.ToValidUTF8(string(raw[:40]), "") + "..."
	}
	return string(raw)
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
