package jsondoc_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

func TestRefusals(t *testing.T) {
	tests := []struct {
		text   string
		place  string
		reason jsondoc.Reason
		says   string
	}{
		{``, "1:1", jsondoc.Malformed, "ends"},
		{`{`, "1:2", jsondoc.Malformed, "ends"},
		{`{"a"`, "1:5", jsondoc.Malformed, "colon"},
		{`{"a":1 "b":2}`, "1:8", jsondoc.Malformed, "comma"},
		{"[1,\n 2,\n]", "2:3", jsondoc.TrailingComma, "closing ']'"},
		{`{"é":1,"é":2}`, "1:8", jsondoc.DuplicateKey, "column 2"},
		{`{"a":1,"\u0061":2}`, "1:8", jsondoc.DuplicateKey, `"a"`},
		{`[1] /* x */`, "1:5", jsondoc.Comment, "comments"},
		{`[1] 2`, "1:5", jsondoc.Malformed, "end of the text"},
		{`[01]`, "1:3", jsondoc.Malformed, "comma"},
		{`[1.]`, "1:4", jsondoc.Malformed, "digit"},
		{`[-]`, "1:3", jsondoc.Malformed, "digit"},
		{`[1e]`, "1:4", jsondoc.Malformed, "digit"},
		{`["\x"]`, "1:3", jsondoc.Malformed, "escape"},
		{`["\u12"]`, "1:3", jsondoc.Malformed, "hexadecimal"},
		{"[\"a\nb\"]", "1:4", jsondoc.Malformed, "closing quote"},
		{`["abc`, "1:6", jsondoc.Malformed, "inside a string"},
		{`['a']`, "1:2", jsondoc.Malformed, "a value"},
		{`[NaN]`, "1:2", jsondoc.Malformed, "a value"},
		{strings.Repeat("[", 300), "1:202", jsondoc.TooDeep, "nested"},
		{"[\x00", "1:1", jsondoc.Encoding, "UTF-16"},
		{"\x00[", "1:1", jsondoc.Encoding, "UTF-16"},
		{"{\n\xff}", "2:1", jsondoc.Encoding, "0xFF"},
	}
	for _, tt := range tests {
		_, err := jsondoc.Parse([]byte(tt.text))
		var e *jsondoc.SyntaxError
		if !errors.As(err, &e) {
			t.Errorf("%.40q: no error", tt.text)
			continue
		}
		if place := fmt.Sprintf("%d:%d", e.Pos.Line, e.Pos.Column); place != tt.place || e.Reason != tt.reason || !strings.Contains(e.Message, tt.says) {
			t.Errorf("%.40q: at %s, reason %d: %s", tt.text, place, e.Reason, e.Message)
		}
	}
}

// What other readers take is read on, and said.
func TestLenient(t *testing.T) {
	utf16 := func(text string, high int) string {
		var b strings.Builder
		for _, c := range []byte(text) {
			pair := [2]byte{c, c}
			pair[high] = 0
			b.Write(pair[:])
		}
		return b.String()
	}
	tests := []struct {
		text, want string // canonical form, "" for an error
		places     []string
	}{
		{`{"a":1,"b":2}`, `{"a":1,"b":2,}`, nil},
		{`{"a":1,"b":2,"a":3,"a":4}`, `{"a":4,"b":2,}`, []string{"1:14", "1:20"}},
		{`{"x":[{"a":1,"a":{"b":0,"b":1}}]}`, `{"x":[{"a":{"b":1,},},],}`, []string{"1:14", "1:25"}},
		{"\xff\xfe" + utf16(`{"a":1}`, 1), `{"a":1,}`, []string{"1:1"}},
		{"\xfe\xff" + utf16(`{"a":1}`, 0), `{"a":1,}`, []string{"1:1"}},
		{utf16(`{"a":1}`, 1), `{"a":1,}`, []string{"1:1"}},
		{utf16(`[]`, 0), `[]`, []string{"1:1"}},
		{"\xff\xfe{", "", nil},
		{"{\"a\":\"\xff\"}", "", nil},
		{`{"a":1,}`, "", nil},
	}
	for _, tt := range tests {
		root, tolerated, err := jsondoc.ParseLenient([]byte(tt.text))
		var places []string
		for _, e := range tolerated {
			places = append(places, fmt.Sprintf("%d:%d", e.Pos.Line, e.Pos.Column))
		}
		got := ""
		if err == nil {
			got = root.Canonical()
		}
		if got != tt.want || err == nil && strings.Join(places, " ") != strings.Join(tt.places, " ") {
			t.Errorf("%q: %s at %v (%v)", tt.text, got, places, err)
		}
	}
	_, tolerated, err := jsondoc.ParseLenient([]byte("{" + strings.Repeat(`"a":1,`, 1000) + `"b":2}`))
	if err != nil || len(tolerated) != 100 {
		t.Errorf("%d listed, %v", len(tolerated), err)
	}
}

