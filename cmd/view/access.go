package view

import (
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/teamsform/teamsform/internal/access"
	"github.com/teamsform/teamsform/internal/assess"
)

// JSON prints a document that other programs read, with its version in front.
func JSON[T any](w io.Writer, doc T) error {
	return writeJSON(w, struct {
		FormatVersion string `json:"format_version"`
		Result        T      `json:"result"`
	}{"1.0", doc})
}

// PersonAccess tells what one person can do, in sentences or for programs.
func PersonAccess(w io.Writer, s Style, r assess.PersonReport, asJSON bool) error {
	if asJSON {
		return JSON(w, r)
	}
	var b strings.Builder
	who := r.User
	switch {
	case r.Disabled:
		who += " (sign-in is blocked)"
	case r.Guest:
		who += " (guest)"
	}
	fmt.Fprintf(&b, "%s\n", s.bold(who))
	for _, a := range r.Apps {
		fmt.Fprintf(&b, "\n%s\n", s.bold(a.App))
		fmt.Fprintf(&b, "  %s\n", canDo(a))
		chain(&b, s, a.Steps)
		chain(&b, s, a.Setup)
	}
	if len(r.Apps) == 0 {
		b.WriteString("\nThe organisation's catalog has no apps.\n")
	}
	fmt.Fprintf(&b, "\n%s\n", s.bold("Upload of custom apps"))
	can := "May not upload custom apps."
	if r.Upload.Personal {
		can = "May upload custom apps for themselves, and to teams that they own."
	}
	fmt.Fprintf(&b, "  %s\n", can)
	chain(&b, s, r.Upload.Steps)
	_, err := io.WriteString(w, b.String())
	return err
}

// canDo sums one app up.
func canDo(a assess.PersonApp) string {
	if !a.Use {
		return "May not use it, and does not find it under \"Built for your org\"."
	}
	text := "Finds it under \"Built for your org\" and may use it"
	if !a.Discover {
		text = "May use it"
	}
	switch {
	case a.Pinned > 0:
		text += fmt.Sprintf("; it is installed, and pinned at place %d", a.Pinned)
	case a.Installed:
		text += "; it is installed"
	}
	return text + "."
}

func chain(b *strings.Builder, s Style, list []access.Step) {
	for _, step := range list {
		mark := s.green("yes")
		if !step.OK {
			mark = s.red("no ")
		}
		text := step.Text
		if step.Decides {
			text = s.bold(text) + " This decides."
		}
		fmt.Fprintf(b, "    %s  %s\n", mark, text)
	}
}

