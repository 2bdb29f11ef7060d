package house

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// forbidden are words that no file may hold, with the reason. They are put
// together here, so that this file does not hold them.
var forbidden = map[string]*regexp.Regexp{
	"work is finished or tracked elsewhere": regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|HACK` + `ME)\b`),
	"a path of one machine":                 regexp.MustCompile(`(^|[\s"'=(:` + "`" + `])/(wo` + `rk|tm` + `p|ro` + `ot|ho` + `me|Us` + `ers)/`),
	"a package registry":                    regexp.MustCompile(`(?i)\b(registry\.npm` + `js\.org|proxy\.go` + `lang\.org|sum\.go` + `lang\.org|arti` + `factory|files\.python` + `hosted\.org|py` + `pi\.org)\b`),
}

// TestWords reads every text file.
func TestWords(t *testing.T) {
	for _, name := range files(t) {
		if strings.HasSuffix(name, "go.sum") {
			continue
		}
		text := read(t, name)
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			continue
		}
		for why, pattern := range forbidden {
			for i, line := range strings.Split(text, "\n") {
				if m := pattern.FindString(line); m != "" {
					t.Errorf("%s:%d holds %q: %s", name, i+1, strings.TrimSpace(m), why)
				}
			}
		}
	}
}

func TestForbidden(t *testing.T) {
	for text, bad := range map[string]bool{
		"// TO" + "DO: later":                  true,
		`open("/wo` + `rk/main")`:              true,
		"cd /tm" + "p/x":                       true,
		"https://registry.npm" + "js.org/x":    true,
		"$TMPDIR/x and os.TempDir()":           false,
		"teams/work/items and /teamwork/apps":  false,
		"https://example.com/home/page":        false,
		"TODOS is a name, mastodon/tmp/ is no": false,
	} {
		found := false
		for _, pattern := range forbidden {
			found = found || pattern.MatchString(text)
		}
		if found != bad {
			t.Errorf("%q: found %v, want %v", text, found, bad)
		}
	}
}

// TestModuleFile keeps the module buildable with the oldest Go it names.
func TestModuleFile(t *testing.T) {
	for _, name := range []string{"go.mod", "tools/go.mod", "tools/actionlint/go.mod"} {
		text := read(t, name)
		if !strings.Contains(text, "\ngo 1.26.0\n") {
			t.Errorf("%s does not say go 1.26.0", name)
		}
		if strings.Contains(text, "\ntoolchain ") {
			t.Errorf("%s has a toolchain line: it forces a download on everybody", name)
		}
		if regexp.MustCompile(`(?m)^replace |^\s+\S+ => `).MatchString(text) {
			t.Errorf("%s replaces a module: `go install` of the program would fail", name)
		}
	}
}

func TestLicence(t *testing.T) {
	text := read(t, "LICENSE")
	for _, want := range []string{"Apache License", "Version 2.0, January 2004", "END OF TERMS AND CONDITIONS"} {
		if !strings.Contains(text, want) {
			t.Errorf("LICENSE lacks %q", want)
		}
	}
	notice := read(t, "NOTICE")
	for _, dep := range directDependencies(t) {
		if !strings.Contains(notice, dep) {
			t.Errorf("NOTICE does not name the licence of %s", dep)
		}
	}
}

// directDependencies are the modules that go.mod requires itself.
func directDependencies(t *testing.T) []string {
	var out []string
	for line := range strings.Lines(read(t, "go.mod")) {
		fields := strings.Fields(line)
		if len(fields) == 2 && strings.Contains(fields[0], "/") && strings.HasPrefix(fields[1], "v") {
			out = append(out, fields[0])
		}
	}
	if len(out) < 5 {
		t.Fatalf("only %d dependencies found in go.mod", len(out))
	}
	return out
}

// TestDecisionOnLibraries checks that each library was chosen, not drifted in.
func TestDecisionOnLibraries(t *testing.T) {
	text := read(t, "docs/decisions/0002-libraries.md")
	for _, dep := range directDependencies(t) {
		if !strings.Contains(text, "`"+dep+"`") {
			t.Errorf("docs/decisions/0002-libraries.md does not say why %s is used", dep)
		}
	}
}
