package cmd

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/teamsform/teamsform/cmd/serving"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

// Main runs the program and exits. Nothing else in the module exits.
func Main() {
	os.Exit(int(Run(context.Background(), os.Args[1:], systemIO())))
}

// IO is where a run reads and writes.
type IO struct {
	In        io.Reader
	Out, Err  io.Writer
	LookupEnv func(string) (string, bool)
	Environ   func() []string
	InputTTY  bool // In is a terminal: questions may be asked
	OutTTY    bool // Out is a terminal that understands escape sequences
	ErrTTY    bool
	Signals   <-chan os.Signal // interrupts; nil for none
	// Abort ends the process when an interrupted run does not end by itself;
	// nil waits for it.
	Abort func(ExitCode)
}

func systemIO() IO {
	return IO{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, LookupEnv: os.LookupEnv, Environ: os.Environ,
		InputTTY: isatty.IsTerminal(os.Stdin.Fd()), OutTTY: understands(os.Stdout), ErrTTY: understands(os.Stderr),
		Signals: signals(), Abort: func(code ExitCode) { os.Exit(int(code)) },
	}
}

// Run runs one command line and returns its exit code.
func Run(ctx context.Context, args []string, stdio IO) ExitCode {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	f := &factory{io: stdio, interrupts: newInterrupts(), ended: make(chan struct{})}
	defer close(f.ended)
	go f.watch(ctx, cancel)
	root := newRootCmd(f)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return f.exit(err)
}

// factory makes what commands need, when they need it: --help costs nothing.
type factory struct {
	io         IO
	interrupts *interrupts
	ended      chan struct{} // closed when the run has come to its end
	global     globalFlags
}

// globalFlags are understood by every command.
type globalFlags struct {
	chdir   string
	noColor bool
	input   bool
}

// runtime returns the surroundings of an operation.
func (f *factory) runtime() *ops.Runtime {
	rt := &ops.Runtime{
		Clock: time.Now, NewID: newGUID, Sleep: sleep, LookupEnv: f.io.LookupEnv, Environ: f.io.Environ,
		Logger: f.logger(), Tool: Version(), Who: who(), RunURL: runURL(f.io.LookupEnv),
		Stop: f.interrupts.stop, Graceful: f.interrupts.graceful,
		Tell: func(text string) { fmt.Fprintln(f.io.Err, text) },
	}
	rt.Connect = serving.Connector(rt, f.holder())
	return rt
}

// style says how to print for a stream.
func (f *factory) style(tty bool) view.Style {
	if v, _ := f.io.LookupEnv("TERM"); v == "dumb" {
		tty = false // a terminal that only takes characters
	}
	s := view.Style{Terminal: tty && !f.inCI(), Color: tty && !f.global.noColor}
	if v, ok := f.io.LookupEnv("NO_COLOR"); ok && v != "" {
		s.Color = false
	}
	if v, ok := f.io.LookupEnv("CLICOLOR_FORCE"); ok && v != "" && v != "0" && !f.global.noColor {
		s.Color = true
	}
	return s
}

// inCI reports whether a pipeline runs the program: then nobody answers
// questions, and a bar that moves would fill its log.
func (f *factory) inCI() bool {
	v, ok := f.io.LookupEnv("CI")
	return ok && v != "" && v != "0" && !strings.EqualFold(v, "false")
}

// mayAsk reports whether somebody is there to answer a question.
func (f *factory) mayAsk() bool { return f.global.input && f.io.InputTTY && !f.inCI() }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// newGUID returns a random version 4 GUID.
func newGUID() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // the system has no randomness: nothing can go on
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// who names the person and machine for the lock.
func who() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return name + "@" + host
}

// runURL is the address of the CI run, where the environment tells it.
func runURL(lookup func(string) (string, bool)) string {
	server, _ := lookup("GITHUB_SERVER_URL")
	repo, _ := lookup("GITHUB_REPOSITORY")
	run, ok := lookup("GITHUB_RUN_ID")
	if ok && server != "" && repo != "" {
		return server + "/" + repo + "/actions/runs/" + run
	}
	if url, ok := lookup("CI_JOB_URL"); ok {
		return url
	}
	return ""
}

func (f *factory) holder() string {
	return fmt.Sprintf("teamsform (process %d)", os.Getpid())
}
