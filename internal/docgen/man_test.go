package docgen_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/docgen"
)

// TestManOfProgram checks every page: that it is there, that nothing in free
// text is read as an instruction, and that each flag has its entry.
func TestManOfProgram(t *testing.T) {
	commands, err := docgen.Commands(help)
	if err != nil {
		t.Fatal(err)
	}
	all := docgen.Man(commands, "1.2.3")
	if len(all) != len(commands) {
		t.Errorf("%d pages for %d commands", len(all), len(commands))
	}
	known := []string{`.\"`, ".TH", ".SH", ".PP", ".TP", ".nf", ".fi"}
	refers := regexp.MustCompile(`\\fB([a-z\\-]+)\\fP\((\d)\)`)
	for _, c := range commands {
		section := ".1"
		if c.Topic {
			section = ".7"
		}
		name := strings.ReplaceAll(strings.TrimSpace("teamsform "+c.Path), " ", "-") + section
		page, ok := all[name]
		if !ok {
			t.Errorf("no page %s", name)
			continue
		}
		for line := range strings.Lines(page) {
			word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			if strings.HasPrefix(line, ".") && !slices.Contains(known, word) || strings.HasPrefix(line, "'") {
				t.Errorf("%s: would be read as an instruction: %s", name, line)
			}
		}
		for _, m := range regexp.MustCompile(`(?m)^ +(?:-\w, )?--([\w-]+) `).FindAllStringSubmatch(c.Help, -1) {
			if !strings.Contains(page, `\fB\-\-`+strings.ReplaceAll(m[1], "-", `\-`)+`\fP`) {
				t.Errorf("%s lacks --%s", name, m[1])
			}
		}
		for _, m := range refers.FindAllStringSubmatch(page, -1) {
			if other := strings.ReplaceAll(m[1], `\`, "") + "." + m[2]; all[other] == "" {
				t.Errorf("%s refers to %s, which is not there", name, other)
			}
		}
	}
}

func TestManPage(t *testing.T) {
	got := docgen.Man([]docgen.Command{
		{Help: "teamsform does things: many.\n\nUsage:\n  teamsform\n"},
		{Path: "do", Short: "Do it", Help: `Does C:\it - at once
.once: and 'again'.
'Quoted' too.

  kept   as is

Usage:
  teamsform do [flags]

Aliases:
  do, make

Examples:
  teamsform do -x

Flags:
      --long-one string   what it takes
                          and more
  -x, --ex                short (default ".")
`},
		{Path: "facts", Short: "What is so", Topic: true, Help: "  1  one\n"},
	}, "")
	want := `.\" Generated from the texts of --help. Do not edit.
.TH "TEAMSFORM\-DO" "1" "" "teamsform" "teamsform"
.SH "NAME"
teamsform\-do \- Do it
.SH "SYNOPSIS"
.nf
teamsform do [flags]
.fi
.SH "DESCRIPTION"
.PP
Does C:\eit \- at once
\&.once: and 'again'.
\&'Quoted' too.
.PP
.nf
kept   as is
.fi
.SH "EXAMPLES"
.nf
teamsform do \-x
.fi
.SH "OPTIONS"
.TP
\fB\-\-long\-one\fP \fIstring\fP
what it takes
and more
.TP
\fB\-x\fP, \fB\-\-ex\fP
short (default ".")
.SH "SEE ALSO"
\fBteamsform\fP(1)
`
	if diff := cmp.Diff(want, got["teamsform-do.1"]); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	for name, part := range map[string]string{
		"teamsform.1":       "teamsform \\- does things\n",
		"teamsform-facts.7": ".SH \"DESCRIPTION\"\n.nf\n1  one\n.fi\n",
	} {
		if !strings.Contains(got[name], part) {
			t.Errorf("%s lacks %q:\n%s", name, part, got[name])
		}
	}
}
