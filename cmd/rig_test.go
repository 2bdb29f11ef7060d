//go:build unix

package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// A rig is a configuration folder and its tenant. The tenant lives in the test
// and is served to the built program, so it outlives whatever becomes of a run,
// and the test stands in the way of every request.
type rig struct {
	t      testing.TB
	dir    string
	tenant *emulator.Tenant
	server *httptest.Server
	ids    atomic.Int64
	model  string // access model; "" for policies

	mu   sync.Mutex
	seen int                                                      // requests since the last watch
	on   func(n int, w http.ResponseWriter, r *http.Request) pass // nil: all pass
}

// pass says what becomes of a request that the test has looked at.
type pass int

const (
	through  pass = iota
	answered      // the test has answered it
	lose          // it is carried out, and its answer is lost
	cut           // the connection breaks before it arrives
)

func newRig(t testing.TB, from string) *rig {
	t.Helper()
	r := &rig{t: t, dir: filepath.Join(t.TempDir(), "config")}
	if err := os.CopyFS(r.dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	r.open()
	return r
}

// open opens the tenant and serves it.
func (r *rig) open() {
	r.t.Helper()
	t := r.t
	people, err := os.ReadFile(filepath.Join(r.dir, "people.json"))
	if err != nil {
		t.Fatal(err)
	}
	db := filepath.Join(r.dir, ".teamsform", "tenant.db")
	r.tenant, err = emulator.Open(context.Background(), emulator.Options{
		Path: db, People: people, Clock: time.Now, NoSync: true, Holder: "test", AccessModel: r.model,
		NewID: func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", r.ids.Add(1)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	front := &emulator.Front{Tenant: r.tenant, PID: os.Getpid()}
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { r.answer(front, w, req) }))
	note := emulator.Serving{URL: r.server.URL, PID: os.Getpid(), Token: emulator.AdminToken(r.tenant.Info().ID)}
	if err := emulator.WriteServing(db, note); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) close() {
	r.server.CloseClientConnections()
	r.server.Close()
	_ = r.tenant.Close()
}

// watch has every request from now on looked at; they count from 0.
func (r *rig) watch(on func(n int, w http.ResponseWriter, req *http.Request) pass) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen, r.on = 0, on
}

// requests is how many came since the last watch.
func (r *rig) requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen
}

func (r *rig) answer(front http.Handler, w http.ResponseWriter, req *http.Request) {
	if req.URL.Path == emulator.HealthPath {
		front.ServeHTTP(w, req)
		return
	}
	r.mu.Lock()
	n, on := r.seen, r.on
	r.seen++
	r.mu.Unlock()
	how := through
	if on != nil {
		how = on(n, w, req)
	}
	switch how {
	case through:
		front.ServeHTTP(w, req)
	case lose:
		front.ServeHTTP(httptest.NewRecorder(), req)
		hangUp(w)
	case cut:
		hangUp(w)
	case answered:
	}
}

// hangUp breaks the connection without an answer.
func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// process is the program as a process of its own.
type process struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser

	mu    sync.Mutex
	text  strings.Builder
	grown chan struct{} // closed and made anew when text grows
	end   chan struct{}
	code  int
}

// start begins teamsform ARGS in the rig's folder.
func (r *rig) start(args ...string) *process {
	r.t.Helper()
	return startIn(r.t, append([]string{"-C", r.dir}, args...)...)
}

func startIn(t testing.TB, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command("teamsform", args...), grown: make(chan struct{}), end: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), "NO_COLOR=1", "TMPDIR="+t.TempDir())
	p.cmd.Stdout, p.cmd.Stderr = p, p
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		err := p.cmd.Wait()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			p.code = exit.ExitCode() // -1 after a kill
		}
		close(p.end)
	}()
	return p
}

// Write collects what the program says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text.Write(b)
	close(p.grown)
	p.grown = make(chan struct{})
	return len(b), nil
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// says waits until the program has said something.
func (p *process) says(want string) {
	p.t.Helper()
	for {
		p.mu.Lock()
		text, grown := p.text.String(), p.grown
		p.mu.Unlock()
		if strings.Contains(text, want) {
			return
		}
		select {
		case <-grown:
		case <-p.end:
			if !strings.Contains(p.said(), want) {
				p.t.Fatalf("it ended with %d and never said %q:\n%s", p.code, want, p.said())
			}
			return
		}
	}
}

// ends waits for the end and compares the exit code.
func (p *process) ends(code int) string {
	p.t.Helper()
	<-p.end
	if p.code != code {
		p.t.Fatalf("exit code %d, want %d:\n%s", p.code, code, p.said())
	}
	return p.said()
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
}

// here runs the program inside the test and returns its exit code and output.
func (r *rig) here(args ...string) (cmd.ExitCode, string) {
	var out bytes.Buffer
	code := cmd.Run(context.Background(), append([]string{"-C", r.dir}, args...), cmd.IO{
		In: strings.NewReader(""), Out: &out, Err: &out,
		LookupEnv: func(string) (string, bool) { return "", false }, Environ: func() []string { return nil },
	})
	return code, out.String()
}

// mustHere runs the program inside the test, and it has to succeed.
func (r *rig) mustHere(args ...string) string {
	r.t.Helper()
	code, text := r.here(args...)
	if code != cmd.ExitOK {
		r.t.Fatalf("teamsform %s: exit code %d\n%s", strings.Join(args, " "), code, text)
	}
	return text
}

// statePath is where the state lies.
func (r *rig) statePath() string { return filepath.Join(r.dir, ".teamsform", "state.json") }

// readState reads state and journal as any run would, without a lock.
func (r *rig) readState() (*state.Loaded, error) {
	b := state.NewLocal(state.LocalOptions{Path: r.statePath(), Clock: time.Now, NewID: func() string { return "x" }})
	return state.Load(context.Background(), b, table.NewStrings(teams.PolicyTypes()...))
}

// dump is the tenant as text that tells nothing of its history: catalog ids
// give way to manifest ids.
func (r *rig) dump() string {
	r.t.Helper()
	raw, err := r.tenant.Dump(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	var d struct {
		Apps []struct{ ID, ManifestID string } `json:"apps"`
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		r.t.Fatal(err)
	}
	text := string(raw)
	for _, a := range d.Apps {
		text = strings.ReplaceAll(text, a.ID, "app "+a.ManifestID)
	}
	return text
}

// edit replaces text in a file of the configuration.
func (r *rig) edit(name, old, with string) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	raw, err := os.ReadFile(path)
	if err == nil && !strings.Contains(string(raw), old) {
		err = fmt.Errorf("%s has no %q", name, old)
	}
	if err == nil {
		err = os.WriteFile(path, []byte(strings.ReplaceAll(string(raw), old, with)), 0o644)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// left lists what a run left beside the state, and should not have.
func (r *rig) left() []string {
	var out []string
	err := fs.WalkDir(os.DirFS(r.dir), ".", func(path string, _ fs.DirEntry, err error) error {
		if strings.Contains(path, "journal") || strings.Contains(path, "tmp-") || strings.HasPrefix(path, "emergency") {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}
