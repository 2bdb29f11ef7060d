package people

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
)

// A CSV file may name a million people, so it is read straight into small
// structs: the file becomes one string, every name is a slice of it, and a row
// costs no allocation. Only a quoted field that holds a quote is copied.
//
// The dialect is RFC 4180 as spreadsheets write it: fields separated by one
// character, optionally in double quotes, in which a doubled quote stands for
// one and line breaks are kept; lines end in LF or CRLF; empty lines do not
// count. Outer space around a name is dropped.

// badRows is how many faulty rows of one file are reported one by one.
const badRows = 20

// Read reads one column of a CSV file that names people, and reports what
// is wrong in diagnostics whose Subject is a place in the file, or nil when the
// file as a whole is at fault. Repeated names are dropped with a warning.
func Read(file string, data []byte, column string) ([]Name, hcl.Diagnostics) {
	if d := checkEncoding(file, data); d != nil {
		return nil, hcl.Diagnostics{d}
	}
	text := string(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	skipped := len(data) - len(text)
	r, index, d := openTable(file, text, column)
	if d != nil {
		return nil, hcl.Diagnostics{d}
	}
	rd := namesReader{file: file, column: column, seen: NewSet(strings.Count(text, "\n")), offset: skipped}
	rd.names = make([]Name, 0, strings.Count(text, "\n"))
	for r.next(index) {
		rd.row(&r)
	}
	if r.unclosed {
		rd.report(diag.Error(rd.at(r.line, r.start), SumQuote, "The quote that opens on line %d of %s is never closed. Close it, or double a quote that belongs to the text.", r.line, file))
	}
	if rd.bad > badRows {
		rd.diags = append(rd.diags, diag.Error(nil, SumBadName, "%d more rows of %s are faulty.", rd.bad-badRows, file))
	}
	if rd.repeated > badRows {
		rd.diags = append(rd.diags, diag.Warning(nil, SumRepeated, "%d more rows of %s repeat a name.", rd.repeated-badRows, file))
	}
	return rd.names, rd.diags
}

// checkEncoding refuses what is not UTF-8, UTF-16 by name.
func checkEncoding(file string, data []byte) *hcl.Diagnostic {
	head := data[:min(len(data), 64)]
	utf16 := bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) || bytes.IndexByte(head, 0) >= 0
	if utf16 {
		return diag.Error(nil, SumUTF16, "%s is written in UTF-16, as some programs do when they export. Save it as UTF-8: in Excel choose the type \"CSV UTF-8 (Comma delimited)\"; in PowerShell write\n\n    Export-Csv -Encoding utf8", file)
	}
	if !utf8.Valid(data) {
		line := 1
		for len(data) > 0 {
			r, n := utf8.DecodeRune(data)
			if r == utf8.RuneError && n <= 1 {
				break
			}
			if r == '\n' {
				line++
			}
			data = data[n:]
		}
		return diag.Error(nil, SumNotUTF8, "Line %d of %s is not UTF-8. Save the file as UTF-8: in Excel choose the type \"CSV UTF-8 (Comma delimited)\".", line, file)
	}
	return nil
}

// openTable reads the header and finds the column. The separator is the one
// with which the header has that column.
func openTable(file, text, column string) (csvReader, int, *hcl.Diagnostic) {
	var shown []string
	for _, sep := range []byte{',', ';'} {
		r := csvReader{text: text, sep: sep, nextLine: 1}
		header, ok := r.header()
		if !ok {
			return r, 0, diag.Error(nil, SumEmpty, "%s is empty. Its first row names the columns; one of them is %q.", file, column)
		}
		exact := slices.Index(header, column)
		if exact < 0 {
			exact = slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(h, column) })
		}
		if exact >= 0 {
			return r, exact, nil
		}
		if len(header) > len(shown) {
			shown = header
		}
	}
	hint := diag.DidYouMean(column, shown)
	for _, usual := range []string{"userPrincipalName", "User principal name", "UPN", "User name", "Email"} {
		if i := slices.IndexFunc(shown, func(h string) bool { return strings.EqualFold(h, usual) }); hint == "" && i >= 0 {
			hint = fmt.Sprintf(" Write column = %q?", shown[i])
		}
	}
	return csvReader{}, 0, diag.Error(nil, SumColumn, "The first row of %s has no column %q; it has: %s.%s", file, column, quoted(shown), hint)
}

func quoted(names []string) string {
	const most = 20
	out := make([]string, 0, len(names))
	for i, n := range names {
		if i == most {
			out = append(out, "...")
			break
		}
		out = append(out, fmt.Sprintf("%q", n))
	}
	return strings.Join(out, ", ")
}

