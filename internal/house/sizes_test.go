package house

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// The limits, in lines. Generated files do not count.
const (
	maxFile      = 800
	maxMedian    = 150
	maxNinetieth = 400
	maxPackage   = 4000
	// leastTests is the least share of test lines to lines of code. The goal is 1.
	leastTests = 0.8
)

// TestSizes keeps files readable and packages small.
func TestSizes(t *testing.T) {
	var sizes []int
	perPackage := map[string]int{}
	for _, name := range files(t) {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		text := read(t, name)
		if generated(text) {
			continue
		}
		n := lines(text)
		sizes = append(sizes, n)
		if n > maxFile {
			t.Errorf("%s has %d lines; at most %d: split it by what it is about", name, n, maxFile)
		}
		if !strings.HasSuffix(name, "_test.go") {
			perPackage[path.Dir(name)] += n
		}
	}
	slices.Sort(sizes)
	if m := sizes[len(sizes)/2]; m > maxMedian {
		t.Errorf("the median file has %d lines; at most %d", m, maxMedian)
	}
	if n := sizes[len(sizes)*9/10]; n > maxNinetieth {
		t.Errorf("one file in ten has more than %d lines; at most %d", n, maxNinetieth)
	}
	for name, n := range perPackage {
		if n > maxPackage {
			t.Errorf("package %s has %d lines without tests; at most %d", name, n, maxPackage)
		}
	}
	t.Logf("%d files, median %d lines, ninth of ten %d, longest %d", len(sizes), sizes[len(sizes)/2], sizes[len(sizes)*9/10], sizes[len(sizes)-1])
}

// TestTestLines compares test code with code.
func TestTestLines(t *testing.T) {
	code, tests := 0, 0
	for _, name := range files(t) {
		isScript := strings.HasSuffix(name, ".txtar") && strings.Contains(name, "/testdata/")
		if !strings.HasSuffix(name, ".go") && !isScript {
			continue
		}
		text := read(t, name)
		switch {
		case isScript || strings.HasSuffix(name, "_test.go"):
			tests += lines(text)
		case !generated(text):
			code += lines(text)
		}
	}
	share := float64(tests) / float64(code)
	t.Logf("%d lines of tests, %d of code: %.3f", tests, code, share)
	if share < leastTests {
		t.Errorf("%d lines of tests for %d of code is a share of %.3f; at least %.2f", tests, code, share, leastTests)
	}
}

// TestDocFiles checks that each package says what it is in a file that one
// finds without searching.
func TestDocFiles(t *testing.T) {
	for name, p := range packages(t) {
		if len(p.GoFiles) == 0 {
			continue
		}
		// A main package says it in main.go, one of a single file there.
		file := "doc.go"
		switch {
		case slices.Contains(p.GoFiles, file):
		case slices.Contains(p.GoFiles, "main.go"):
			file = "main.go"
		case len(p.GoFiles) == 1:
			file = p.GoFiles[0]
		}
		if !slices.Contains(p.GoFiles, file) {
			t.Errorf("package %s has no doc.go: say what it is and what it may import", name)
			continue
		}
		text := read(t, path.Join(name, file))
		before, _, _ := strings.Cut(text, "\npackage ")
		if !strings.HasPrefix(before, "//") {
			t.Errorf("%s/%s starts with no comment on the package", name, file)
		}
	}
}
