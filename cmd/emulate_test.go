package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/internal/emulator"
)

// terminal is a run in front of a person who types the given answer.
func terminal(answer string) (cmd.IO, *bytes.Buffer, *bytes.Buffer) {
	out, errs := &bytes.Buffer{}, &bytes.Buffer{}
	return cmd.IO{
		In: strings.NewReader(answer), Out: out, Err: errs, InputTTY: true, OutTTY: true, ErrTTY: true,
		LookupEnv: func(string) (string, bool) { return "", false }, Environ: func() []string { return nil },
	}, out, errs
}

func TestResetAsks(t *testing.T) {
	db := filepath.Join(t.TempDir(), "tenant.db")
	run := func(answer string, args ...string) (cmd.ExitCode, string, string) {
		stdio, out, errs := terminal(answer)
		code := cmd.Run(context.Background(), append(args, "--path", db), stdio)
		return code, out.String(), errs.String()
	}
	if code, _, errs := run("", "emulate", "seed", "--users", "250"); code != cmd.ExitOK || !strings.Contains(errs, "\rWriting people: 100%") {
		t.Fatalf("seed: exit %d, %q", code, errs)
	}
	for answer, want := range map[string]string{"no\n": "nothing was changed", "\n": "nothing was changed", "": "read the answer", "yes, all of it\n": "nothing was changed"} {
		code, out, errs := run(answer, "emulate", "reset")
		if code != cmd.ExitError || !strings.Contains(errs, want) || !strings.Contains(out, "with 250 users, 0 groups, 0 apps and 3 policies will be emptied") {
			t.Errorf("%q: exit %d\n%s%s", answer, code, out, errs)
		}
	}
	if code, _, errs := run("yes\n", "emulate", "reset", "--input=false"); code != cmd.ExitError || !strings.Contains(errs, "--yes") {
		t.Errorf("--input=false: exit %d, %s", code, errs)
	}
	code, out, errs := run("yes\n", "emulate", "reset")
	if code != cmd.ExitOK || !strings.Contains(out, "is a fresh one now, with 11 users") {
		t.Errorf("yes: exit %d\n%s%s", code, out, errs)
	}
}

// server is `teamsform emulate` in this process.
type server struct {
	url, token string
	signals    chan os.Signal
	done       chan cmd.ExitCode
	errs       *bytes.Buffer
}

func serve(t *testing.T, args ...string) *server {
	t.Helper()
	r, w := io.Pipe()
	s := &server{signals: make(chan os.Signal, 2), done: make(chan cmd.ExitCode, 1), errs: &bytes.Buffer{}}
	stdio := cmd.IO{
		In: strings.NewReader(""), Out: w, Err: s.errs, Signals: s.signals,
		LookupEnv: func(string) (string, bool) { return "", false }, Environ: func() []string { return nil },
	}
	go func() {
		code := cmd.Run(context.Background(), append([]string{"emulate", "--json"}, args...), stdio)
		_ = w.Close()
		s.done <- code
	}()
	var line struct{ URL, Token string }
	if err := json.NewDecoder(r).Decode(&line); err != nil {
		t.Fatalf("%v\nexit %d: %s", err, <-s.done, s.errs)
	}
	s.url, s.token = line.URL, line.Token
	return s
}

// stop interrupts a server and waits for its end.
func (s *server) stop(t *testing.T) {
	t.Helper()
	s.signals <- os.Interrupt
	if code := <-s.done; code != cmd.ExitOK {
		t.Errorf("exit code %d: %s", code, s.errs)
	}
}

func (s *server) get(t *testing.T, path string, change func(*http.Request)) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(req)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestAnyClientCanUseAServedTenant(t *testing.T) {
	db := filepath.Join(t.TempDir(), "tenant.db")
	s := serve(t, "--path", db)
	signed := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+s.token) }
	status, body := s.get(t, "/v1.0/users?$top=2", signed)
	if status != 200 || !strings.Contains(body, `"@odata.nextLink":"`+s.url+`/v1.0/users?`) {
		t.Errorf("users: %d %s", status, body)
	}
	if status, body := s.get(t, "/Skype.Policy/configurations/TeamsAppSetupPolicy", signed); status != 200 || !strings.Contains(body, "FirstLineWorker") {
		t.Errorf("policies: %d %s", status, body)
	}
	if status, _ := s.get(t, "/v1.0/users", nil); status != 401 {
		t.Errorf("without a token: %d", status)
	}
	if status, body := s.get(t, "/", nil); status != 200 || !strings.Contains(body, "11 people") || !strings.Contains(body, s.url) {
		t.Errorf("page: %d %s", status, body)
	}
	if status, _ := s.get(t, "/", func(r *http.Request) { r.Host = "tenant.example" }); status != 403 {
		t.Errorf("for another host: %d", status)
	}
	note, err := emulator.ReadServing(db)
	if err != nil || note.URL != s.url || note.Token != s.token || note.PID != os.Getpid() {
		t.Errorf("note: %+v, %v", note, err)
	}
	s.stop(t)
	if _, err := os.Stat(emulator.ServingPath(db)); !os.IsNotExist(err) {
		t.Errorf("the note stays: %v", err)
	}
}

