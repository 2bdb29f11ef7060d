package apppackage_test

import (
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/apppackage"
)

func TestBump(t *testing.T) {
	tests := []struct{ version, major, minor, patch string }{
		{"1.2.3", "2.0.0", "1.3.0", "1.2.4"},
		{"1", "2.0.0", "1.1.0", "1.0.1"},
		{"1.9", "2.0.0", "1.10.0", "1.9.1"},
		{"1.2.3.4", "2.0.0", "1.3.0", "1.2.4"},
		{"01.002.0", "2.0.0", "1.3.0", "1.2.1"},
		{"0.0.99999999999999999999", "1.0.0", "0.1.0", "0.0.100000000000000000000"},
		{"", "", "", ""},
		{"1.x", "", "", ""},
		{strings.Repeat("1.", 200) + "1", "", "", ""},
	}
	for _, tt := range tests {
		for part, want := range map[string]string{"major": tt.major, "minor": tt.minor, "patch": tt.patch, "build": ""} {
			got := apppackage.Bump(tt.version, part)
			if got != want {
				t.Errorf("%s of %q: %q, not %q", part, tt.version, got, want)
			}
			if got != "" && apppackage.CompareVersions(got, tt.version) <= 0 {
				t.Errorf("%q is not above %q", got, tt.version)
			}
		}
	}
}

func TestSetVersion(t *testing.T) {
	tests := []struct{ text, want string }{
		{"{\n  \"é\": \"ü\", \"version\" :  \"1.0.0\" , // \n}", "error"},
		{"{\n  \"é\": \"ü\", \"version\" :  \"1.0.0\" ,\r\n \"x\": { \"version\": \"1.0.0\" }}", "{\n  \"é\": \"ü\", \"version\" :  \"2.0.0\" ,\r\n \"x\": { \"version\": \"1.0.0\" }}"},
		{"\xef\xbb\xbf{\"version\":\"\"}", "\xef\xbb\xbf{\"version\":\"2.0.0\"}"},
		{`{"version":"${{V}}"}`, "which a value fills in"},
		{`{"version":1}`, "no text"},
		{`{}`, "no text"},
		{`{"version":"1.0\".0"}`, "escape"},
		{`{"version":"1.0.0","version":"1.0.1"}`, "twice"},
	}
	for _, tt := range tests {
		got, err := apppackage.SetVersion([]byte(tt.text), "2.0.0")
		if err != nil && (tt.want == "error" || strings.Contains(err.Error(), tt.want)) {
			continue
		}
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %s, %v", tt.text, got, err)
		}
	}
}
