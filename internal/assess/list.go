package assess

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/access"
)

// Line is one ability that one person gains or loses.
type Line struct {
	User    string   `json:"user"`
	ID      string   `json:"id"`
	Guest   bool     `json:"guest"`
	App     string   `json:"app"` // "" for upload
	AppID   string   `json:"app_id"`
	Ability string   `json:"ability"`
	Change  string   `json:"change"`         // gain, lose or move (a pin)
	From    int      `json:"from,omitempty"` // places on the app bar
	To      int      `json:"to,omitempty"`
	By      []string `json:"by"` // addresses of the changes behind it
}

// ListFormat writes lines of everybody whom a plan concerns.
type ListFormat func(w io.Writer, lines func(yield func(Line) bool)) error

// FormatOf chooses the format by a file's extension: CSV or JSON lines.
func FormatOf(file string) (ListFormat, error) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv":
		return listCSV, nil
	case ".jsonl", ".ndjson":
		return listJSON, nil
	}
	return nil, fmt.Errorf("%s: the full list is written as .csv or as .jsonl (JSON lines)", file)
}

// Lines goes through everybody whom the plan concerns, in order of id, with one
// line for each ability. It keeps nothing in memory but the classes.
func (c *Comparison) Lines(yield func(Line) bool) {
	byClass := map[int][]int{}
	for i, ch := range c.Changes {
		byClass[ch.Class] = append(byClass[ch.Class], i)
	}
	d := c.After.Directory
	for person, p := range d.People {
		for _, i := range byClass[c.ClassOf(person)] {
			ch := c.Changes[i]
			line := Line{User: d.Name(person), ID: p.ID.String(), Guest: p.Guest, Ability: ch.Ability.String(), Change: "lose", From: ch.From, To: ch.To, By: c.by[i]}
			switch {
			case ch.Moves():
				line.Change = "move"
			case ch.Gain:
				line.Change = "gain"
			}
			if ch.App >= 0 {
				a := c.App(ch.App)
				line.App, line.AppID = cmp.Or(a.Name, a.ID), a.ID
			}
			if !yield(line) {
				return
			}
		}
	}
}

func listCSV(w io.Writer, lines func(func(Line) bool)) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"user", "id", "guest", "app", "app_id", "ability", "change", "from", "to", "by"})
	for l := range lines {
		if err != nil {
			return err
		}
		err = out.Write([]string{plainCell(l.User), l.ID, fmt.Sprint(l.Guest), plainCell(l.App), plainCell(l.AppID), l.Ability, l.Change, place(l.From), place(l.To), strings.Join(l.By, " ")})
	}
	out.Flush()
	return cmp.Or(err, out.Error())
}

func place(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// plainCell keeps spreadsheets from taking a name for a formula.
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func listJSON(w io.Writer, lines func(func(Line) bool)) error {
	out := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for l := range lines {
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return out.Flush()
}

// explainChanges notes which planned changes stand behind each change of
// access.
func (a *assessment) explainChanges() {
	a.c.by = make([][]string, len(a.c.Changes))
	known := map[access.Cause][]planned{}
	for i, ch := range a.c.Changes {
		by := []string{}
		for _, cause := range ch.Causes {
			list, seen := known[cause]
			if !seen {
				list = a.addrOf(cause)
				known[cause] = list
			}
			for _, p := range list {
				if text := p.addr.String(); !slices.Contains(by, text) {
					by = append(by, text)
				}
			}
		}
		a.c.by[i] = by
	}
}

// WriteFile writes the full list, which is empty without a comparison. It names
// people, so that only its owner can read it.
func (c *Comparison) WriteFile(path string, list ListFormat) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("--impact-into: %w", err)
	}
	lines := func(func(Line) bool) {}
	if c != nil {
		lines = c.Lines
	}
	if err := errors.Join(list(file, lines), file.Close()); err != nil {
		return fmt.Errorf("--impact-into: %w", err)
	}
	return nil
}
