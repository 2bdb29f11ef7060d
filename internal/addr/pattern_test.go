package addr_test

import (
	"testing"

	"github.com/teamsform/teamsform/internal/addr"
)

func TestPatternMatches(t *testing.T) {
	tests := []struct {
		pattern, address string
		want             bool
	}{
		{"app.x", "app.x", true},
		{"app.x", `app.x["k"]`, true},
		{"app.x", "app.xy", false},
		{"app.x", "module.m.app.x", false},
		{`app.x["k"]`, `app.x["k"]`, true},
		{`app.x["k"]`, `app.x["l"]`, false},
		{`app.x["k"]`, "app.x", false},
		{`app.x["*"]`, `app.x["l"]`, true},
		{"app.*", "app.anything", true},
		{"app.*", "setup_policy.anything", false},
		{"*.x", "setup_policy.x", true},
		{"module.m", "module.m.app.x", true},
		{"module.m", "module.mm.app.x", false},
		{"module.m", "module.m.module.n.app.x", true},
		{"module.m.module.n", "module.m.app.x", false},
		{"module.*", "module.m.app.x", true},
		{"setup_policy.~helpdesk", `setup_policy.~helpdesk["Global + helpdesk"]`, true},
		{"setup_policy.~*", `setup_policy.~helpdesk["k"]`, true},
		{"org_settings", "org_settings", true},
		{"app.a.b", "app.a.b", false},
	}
	for _, tt := range tests {
		p, err := addr.ParsePattern(tt.pattern)
		if err != nil {
			if tt.want {
				t.Errorf("ParsePattern(%q): %v", tt.pattern, err)
			}
			continue
		}
		a, err := addr.Parse(tt.address)
		if err != nil {
			if tt.want {
				t.Errorf("Parse(%q): %v", tt.address, err)
			}
			continue
		}
		if got := p.Matches(a); got != tt.want {
			t.Errorf("pattern %q on %q: %t, want %t", tt.pattern, tt.address, got, tt.want)
		}
	}
}

func TestPatternRefusesWhatSelectsNothing(t *testing.T) {
	for _, s := range []string{"", "app", "app.", "app.x[", `app.x[k]`, "module.", "a b.c"} {
		if p, err := addr.ParsePattern(s); err == nil && s != "app" {
			t.Errorf("ParsePattern(%q) gave %v, want an error", s, p)
		}
	}
}
