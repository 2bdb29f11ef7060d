package people_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/people"
	"pgregory.net/rapid"
)

// names gives name:line for each person read.
func shown(list []people.Name) string {
	var out []string
	for _, n := range list {
		out = append(out, fmt.Sprintf("%s:%d", n, n.Line))
	}
	return strings.Join(out, " ")
}

func TestRead(t *testing.T) {
	const bom = "\xef\xbb\xbf"
	tests := []struct {
		name, csv, column, want string
		problems                int
	}{
		{name: "one column", csv: "upn\na@x\nb@x\n", want: "a@x:2 b@x:3"},
		{name: "no last line end", csv: "upn\na@x", want: "a@x:2"},
		{name: "CRLF", csv: "upn\r\na@x\r\nb@x\r\n", want: "a@x:2 b@x:3"},
		{name: "CRLF without the last", csv: "upn\r\na@x", want: "a@x:2"},
		{name: "BOM", csv: bom + "upn\na@x\n", want: "a@x:2"},
		{name: "BOM, semicolon, CRLF", csv: bom + "name;upn\r\nAna;a@x\r\n", want: "a@x:2"},
		{name: "comma inside a semicolon file", csv: "name;upn\nDoe, Ana;a@x\n", want: "a@x:2"},
		{name: "semicolon inside a comma file", csv: "name,upn\nDoe; Ana,a@x\n", want: "a@x:2"},
		{name: "column found in another case", csv: "UPN\na@x\n", want: "a@x:2"},
		{name: "exact column before another case", csv: "UPN,upn\na@x,b@x\n", want: "b@x:2"},
		{name: "other column", csv: "upn,mail\na@x,b@y\n", column: "mail", want: "b@y:2"},
		{name: "column with a space", csv: "User name;Mail\nx;b@y\n", column: "Mail", want: "b@y:2"},
		{name: "quotes", csv: "\"upn\",\"name\"\n\"a@x\",\"Doe, \"\"Ana\"\"\"\n", want: "a@x:2"},
		{name: "line break in quotes", csv: "name,upn\n\"Ana\nDoe\",a@x\nb,b@x\n", want: "a@x:2 b@x:4"},
		{name: "space around", csv: " upn ,x\n a@x ,1\n", want: "a@x:2"},
		{name: "blank lines", csv: "\n\nupn\n\na@x\n\n\nb@x\n\n", want: "a@x:5 b@x:8"},
		{name: "object ids", csv: "upn\n11111111-2222-3333-4444-55555555555A\n", want: "11111111-2222-3333-4444-55555555555a:2"},
		{name: "rows of other lengths", csv: "upn,name\na@x\nb@x,B,more\n", want: "a@x:2 b@x:3"},
		{name: "repeated", csv: "upn\na@x\nb@x\nA@X\na@x\n", want: "a@x:2 b@x:3", problems: 2},
		{name: "repeated beyond ASCII", csv: "upn\nÄ@x\nä@x\nö@x\n", want: "Ä@x:2 ö@x:4", problems: 1},
		{name: "nothing but a header", csv: "upn\n", want: ""},
		{name: "not a name", csv: "upn\nana\na@\n@x\na@x@y\n", want: "", problems: 4},
		{name: "empty cell", csv: "name,upn\nAna,\nRaj,r@x\n", want: "r@x:3", problems: 1},
		{name: "column missing", csv: "name\nAna\n", want: "", problems: 1},
		{name: "empty", csv: "", want: "", problems: 1},
		{name: "blank", csv: "\r\n\n", want: "", problems: 1},
		{name: "quote never closed", csv: "upn\na@x\n\"b@x\n", want: "a@x:2", problems: 1},
		{name: "UTF-16", csv: "\xff\xfeu\x00", want: "", problems: 1},
		{name: "Latin-1", csv: "upn\nj\xf6@x\n", want: "", problems: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			column := tt.column
			if column == "" {
				column = "upn"
			}
			got, diags := people.Read("x.csv", []byte(tt.csv), column)
			want(t, "names", shown(got), tt.want)
			if len(diags) != tt.problems {
				t.Errorf("want %d problems, got:\n%s", tt.problems, render(diags))
			}
		})
	}
}

func TestReadRepeatedTellsBothLines(t *testing.T) {
	_, diags := people.Read("x.csv", []byte("upn\r\n\r\na@x\r\nb@x\r\nA@x\r\n"), "upn")
	want(t, "diagnostics", render(diags), "warning: Person listed twice (x.csv:5,1-1)\n    A@x stands on line 3 of x.csv and again on line 5. It counts once; remove one of the rows.\n")
	want(t, "byte", diags[0].Subject.Start.Byte, len("upn\r\n\r\na@x\r\nb@x\r\n"))
}