func TestARequestUnderWayIsAnswered(t *testing.T) {
	db := filepath.Join(t.TempDir(), "tenant.db")
	s := serve(t, "--path", db)
	// The body comes slowly: the request is under way when the interrupt comes.
	r, w := io.Pipe()
	req, err := http.NewRequest(http.MethodPost, s.url+"/v1.0/directoryObjects/getByIds", r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/json")
	answered := make(chan int, 1)
	go func() {
		res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			t.Error(err)
			answered <- 0
			return
		}
		_ = res.Body.Close()
		answered <- res.StatusCode
	}()
	if _, err := io.WriteString(w, `{"ids":[`); err != nil {
		t.Fatal(err)
	}
	waitForRequest(t, s)
	s.signals <- os.Interrupt
	if _, err := io.WriteString(w, `]}`); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	if status := <-answered; status == 0 || status >= 500 {
		t.Errorf("status %d", status)
	}
	if code := <-s.done; code != cmd.ExitOK {
		t.Errorf("exit code %d: %s", code, s.errs)
	}
}

// waitForRequest gives the server time to take the first request: it answers
// another one that came later.
func waitForRequest(t *testing.T, s *server) {
	t.Helper()
	for range 3 {
		if status, _ := s.get(t, emulator.HealthPath, nil); status != 200 {
			t.Fatalf("health: %d", status)
		}
	}
}

func TestASecondInterruptStopsAtOnce(t *testing.T) {
	s := serve(t, "--path", filepath.Join(t.TempDir(), "tenant.db"))
	s.signals <- os.Interrupt
	s.signals <- os.Interrupt
	select {
	case <-s.done:
	case <-time.After(time.Minute):
		t.Fatal("it goes on")
	}
}

func TestEmulateHelp(t *testing.T) {
	for _, args := range [][]string{{"emulate"}, {"emulate", "seed"}, {"emulate", "reset"}, {"emulate", "dump"}, {"emulate", "status"}, {"emulate", "faults"}, {"snapshot"}} {
		stdio, out, errs := terminal("")
		if code := cmd.Run(context.Background(), append(args, "--help"), stdio); code != cmd.ExitOK {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
		for _, want := range []string{"Examples:", "--json", "teamsform " + strings.Join(args, " ")} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%v: no %q in\n%s", args, want, out)
			}
		}
	}
}

// Faults of a served tenant are switched over HTTP, by an administrator.
func TestFaultsOverHTTP(t *testing.T) {
	s := serve(t, "--path", filepath.Join(t.TempDir(), "tenant.db"), "--fault", "refuse:status=502,path=/v1.0/groups")
	defer s.stop(t)
	send := func(method, path, body, token string) (int, string) {
		req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			return 0, err.Error()
		}
		defer res.Body.Close()
		answer, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(answer)
	}
	for n, c := range []struct {
		method, path, body, token string
		status                    int
		want                      string
	}{
		{"GET", "/v1.0/groups", "", s.token, 502, "ServiceUnavailable"},
		{"GET", emulator.FaultsPath, "", "", 401, "administrator"},
		{"POST", emulator.FaultsPath, "cut", "", 401, "administrator"},
		{"GET", emulator.FaultsPath, "", s.token, 200, "[]"},
		{"POST", emulator.FaultsPath, "nonsense", s.token, 400, "there is no fault"},
		{"POST", emulator.FaultsPath, "throttle:times=1,path=/v1.0/users\nlost-answer\n", s.token, 200, `{"fault":"lost-answer"}`},
		{"GET", "/v1.0/users", "", s.token, 429, "TooManyRequests"},
		{"GET", "/v1.0/users", "", s.token, 200, "value"},
		{"POST", "/Skype.Policy/configurations/TeamsAppSetupPolicy", `{"Identity":"P"}`, s.token, 0, "EOF"},
		{"PUT", emulator.FaultsPath, "", s.token, 405, "listed with GET"},
		{"DELETE", emulator.FaultsPath, "", s.token, 200, "[]"},
		{"GET", "/Skype.Policy/configurations/TeamsAppSetupPolicy/configuration/P", "", s.token, 200, "Tag:P"},
	} {
		if status, body := send(c.method, c.path, c.body, c.token); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%d, %s %s: %d %s", n, c.method, c.path, status, body)
		}
	}
}
