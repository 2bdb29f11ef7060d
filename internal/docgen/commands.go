package docgen

import (
	"fmt"
	"strings"
)

// Command is one command with the text that --help prints.
type Command struct {
	Path string // such as "plan" or "state list"; "" for the program itself
	Help string
}

// Commands asks the program for its commands. help returns what --help prints
// for a command, named by its words.
func Commands(help func(words ...string) (string, error)) ([]Command, error) {
	var out []Command
	var visit func(words []string) error
	visit = func(words []string) error {
		path := strings.Join(words, " ")
		text, err := help(words...)
		if err != nil {
			return fmt.Errorf("help of %q: %w", path, err)
		}
		out = append(out, Command{Path: path, Help: text})
		for _, name := range subcommands(text) {
			// These two are the command library's own.
			if name == "help" || name == "completion" {
				continue
			}
			if err := visit(append(words[:len(words):len(words)], name)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := visit(nil); err != nil {
		return nil, err
	}
	return out, nil
}

// subcommands finds the names below headings such as "Main commands:".
func subcommands(help string) []string {
	var names []string
	inside := false
	for line := range strings.Lines(help) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasSuffix(strings.ToLower(line), "commands:"):
			inside = true
		case strings.HasPrefix(line, "  ") && inside:
			if fields := strings.Fields(line); len(fields) > 0 {
				names = append(names, fields[0])
			}
		default:
			inside = false
		}
	}
	return names
}

func commandsPage(commands []Command) string {
	var p page
	p.title("Commands")
	p.text("What `--help` prints. Exit codes, environment variables and conventions: [../cli.md](../cli.md).")
	for _, c := range commands {
		p.heading("`" + strings.TrimSpace("teamsform "+c.Path) + "`")
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
