package version_test

import (
	"testing"

	"github.com/teamsform/teamsform/config/internal/version"
)

func TestAllow(t *testing.T) {
	tests := []struct {
		constraint, tool string
		fits             bool
	}{
		{">= 0.1", "0.1.0", true},
		{">= 0.1", "v0.2.0", true},
		{">= 0.3", "0.2.9", false},
		{"> 0.2.9", "0.2.9", false},
		{"> 0.2.9", "0.2.10", true},
		{"< 1", "0.99", true},
		{"<= 1.0.0", "1.0.0", true},
		{"< 1.0.0", "1.0.0", false},
		{"= 1.2.3", "1.2.3", true},
		{"1.2.3", "1.2.3+build", true},
		{"1.2.3", "1.2.4", false},
		{"!= 1.2.3", "1.2.3", false},
		{"!= 1.2.3", "1.2.4", true},
		{"~> 1.2", "1.9.0", true},
		{"~> 1.2", "2.0.0", false},
		{"~> 1.2", "1.1.9", false},
		{"~> 1.2.3", "1.2.9", true},
		{"~> 1.2.3", "1.3.0", false},
		{">= 0.1, < 0.3", "0.2", true},
		{">= 0.1, < 0.3", "0.3", false},
		{">= 1.0.0", "1.0.0-rc.1", false},
		{"> 1.0.0-rc.1", "1.0.0-rc.2", true},
		{"> 1.0.0-rc.1", "1.0.0", true},
		{"< 1.0.0-rc.1", "1.0.0", false},
		{"> 1.0.0-rc.9", "1.0.0-rc.10", true},
		{"> 1.0.0-rc", "1.0.0-rc.1", true},
		{"> 1.0.0-1", "1.0.0-a", true},
		{"> 1.0.0-a", "1.0.0-1", false},
		{">= 1.0.0-rc.1", "1.0.0-rc.1", true},
	}
	for _, tt := range tests {
		cs, err := version.ParseConstraints(tt.constraint)
		if err != nil {
			t.Fatal(err)
		}
		v, err := version.Parse(tt.tool)
		if err != nil {
			t.Fatal(err)
		}
		if fits := cs.Allow(v); fits != tt.fits {
			t.Errorf("%s against %q: fits = %v, want %v", tt.tool, tt.constraint, fits, tt.fits)
		}
	}
	for _, bad := range []string{"", "latest", "1.2.3.4", ">= ", ">> 1", "1.x", "~> 1", "1-", "-1", "+1", ">= 1,"} {
		if _, err := version.ParseConstraints(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, bad := range []string{"", "v", "(devel)", "1..2", "1.2.3.4", "1.0.0-", "x"} {
		if v, err := version.Parse(bad); err == nil {
			t.Errorf("%q was read as %v", bad, v)
		}
	}
}
