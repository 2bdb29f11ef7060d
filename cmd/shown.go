package cmd

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/cmd/view/stream"
)

// showFlags say in which form a plan or an apply is shown.
type showFlags struct {
	json bool
	into string
}

func (s *showFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&s.json, "json", false, "print JSON lines instead of text")
	flags.StringVar(&s.into, "json-into", "", "write JSON lines into this file, beside the text")
}

// showing runs a command with what shows it, and ends the JSON lines with the
// exit code.
func (f *factory) showing(s showFlags, command string, run func(view.Run) error) error {
	text := view.NewText(f.io.Out, f.io.Err, f.style(f.io.OutTTY), f.style(f.io.ErrTTY))
	switch {
	case s.json && s.into != "":
		return errors.New("--json and --json-into exclude each other: the former prints lines instead of text, the latter writes them into a file beside it")
	case s.json:
		return f.endLines(f.lines(command), run)
	case s.into == "":
		return run(text)
	}
	file, err := os.OpenFile(s.into, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // it tells what the tenant holds
	if err != nil {
		return fmt.Errorf("--json-into: %w", err)
	}
	lines := stream.New(file, f.runtime().Clock, Version(), command)
	err = f.endLines(lines, func(view.Run) error {
		err := run(view.Both(text, lines))
		if code, said := f.code(err); !said {
			fmt.Fprintf(f.io.Err, "Error: %s\n", err)
			lines.Error(err)
			return exitError{code}
		}
		return err
	})
	if closeErr := file.Close(); closeErr != nil && err == nil {
		return fmt.Errorf("--json-into: %w", closeErr)
	}
	return err
}

func (f *factory) lines(command string) *stream.Lines {
	return stream.New(f.io.Out, f.runtime().Clock, Version(), command)
}

// endLines runs a command and writes the last line. An error that was told
// nowhere yet becomes a line of its own.
func (f *factory) endLines(lines *stream.Lines, run func(view.Run) error) error {
	err := run(lines)
	code, said := f.code(err)
	if !said {
		lines.Error(err)
		err = exitError{code}
	}
	if writeErr := lines.Result(int(code)); writeErr != nil {
		return writeErr
	}
	return err
}
