package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/people"
	"github.com/teamsform/teamsform/internal/emulator/store"
)

const tenantID = "e1000000-7ea4-4000-8000-000000000001"

func open(t testing.TB, path string, timeout time.Duration) *store.Store {
	t.Helper()
	s, err := tryOpen(path, timeout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func tryOpen(path string, timeout time.Duration) (*store.Store, error) {
	return store.Open(context.Background(), store.Options{
		File:     store.FileOptions{Path: path, Holder: "test", LockTimeout: timeout, NoSync: true},
		Want:     func(string) (store.Info, error) { return store.Info{}, nil },
		Defaults: store.Info{ID: tenantID, Name: "T"},
		Clock:    func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) },
	})
}

func file(t testing.TB) string { return filepath.Join(t.TempDir(), "tenant.db") }

func directory(t testing.TB, upns ...string) *people.Directory {
	t.Helper()
	var list []string
	for _, upn := range upns {
		list = append(list, fmt.Sprintf(`{"upn":%q}`, upn))
	}
	tenant, err := ids.Parse(tenantID)
	if err != nil {
		t.Fatal(err)
	}
	d, err := people.Parse([]byte(`{"users":[`+strings.Join(list, ",")+`]}`), tenant)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func view(t testing.TB, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.View(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func update(t testing.TB, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// TestABusyProcessLetsOthersIn has one user of the file run transactions
// without a pause. Another one must get its turn all the same.
func TestABusyProcessLetsOthersIn(t *testing.T) {
	path := file(t)
	busy, other := open(t, path, time.Minute), open(t, path, 5*time.Second)
	var stop atomic.Bool
	var done atomic.Int64
	var wg sync.WaitGroup
	for range 2 { // two at a time: there is never a moment without a transaction
		wg.Go(func() {
			for !stop.Load() {
				if err := busy.View(context.Background(), func(tx *store.Tx) error { _, err := tx.OrgSwitch(); return err }); err != nil {
					t.Error(err)
					return
				}
				done.Add(1)
			}
		})
	}
	for range 3 {
		// Once the busy one has done something, the other has lost the file.
		for before := done.Load(); done.Load() == before; {
			runtime.Gosched()
		}
		if err := other.Update(context.Background(), func(tx *store.Tx) error { _, err := tx.Revision(); return err }); err != nil {
			t.Errorf("the other one: %v", err)
		}
	}
	stop.Store(true)
	wg.Wait()
}

func TestTheFileIsFreeWhenNobodyWorks(t *testing.T) {
	path := file(t)
	s := open(t, path, time.Minute)
	view(t, s, func(*store.Tx) error { return nil })
	// Within the minute the idle store must have closed the file.
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAFailedUpdateChangesNothing(t *testing.T) {
	s := open(t, file(t), time.Minute)
	boom := errors.New("boom")
	err := s.Update(context.Background(), func(tx *store.Tx) error {
		if _, err := tx.CreatePolicy(store.SetupPolicy, "P", nil); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	view(t, s, func(tx *store.Tx) error {
		if _, err := tx.Policy(store.SetupPolicy, "P"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("policy of a failed transaction: %v", err)
		}
		return nil
	})
}

func TestReplacingTheDirectoryIsAllOrNothing(t *testing.T) {
	path := file(t)
	s := open(t, path, time.Minute)
	if err := s.ReplaceDirectory(context.Background(), directory(t, "a@x.example"), "one"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.ReplaceDirectory(ctx, directory(t, "b@x.example"), "two"); !errors.Is(err, context.Canceled) {
		t.Fatalf("replace with a cancelled context: %v", err)
	}
	view(t, s, func(tx *store.Tx) error {
		if tx.DirectoryDigest() != "one" || tx.CountUsers() != 1 {
			t.Errorf("digest %s, %d users", tx.DirectoryDigest(), tx.CountUsers())
		}
		_, err := tx.UserByUPN("A@x.example")
		return err
	})
}

// interruption is a context that starts something when it is looked at for the
// fourth time, and then waits a little for it each time. Every transaction
// looks at its context before it asks for the file, and twice more if the file
// must be opened: of the four transactions of a small import, the fourth look
// comes before the second or the last one.
type interruption struct {
	context.Context
	looks int
	do    func()
	done  chan struct{}
}

func (i *interruption) Done() <-chan struct{} {
	i.looks++
	if i.looks == 4 {
		go func() {
			defer close(i.done)
			i.do()
		}()
	}
	if i.looks >= 4 {
		select {
		case <-i.done:
		case <-time.After(200 * time.Millisecond): // the file is being opened: nobody else can have it now
		}
	}
	return i.Context.Done()
}

// TestAnOvertakenImport lets another process import in the middle of ours.
func TestAnOvertakenImport(t *testing.T) {
	for _, tc := range []struct{ theirs, upn string }{{"ours", "b@x.example"}, {"theirs", "a@x.example"}} {
		path := file(t)
		us, them := open(t, path, time.Minute), open(t, path, time.Minute)
		ctx := &interruption{Context: context.Background(), done: make(chan struct{}), do: func() {
			if err := them.ReplaceDirectory(context.Background(), directory(t, "b@x.example"), tc.theirs); err != nil {
				t.Error(err)
			}
		}}
		if err := us.ReplaceDirectory(ctx, directory(t, "a@x.example"), "ours"); err != nil {
			t.Errorf("overtaken by %s: %v", tc.theirs, err)
		}
		<-ctx.done
		view(t, us, func(tx *store.Tx) error {
			if tx.DirectoryDigest() != "ours" || tx.CountUsers() != 1 {
				t.Errorf("overtaken by %s: digest %s, %d users", tc.theirs, tx.DirectoryDigest(), tx.CountUsers())
			}
			_, err := tx.UserByUPN(tc.upn)
			return err
		})
	}
}

func TestConcurrentImportsOfOneFileAgree(t *testing.T) {
	path := file(t)
	d := directory(t, "a@x.example", "b@x.example")
	shared := open(t, path, time.Minute)
	stores := []*store.Store{open(t, path, time.Minute), shared, shared, shared}
	var wg sync.WaitGroup
	for _, s := range stores {
		wg.Go(func() {
			for range 5 {
				if err := s.ReplaceDirectory(context.Background(), d, "same"); err != nil {
					t.Errorf("import: %v", err)
				}
			}
		})
	}
	wg.Wait()
	view(t, stores[0], func(tx *store.Tx) error {
		if tx.CountUsers() != 2 {
			t.Errorf("%d users", tx.CountUsers())
		}
		_, err := tx.UserByUPN("b@x.example")
		return err
	})
}

func TestAnotherFormatIsRefused(t *testing.T) {
	path := file(t)
	s := open(t, path, time.Minute)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte("2")) })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := tryOpen(path, time.Minute); err == nil || !strings.Contains(err.Error(), "format 2") {
		t.Errorf("open: %v", err)
	}
}

func TestOldOperationsAreDropped(t *testing.T) {
	s := open(t, file(t), time.Minute)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	old, recent, fresh := ids.ID{1}, ids.ID{2}, ids.ID{3}
	user := ids.ID{9}
	for _, o := range []store.Operation{
		{ID: old, Created: now.AddDate(0, 0, -31)},
		{ID: recent, Created: now.AddDate(0, 0, -29), Results: store.OperationResults{Succeeded: user[:], Failed: []string{"x"}}},
		{ID: fresh, Created: now},
	} {
		update(t, s, func(tx *store.Tx) error { return tx.PutOperation(o) })
	}
	view(t, s, func(tx *store.Tx) error {
		if _, err := tx.Operation(old); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the old operation: %v", err)
		}
		o, err := tx.Operation(recent)
		if err != nil || o.Done != 2 || o.Errors != 1 || len(o.Results.Failed) != 1 {
			t.Errorf("the recent operation: %+v, %v", o, err)
		}
		n := 0
		err = tx.Operations(func(store.Operation) error { n++; return nil })
		if n != 2 {
			t.Errorf("%d operations are listed, want 2", n)
		}
		return err
	})
}

func TestPackagesGoWithTheirVersions(t *testing.T) {
	s := open(t, file(t), time.Minute)
	app := ids.ID{7}
	put := func(version string) {
		t.Helper()
		update(t, s, func(tx *store.Tx) error {
			if err := tx.PutPackage(app, version, []byte(version)); err != nil {
				return err
			}
			return tx.PutApp(store.App{ID: app, ManifestID: "m", Definitions: []store.Definition{{Version: version, State: store.Published}}})
		})
	}
	kept := func(version string) string {
		var b []byte
		view(t, s, func(tx *store.Tx) error { b = tx.Package(app, version); return nil })
		return string(b)
	}
	put("1.0.0")
	put("1.1.0")
	if kept("1.0.0") != "" || kept("1.1.0") != "1.1.0" {
		t.Errorf("packages after an update: %q, %q", kept("1.0.0"), kept("1.1.0"))
	}
	update(t, s, func(tx *store.Tx) error { return tx.DeleteApp(app) })
	if kept("1.1.0") != "" {
		t.Error("the package outlives its app")
	}
	view(t, s, func(tx *store.Tx) error {
		if _, err := tx.AppByManifestID("m"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the manifest id is still taken: %v", err)
		}
		return nil
	})
}

func TestAllows(t *testing.T) {
	for _, tc := range []struct {
		mode, list string
		allowed    bool
	}{
		{"BlockedAppList", `[]`, true},
		{"BlockedAppList", `[{"Id":"A"}]`, false},
		{"BlockedAppList", `[{"Id":"b"}]`, true},
		{"AllowedAppList", `[]`, false},
		{"AllowedAppList", `[{"Id":"A"}]`, true},
		{"AllowedAppList", `[{"Id":"b"}]`, false},
	} {
		p := store.Policy{Values: map[string]json.RawMessage{
			"PrivateCatalogAppsType": json.RawMessage(`"` + tc.mode + `"`), "PrivateCatalogApps": json.RawMessage(tc.list),
		}}
		if got := store.Allows(p, "a"); got != tc.allowed {
			t.Errorf("%s %s: %v, want %v", tc.mode, tc.list, got, tc.allowed)
		}
	}
}

// TestTheResolverMayBeAskedInAnyOrder checks the shortcut for people in order
// of id: it must not change answers for others.
func TestTheResolverMayBeAskedInAnyOrder(t *testing.T) {
	s := open(t, file(t), time.Minute)
	var upns []string
	for i := range 40 {
		upns = append(upns, fmt.Sprintf("u%d@x.example", i))
	}
	d := directory(t, upns...)
	if err := s.ReplaceDirectory(context.Background(), d, "one"); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx *store.Tx) error {
		p, err := tx.Policy(store.SetupPolicy, store.FirstLineName)
		if err != nil {
			return err
		}
		for i := 0; i < len(d.Users); i += 3 {
			if err := tx.Assign(d.Users[i].ID, p); err != nil {
				return err
			}
		}
		return nil
	})
	rapid.Check(t, func(rt *rapid.T) {
		asked := rapid.SliceOf(rapid.IntRange(0, len(d.Users)-1)).Draw(rt, "asked")
		view(t, s, func(tx *store.Tx) error {
			r, err := tx.Resolver(store.SetupPolicy)
			for _, i := range asked {
				want := store.GlobalName
				if i%3 == 0 {
					want = store.FirstLineName
				}
				if got := r.Effective(d.Users[i].ID).Policy.Name; got != want {
					rt.Fatalf("user %d of %v has %s, want %s", i, asked, got, want)
				}
			}
			return err
		})
	})
}
