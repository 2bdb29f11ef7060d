package state_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// manyRows is a state of n users in key order, their policies and blocks mixed.
func manyRows(n int) *state.State {
	names := interner()
	s := state.New(tenantID, "global", lineage, names)
	s.Serial = 1
	policies := []string{"Trusted", "Frontline", "Zoë's \"pilot\"", "Standard"}
	blocks := []string{"policy_assignment.trusted", `policy_assignment.site["berlin"]`, "policy_assignment.hq"}
	for i := range n {
		s.Rows = append(s.Rows, row(names, "setup_policy", i, policies[i%len(policies)], blocks[i%len(blocks)], ""))
	}
	return s
}

// Rows of a stored state cost no allocation each, neither way, and about 100
// bytes; whatever the names need is paid once.
func TestRowsCost(t *testing.T) {
	const n = 2000
	small, large := manyRows(n), manyRows(2*n)
	docs := [][]byte{encode(t, small), encode(t, large)}
	if perRow := (len(docs[1]) - len(docs[0])) / n; perRow > 110 {
		t.Errorf("a row takes %d bytes", perRow)
	}
	encodeAllocs := func(s *state.State) float64 {
		return testing.AllocsPerRun(5, func() {
			if _, err := state.Encode(io.Discard, s); err != nil {
				t.Fatal(err)
			}
		})
	}
	decodeAllocs := func(doc []byte) float64 {
		return testing.AllocsPerRun(5, func() {
			if _, err := state.Decode(bytes.NewReader(doc), interner()); err != nil {
				t.Fatal(err)
			}
		})
	}
	if a, b := encodeAllocs(small), encodeAllocs(large); b-a > 20 {
		t.Errorf("writing %d rows more takes %.0f allocations more", n, b-a)
	}
	if a, b := decodeAllocs(docs[0]), decodeAllocs(docs[1]); b-a > 20 {
		t.Errorf("reading %d rows more takes %.0f allocations more", n, b-a)
	}
}

// The fast and the slow way read the same: every way to spell a row.
func TestRowSpellings(t *testing.T) {
	want := []string{"setup_policy | " + guid + ` | R&D "x" | policy_assignment.a | `}
	for name, spelled := range map[string]string{
		"as written":    `["setup_policy","` + guid + `","R&D \"x\"","policy_assignment.a"]`,
		"all columns":   `["setup_policy","` + guid + `","R&D \"x\"","policy_assignment.a",""]`,
		"escapes":       `["setup\u005fpolicy","` + guid + `","R\u0026D \"x\"","policy_assignment.a"]`,
		"spaces":        `[ "setup_policy" , "` + guid + `",  "R&D \"x\"", "policy_assignment.a" ]`,
		"several lines": "[\n\"setup_policy\",\n\"" + guid + "\",\n\"R&D \\\"x\\\"\",\n\"policy_assignment.a\"\n]",
		"upper case id": `["setup_policy","` + strings.ToUpper(guid) + `","R&D \"x\"","policy_assignment.a"]`,
		"null":          `["setup_policy","` + guid + `","R&D \"x\"","policy_assignment.a",null]`,
		"escaped id":    `["setup_policy","\u0030` + guid[1:] + `","R&D \"x\"","policy_assignment.a"]`,
	} {
		t.Run(name, func(t *testing.T) {
			s := decode(t, []byte(tableOf(spelled)), interner())
			var got []string
			for _, r := range s.Rows {
				n := s.Strings.Name
				got = append(got, strings.Join([]string{n(r.Type), r.User.String(), n(r.Policy), n(r.Addr), n(r.Adopted)}, " | "))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A backslash at the end of a name is not an escape of the quote behind it.
func TestRowNamesThatEndInBackslashes(t *testing.T) {
	names := interner()
	s := state.New(tenantID, "", lineage, names)
	s.Serial = 1
	for i, policy := range []string{`\`, `\\`, `\"`, `"\`, `a\`, `\a`} {
		s.Rows = append(s.Rows, row(names, "t", i, policy, strings.Repeat(`\`, i), ""))
	}
	same(t, s, decode(t, encode(t, s), interner()))
}

// Symbols are shared with the caller: a name known in another case is the same.
func TestRowsShareTheInterner(t *testing.T) {
	names := interner()
	sym := names.Sym("TRUSTED")
	s := decode(t, encode(t, manyRows(3)), names)
	if s.Rows[0].Policy != sym || s.Strings != names {
		t.Error("the name has another symbol than the caller's")
	}
}

// Tables in a row longer than the window are found too.
func TestLongNames(t *testing.T) {
	names := interner()
	s := manyRows(0)
	s.Strings = names
	long := strings.Repeat("long name ", 60_000)
	s.Rows = []table.Row{row(names, "setup_policy", 1, long, "a", ""), row(names, "setup_policy", 2, "x", long, "")}
	same(t, s, decode(t, encode(t, s), interner()))
}

func manyObjects(n int) *state.State {
	s := state.New(tenantID, "global", lineage, interner())
	s.Serial = 1
	for i := range n {
		s.Objects = append(s.Objects, &state.Object{
			Addr: addr.New("setup_policy", fmt.Sprintf("p%07d", i)), Kind: "setup_policy", KindVersion: 1,
			Key: fmt.Sprintf("Policy %d", i), Origin: state.Created, Owned: []string{"name", "upload_custom_apps", "pinned_apps"},
			Attrs: []byte(fmt.Sprintf(`{"name":"Policy %d","pinned_apps":["a","b"],"upload_custom_apps":true}`, i)),
		})
	}
	return s
}

func benchmarkEncode(b *testing.B, s *state.State) {
	b.SetBytes(int64(len(encode(b, s))))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := state.Encode(io.Discard, s); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkDecode(b *testing.B, s *state.State) {
	doc := encode(b, s)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := state.Decode(bytes.NewReader(doc), interner()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeMillionRows(b *testing.B)        { benchmarkEncode(b, manyRows(1_000_000)) }
func BenchmarkDecodeMillionRows(b *testing.B)        { benchmarkDecode(b, manyRows(1_000_000)) }
func BenchmarkEncodeTenThousandObjects(b *testing.B) { benchmarkEncode(b, manyObjects(10_000)) }
func BenchmarkDecodeTenThousandObjects(b *testing.B) { benchmarkDecode(b, manyObjects(10_000)) }
