package httpx_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/teamsform/teamsform/internal/httpx"
)

func TestText(t *testing.T) {
	for raw, want := range map[string]string{
		`"a  b\n\tc"`:                         "a b c",
		`"\u001b[31mred\u202e"`:               "[31mred",
		`429`:                                 "429",
		`true`:                                "true",
		`null`:                                "",
		`{"a":1}`:                             "",
		`["a"]`:                               "",
		`"` + "caf\u00e9" + `"`:               "caf\u00e9",
		`"` + strings.Repeat("x", 2500) + `"`: strings.Repeat("x", 2000) + "...",
	} {
		var text httpx.Text
		if err := json.Unmarshal([]byte(raw), &text); err != nil || string(text) != want {
			t.Errorf("%.40s: got %.40q, error %v; want %.40q", raw, text, err, want)
		}
	}
}

func TestIsObject(t *testing.T) {
	for raw, want := range map[string]bool{`{}`: true, " \n{": true, `[]`: false, `"{"`: false, ``: false, `null`: false} {
		if httpx.IsObject(json.RawMessage(raw)) != want {
			t.Errorf("%q: want %v", raw, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{"", "plain", "a\x00b\x1b[2J", "\xff\xfe", strings.Repeat("\u00e9", 1500)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := httpx.Plain(s)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\t\x1b\x00") || len(got) > 2003 {
			t.Errorf("%q became %q", s, got)
		}
	})
}