// TestReadPlacesCountTheBOM: positions are those of the file, not of the
// text behind the byte order mark.
func TestReadPlacesCountTheBOM(t *testing.T) {
	_, diags := people.Read("x.csv", []byte("\xef\xbb\xbfupn\nana\n"), "upn")
	want(t, "byte", diags[0].Subject.Start.Byte, 7)
}

// TestReadReportsFewOfMany: a wrong column of a long file is one problem.
func TestReadReportsFewOfMany(t *testing.T) {
	var b strings.Builder
	b.WriteString("upn\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "person %d\n", i)
	}
	_, diags := people.Read("x.csv", []byte(b.String()), "upn")
	want(t, "diagnostics", len(diags), 21)
	want(t, "last", diags[20].Detail, "4980 more rows of x.csv are faulty.")

	b.Reset()
	b.WriteString("upn\n")
	for range 5000 {
		b.WriteString("a@x\n")
	}
	_, diags = people.Read("x.csv", []byte(b.String()), "upn")
	want(t, "warnings", len(diags), 21)
	want(t, "last", diags[20].Detail, "4979 more rows of x.csv repeat a name.")
}

// TestReadAgainstStandardReader compares the tuned reader with the
// standard library's on random tables.
func TestReadAgainstStandardReader(t *testing.T) {
	cell := rapid.SampledFrom([]string{"a", "b c", "x;y", "x,y", `q"q`, "two\nlines", "\r\nbreak", "", " "})
	rapid.Check(t, func(t *rapid.T) {
		sep := rapid.SampledFrom([]rune{',', ';'}).Draw(t, "sep")
		columns := rapid.IntRange(1, 4).Draw(t, "columns")
		at := rapid.IntRange(0, columns-1).Draw(t, "at")
		rows := rapid.IntRange(0, 8).Draw(t, "rows")
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.Comma, w.UseCRLF = sep, rapid.Bool().Draw(t, "crlf")
		var expect []string
		for i := range rows + 1 {
			record := make([]string, columns)
			for c := range record {
				record[c] = cell.Draw(t, "cell") + fmt.Sprint(c)
			}
			if record[at] = fmt.Sprintf("u%d@x", i); i == 0 {
				record[at] = "upn"
			} else {
				expect = append(expect, record[at])
			}
			if err := w.Write(record); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		got, diags := people.Read("x.csv", []byte(b.String()), "upn")
		if len(diags) > 0 {
			t.Fatalf("%q:\n%s", b.String(), render(diags))
		}
		var have []string
		for _, n := range got {
			have = append(have, n.UPN)
			lines := strings.Split(strings.ReplaceAll(b.String(), "\r\n", "\n"), "\n")
			if !strings.Contains(strings.Join(lines[n.Line-1:], "\n"), n.UPN) {
				t.Fatalf("%s is not on or after line %d of %q", n, n.Line, b.String())
			}
		}
		if !slices.Equal(have, expect) {
			t.Fatalf("%q: got %v, want %v", b.String(), have, expect)
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"upn\na@x\n", "upn;x\r\n\"a@x\";1\r\n", "\xef\xbb\xbfupn\n\"", "\"upn\"x,\n,\n", "upn\n\r\n\r", "\xff\xfe"} {
		f.Add([]byte(s), "upn")
	}
	f.Add([]byte("a,b\n\"x\"\"y@z\",b@c\n"), "b")
	f.Fuzz(func(t *testing.T, data []byte, column string) {
		list, diags := people.Read("x.csv", data, column)
		lines := int32(strings.Count(string(data), "\n") + 1)
		seen := map[string]int32{}
		last := int32(0)
		for _, n := range list {
			if n.Line <= last || n.Line > lines {
				t.Fatalf("line %d after %d of %d", n.Line, last, lines)
			}
			last = n.Line
			key := strings.ToLower(n.String())
			if seen[key] != 0 {
				t.Fatalf("%q on lines %d and %d", key, seen[key], n.Line)
			}
			seen[key] = n.Line
		}
		for _, d := range diags {
			if d.Detail == "" || d.Summary == "" {
				t.Fatalf("empty diagnostic %v", d)
			}
			if d.Subject != nil && (d.Subject.Start.Byte > len(data) || d.Severity == hcl.DiagInvalid) {
				t.Fatalf("bad diagnostic %v", d)
			}
		}
	})
}
