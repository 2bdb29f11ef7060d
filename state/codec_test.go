package state_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite testdata/format-N.json of the present format")

// Every document format that was ever written keeps a file here.
func TestFormats(t *testing.T) {
	if *update {
		name := fmt.Sprintf("testdata/format-%d.json", state.FormatVersion)
		if err := os.WriteFile(name, encode(t, example(interner())), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for v := 1; v <= state.FormatVersion; v++ {
		doc, err := os.ReadFile(fmt.Sprintf("testdata/format-%d.json", v))
		if err != nil {
			t.Fatalf("no example of format %d: %v", v, err)
		}
		same(t, example(interner()), decode(t, doc, interner()))
	}
	doc, err := os.ReadFile(fmt.Sprintf("testdata/format-%d.json", state.FormatVersion))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(doc), string(encode(t, example(interner())))); diff != "" {
		t.Errorf("the present format has changed (-file +encoded):\n%s", diff)
	}
}

func TestLayout(t *testing.T) {
	doc := encode(t, example(interner()))
	if !json.Valid(doc) {
		t.Fatal("the document is not JSON")
	}
	var top struct {
		Serial int    `json:"serial"`
		Digest string `json:"digest"`
	}
	if err := json.Unmarshal(doc, &top); err != nil || top.Serial != 42 || !strings.HasPrefix(top.Digest, "sha256:") {
		t.Errorf("serial %d, digest %q, %v", top.Serial, top.Digest, err)
	}
	lines := strings.Split(string(doc), "\n")
	if !strings.HasPrefix(lines[0], `{"format":1,"tool":"0.1.0","tenant":"`) || !strings.Contains(lines[0], `"serial":42`) {
		t.Errorf("line 1 is %s", lines[0])
	}
	for _, start := range []string{
		`{"addr":"app.helpdesk",`, `{"addr":"tab_policy.x[\"a\\\"b\"]",`,
		`["setup_policy","00000000-0000-4000-8000-000000000001","Trusted","policy_assignment.trusted"]`,
		`["permission_policy","00000000-0000-4000-8000-000000000003"]`,
	} {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, start) }) {
			t.Errorf("no line starts with %s", start)
		}
	}
}

// The symbols of policy types depend on the run; the order in the file does not.
func TestEqualContentEqualBytes(t *testing.T) {
	want := encode(t, example(interner()))
	other := table.NewStrings("zeta", "permission_policy", "setup_policy")
	s := example(other)
	slices.Reverse(s.Rows)
	slices.Reverse(s.Objects)
	before := slices.Clone(s.Rows)
	if got := encode(t, s); !bytes.Equal(want, got) {
		t.Errorf("bytes differ:\n%s\n%s", want, got)
	}
	if !slices.Equal(before, s.Rows) {
		t.Error("Encode changed the state")
	}
	read := decode(t, want, other)
	if !slices.IsSortedFunc(read.Rows, table.CompareKey) {
		t.Error("rows are not in the order of the interner that they were read with")
	}
	if got := encode(t, read); !bytes.Equal(want, got) {
		t.Error("bytes differ after reading with another interner")
	}
}

