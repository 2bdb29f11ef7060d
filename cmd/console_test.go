package cmd_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/cmd"
)

// atTerminal gives the surroundings of a run at a terminal.
func atTerminal(in io.Reader, out, errs io.Writer) cmd.IO {
	return cmd.IO{
		In: in, Out: out, Err: errs, InputTTY: true, OutTTY: true, ErrTTY: true,
		LookupEnv: func(name string) (string, bool) { return "1", name == "NO_COLOR" },
		Environ:   func() []string { return nil },
	}
}

// consoleFolder is a folder with a configuration of one local value.
func consoleFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.teams.hcl"), []byte("locals { n = 41 }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestConsolePrompt checks that a person is asked, may err without a bad exit
// code, and leaves with the end of input.
func TestConsolePrompt(t *testing.T) {
	var out, errs bytes.Buffer
	code := cmd.Run(context.Background(), []string{"-C", consoleFolder(t), "console"}, atTerminal(strings.NewReader("local.n + 1\nlocal.m\n"), &out, &errs))
	if code != cmd.ExitOK {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	if want := "> 42\n> > \n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
	if !strings.Contains(errs.String(), "Did you mean local.n?") {
		t.Errorf("the mistake is not told: %q", errs.String())
	}
}

// TestConsoleInterrupt checks that an interrupt ends a console that waits for
// a line which never comes.
func TestConsoleInterrupt(t *testing.T) {
	var out, errs bytes.Buffer
	in, hold := io.Pipe()
	defer hold.Close()
	signals := make(chan os.Signal, 1)
	stdio := atTerminal(in, &out, &errs)
	stdio.Signals = signals
	signals <- os.Interrupt
	if code := cmd.Run(context.Background(), []string{"-C", consoleFolder(t), "console"}, stdio); code != cmd.ExitInterrupted {
		t.Errorf("exit code %d, want %d", code, cmd.ExitInterrupted)
	}
}

// TestConsoleLongLine checks that a line beyond the limit is an error, not a
// value cut short.
func TestConsoleLongLine(t *testing.T) {
	var out, errs bytes.Buffer
	code := cmd.Run(context.Background(), []string{"-C", consoleFolder(t), "console"}, atTerminal(strings.NewReader(strings.Repeat("1", 2<<20)), &out, &errs))
	if code != cmd.ExitError || !strings.Contains(errs.String(), "too long") {
		t.Errorf("exit code %d: %q", code, errs.String())
	}
}
