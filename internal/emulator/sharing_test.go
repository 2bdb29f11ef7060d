package emulator_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/emulator/store"
)

func openAt(t testing.TB, path string, change func(*emulator.Options)) *emulator.Tenant {
	t.Helper()
	o := options(path)
	if change != nil {
		change(&o)
	}
	tenant, err := emulator.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return tenant
}

func closeTenant(t testing.TB, tenant *emulator.Tenant) {
	t.Helper()
	if err := tenant.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func dumpOf(t testing.TB, tenant *emulator.Tenant) string {
	t.Helper()
	d, err := tenant.Dump(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return string(d)
}

func TestEverythingSurvivesReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "tenant.db")
	tenant := openAt(t, path, func(o *emulator.Options) { o.TenantName = "Fabrikam" })
	c := admin(t, tenant)
	fresh := dumpOf(t, tenant)
	app := publish(c, helpdeskID, "1.0.0")
	c.want(201, "POST", apps+"/"+app+"/appDefinitions?requiresReview=true", pack(t, manifest(helpdeskID, "1.1.0")))
	createPolicy(c, setup, "Pilot", `"AppPresetList":[{"Id":"`+app+`"}]`)
	c.want(204, "PATCH", "/Skype.Policy/users/ada@contoso.example/policies/"+setup, `{"PolicyName":"Pilot"}`)
	c.want(204, "PATCH", "/Skype.Policy/groupPolicyAssignments/"+groupID(c, "Support")+"/policyTypes/"+setup, `{"PolicyName":"Pilot"}`)
	c.want(204, "PATCH", "/v1.0/teamwork/teamsAppSettings", `{"allowUserRequestsForAppAccess":false}`)
	before := dumpOf(t, tenant)
	if before == fresh {
		t.Fatal("the dump does not show the changes")
	}
	closeTenant(t, tenant)

	tenant = openAt(t, path, nil)
	defer closeTenant(t, tenant)
	same(t, "dump after reopening", dumpOf(t, tenant), before)
	same(t, "name after reopening", tenant.Info().Name, "Fabrikam")
	if runtime.GOOS != "windows" {
		for p, want := range map[string]os.FileMode{filepath.Dir(path): 0o700, path: 0o600} {
			if info, err := os.Stat(p); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v; want mode %v", p, info.Mode(), err, want)
			}
		}
	}
}

func TestReopeningKeepsTheTenant(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	closeTenant(t, openAt(t, path, nil))
	o := options(path)
	o.TenantID = "22222222-2222-4222-8222-222222222222"
	if _, err := emulator.Open(context.Background(), o); err == nil || !strings.Contains(err.Error(), "use another file") {
		t.Errorf("another tenant's id on the same file: %v", err)
	}
	for _, bad := range []emulator.Options{
		{},
		{Path: path},
		{Path: path, Clock: o.Clock, NewID: o.NewID, AccessModel: "both"},
		{Path: path, Clock: o.Clock, NewID: o.NewID, TenantID: "x"},
	} {
		if _, err := emulator.Open(context.Background(), bad); err == nil {
			t.Errorf("opened with %+v", bad)
		}
	}
	tenant := openAt(t, path, func(o *emulator.Options) { o.AccessModel = emulator.ModelAppCentric; o.TenantName = "Renamed" })
	defer closeTenant(t, tenant)
	if i := tenant.Info(); i.ID != emulator.DefaultTenantID || i.Name != "Renamed" || i.AccessModel != emulator.ModelAppCentric {
		t.Errorf("info: %+v", i)
	}
}

func TestTwoTenantsOnOneFileTakeTurns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	one, two := openAt(t, path, nil), openAt(t, path, nil)
	defer closeTenant(t, one)
	defer closeTenant(t, two)
	createPolicy(admin(t, one), setup, "Pilot", "")
	createPolicy(admin(t, one), setup, "Other", "")
	same(t, "seen by the other", policyNames(admin(t, two), setup), "Global, Tag:FirstLineWorker, Tag:Other, Tag:Pilot")

	// Both write without a pause: neither may starve, and no write may be lost.
	const each = 150
	var wg sync.WaitGroup
	for i, tenant := range []*emulator.Tenant{one, two} {
		wg.Go(func() {
			c := admin(t, tenant)
			for n := range each {
				if a := c.do("POST", "/Skype.Policy/configurations/"+permission, map[string]any{"Identity": fmt.Sprintf("P%d-%d", i, n)}); a.status != 201 {
					t.Errorf("writer %d: status %d: %s", i, a.status, a.body)
					return
				}
			}
		})
	}
	wg.Wait()
	if n := strings.Count(policyNames(admin(t, one), permission), "Tag:"); n != 2*each {
		t.Errorf("%d policies, want %d", n, 2*each)
	}
}

