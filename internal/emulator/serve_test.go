package emulator_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/emulator"
)

// front asks a tenant's front over a network.
func front(t *testing.T, f *emulator.Front, method, path, host string) (int, string) {
	t.Helper()
	server := httptest.NewServer(f)
	defer server.Close()
	req, err := http.NewRequest(method, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	res, err := server.Client().Do(req)
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

func TestTheFrontTellsWhichTenantItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	const file = `{"users":[{"upn":"a@x.example"}]}`
	tenant := openAt(t, path, withPeople(file))
	defer closeTenant(t, tenant)
	f := &emulator.Front{Tenant: tenant, PID: 42}
	status, body := front(t, f, "GET", emulator.HealthPath, "")
	digest, err := emulator.PathDigest(path)
	if err != nil {
		t.Fatal(err)
	}
	var got emulator.Health
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	want := emulator.Health{
		Tenant: emulator.DefaultTenantID, Name: emulator.DefaultTenantName, AccessModel: emulator.ModelPolicies,
		People: emulator.PeopleDigest([]byte(file)), Path: digest, PID: 42, TakesReview: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(body, filepath.Dir(path)) {
		t.Error("the health check tells a path of the machine")
	}

	// It tells what the file says, also when another process changed it.
	closeTenant(t, openAt(t, path, func(o *emulator.Options) { o.AccessModel = emulator.ModelAppCentric }))
	if _, body = front(t, f, "GET", emulator.HealthPath, ""); !strings.Contains(body, emulator.ModelAppCentric) {
		t.Errorf("health is out of date: %s", body)
	}
}

func TestTheFrontHasAPageForPeople(t *testing.T) {
	tenant := open(t, nil)
	f := &emulator.Front{Tenant: tenant}
	status, body := front(t, f, "GET", "/", "")
	for _, want := range []string{"11 people", emulator.DefaultTenantID, emulator.AdminToken(emulator.DefaultTenantID), "/Skype.Policy", "curl -H"} {
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("%d, no %q in\n%s", status, want, body)
		}
	}
	for path, want := range map[string]int{"/v1.0/users": 401, "/nowhere": 404} {
		if status, body := front(t, f, "GET", path, ""); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := front(t, f, "POST", "/", ""); status != 405 {
		t.Errorf("POST /: %d", status)
	}
}

func TestTheFrontAnswersForThisMachineOnly(t *testing.T) {
	tenant := open(t, nil)
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:80": 200, "127.0.0.1:9": 200, "[::1]:9": 200, "127.9.9.9": 200,
		"evil.example": 403, "evil.example:80": 403, "localhost.evil.example": 403, "10.0.0.1": 403,
	} {
		if status, _ := front(t, &emulator.Front{Tenant: tenant}, "GET", "/", host); status != want {
			t.Errorf("%s: %d, want %d", host, status, want)
		}
		if status, _ := front(t, &emulator.Front{Tenant: tenant, AnyHost: true}, "GET", "/", host); status != 200 {
			t.Errorf("%s with any host: %d", host, status)
		}
	}
}

func TestTheNoteOfAServer(t *testing.T) {
	db := filepath.Join(t.TempDir(), "tenant.db")
	if _, err := emulator.ReadServing(db); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no note: %v", err)
	}
	note := emulator.Serving{URL: "http://127.0.0.1:1", PID: 1, Token: "x"}
	other := emulator.Serving{URL: "http://127.0.0.1:2", PID: 2, Token: "y"}
	for _, s := range []emulator.Serving{other, note} {
		if err := emulator.WriteServing(db, s); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := emulator.ReadServing(db); err != nil || got != note {
		t.Errorf("%+v, %v", got, err)
	}
	if info, err := os.Stat(emulator.ServingPath(db)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := emulator.RemoveServing(db, other); err != nil {
		t.Fatal(err)
	}
	if _, err := emulator.ReadServing(db); err != nil {
		t.Errorf("the note of another process was taken away: %v", err)
	}
	for range 2 {
		if err := emulator.RemoveServing(db, note); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(db)); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for _, bad := range []string{"", "{", strings.Repeat(" ", 1<<20)} {
		if err := os.WriteFile(emulator.ServingPath(db), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := emulator.ReadServing(db); err == nil {
			t.Errorf("a note of %d bytes was read", len(bad))
		}
	}
}
