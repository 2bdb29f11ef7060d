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
		"empty":                {"", state.SummaryCutOff, 1, []string{"teamsform state restore"}},
		"cut in the header":    {good[:20], state.SummaryCutOff, 1, nil},
		"cut in an object":     {good[:strings.Index(good, "org_settings")], state.SummaryCutOff, 6, nil},
		"cut in a row":         {good[:strings.Index(good, "Frontline")], state.SummaryCutOff, 16, nil},
		"cut in an escape":     {good[:strings.Index(good, `\"more`)+1], state.SummaryCutOff, 5, nil},
		"cut before digest":    {good[:strings.Index(good, `"digest`)], state.SummaryCutOff, 26, nil},
		"digest gone":          {head[:len(head)-2] + "}", state.SummaryDigest, 1, []string{"no digest", "state push state.json"}},
		"bad digest":           {strings.Replace(good, "Trusted", "trusted", 1), state.SummaryDigest, 26, []string{"edited by hand", "state push state.json", "state restore"}},
		"digest of nothing":    {head + `"digest":"sha256:00"}`, state.SummaryDigest, 2, nil},
		"field after digest":   {strings.Replace(good, "\"}\n", "\",\"cloud2\":1}\n", 1), state.SummaryDigest, 26, nil},
		"newer format":         {`{"format":2,"objects":{"quite":"different"}}`, state.SummaryNewer, 1, []string{"format 2", "newer teamsform"}},
		"newer table":          {strings.Replace(tableOf(), `"kind_version":1`, `"kind_version":2`, 1), state.SummaryNewer, 3, []string{"user_assignments", "version 2"}},
		"not JSON":             {"hello", state.SummaryNotJSON, 1, []string{`expected '{'`}},
		"merge conflict":       {"<<<<<<< HEAD\n" + good, state.SummaryNotJSON, 1, nil},
		"trailing comma":       {sealed(head + "\"outputs\":{\"a\":1,},"), state.SummaryNotJSON, 2, nil},
		"bad literal":          {sealed(head + "\"outputs\":{\"a\":nil},"), state.SummaryNotJSON, 2, nil},
		"missing colon":        {sealed(head + "\"outputs\" {},"), state.SummaryNotJSON, 2, nil},
		"missing comma":        {sealed(head + "\"x\":1 \"y\":2,"), state.SummaryNotJSON, 2, nil},
		"text behind":          {good + "x", state.SummaryNotJSON, 27, []string{"follows"}},
		"UTF-16":               {wide.String(), state.SummaryUTF16, 1, []string{"PowerShell", "UTF-8"}},
		"UTF-16 with BOM":      {"\xff\xfe" + wide.String(), state.SummaryUTF16, 1, nil},
		"UTF-16 big endian":    {"\xfe\xff\x00{", state.SummaryUTF16, 1, nil},
		"duplicate address":    {sealed(head + "\"objects\":[\n{\"addr\":\"app.x\"},\n{\"addr\":\"app.x\"}\n],\n"), state.SummaryDuplicate, 4, []string{"app.x", "state push"}},
		"duplicate far apart":  {sealed(head + "\"objects\":[\n{\"addr\":\"app.x\"},\n{\"addr\":\"app.y\"},\n{\"addr\":\"app.x\"}\n],\n"), state.SummaryDuplicate, 5, []string{"app.x"}},
		"duplicate field":      {sealed(head + `"serial":2,`), state.SummaryDuplicate, 2, []string{`"serial"`}},
		"duplicate row":        {tableOf(`["t","`+guid+`","A"]`, `["T","`+guid+`","B"]`), state.SummaryDuplicate, 5, []string{guid}},
		"row far apart":        {tableOf(`["t","`+guid+`"]`, `["u","`+guid+`"]`, `["t","`+guid+`"]`), state.SummaryDuplicate, 6, []string{guid}},
		"other tool's state":   {`{"version":4,"lineage":"l","serial":1}`, state.SummaryNotState, 1, []string{"another tool"}},
		"wrong type":           {`{"format":1,"serial":"7"}`, state.SummaryDamaged, 1, []string{`"serial"`, `"7"`}},
		"negative serial":      {`{"format":1,"serial":-7}`, state.SummaryDamaged, 1, nil},
		"object without addr":  {sealed(head + "\"objects\":[\n{\"kind\":\"app\"}],"), state.SummaryDamaged, 3, []string{"addr"}},
		"bad addr":             {sealed(head + "\"objects\":[\n{\"addr\":\"app.x[\"}],"), state.SummaryDamaged, 3, []string{"bracket"}},
		"object is a list":     {sealed(head + "\"objects\":[\n[]],"), state.SummaryDamaged, 3, nil},
		"owned is a word":      {sealed(head + "\"objects\":[\n{\"addr\":\"app.x\",\"owned\":\"a\"}],"), state.SummaryDamaged, 3, []string{"owned"}},
		"row without user":     {tableOf(`["t"]`), state.SummaryDamaged, 4, nil},
		"row without type":     {tableOf(`["","` + guid + `"]`), state.SummaryDamaged, 4, nil},
		"row too wide":         {tableOf(`["t","` + guid + `","a","b","c","d"]`), state.SummaryDamaged, 4, nil},
		"row of numbers":       {tableOf(`[1,2]`), state.SummaryDamaged, 4, nil},
		"row is a word":        {tableOf(`"t"`), state.SummaryDamaged, 4, nil},
		"bad user":             {tableOf(`["t","`+guid+`"]`, `["t","------------------------------------"]`), state.SummaryDamaged, 5, []string{"object id"}},
		"bad escape in a row":  {tableOf(`["t","` + guid + `","\q"]`), state.SummaryNotJSON, 4, nil},
		"control in a row":     {tableOf(`["t","` + guid + "\",\"a\tb\"]"), state.SummaryNotJSON, 4, nil},
		"not UTF-8 in a row":   {tableOf(`["t","` + guid + "\",\"a\xff\"]"), state.SummaryNotJSON, 4, nil},
		"other columns":        {strings.Replace(tableOf(), `"policy",`, `"rank",`, 1), state.SummaryDamaged, 3, []string{"rank", "adopted"}},
		"unknown table field":  {strings.Replace(tableOf(), `"kind_version":1`, `"rank":1`, 1), state.SummaryDamaged, 3, []string{"rank"}},
		"table without name":   {sealed(head + "\"tables\":[\n{\"rows\":[]}],"), state.SummaryDamaged, 3, nil},
		"two tables":           {strings.Replace(tableOf(), "]}]", `]},{"table":"user_assignments"}]`, 1), state.SummaryDuplicate, 5, nil},
		"pending without user": {sealed(head + "\"pending_rows\":[\n{\"type\":\"t\",\"users\":[],\"old\":[\"x\"]}],"), state.SummaryDamaged, 3, nil},
		"pending of a name":    {sealed(head + "\"pending_rows\":[\n{\"type\":\"t\",\"users\":[\"joe\"]}],"), state.SummaryDamaged, 3, []string{"GUID"}},
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