func TestSameContent(t *testing.T) {
	names := interner()
	base := example(names)
	for name, c := range map[string]struct {
		change func(*state.State)
		same   bool
	}{
		"nothing": {
			change: func(*state.State) {},
			same:   true,
		},
		"serial": {
			change: func(s *state.State) { s.Serial++ },
			same:   true,
		},
		"base serial": {
			change: func(s *state.State) { s.BaseSerial = 40 },
			same:   true,
		},
		"tool": {
			change: func(s *state.State) { s.Tool = "0.2.0" },
			same:   true,
		},
		"run": {
			change: func(s *state.State) { s.JournalRun = "run-8" },
			same:   true,
		},
		"tenant name": {
			change: func(s *state.State) { s.TenantName = "x" },
		},
		"lineage": {
			change: func(s *state.State) { s.Lineage = "x" },
		},
		"row": {
			change: func(s *state.State) { s.Rows[0].Policy = names.Sym("Other") },
		},
		"object": {
			change: func(s *state.State) { s.Objects[0].Protect = false },
		},
		"output": {
			change: func(s *state.State) { s.Outputs = nil },
		},
		"pending rows": {
			change: func(s *state.State) { s.PendingRows = nil },
		},
		"extra": {
			change: func(s *state.State) { s.Extra = nil },
		},
		"guards": {
			change: func(s *state.State) { s.Guards = json.RawMessage(`{"version":1}`) },
		},
		"audiences": {
			change: func(s *state.State) { s.Audiences = json.RawMessage(`{"version":1,"blocks":{}}`) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := base.Clone()
			c.change(s)
			if got, err := state.SameContent(base, s); err != nil || got != c.same {
				t.Errorf("SameContent is %v, %v, want %v", got, err, c.same)
			}
			prior := base.Clone()
			if changed, err := s.Advance(prior); err != nil || changed == c.same {
				t.Errorf("Advance says %v, %v", changed, err)
			}
			if want := map[bool]uint64{true: 42, false: 43}[c.same]; s.Serial != want {
				t.Errorf("serial is %d, want %d", s.Serial, want)
			}
		})
	}
	fresh := state.New(tenantID, "global", lineage, names)
	if changed, err := fresh.Advance(nil); !changed || err != nil || fresh.Serial != 1 {
		t.Errorf("a first state: %v, %v, serial %d", changed, err, fresh.Serial)
	}
}

// What a newer version wrote survives a version that does not know it.
func TestUnknownIsKept(t *testing.T) {
	s := decode(t, encode(t, example(interner())), interner())
	if got := string(s.Extra["future"]); got != `{"a":1}` {
		t.Errorf("top-level field: %s", got)
	}
	if got := string(s.Objects[4].Extra["novel"]); got != `[1,null]` || s.Objects[4].Kind != "tab_policy" {
		t.Errorf("object field: %s", got)
	}
	if len(s.Tables) != 1 || string(s.Tables[0]) != "{\"table\":\"later\",\"rows\":[\n[1],\n[2]\n]}" {
		t.Errorf("tables: %s", s.Tables)
	}
	if s.Objects[4].Origin != "inherited" {
		t.Errorf("origin: %s", s.Objects[4].Origin)
	}
}

func TestDecodeStreams(t *testing.T) {
	doc := encode(t, example(interner()))
	for name, r := range map[string]io.Reader{
		"one byte at a time": iotest.OneByteReader(bytes.NewReader(doc)),
		"data with EOF":      iotest.DataErrReader(bytes.NewReader(doc)),
		"halves":             iotest.HalfReader(bytes.NewReader(doc)),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := state.Decode(r, interner())
			if err != nil {
				t.Fatal(err)
			}
			same(t, example(interner()), s)
		})
	}
	if _, err := state.Decode(iotest.TimeoutReader(iotest.HalfReader(bytes.NewReader(doc))), interner()); err == nil || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("a failed read gives %v", err)
	}
}

// Version control may change line ends, an editor may add a byte order mark.
func TestDecodeTolerates(t *testing.T) {
	doc := encode(t, example(interner()))
	for name, edited := range map[string][]byte{
		"CRLF": bytes.ReplaceAll(doc, []byte("\n"), []byte("\r\n")),
		"BOM":  append([]byte("\ufeff"), doc...),
	} {
		t.Run(name, func(t *testing.T) { same(t, example(interner()), decode(t, edited, interner())) })
	}
}

