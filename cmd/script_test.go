package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/internal/emulator"
)

var update = flag.Bool("update", false, "rewrite the golden files of scripts")

// TestMain lets scripts run the program as a process of its own, with its real
// exit codes.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"teamsform": cmd.Main})
}

// TestScripts runs every script below testdata/script; a folder is a topic.
// Besides testscript's own commands a script has:
//
//	example NAME             copy examples/NAME into the working folder
//	admin METHOD PATH [BODY] do something in the tenant by another hand; the answer goes to stdout
//	unpublish NAME           remove the app with this name from the catalog by another hand
//	crowd N FILE             write the sign-in names of N people who may upload as a CSV file
//	uploaders                print who may upload custom apps, one name a line, or "nobody"
//	users APP                print who may use an app, one name a line, or "nobody"
//	exits CODE ARGS...       run teamsform and expect this exit code
//	jsonlines FILE           check JSON lines against their schema; without times they go to stdout
//	jsondoc SCHEMA FILE      check a JSON document against a schema of docs/schema
//	forge FILE OLD NEW       replace text in a plan file and give it the digest that belongs to it
//	submit NAME ZIP          submit a version of that app for approval, as a developer does
//	spoil GLOB               overwrite files with something else
//	hold [and-die]           take the state's lock as another run; and-die leaves its note behind
//
// -update rewrites the golden parts (cmp stdout FILE).
func TestScripts(t *testing.T) {
	topics, err := filepath.Glob("testdata/script/*")
	if err != nil || len(topics) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, dir := range topics {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			testscript.Run(t, testscript.Params{
				Dir: dir, UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true,
				Setup: func(env *testscript.Env) error {
					env.Setenv("NO_COLOR", "1")
					return nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"admin":     scriptAdmin,
					"crowd":     scriptCrowd,
					"example":   scriptExample,
					"exits":     scriptExits,
					"forge":     scriptForge,
					"hold":      scriptHold,
					"jsondoc":   scriptJSON,
					"jsonlines": scriptLines,
					"spoil":     scriptSpoil,
					"submit":    scriptSubmit,
					"unpublish": scriptUnpublish,
					"uploaders": scriptUploaders, "users": scriptUsers,
				},
			})
		})
	}
}

func scriptSpoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: spoil GLOB")
	}
	files, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(files) == 0 {
		ts.Fatalf("nothing matches %s", args[0])
	}
	for _, f := range files {
		ts.Check(os.WriteFile(f, []byte("spoilt"), 0o600))
	}
}

func scriptExample(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: example NAME")
	}
	from := filepath.Join(repoRoot(), "examples", filepath.FromSlash(args[0]))
	ts.Check(filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil || d.IsDir() && d.Name() == ".teamsform" {
			return filepath.SkipDir
		}
		to := ts.MkAbs(rel)
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o644)
	}))
}

func repoRoot() string {
	dir, err := filepath.Abs("..")
	if err != nil {
		panic(err)
	}
	return dir
}

// openTenant opens the emulated tenant of the script's working folder.
func openTenant(ts *testscript.TestScript) *emulator.Tenant {
	path := ts.MkAbs(filepath.Join(".teamsform", "tenant.db"))
	n := 0
	tenant, err := emulator.Open(context.Background(), emulator.Options{
		Path: path, Clock: func() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) },
		NewID:  func() string { n++; return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) },
		NoSync: true, Holder: "script",
	})
	ts.Check(err)
	return tenant
}

func scriptAdmin(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: admin METHOD PATH [BODY]")
	}
	tenant := openTenant(ts)
	defer tenant.Close()
	var body io.Reader
	if len(args) == 3 {
		text := []byte(args[2])
		if !strings.HasPrefix(args[2], "{") {
			data, err := os.ReadFile(ts.MkAbs(args[2]))
			ts.Check(err)
			text = data
		}
		body = bytes.NewReader(text)
	}
	status, answer := ask(ts, tenant, args[0], args[1], body)
	fmt.Fprintln(ts.Stdout(), string(answer))
	if failed := status >= 300; failed != neg {
		ts.Fatalf("%s %s: %d\n%s", args[0], args[1], status, answer)
	}
}

