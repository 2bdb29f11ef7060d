package state_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/teamsform/teamsform/state"
)

// sealed returns the document with a fitting digest, whatever else is wrong.
func sealed(body string) string {
	sum := sha256.Sum256([]byte(body))
	return body + `"digest":"sha256:` + hex.EncodeToString(sum[:]) + "\"}\n"
}

const head = `{"format":1,"lineage":"l","serial":1,` + "\n"

// tableOf is a document with our table and the given rows, the first on line 4.
func tableOf(rows ...string) string {
	return sealed(head + "\"objects\":[],\"tables\":[\n" + `{"table":"user_assignments","kind_version":1,"columns":["type","user","policy","addr","adopted"],"rows":[` +
		"\n" + strings.Join(rows, ",\n") + "\n]}],\n")
}

const guid = "00000000-0000-4000-8000-000000000001"

func TestDecodeErrors(t *testing.T) {
	good := string(encode(t, example(interner())))
	if _, err := state.Decode(strings.NewReader(sealed(head)), interner()); err != nil {
		t.Fatalf("the least document: %v", err)
	}
	if _, err := state.Decode(strings.NewReader(tableOf(`["t","`+guid+`"]`)), interner()); err != nil {
		t.Fatalf("one row: %v", err)
	}
	wide := new(bytes.Buffer)
	for _, u := range utf16.Encode([]rune(good)) {
		wide.WriteByte(byte(u))
		wide.WriteByte(byte(u >> 8))
	}
	for name, c := range map[string]struct {
		doc     string
		summary string
		line    int
		words   []string
	}{
		"empty": {
			doc:     "",
			summary: state.SummaryCutOff,
			line:    1,
			words:   []string{"teamsform state restore"},
		},
		"cut in the header": {
			doc:     good[:20],
			summary: state.SummaryCutOff,
			line:    1,
		},
		"cut in an object": {
			doc:     good[:strings.Index(good, "org_settings")],
			summary: state.SummaryCutOff,
			line:    6,
		},
		"cut in a row": {
			doc:     good[:strings.Index(good, "Frontline")],
			summary: state.SummaryCutOff,
			line:    16,
		},
		"cut in an escape": {
			doc:     good[:strings.Index(good, `\"more`)+1],
			summary: state.SummaryCutOff,
			line:    5,
		},
		"cut before digest": {
			doc:     good[:strings.Index(good, `"digest`)],
			summary: state.SummaryCutOff,
			line:    26,
		},
		"digest gone": {
			doc:     head[:len(head)-2] + "}",
			summary: state.SummaryDigest,
			line:    1,
			words:   []string{"no digest", "state push state.json"},
		},
		"bad digest": {
			doc:     strings.Replace(good, "Trusted", "trusted", 1),
			summary: state.SummaryDigest,
			line:    26,
			words:   []string{"edited by hand", "state push state.json", "state restore"},
		},
		"digest of nothing": {
			doc:     head + `"digest":"sha256:00"}`,
			summary: state.SummaryDigest,
			line:    2,
		},
		"field after digest": {
			doc:     strings.Replace(good, "\"}\n", "\",\"cloud2\":1}\n", 1),
			summary: state.SummaryDigest,
			line:    26,
		},
		"newer format": {
			doc:     `{"format":2,"objects":{"quite":"different"}}`,
			summary: state.SummaryNewer,
			line:    1,
			words:   []string{"format 2", "newer teamsform"},
		},
		"newer table": {
			doc:     strings.Replace(tableOf(), `"kind_version":1`, `"kind_version":2`, 1),
			summary: state.SummaryNewer,
			line:    3,
			words:   []string{"user_assignments", "version 2"},
		},
		"not JSON": {
			doc:     "hello",
			summary: state.SummaryNotJSON,
			line:    1,
			words:   []string{`expected '{'`},
		},
		"merge conflict": {
			doc:     "<<<<<<< HEAD\n" + good,
			summary: state.SummaryNotJSON,
			line:    1,
		},
		"trailing comma": {
			doc:     sealed(head + "\"outputs\":{\"a\":1,},"),
			summary: state.SummaryNotJSON,
			line:    2,
		},
		"bad literal": {
			doc:     sealed(head + "\"outputs\":{\"a\":nil},"),
			summary: state.SummaryNotJSON,
			line:    2,
		},
		"missing colon": {
			doc:     sealed(head + "\"outputs\" {},"),
			summary: state.SummaryNotJSON,
			line:    2,
		},
		"missing comma": {
			doc:     sealed(head + "\"x\":1 \"y\":2,"),
			summary: state.SummaryNotJSON,
			line:    2,
		},
		"text behind": {
			doc:     good + "x",
			summary: state.SummaryNotJSON,
			line:    27,
			words:   []string{"follows"},
		},
		"UTF-16": {
			doc:     wide.String(),
			summary: state.SummaryUTF16,
			line:    1,
			words:   []string{"PowerShell", "UTF-8"},
		},
		"UTF-16 with BOM": {
			doc:     "\xff\xfe" + wide.String(),
			summary: state.SummaryUTF16,
			line:    1,
		},
		"UTF-16 big endian": {
			doc:     "\xfe\xff\x00{",
			summary: state.SummaryUTF16,
			line:    1,
		},
		"duplicate address": {
			doc:     sealed(head + "\"objects\":[\n{\"addr\":\"app.x\"},\n{\"addr\":\"app.x\"}\n],\n"),
			summary: state.SummaryDuplicate,
			line:    4,
			words:   []string{"app.x", "state push"},
		},
		"duplicate far apart": {
			doc:     sealed(head + "\"objects\":[\n{\"addr\":\"app.x\"},\n{\"addr\":\"app.y\"},\n{\"addr\":\"app.x\"}\n],\n"),
			summary: state.SummaryDuplicate,
			line:    5,
			words:   []string{"app.x"},
		},
		"duplicate field": {
			doc:     sealed(head + `"serial":2,`),
			summary: state.SummaryDuplicate,
			line:    2,
			words:   []string{`"serial"`},
		},
		"duplicate row": {
			doc:     tableOf(`["t","`+guid+`","A"]`, `["T","`+guid+`","B"]`),
			summary: state.SummaryDuplicate,
			line:    5,
			words:   []string{guid},
		},
		"row far apart": {
			doc:     tableOf(`["t","`+guid+`"]`, `["u","`+guid+`"]`, `["t","`+guid+`"]`),
			summary: state.SummaryDuplicate,
			line:    6,
			words:   []string{guid},
		},
		"other tool's state": {
			doc:     `{"version":4,"lineage":"l","serial":1}`,
			summary: state.SummaryNotState,
			line:    1,
			words:   []string{"another tool"},
		},
		"wrong type": {
			doc:     `{"format":1,"serial":"7"}`,
			summary: state.SummaryDamaged,
			line:    1,
			words:   []string{`"serial"`, `"7"`},
		},
		"negative serial": {
			doc:     `{"format":1,"serial":-7}`,
			summary: state.SummaryDamaged,
			line:    1,
		},
		"object without addr": {
			doc:     sealed(head + "\"objects\":[\n{\"kind\":\"app\"}],"),
			summary: state.SummaryDamaged,
			line:    3,
			words:   []string{"addr"},
		},
		"bad addr": {
			doc:     sealed(head + "\"objects\":[\n{\"addr\":\"app.x[\"}],"),
			summary: state.SummaryDamaged,
			line:    3,
			words:   []string{"bracket"},
		},
		"object is a list": {
			doc:     sealed(head + "\"objects\":[\n[]],"),
			summary: state.SummaryDamaged,
			line:    3,
		},
		"owned is a word": {
			doc:     sealed(head + "\"objects\":[\n{\"addr\":\"app.x\",\"owned\":\"a\"}],"),
			summary: state.SummaryDamaged,
			line:    3,
			words:   []string{"owned"},
		},
		"row without user": {
			doc:     tableOf(`["t"]`),
			summary: state.SummaryDamaged,
			line:    4,
		},
		"row without type": {
			doc:     tableOf(`["","` + guid + `"]`),
			summary: state.SummaryDamaged,
			line:    4,
		},
		"row too wide": {
			doc:     tableOf(`["t","` + guid + `","a","b","c","d"]`),
			summary: state.SummaryDamaged,
			line:    4,
		},
		"row of numbers": {
			doc:     tableOf(`[1,2]`),
			summary: state.SummaryDamaged,
			line:    4,
		},
		"row is a word": {
			doc:     tableOf(`"t"`),
			summary: state.SummaryDamaged,
			line:    4,
		},
		"bad user": {
			doc:     tableOf(`["t","`+guid+`"]`, `["t","------------------------------------"]`),
			summary: state.SummaryDamaged,
			line:    5,
			words:   []string{"object id"},
		},
		"bad escape in a row": {
			doc:     tableOf(`["t","` + guid + `","\q"]`),
			summary: state.SummaryNotJSON,
			line:    4,
		},
		"control in a row": {
			doc:     tableOf(`["t","` + guid + "\",\"a\tb\"]"),
			summary: state.SummaryNotJSON,
			line:    4,
		},
		"not UTF-8 in a row": {
			doc:     tableOf(`["t","` + guid + "\",\"a\xff\"]"),
			summary: state.SummaryNotJSON,
			line:    4,
		},
		"other columns": {
			doc:     strings.Replace(tableOf(), `"policy",`, `"rank",`, 1),
			summary: state.SummaryDamaged,
			line:    3,
			words:   []string{"rank", "adopted"},
		},
		"unknown table field": {
			doc:     strings.Replace(tableOf(), `"kind_version":1`, `"rank":1`, 1),
			summary: state.SummaryDamaged,
			line:    3,
			words:   []string{"rank"},
		},
		"table without name": {
			doc:     sealed(head + "\"tables\":[\n{\"rows\":[]}],"),
			summary: state.SummaryDamaged,
			line:    3,
		},
		"two tables": {
			doc:     strings.Replace(tableOf(), "]}]", `]},{"table":"user_assignments"}]`, 1),
			summary: state.SummaryDuplicate,
			line:    5,
		},
		"pending without user": {
			doc:     sealed(head + "\"pending_rows\":[\n{\"type\":\"t\",\"users\":[],\"old\":[\"x\"]}],"),
			summary: state.SummaryDamaged,
			line:    3,
		},
		"pending of a name": {
			doc:     sealed(head + "\"pending_rows\":[\n{\"type\":\"t\",\"users\":[\"joe\"]}],"),
			summary: state.SummaryDamaged,
			line:    3,
			words:   []string{"GUID"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := state.DecodeWith(strings.NewReader(c.doc), interner(), state.DecodeOptions{File: "state.json"})
			wantProblem(t, err, c.summary, c.line, c.words...)
			if !strings.Contains(err.Error(), "state.json:") {
				t.Errorf("the file is not named: %v", err)
			}
		})
	}
}

