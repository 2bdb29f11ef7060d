package ids_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

func TestParse(t *testing.T) {
	const text = "0b0c6e1c-2d0a-4a3e-9a3a-5f0d7a0f6e11"
	for _, s := range []string{text, strings.ToUpper(text)} {
		if id, err := ids.Parse(s); err != nil || id.String() != text {
			t.Errorf("%s: %s, %v", s, id, err)
		}
	}
	for _, bad := range []string{"", text[1:], text + "0", "{" + text + "}", strings.ReplaceAll(text, "-", "_"), strings.Replace(text, "0b", "0g", 1), strings.ReplaceAll(text, "-", "") + "----"} {
		if _, err := ids.Parse(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestTextRoundTripsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.SliceOfN(rapid.Byte(), 16, 16)
		a, b := ids.ID(gen.Draw(t, "a")), ids.ID(gen.Draw(t, "b"))
		if back, err := ids.Parse(a.String()); err != nil || back != a {
			t.Fatalf("%s came back as %s, %v", a, back, err)
		}
		if ids.Compare(a, b) != strings.Compare(a.String(), b.String()) {
			t.Fatalf("%s and %s are ordered differently as text", a, b)
		}
	})
}

func TestDerive(t *testing.T) {
	one, two := ids.ID{1}, ids.ID{2}
	base := ids.Derive(one, "user", "Ada@x.example")
	if base != ids.Derive(one, "user", "ada@X.example") {
		t.Error("letter case matters")
	}
	for _, other := range []ids.ID{ids.Derive(two, "user", "ada@x.example"), ids.Derive(one, "group", "ada@x.example"), ids.Derive(one, "user", "bea@x.example")} {
		if other == base {
			t.Errorf("%s twice", base)
		}
	}
	if base[6]>>4 != 5 || base[8]>>6 != 2 || base.IsZero() || !(ids.ID{}).IsZero() {
		t.Errorf("%s is not of version 5", base)
	}
}