// A tool may have re-indented and sorted everything.
func TestDecodeReformatted(t *testing.T) {
	var all any
	if err := json.Unmarshal(encode(t, example(interner())), &all); err != nil {
		t.Fatal(err)
	}
	doc, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	_, err = state.DecodeWith(bytes.NewReader(doc), interner(), state.DecodeOptions{File: "state.json"})
	wantProblem(t, err, state.SummaryDigest, 3, "edited by hand", `teamsform state push state.json`, "teamsform state restore")
	s, err := state.DecodeWith(bytes.NewReader(doc), interner(), state.DecodeOptions{AnyDigest: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rows) != 4 || len(s.Objects) != 5 || s.Serial != 42 {
		t.Errorf("%d rows, %d objects, serial %d", len(s.Rows), len(s.Objects), s.Serial)
	}
	again := decode(t, encode(t, s), interner())
	if ok, err := state.SameContent(s, again); !ok || err != nil {
		t.Errorf("content differs after writing it back: %v", err)
	}
	if got := string(again.Objects[1].Adopted); got != `{"upload":true}` {
		t.Errorf("raw values stay spread out: %s", got)
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*state.State)
		word   string
	}{
		"no lineage": {
			change: func(s *state.State) { s.Lineage = "" },
			word:   "lineage",
		},
		"two records": {
			change: func(s *state.State) { s.Objects[1].Addr = s.Objects[0].Addr },
			word:   "two records of app.helpdesk",
		},
		"no address": {
			change: func(s *state.State) { s.Objects[0].Addr = addr.Instance{} },
			word:   "no address",
		},
		"attributes": {
			change: func(s *state.State) { s.Objects[0].Attrs = json.RawMessage(`{"a":`) },
			word:   "app.helpdesk: attrs",
		},
		"not UTF-8": {
			change: func(s *state.State) { s.Objects[0].Attrs = json.RawMessage("\"\xff\"") },
			word:   "UTF-8",
		},
		"two rows": {
			change: func(s *state.State) { s.Rows[1].User = s.Rows[0].User },
			word:   "two rows of setup_policy",
		},
		"row of no type": {
			change: func(s *state.State) { s.Rows[0].Type = 0 },
			word:   "no policy type",
		},
		"rows without names": {
			change: func(s *state.State) { s.Strings = nil },
			word:   "symbols",
		},
		"known extra": {
			change: func(s *state.State) { s.Extra["serial"] = json.RawMessage(`1`) },
			word:   "serial",
		},
		"known field": {
			change: func(s *state.State) { s.Objects[4].Extra["addr"] = json.RawMessage(`1`) },
			word:   "addr",
		},
		"table": {
			change: func(s *state.State) { s.Tables[0] = json.RawMessage(`{`) },
			word:   "table",
		},
		"pending": {
			change: func(s *state.State) { s.PendingRows[0].Old = []string{"x"} },
			word:   "1 old policies for 2 users",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := example(interner())
			c.change(s)
			if _, err := state.Encode(io.Discard, s); err == nil || !strings.Contains(err.Error(), c.word) {
				t.Errorf("got %v, want an error with %q", err, c.word)
			}
		})
	}
}

func TestObjectLookup(t *testing.T) {
	s := example(interner())
	if o := s.Object(addr.New("setup_policy", "trusted")); o == nil || o.Retiring || o.String() != "setup_policy.trusted" {
		t.Errorf("found %v", o)
	}
	if o := s.Objects[3]; o.String() != "setup_policy.trusted (retiring)" {
		t.Errorf("the old self is %v", o)
	}
	s.Objects = slices.Delete(s.Objects, 2, 3)
	if o := s.Object(addr.New("setup_policy", "trusted")); o != nil {
		t.Errorf("found %v, but only the old self is there", o)
	}
}

