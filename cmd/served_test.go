package cmd_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/internal/emulator"
)

// status runs `emulate status` for a database.
func status(t *testing.T, db string) (cmd.ExitCode, string) {
	t.Helper()
	stdio, out, errs := terminal("")
	code := cmd.Run(context.Background(), []string{"emulate", "status", "--path", db}, stdio)
	return code, out.String() + errs.String()
}

// healthOf is the true answer for a database.
func healthOf(t *testing.T, db string) emulator.Health {
	t.Helper()
	path, err := emulator.PathDigest(db)
	if err != nil {
		t.Fatal(err)
	}
	return emulator.Health{Tenant: emulator.DefaultTenantID, AccessModel: emulator.ModelPolicies, Path: path, PID: 4711}
}

func TestWhoeverListensAtANotesAddressMustProveItself(t *testing.T) {
	db := filepath.Join(t.TempDir(), "tenant.db")
	health, err := json.Marshal(healthOf(t, db))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(health) }))
	defer elsewhere.Close()
	for name, tc := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		says   string
	}{
		"itself": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != emulator.HealthPath || r.Header.Get("Authorization") != "" {
				t.Errorf("asked for %s with the token %q", r.URL, r.Header.Get("Authorization"))
			}
			_, _ = w.Write(health)
		}, ""},
		"an error":       {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, string(health), 500) }, "status 500"},
		"a redirect":     {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) }, "status 302"},
		"no JSON":        {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "nobody answers as expected"},
		"nothing":        {func(http.ResponseWriter, *http.Request) {}, "nobody answers as expected"},
		"another server": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}`)) }, "another database"},
		"without an end": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"tenant":"` + strings.Repeat("x", 1<<20) + `"}`))
		}, "nobody answers as expected"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(tc.answer))
			defer server.Close()
			if err := emulator.WriteServing(db, emulator.Serving{URL: server.URL, PID: 1, Token: "x"}); err != nil {
				t.Fatal(err)
			}
			code, text := status(t, db)
			if tc.says == "" {
				if code != cmd.ExitOK || !strings.Contains(text, "by process 4711") {
					t.Errorf("exit %d: %s", code, text)
				}
				return
			}
			if code != cmd.ExitError || !strings.Contains(text, tc.says) {
				t.Errorf("exit %d, want %q: %s", code, tc.says, text)
			}
		})
	}
}

func TestNotesThatAreNotFollowed(t *testing.T) {
	db := filepath.Join(t.TempDir(), "tenant.db")
	for url, says := range map[string]string{
		"":                          "is not an address of this machine",
		"https://127.0.0.1:1":       "is not an address of this machine",
		"http://10.0.0.1:80":        "is not an address of this machine",
		"http://127.0.0.1.example":  "is not an address of this machine",
		"http://[::1":               "is not an address of this machine",
		"http://localhost@10.0.0.1": "is not an address of this machine",
		"file:///etc/passwd":        "is not an address of this machine",
	} {
		if err := emulator.WriteServing(db, emulator.Serving{URL: url, PID: 1, Token: "x"}); err != nil {
			t.Fatal(err)
		}
		if code, text := status(t, db); code != cmd.ExitError || !strings.Contains(text, says) {
			t.Errorf("%q: exit %d, %s", url, code, text)
		}
	}
}