// ask sends one request to the tenant as an administrator.
func ask(ts *testscript.TestScript, tenant *emulator.Tenant, method, path string, body io.Reader) (int, []byte) {
	req, err := http.NewRequest(method, "https://tenant.invalid"+path, body)
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+emulator.AdminToken(tenant.Info().ID))
	switch _, zip := body.(*os.File); {
	case zip:
		req.Header.Set("Content-Type", "application/zip")
	case body != nil:
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := tenant.RoundTripper().RoundTrip(req)
	ts.Check(err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	ts.Check(err)
	return res.StatusCode, answer
}

const catalogApps = "/v1.0/appCatalogs/teamsApps"

// appCalled looks an app of the catalog up: its id differs from run to run.
func appCalled(ts *testscript.TestScript, tenant *emulator.Tenant, name string) string {
	_, answer := ask(ts, tenant, http.MethodGet, catalogApps+"?$filter="+url.QueryEscape("displayName eq '"+name+"'"), nil)
	var found struct {
		Value []struct{ ID string }
	}
	ts.Check(json.Unmarshal(answer, &found))
	if len(found.Value) != 1 {
		ts.Fatalf("%d apps are called %q: %s", len(found.Value), name, answer)
	}
	return found.Value[0].ID
}

func scriptUnpublish(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: unpublish NAME")
	}
	tenant := openTenant(ts)
	defer tenant.Close()
	if status, answer := ask(ts, tenant, http.MethodDelete, catalogApps+"/"+appCalled(ts, tenant, args[0]), nil); status >= 300 {
		ts.Fatalf("delete %q: %d\n%s", args[0], status, answer)
	}
}

func scriptSubmit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: submit NAME ZIP")
	}
	tenant := openTenant(ts)
	defer tenant.Close()
	zip, err := os.Open(ts.MkAbs(args[1]))
	ts.Check(err)
	defer zip.Close()
	path := catalogApps + "/" + appCalled(ts, tenant, args[0]) + "/appDefinitions?requiresReview=true"
	if status, answer := ask(ts, tenant, http.MethodPost, path, zip); status >= 300 {
		ts.Fatalf("submit %s: %d\n%s", args[1], status, answer)
	}
}

func scriptUploaders(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: uploaders")
	}
	tenant := openTenant(ts)
	defer tenant.Close()
	var names []string
	ts.Check(tenant.MayUpload(context.Background(), func(upn string) bool {
		names = append(names, upn)
		return true
	}))
	if len(names) == 0 {
		names = []string{"nobody"}
	}
	fmt.Fprintln(ts.Stdout(), strings.Join(names, "\n"))
}

// scriptCrowd writes a list that is too long to stand in a script.
func scriptCrowd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: crowd N FILE")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	tenant := openTenant(ts)
	defer tenant.Close()
	text := "upn\n"
	ts.Check(tenant.MayUpload(context.Background(), func(upn string) bool {
		text += upn + "\n"
		n--
		return n > 0
	}))
	if n > 0 {
		ts.Fatalf("the tenant lacks %d people who may upload", n)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

func scriptUsers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: users APP")
	}
	tenant := openTenant(ts)
	defer tenant.Close()
	var names []string
	ts.Check(tenant.MayUse(context.Background(), args[0], func(upn string) bool {
		names = append(names, upn)
		return true
	}))
	if len(names) == 0 {
		names = []string{"nobody"}
	}
	slices.Sort(names)
	fmt.Fprintln(ts.Stdout(), strings.Join(names, "\n"))
}

func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE ARGS...")
	}
	err := ts.Exec("teamsform", args[1:]...)
	code := 0
	if err != nil {
		exit, ok := err.(interface{ ExitCode() int })
		if !ok {
			ts.Fatalf("teamsform %s: %v", strings.Join(args[1:], " "), err)
		}
		code = exit.ExitCode()
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("teamsform %s: exit code %d, want %s", strings.Join(args[1:], " "), code, args[0])
	}
}