// Wherever a document is cut, it is said to be cut, and nothing crashes.
func TestDecodeCutAnywhere(t *testing.T) {
	doc := encode(t, example(interner()))
	doc = bytes.TrimRight(doc, "\n")
	for n := range len(doc) {
		_, err := state.Decode(bytes.NewReader(doc[:n]), interner())
		line := max(1, bytes.Count(doc[:n], []byte("\n"))+1)
		wantProblem(t, err, state.SummaryCutOff, line)
	}
}

// Whatever byte is changed, it is found.
func TestDecodeChangedAnywhere(t *testing.T) {
	doc := encode(t, example(interner()))
	for n := range len(doc) - 3 {
		damaged := bytes.Clone(doc)
		damaged[n] ^= 0x04
		if _, err := state.Decode(bytes.NewReader(damaged), interner()); err == nil {
			t.Errorf("changed byte %d (%q) goes unnoticed", n, doc[max(0, n-10):n+1])
		}
	}
}

func TestErrorsNameTheirClassAndPlace(t *testing.T) {
	dir := t.TempDir()
	o := localOptions(dir)
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.Path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := state.Load(t.Context(), state.NewLocal(o), interner())
	wantProblem(t, err, state.SummaryCutOff, 1, "state.json ends in the middle")
	if !strings.HasPrefix(err.Error(), fmt.Sprintf("%s:1,", o.Path)) {
		t.Errorf("the path is not named: %v", err)
	}
}