func TestPlacesAndValues(t *testing.T) {
	root, err := jsondoc.Parse([]byte("{\n  \"é\": \"x\", \"a/b~\": [true,\n\tfalse, null, -1.5e2, \"\\ud83d\\ude00\\ud800\"]\n}"))
	if err != nil {
		t.Fatal(err)
	}
	list := root.Get("a/b~")
	tests := []struct {
		node  *jsondoc.Node
		place string
		text  string
	}{
		{root, "1:1", ""},
		{root.Get("é"), "2:8", "x"},
		{list, "2:21", ""},
		{list.Index(0), "2:22", "true"},
		{list.Index(1), "3:2", "false"},
		{list.Index(3), "3:15", "-1.5e2"},
		{list.Index(4), "3:23", "\U0001F600\uFFFD"},
	}
	for i, tt := range tests {
		if place := fmt.Sprintf("%d:%d", tt.node.Pos.Line, tt.node.Pos.Column); place != tt.place || tt.node.Text != tt.text {
			t.Errorf("%d: at %s: %q", i, place, tt.node.Text)
		}
	}
	pointer := jsondoc.Item(jsondoc.Child("", "a/b~"), 1)
	if pointer != "/a~1b~0/1" || root.Lookup(pointer) != list.Index(1) || root.Lookup("/") != root {
		t.Errorf("pointer %s leads to %v", pointer, root.Lookup(pointer))
	}
	for _, nowhere := range []string{"/x", "/a~1b~0/9", "/a~1b~0/x", "/é/x"} {
		if n := root.Lookup(nowhere); n != nil {
			t.Errorf("%s leads to %v", nowhere, n)
		}
	}
	var absent *jsondoc.Node
	if absent.At("a", "b").Index(3).Str() != "" || absent.True() || absent.List() != nil || absent.Place() != (jsondoc.Pos{}) {
		t.Error("an absent value reads as something")
	}
}

func TestCanonical(t *testing.T) {
	same := [][2]string{
		{`{"a":1,"b":[1.0,"x"]}`, `{"b":[1,"\u0078"],"a":1e0}`},
		{`0.1`, `1e-1`},
		{`100`, `1E2`},
	}
	different := [][2]string{{`1`, `"1"`}, {`[1,2]`, `[2,1]`}, {`[[1],2]`, `[[1,2]]`}, {`null`, `"null"`}, {`true`, `"true"`}, {`{"a":1}`, `{"a":1,"b":1}`}, {`1e999999999`, `1e999999998`}, {strings.Repeat("9", 500), strings.Repeat("9", 501)}}
	canonical := func(text string) string {
		n, err := jsondoc.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return n.Canonical()
	}
	for _, p := range same {
		if canonical(p[0]) != canonical(p[1]) {
			t.Errorf("%s and %s differ", p[0], p[1])
		}
	}
	for _, p := range different {
		if canonical(p[0]) == canonical(p[1]) {
			t.Errorf("%s and %s are the same", p[0], p[1])
		}
	}
}

// The parser accepts what encoding/json accepts, apart from duplicate keys,
// invalid UTF-8 and depth, and reads the same values.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0.5e+3,"\u00e9\ud83d\ude00\ud800x",true,null]}`, "\xef\xbb\xbf{}", `[1,]`, `{"a":1,"a":2}`, "[\"\t\"]", `"\/"`, "[0]\x00", "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, err := jsondoc.Parse(text)
		body := jsondoc.TrimBOM(text)
		var syntax *jsondoc.SyntaxError
		if errors.As(err, &syntax) {
			if syntax.Pos.Line < 1 || syntax.Pos.Column < 1 || syntax.Pos.Line > bytes.Count(body, []byte("\n"))+1 {
				t.Fatalf("place %v", syntax.Pos)
			}
			switch syntax.Reason {
			case jsondoc.DuplicateKey, jsondoc.Encoding, jsondoc.TooDeep:
				return
			}
		}
		if (err == nil) != json.Valid(body) {
			t.Fatalf("%q: %v, encoding/json says valid: %t", text, err, json.Valid(body))
		}
		if err != nil {
			return
		}
		var want any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(plain(root)); got != fmt.Sprint(want) {
			t.Fatalf("%q reads as %s, not %s", text, got, fmt.Sprint(want))
		}
	})
}

func plain(n *jsondoc.Node) any {
	switch n.Kind {
	case jsondoc.Bool:
		return n.True()
	case jsondoc.Number:
		return json.Number(n.Text)
	case jsondoc.String:
		return n.Text
	case jsondoc.Array:
		out := []any{}
		for _, item := range n.Items {
			out = append(out, plain(item))
		}
		return out
	case jsondoc.Object:
		out := map[string]any{}
		for _, m := range n.Members {
			out[m.Name] = plain(m.Value)
		}
		return out
	}
	return nil
}
