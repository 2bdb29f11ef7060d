package view

import (
	"io"

	"github.com/fatih/color"
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
)

// Style says how to print: with colours, and whether to a terminal.
type Style struct {
	Color    bool
	Terminal bool
}

func (s Style) paint(text string, attributes ...color.Attribute) string {
	if !s.Color {
		return text
	}
	c := color.New(attributes...)
	c.EnableColor()
	return c.Sprint(text)
}

func (s Style) bold(text string) string   { return s.paint(text, color.Bold) }
func (s Style) green(text string) string  { return s.paint(text, color.FgGreen) }
func (s Style) yellow(text string) string { return s.paint(text, color.FgYellow) }
func (s Style) red(text string) string    { return s.paint(text, color.FgRed) }
func (s Style) faint(text string) string  { return s.paint(text, color.Faint) }

// Bold, Green, Yellow, Red and Faint are for the packages below this one.
func (s Style) Bold(text string) string   { return s.bold(text) }
func (s Style) Green(text string) string  { return s.green(text) }
func (s Style) Yellow(text string) string { return s.yellow(text) }
func (s Style) Red(text string) string    { return s.red(text) }
func (s Style) Faint(text string) string  { return s.faint(text) }

// Diagnostics prints problems and warnings with their source lines.
func Diagnostics(w io.Writer, s Style, diags hcl.Diagnostics, files map[string]*hcl.File) error {
	if len(diags) == 0 {
		return nil
	}
	var width uint // a log is searched: no line breaks inside a sentence
	if s.Terminal {
		width = 78
	}
	return diag.Write(w, diags, files, width, s.Color)
}