// hold keeps the file of a tenant locked, as a process that hangs would.
func hold(t *testing.T, path, holder string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".holder", []byte(holder+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAWaiterNamesTheHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	holder := "teamsform apply (pid 123)"
	tenant := openAt(t, path, func(o *emulator.Options) { o.Holder = holder; o.LockTimeout = 30 * time.Millisecond })
	text, err := os.ReadFile(path + ".holder")
	same(t, "side file", string(text), holder+"\n")
	if err != nil {
		t.Fatal(err)
	}
	defer closeTenant(t, tenant)
	hold(t, path, "teamsform emulate (pid 77)")

	o := options(path)
	o.LockTimeout = 30 * time.Millisecond
	_, err = emulator.Open(context.Background(), o)
	var locked *store.LockedError
	if !errors.As(err, &locked) || locked.Holder != "teamsform emulate (pid 77)" || !strings.Contains(err.Error(), path) {
		t.Errorf("opening a held file: %v", err)
	}
	a := admin(t, tenant).want(503, "GET", "/v1.0/users", nil)
	if !strings.Contains(a.text("error/message"), "teamsform emulate (pid 77)") || a.header.Get("Retry-After") == "" {
		t.Errorf("request on a held file: %v %s", a.header, a.body)
	}
	admin(t, tenant).want(503, "GET", "/Skype.Policy/groupPolicyAssignments", nil)
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	closeTenant(t, openAt(t, path, nil))
	hold(t, path, "somebody")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := emulator.Open(ctx, options(path)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("open: %v", err)
	}
}

func TestAClosedTenantAnswersNothing(t *testing.T) {
	tenant := openAt(t, filepath.Join(t.TempDir(), "tenant.db"), nil)
	closeTenant(t, tenant)
	admin(t, tenant).want(500, "GET", "/v1.0/users", nil)
	if _, err := tenant.Dump(context.Background()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("dump: %v", err)
	}
}

func TestAFileOfAnotherKindIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := emulator.Open(context.Background(), options(path)); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("open: %v", err)
	}
}

// victim names the file that a helper process writes to until it is killed.
const victim = "TEAMSFORM_EMULATOR_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victim); path != "" {
		writeUntilKilled(path)
	}
	os.Exit(m.Run())
}

// writeUntilKilled creates policies and prints each one that was confirmed.
func writeUntilKilled(path string) {
	o := options(path)
	o.NoSync = false
	tenant, err := emulator.Open(context.Background(), o)
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	c := &client{t: &testing.T{}, http: httpClient(tenant), token: emulator.AdminToken(tenant.Info().ID)}
	for i := 0; ; i++ {
		name := fmt.Sprintf("P%d-%d", os.Getpid(), i)
		if a := c.do("POST", "/Skype.Policy/configurations/"+setup, map[string]any{"Identity": name}); a.status != 201 {
			fmt.Println("error:", a.status, string(a.body))
			os.Exit(1)
		}
		fmt.Println(name)
	}
}

func TestKilledWritersLoseNothingThatWasConfirmed(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	path := filepath.Join(t.TempDir(), "tenant.db")
	var confirmed []string
	for range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), victim+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < 15 && lines.Scan(); n++ {
			if strings.HasPrefix(lines.Text(), "error:") {
				t.Fatal(lines.Text())
			}
			confirmed = append(confirmed, lines.Text())
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			confirmed = append(confirmed, lines.Text())
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the writer ended by itself")
		}
	}
	tenant := openAt(t, path, nil)
	defer closeTenant(t, tenant)
	names := policyNames(admin(t, tenant), setup) + ","
	for _, name := range confirmed {
		if !strings.Contains(names, "Tag:"+name+",") {
			t.Errorf("%s was confirmed and is gone", name)
		}
	}
	if len(confirmed) < 45 {
		t.Errorf("only %d writes were confirmed", len(confirmed))
	}
}