// AppAccess tells who can do what with one app, in classes, as text or for
// programs.
func AppAccess(w io.Writer, s Style, r assess.AppReport, asJSON bool) error {
	if asJSON {
		return JSON(w, r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n", s.bold(r.App), r.ID)
	fmt.Fprintf(&b, "%s can use it%s.\n", people(r.People), guests(r.Guests, r.People))
	for _, c := range r.Classes {
		can := "cannot use it"
		if c.Use {
			can = "can use it"
			if c.Discover {
				can = "find it under \"Built for your org\" and can use it"
			}
			if c.People == 1 {
				can = strings.Replace(can, "find it", "finds it", 1)
			}
		}
		switch {
		case c.Pinned > 0:
			can += fmt.Sprintf("; installed, pinned at place %d by the setup policy %q", c.Pinned, c.SetupPolicy)
		case c.Installed:
			can += "; installed"
		}
		fmt.Fprintf(&b, "\n%s%s %s\n", s.bold(people(c.People)), guests(c.Guests, c.People), can)
		fmt.Fprintf(&b, "  %s\n", c.Because)
		names := strings.Join(c.Samples, ", ")
		if c.People > len(c.Samples) {
			names += ", ..."
		}
		fmt.Fprintf(&b, "  %s\n", s.faint(names))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// guests says how many of some people are guests.
func guests(n, people int) string {
	switch {
	case n == 0:
		return ""
	case people == 1:
		return " (a guest)"
	case n == people:
		return " (all guests)"
	case n == 1:
		return " (1 guest)"
	}
	return fmt.Sprintf(" (%s guests)", thousands(n))
}

// MatrixFormats are the ways in which a matrix can be written, by name.
func MatrixFormats() map[string]func(io.Writer, assess.Matrix) error {
	return map[string]func(io.Writer, assess.Matrix) error{
		"text": matrixText, "csv": matrixCSV, "html": matrixHTML,
		"json": func(w io.Writer, m assess.Matrix) error { return JSON(w, m) },
	}
}

// matrixHead are the titles of the columns before the apps.
func matrixHead(m assess.Matrix) []string {
	head := []string{"People", "Who", "Setup policy"}
	for _, r := range m.Rows {
		if r.PermissionPolicy != "" {
			return append(head, "Permission policy", "Upload")
		}
	}
	return append(head, "Upload")
}

func matrixRow(r assess.MatrixRow, permission bool) []string {
	who := "members"
	if r.Guests {
		who = "guests"
	}
	if r.SignInBlocked {
		who += ", sign-in blocked"
	}
	upload := ""
	if r.Upload {
		upload = "yes"
	}
	row := []string{thousands(r.People), who, r.SetupPolicy}
	if permission {
		row = append(row, r.PermissionPolicy)
	}
	return append(row, upload)
}

// matrixText numbers the apps, so that many of them fit, and says them below.
func matrixText(w io.Writer, m assess.Matrix) error {
	head := matrixHead(m)
	permission := len(head) == 5
	for i := range m.Apps {
		head = append(head, fmt.Sprintf("[%d]", i+1))
	}
	lines := [][]string{head}
	for _, r := range m.Rows {
		line := matrixRow(r, permission)
		for _, c := range r.Can {
			line = append(line, shortCell(c))
		}
		lines = append(lines, line)
	}
	var b strings.Builder
	writeColumns(&b, lines)
	b.WriteByte('\n')
	for i, a := range m.Apps {
		fmt.Fprintf(&b, "[%d] %s (%s)\n", i+1, a.Name, a.ID)
	}
	b.WriteString("u: can use it; i: installed; p1: pinned at place 1; -: cannot use it\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func shortCell(c string) string {
	if c == "" {
		return "-"
	}
	return strings.NewReplacer("use", "u", ", installed", "i", ", pinned ", "p").Replace(c)
}

// writeColumns prints rows with each column as wide as its widest cell.
func writeColumns(b *strings.Builder, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			width[i] = max(width[i], len([]rune(c)))
		}
	}
	for _, r := range rows {
		var line strings.Builder
		for i, c := range r {
			line.WriteString(c + strings.Repeat(" ", width[i]-len([]rune(c))+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

func matrixCSV(w io.Writer, m assess.Matrix) error {
	out := csv.NewWriter(w)
	head := matrixHead(m)
	permission := len(head) == 5
	for _, a := range m.Apps {
		head = append(head, a.Name)
	}
	if err := out.Write(safeCells(head)); err != nil {
		return err
	}
	for _, r := range m.Rows {
		line := matrixRow(r, permission)
		line[0] = fmt.Sprint(r.People)
		if err := out.Write(safeCells(append(line, r.Can...))); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// safeCells keeps spreadsheets from taking a name for a formula.
func safeCells(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
			c = "'" + c
		}
		out[i] = c
	}
	return out
}

func matrixHTML(w io.Writer, m assess.Matrix) error {
	var b strings.Builder
	b.WriteString("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Who can do what</title>\n" +
		"<style>body{font-family:sans-serif}table{border-collapse:collapse}th,td{border:1px solid #999;padding:.3em .6em;text-align:left}td.no{color:#777}</style>\n<table>\n<tr>")
	head := matrixHead(m)
	permission := len(head) == 5
	for _, h := range head {
		fmt.Fprintf(&b, "<th scope=\"col\">%s</th>", html.EscapeString(h))
	}
	for _, a := range m.Apps {
		fmt.Fprintf(&b, "<th scope=\"col\" title=\"%s\">%s</th>", html.EscapeString(a.ID), html.EscapeString(a.Name))
	}
	b.WriteString("</tr>\n")
	for _, r := range m.Rows {
		b.WriteString("<tr>")
		for _, c := range matrixRow(r, permission) {
			fmt.Fprintf(&b, "<td>%s</td>", html.EscapeString(c))
		}
		for _, c := range r.Can {
			if c == "" {
				b.WriteString("<td class=\"no\">no</td>")
			} else {
				fmt.Fprintf(&b, "<td>%s</td>", html.EscapeString(c))
			}
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table>\n</html>\n")
	_, err := io.WriteString(w, b.String())
	return err
}