// namesReader turns rows into names.
type namesReader struct {
	file, column string
	names        []Name
	seen         *Set
	diags        hcl.Diagnostics
	bad          int
	repeated     int
	offset       int // bytes before the text, for positions
}

func (rd *namesReader) row(r *csvReader) {
	cell := strings.TrimSpace(r.field)
	if cell == "" {
		rd.report(diag.Error(rd.at(r.line, r.start), SumBadName, "Line %d of %s has nothing in the column %q. Remove the line, or name the person.", r.line, rd.file, rd.column))
		return
	}
	name, complaint := Parse(cell)
	if complaint != "" {
		rd.report(diag.Error(rd.at(r.line, r.start), SumBadName, "Line %d of %s: %s", r.line, rd.file, complaint))
		return
	}
	name.Line = int32(r.line)
	if first, repeated := rd.seen.Add(rd.names, name); repeated {
		rd.repeated++
		if rd.repeated <= badRows {
			rd.diags = append(rd.diags, diag.Warning(rd.at(r.line, r.start), SumRepeated, "%s stands on line %d of %s and again on line %d. It counts once; remove one of the rows.", name, rd.names[first].Line, rd.file, r.line))
		}
		return
	}
	rd.names = append(rd.names, name)
}

func (rd *namesReader) report(d *hcl.Diagnostic) {
	rd.bad++
	if rd.bad <= badRows {
		rd.diags = append(rd.diags, d)
	}
}

// at is the place of a row that starts at the given byte of the text.
func (rd *namesReader) at(line, start int) *hcl.Range {
	pos := hcl.Pos{Line: line, Column: 1, Byte: start + rd.offset}
	return &hcl.Range{Filename: rd.file, Start: pos, End: pos}
}

// csvReader walks the rows of a text and keeps one field of each.
type csvReader struct {
	text     string
	sep      byte
	pos      int
	nextLine int

	line     int    // line on which the row starts, from 1
	start    int    // byte at which it starts
	field    string // the wanted field, "" when the row is too short
	unclosed bool   // a quote was never closed; the row is dropped
}

// header reads the first row whole.
func (r *csvReader) header() ([]string, bool) {
	if !r.startRow() {
		return nil, false
	}
	var out []string
	for {
		field, more := r.readField()
		out = append(out, strings.TrimSpace(field))
		if !more {
			return out, true
		}
	}
}

// next reads a row and keeps the field with the given index.
func (r *csvReader) next(index int) bool {
	if !r.startRow() {
		return false
	}
	r.field = ""
	for i := 0; ; i++ {
		field, more := r.readField()
		if i == index {
			r.field = field
		}
		if !more {
			return !r.unclosed
		}
	}
}

// startRow skips empty lines and reports whether there is a row.
func (r *csvReader) startRow() bool {
	for r.pos < len(r.text) {
		switch {
		case r.text[r.pos] == '\n':
			r.pos++
		case strings.HasPrefix(r.text[r.pos:], "\r\n"):
			r.pos += 2
		default:
			r.line, r.start = r.nextLine, r.pos
			return true
		}
		r.nextLine++
	}
	return false
}

// readField reads up to and with the separator or line end that follows. more
// is false at the end of the row; the carriage return of a CRLF then stays at
// the end of the field, and goes with the outer space.
func (r *csvReader) readField() (field string, more bool) {
	if r.pos < len(r.text) && r.text[r.pos] == '"' {
		return r.readQuoted()
	}
	rest := r.text[r.pos:]
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case r.sep:
			r.pos += i + 1
			return rest[:i], true
		case '\n':
			r.pos += i + 1
			r.nextLine++
			return rest[:i], false
		}
	}
	r.pos = len(r.text)
	return rest, false
}

// readQuoted reads a field that starts with a quote.
func (r *csvReader) readQuoted() (field string, more bool) {
	var parts strings.Builder
	r.pos++
	for {
		i := strings.IndexByte(r.text[r.pos:], '"')
		if i < 0 {
			r.unclosed = true
			r.pos = len(r.text)
			return "", false
		}
		piece := r.text[r.pos : r.pos+i]
		r.nextLine += strings.Count(piece, "\n")
		r.pos += i + 1
		if r.pos < len(r.text) && r.text[r.pos] == '"' {
			parts.WriteString(piece)
			parts.WriteByte('"')
			r.pos++
			continue
		}
		if parts.Len() > 0 {
			parts.WriteString(piece)
			piece = parts.String()
		}
		tail, more := r.readField()
		return piece + tail, more
	}
}
