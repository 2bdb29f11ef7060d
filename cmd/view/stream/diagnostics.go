package stream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/internal/diag"
)

// Diagnostic is a problem or a warning. Where the meaning is the same its
// fields are called as Terraform's.
type Diagnostic struct {
	Severity string   `json:"severity"` // error, warning
	Summary  string   `json:"summary"`
	Detail   string   `json:"detail"`
	Class    string   `json:"class,omitempty"`   // of an error: error, sign_in, refused, partial
	Address  string   `json:"address,omitempty"` // of the object that it is about
	Range    *Range   `json:"range,omitempty"`
	Snippet  *Snippet `json:"snippet,omitempty"`
}

// Range is a place in a file.
type Range struct {
	Filename string `json:"filename"`
	Start    Pos    `json:"start"`
	End      Pos    `json:"end"`
}

// Pos is a position: line and column from 1, byte from 0.
type Pos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// Snippet is the piece of source that a diagnostic is about.
type Snippet struct {
	Context   *string `json:"context"` // the block that it stands in, if any
	Code      string  `json:"code"`
	StartLine int     `json:"start_line"` // line of the first line of code
	// HighlightStart and HighlightEnd are offsets into code, in bytes.
	HighlightStart int `json:"highlight_start_offset"`
	HighlightEnd   int `json:"highlight_end_offset"`
}

type diagnosticLine struct {
	Diagnostic Diagnostic `json:"diagnostic"`
}

// Diagnostics implements view.Run. Unlike text it has each of many alike, and
// equal ones once.
func (l *Lines) Diagnostics(diags hcl.Diagnostics, files map[string]*hcl.File) error {
	if files != nil {
		l.files = files
	}
	for _, d := range convert(diags, l.files) {
		level := levelError
		if d.Severity == "warning" {
			level = levelWarn
		}
		l.write("diagnostic", level, title(d.Severity)+": "+d.Summary, diagnosticLine{d})
	}
	return l.err
}

// Error writes an error that is no diagnostic, such as one of the command line.
func (l *Lines) Error(err error) {
	_ = l.Diagnostics(hcl.Diagnostics{diag.Error(nil, "Command failed", "%s", err.Error())}, nil)
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// convert turns diagnostics into plain data, equal ones once.
func convert(diags hcl.Diagnostics, files map[string]*hcl.File) []Diagnostic {
	out := []Diagnostic{} // a list, also when empty
	seen := map[string]bool{}
	for _, d := range diags {
		one := diagnostic(d, files)
		id := fmt.Sprint(one.Severity, "\x00", one.Summary, "\x00", one.Detail, "\x00", d.Subject)
		if seen[id] {
			continue
		}
		seen[id] = true
		out = append(out, one)
	}
	return out
}

func diagnostic(d *hcl.Diagnostic, files map[string]*hcl.File) Diagnostic {
	out := Diagnostic{Severity: "warning", Summary: d.Summary, Detail: d.Detail, Address: diag.AddressOf(d)}
	if d.Severity == hcl.DiagError {
		out.Severity = "error"
		out.Class = map[diag.Class]string{
			diag.ClassError: "error", diag.ClassSignIn: "sign_in", diag.ClassRefused: "refused", diag.ClassPartial: "partial",
		}[diag.ClassOf(d)]
	}
	if d.Subject == nil {
		return out
	}
	r := *d.Subject
	if r.Empty() {
		r.End.Byte++
		r.End.Column++
	}
	out.Range = &Range{r.Filename, Pos(d.Subject.Start), Pos(d.Subject.End)}
	if file := files[r.Filename]; file != nil && r.CanSliceBytes(file.Bytes) {
		context := d.Context
		if context == nil || !context.Overlaps(r) {
			context = &r
		}
		out.Snippet = snippet(file, r, hcl.RangeOver(r, *context))
	}
	return out
}

// snippet cuts the whole lines of a range out of a file.
func snippet(file *hcl.File, highlight, context hcl.Range) *Snippet {
	first := bytes.LastIndexByte(file.Bytes[:highlight.Start.Byte], '\n') + 1
	start := min(first, context.Start.Byte)
	start = bytes.LastIndexByte(file.Bytes[:start], '\n') + 1
	end := min(max(context.End.Byte, highlight.End.Byte), len(file.Bytes))
	if i := bytes.IndexByte(file.Bytes[end:], '\n'); i >= 0 && (end == start || file.Bytes[end-1] != '\n') {
		end += i
	} else if i < 0 {
		end = len(file.Bytes)
	}
	code := strings.TrimRight(string(file.Bytes[start:end]), "\r\n")
	s := &Snippet{
		Code: code, StartLine: 1 + bytes.Count(file.Bytes[:start], []byte{'\n'}),
		HighlightStart: min(highlight.Start.Byte-start, len(code)), HighlightEnd: min(highlight.End.Byte-start, len(code)),
	}
	if body, ok := file.Body.(*hclsyntax.Body); ok {
		if header := around(body, highlight.Start.Byte); header != "" {
			s.Context = &header
		}
	}
	return s
}

// around names the innermost block that holds a position, as it is written.
func around(body *hclsyntax.Body, at int) string {
	for _, b := range body.Blocks {
		if at < b.Range().Start.Byte || at >= b.CloseBraceRange.End.Byte {
			continue
		}
		if inner := around(b.Body, at); inner != "" {
			return inner
		}
		header := b.Type
		for _, label := range b.Labels {
			header += fmt.Sprintf(" %q", label)
		}
		return header
	}
	return ""
}

// Validation is the document of `validate --json`.
type Validation struct {
	FormatVersion string       `json:"format_version"`
	Valid         bool         `json:"valid"`
	Blocks        int          `json:"blocks"` // that were checked
	ErrorCount    int          `json:"error_count"`
	WarningCount  int          `json:"warning_count"`
	Diagnostics   []Diagnostic `json:"diagnostics"`
}

// Validated prints what a validation came to, as one document.
func Validated(w io.Writer, blocks int, diags hcl.Diagnostics, files map[string]*hcl.File) error {
	doc := Validation{FormatVersion: Format, Valid: !diags.HasErrors(), Blocks: blocks, Diagnostics: convert(diags, files)}
	for _, d := range doc.Diagnostics {
		if d.Severity == "error" {
			doc.ErrorCount++
		} else {
			doc.WarningCount++
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
