package docgen

import (
	"fmt"
	"strings"
)

// Command is one command with the text that --help prints.
type Command struct {
	Path  string // such as "plan" or "state list"; "" for the program itself
	Short string // one line about it; "" for the program itself
	Topic bool   // no command, only a text of help
	Help  string
}

// Commands asks the program for its commands. help returns what --help prints
// for a command, named by its words.
func Commands(help func(words ...string) (string, error)) ([]Command, error) {
	var out []Command
	var visit func(words []string, c Command) error
	visit = func(words []string, c Command) error {
		path := strings.Join(words, " ")
		text, err := help(words...)
		if err != nil {
			return fmt.Errorf("help of %q: %w", path, err)
		}
		c.Path, c.Help = path, text
		out = append(out, c)
		for _, inner := range subcommands(text) {
			// These two are the command library's own.
			if inner.Path == "help" || inner.Path == "completion" {
				continue
			}
			if err := visit(append(words[:len(words):len(words)], inner.Path), inner); err != nil {
				return err
			}
		}
		return nil
	}
	if err := visit(nil, Command{}); err != nil {
		return nil, err
	}
	return out, nil
}

// subcommands finds the names below headings such as "Main commands:", and the
// topics of help, which are listed with the name of the program before them.
// What it gives has the last word of the path only.
func subcommands(help string) []Command {
	var out []Command
	for _, section := range sections(help) {
		title := strings.ToLower(section.title)
		topics := strings.HasSuffix(title, "help topics")
		if !topics && !strings.HasSuffix(title, "commands") {
			continue
		}
		for _, line := range section.lines {
			name, short, _ := strings.Cut(strings.TrimSpace(line), " ")
			if topics {
				name, short, _ = strings.Cut(strings.TrimSpace(short), " ")
			}
			if name != "" {
				out = append(out, Command{Path: name, Short: strings.TrimSpace(short), Topic: topics})
			}
		}
	}
	return out
}

// section is a part of a help text: a heading such as "Flags:", and what
// follows. The first one has no heading.
type section struct {
	title string
	lines []string
}

// sections splits a help text. Empty lines around a section are left out.
func sections(help string) []section {
	out := []section{{}}
	for line := range strings.Lines(help) {
		line = strings.TrimRight(line, " \r\n")
		title, isTitle := strings.CutSuffix(line, ":")
		if isTitle && isHeading(title) {
			out = append(out, section{title: title})
			continue
		}
		last := &out[len(out)-1]
		if strings.HasPrefix(line, "Use \"") && last.title != "" { // the command library's last line
			continue
		}
		last.lines = append(last.lines, line)
	}
	for i := range out {
		out[i].lines = trimEmpty(out[i].lines)
	}
	return out
}

// isHeading knows the headings of the command library and of our groups.
func isHeading(title string) bool {
	switch title {
	case "Usage", "Aliases", "Examples", "Flags", "Global Flags", "Additional help topics":
		return true
	}
	return strings.HasSuffix(strings.ToLower(title), " commands") && !strings.HasPrefix(title, " ")
}

func trimEmpty(lines []string) []string {
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func commandsPage(commands []Command) string {
	var p page
	p.title("Commands")
	p.text("What `--help` prints. Exit codes, environment variables and conventions: [../cli.md](../cli.md).")
	for _, c := range commands {
		name := strings.TrimSpace("teamsform " + c.Path)
		if c.Topic {
			name = "teamsform help " + c.Path
		}
		p.heading("`" + name + "`")
		p.code("text", trimLines(c.Help))
	}
	return p.String()
}

// trimLines removes space at the ends of lines.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \r")
	}
	return strings.Join(lines, "\n")
}
