package envfile_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/apppackage/envfile"
)

func TestParse(t *testing.T) {
	text := "\xef\xbb\xbf# values of the development environment\n\nTEAMSFX_ENV=dev\r\n  APP_NAME_SUFFIX = -dev # a suffix\nexport HOST='a # b'\nEMPTY=\nNONE= # nothing\n" +
		`QUOTED="a\"b\n\t\\\x"  # c` + "\nBACK=`it's`\nHASH=a#b\nTEAMSFX_ENV=prod\nURL=https://a.example/?x=1\n"
	want := map[string]string{
		"TEAMSFX_ENV": "prod", "APP_NAME_SUFFIX": "-dev", "HOST": "a # b", "EMPTY": "", "NONE": "", "QUOTED": "a\"b\n\t\\\\x",
		"BACK": "it's", "HASH": "a#b", "URL": "https://a.example/?x=1",
	}
	got, err := envfile.Parse([]byte(text))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestProblems(t *testing.T) {
	tests := []struct{ text, want string }{
		{"A=1\nnonsense", `line 2: "nonsense" is no assignment; write NAME=VALUE`},
		{"1A=1", `line 1: "1A=1" is no assignment; write NAME=VALUE`},
		{"\nA=\"x", "line 2: A: the closing quote is missing; a value ends with its line"},
		{`A="x" y`, `line 1: A: "y" stands behind the closing quote`},
		{"SECRET_A=crypto_0badc0de", "line 1: SECRET_A: the value is encrypted by the Agents Toolkit, which alone can read it"},
		{"A=\xff", "the file is not UTF-8"},
		{strings.Repeat("#", 1<<20+1), "the file is larger than 1048576 bytes"},
	}
	for _, tt := range tests {
		if _, err := envfile.Parse([]byte(tt.text)); err == nil || err.Error() != tt.want {
			t.Errorf("%.40q: %v", tt.text, err)
		}
	}
}

// Whatever is written in single quotes comes back.
func FuzzParse(f *testing.F) {
	f.Add("A", "x # y")
	f.Add("_", "")
	f.Add("A1", "\\n\"`")
	f.Fuzz(func(t *testing.T, name, value string) {
		got, err := envfile.Parse([]byte(name + "=" + value))
		if err == nil && len(got) > strings.Count(name+value, "=")+1 {
			t.Fatalf("%v", got)
		}
		if strings.ContainsAny(value, "'\n\r") || !utf8.ValidString(value) || strings.HasPrefix(value, "crypto_") || len(value) > 1000 {
			return
		}
		got, err = envfile.Parse([]byte("A='" + value + "'"))
		if err != nil || got["A"] != value {
			t.Fatalf("%q became %q, %v", value, got["A"], err)
		}
	})
}
