package docgen

import (
	"regexp"
	"strings"
)

// program is the name that commands start with.
const program = "teamsform"

// Man returns a manual page for every command and topic by its file name, such
// as teamsform-state-mv.1. Pages are made from the texts of --help, so that
// they say what the program says. version stands at their foot; "" for none.
func Man(commands []Command, version string) map[string]string {
	out := map[string]string{}
	for _, c := range commands {
		out[manName(c)+"."+manSection(c)] = manPage(c, commands, version)
	}
	return out
}

func manName(c Command) string {
	return strings.ReplaceAll(strings.TrimSpace(program+" "+c.Path), " ", "-")
}

// manSection is 1 for commands and 7 for topics.
func manSection(c Command) string {
	if c.Topic {
		return "7"
	}
	return "1"
}

func manPage(c Command, all []Command, version string) string {
	var r roff
	r.line(`.\" Generated from the texts of --help. Do not edit.`)
	r.line(`.TH ` + quoted(strings.ToUpper(manName(c))) + ` ` + quoted(manSection(c)) + ` "" ` + quoted(strings.TrimSpace(program+" "+version)) + ` ` + quoted(program))
	parts := sections(c.Help)
	r.heading("NAME")
	r.text(manName(c) + " - " + shortOf(c, parts[0].lines))
	for _, part := range parts {
		if part.title == "Usage" {
			r.heading("SYNOPSIS")
			r.verbatim(part.lines)
		}
	}
	r.heading("DESCRIPTION")
	if c.Topic {
		r.verbatim(parts[0].lines)
	} else {
		r.paragraphs(parts[0].lines)
	}
	for _, part := range parts {
		switch part.title {
		case "Flags":
			r.heading("OPTIONS")
			r.flags(part.lines)
		case "Global Flags":
			r.heading("OPTIONS OF EVERY COMMAND")
			r.flags(part.lines)
		case "Examples":
			r.heading("EXAMPLES")
			r.verbatim(part.lines)
		}
	}
	if related := related(c, all); len(related) > 0 {
		r.heading("SEE ALSO")
		r.line(strings.Join(related, ",\n"))
	}
	return r.b.String()
}

// shortOf is one line about a command. The program's own is the start of its
// description.
func shortOf(c Command, description []string) string {
	if c.Short != "" {
		return c.Short
	}
	text, _, _ := strings.Cut(strings.Join(description, " "), ":")
	text, _, _ = strings.Cut(text, ". ")
	return strings.TrimPrefix(text, program+" ")
}

// related names the pages one step up and down.
func related(c Command, all []Command) []string {
	var out []string
	for _, other := range all {
		up := c.Path != "" && other.Path == parent(c.Path)
		down := other.Path != "" && other.Path != c.Path && parent(other.Path) == c.Path && !c.Topic
		if up || down {
			out = append(out, `\fB`+escapeRoff(manName(other))+`\fP(`+manSection(other)+`)`)
		}
	}
	return out
}

func parent(path string) string {
	i := strings.LastIndexByte(path, ' ')
	return path[:max(i, 0)]
}

// roff builds a page for man. Input is free text.
type roff struct{ b strings.Builder }

func (r *roff) line(text string) { r.b.WriteString(text + "\n") }

func (r *roff) heading(title string) { r.line(".SH " + quoted(title)) }

func (r *roff) text(text string) { r.line(escapeRoff(text)) }

// paragraphs writes lines, with a break at each empty one. Indented lines keep
// their breaks.
func (r *roff) paragraphs(lines []string) {
	for len(lines) > 0 {
		n := 0
		for n < len(lines) && lines[n] != "" {
			n++
		}
		r.line(".PP")
		if strings.HasPrefix(lines[0], " ") {
			r.verbatim(lines[:n])
		} else {
			for _, l := range lines[:n] {
				r.text(l)
			}
		}
		lines = trimEmpty(lines[n:])
	}
}

func (r *roff) verbatim(lines []string) {
	r.line(".nf")
	for _, l := range lines {
		r.text(strings.TrimPrefix(l, "  "))
	}
	r.line(".fi")
}

// flagLine is a line such as "  -C, --chdir string   folder of the configuration".
var flagLine = regexp.MustCompile(`^\s+(?:(-\w), )?(--[\w-]+)(?: (\S+))?\s{2,}(\S.*)$`)

func (r *roff) flags(lines []string) {
	for _, l := range lines {
		m := flagLine.FindStringSubmatch(l)
		if m == nil { // goes on from the line before
			r.text(strings.TrimSpace(l))
			continue
		}
		name := `\fB` + escapeRoff(m[2]) + `\fP`
		if m[1] != "" {
			name = `\fB` + escapeRoff(m[1]) + `\fP, ` + name
		}
		if m[3] != "" {
			name += ` \fI` + escapeRoff(m[3]) + `\fP`
		}
		r.line(".TP")
		r.line(name)
		r.text(m[4])
	}
}

// escapeRoff keeps free text from being read as instructions.
func escapeRoff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

// quoted gives an argument of an instruction.
func quoted(s string) string {
	return `"` + strings.ReplaceAll(escapeRoff(s), `"`, `\(dq`) + `"`
}