// Any state reads back as it was written, and writes back the same bytes.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyState(t)
		var doc bytes.Buffer
		meta, err := state.Encode(&doc, s)
		if err != nil {
			t.Fatal(err)
		}
		first := bytes.Clone(doc.Bytes())
		if !json.Valid(first) {
			t.Fatalf("not JSON:\n%s", first)
		}
		got, err := state.Decode(&doc, table.NewStrings("permission_policy", "other", "setup_policy"))
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if metaAgain, err := state.Encode(&again, got); err != nil || metaAgain != meta {
			t.Fatalf("%v, %v and %v", err, meta, metaAgain)
		}
		if !bytes.Equal(first, again.Bytes()) {
			t.Fatalf("bytes differ:\n%s\n%s", first, again.Bytes())
		}
		s.Sort()
		got.Strings, got.Rows = s.Strings, reintern(got, s.Strings)
		got.Sort()
		if diff := cmp.Diff(plain(s), plain(got)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// reintern gives the rows of s the symbols of names.
func reintern(s *state.State, names *table.Strings) []table.Row {
	var out []table.Row
	for _, r := range s.Rows {
		n := func(sym table.Sym) table.Sym { return names.Sym(s.Strings.Name(sym)) }
		out = append(out, table.Row{User: r.User, Type: n(r.Type), Policy: n(r.Policy), Addr: n(r.Addr), Adopted: n(r.Adopted)})
	}
	return out
}

// anyState draws a state with awkward names.
func anyState(t *rapid.T) *state.State {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", `"`, `\`, "a\nb", "é", "\u2028", "<&>", `\"`}))
	raw := rapid.SampledFrom([]json.RawMessage{nil, json.RawMessage(`null`), json.RawMessage(`{"a":[1,"x\u00e9\""]}`), json.RawMessage(`-1.50e3`)})
	names := table.NewStrings("setup_policy")
	s := state.New(text.Draw(t, "tenant"), text.Draw(t, "cloud"), "l"+text.Draw(t, "lineage"), names)
	s.Serial, s.Tool, s.TenantName = rapid.Uint64().Draw(t, "serial"), text.Draw(t, "tool"), text.Draw(t, "tenant name")
	for range rapid.IntRange(0, 4).Draw(t, "objects") {
		a := addr.New("app", rapid.StringMatching(`[a-d]`).Draw(t, "name"))
		if rapid.Bool().Draw(t, "keyed") {
			a = a.WithKey(text.Draw(t, "for_each key"))
		}
		o := &state.Object{
			Addr: a, Kind: "app", KindVersion: rapid.IntRange(0, 3).Draw(t, "version"), ID: text.Draw(t, "id"), Key: text.Draw(t, "key"),
			Retiring: rapid.Bool().Draw(t, "retiring"), Attrs: raw.Draw(t, "attrs"), Adopted: raw.Draw(t, "adopted"), Protect: rapid.Bool().Draw(t, "protect"),
		}
		if rapid.Bool().Draw(t, "pending") {
			o.Pending = &state.Pending{New: raw.Draw(t, "new"), Since: noon, Until: noon.Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "window")))}
		}
		if !slices.ContainsFunc(s.Objects, func(x *state.Object) bool { return state.Compare(x, o) == 0 }) {
			s.Objects = append(s.Objects, o)
		}
	}
	used := map[string]bool{}
	for range rapid.IntRange(0, 6).Draw(t, "rows") {
		typ := rapid.SampledFrom([]string{"setup_policy", "permission_policy", "z \"q\""}).Draw(t, "type")
		n := rapid.IntRange(1, 5).Draw(t, "user")
		if key := fmt.Sprint(typ, n); !used[key] {
			used[key] = true
			s.Rows = append(s.Rows, row(names, typ, n, text.Draw(t, "policy"), text.Draw(t, "addr"), text.Draw(t, "adopted")))
		}
	}
	return s
}

func TestGoldenIsCommitted(t *testing.T) {
	found, err := filepath.Glob("testdata/format-*.json")
	if err != nil || len(found) != state.FormatVersion {
		t.Errorf("%d examples for %d formats, %v", len(found), state.FormatVersion, err)
	}
}

// What the engine keeps of limits and audiences is read back as it was, and is
// opaque here: a newer version of it is not this package's business.
func TestRecordsOfTheEngine(t *testing.T) {
	s := example(interner())
	s.Guards = json.RawMessage(`{"version":9,"limits":{"deletions":["10","10%"]}}`)
	s.Audiences = json.RawMessage(`{"version":1,"blocks":{"policy_assignment.x":{"digest":"d"}}}`)
	var b bytes.Buffer
	if _, err := state.Encode(&b, s); err != nil {
		t.Fatal(err)
	}
	got, err := state.Decode(bytes.NewReader(b.Bytes()), interner())
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Guards) != string(s.Guards) || string(got.Audiences) != string(s.Audiences) {
		t.Errorf("read back as %s and %s", got.Guards, got.Audiences)
	}
	if len(got.Extra) != 1 {
		t.Errorf("taken for unknown fields: %v", got.Extra)
	}
	s.Extra["guards"] = s.Guards
	if _, err := state.Encode(&b, s); err == nil {
		t.Error("a known field is accepted as an extra one")
	}
}
