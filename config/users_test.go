package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/config"
)

// names gives name:line for each person read.
func names(people []config.UserName) string {
	var out []string
	for _, n := range people {
		out = append(out, fmt.Sprintf("%s:%d", n, n.Line))
	}
	return strings.Join(out, " ")
}

func TestUsersMissing(t *testing.T) {
	rows := func(n int) string {
		var b strings.Builder
		b.WriteString("-- u.csv --\nupn\n")
		for i := range n {
			fmt.Fprintf(&b, "u%d@x\n", i)
		}
		return b.String()
	}
	tests := []struct {
		source string
		rows   int
		want   string
	}{
		{`users "u" { csv = "u.csv" }`, 100, config.MissingError},
		{`users "u" { csv = "u.csv" }`, 101, config.MissingWarn},
		{"users \"u\" {\n csv = \"u.csv\"\n missing = \"warn\"\n}", 1, config.MissingWarn},
		{"users \"u\" {\n csv = \"u.csv\"\n missing = \"error\"\n}", 101, config.MissingError},
	}
	for _, tt := range tests {
		c := mustLoad(t, one(tt.source)+rows(tt.rows))
		want(t, fmt.Sprintf("missing of %d", tt.rows), c.Users[at("users", "u")].Missing, tt.want)
	}
}
