package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/store"
)

// fill is an import into a new store.
func fill(t *testing.T, m store.Import) (*store.Store, error) {
	t.Helper()
	s := open(t, file(t), time.Minute)
	if m.Directory == nil {
		m.Directory, m.Digest = directory(t, "a@x.example"), "one"
	}
	return s, s.Import(context.Background(), m)
}

func TestRestoredPolicies(t *testing.T) {
	s, err := fill(t, store.Import{Fresh: func(tx *store.Tx) error {
		return tx.RestorePolicies(store.SetupPolicy, []store.Policy{
			{Name: "Tag:Pilot", Values: map[string]json.RawMessage{"AllowSideLoading": json.RawMessage(`false`)}},
			{Name: "firstlineworker", Values: map[string]json.RawMessage{"AllowSideLoading": json.RawMessage(`true`)}},
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(context.Background(), func(tx *store.Tx) error {
		list, err := tx.Policies(store.SetupPolicy)
		if err != nil {
			return err
		}
		var got []string
		for _, p := range list {
			got = append(got, p.Identity())
			found, err := tx.PolicyByGraphID(p.GraphID)
			if err != nil || found.Name != p.Name {
				t.Errorf("%s is not found by its id: %v", p.Name, err)
			}
		}
		if names := strings.Join(got, " "); names != "Global Tag:firstlineworker Tag:Pilot" {
			t.Errorf("policies: %s", names)
		}
		if list[0].Flag("AllowSideLoading") != true || list[1].Flag("AllowSideLoading") != true || list[2].Flag("AllowSideLoading") != false {
			t.Error("values are lost")
		}
		permission, err := tx.Policies(store.PermissionPolicy)
		if len(permission) != 1 {
			t.Errorf("permission policies: %v", permission)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var readOnly *store.ReadOnlyError
	err = s.Update(context.Background(), func(tx *store.Tx) error { return tx.DeletePolicy(store.SetupPolicy, "FirstLineWorker") })
	if !errors.As(err, &readOnly) {
		t.Errorf("the built-in policy is not built in any more: %v", err)
	}
}

func TestWhatIsRestoredBelongsToAFreshTenant(t *testing.T) {
	ran := 0
	count := func(*store.Tx) error { ran++; return nil }
	s, err := fill(t, store.Import{Fresh: count})
	if err != nil || ran != 1 {
		t.Fatalf("ran %d times, %v", ran, err)
	}
	again := store.Import{Directory: directory(t, "b@x.example"), Digest: "two", Fresh: count}
	if err := s.Import(context.Background(), again); err != nil || ran != 1 {
		t.Errorf("an old tenant: ran %d times, %v", ran, err)
	}
	again.Reset = &store.Info{Name: "New"}
	if err := s.Import(context.Background(), again); err != nil || ran != 2 || s.Info().Name != "New" {
		t.Errorf("a reset: ran %d times, %+v, %v", ran, s.Info(), err)
	}
}

func TestAnImportThatFailsAtTheEndChangesNothing(t *testing.T) {
	broken := errors.New("broken")
	s, err := fill(t, store.Import{Fresh: func(tx *store.Tx) error {
		if err := tx.RestoreApp(store.App{ID: ids.ID{1}, ManifestID: "m", Definitions: []store.Definition{{Version: "1", State: store.Published}}}); err != nil {
			return err
		}
		return broken
	}})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	err = s.View(context.Background(), func(tx *store.Tx) error {
		if _, err := tx.AppByManifestID("m"); !errors.Is(err, store.ErrNotFound) || tx.DirectoryDigest() != "" {
			t.Errorf("something stayed: %v, %q", err, tx.DirectoryDigest())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestReadersNeverSeeHalfAReset reads from a second process, so to speak, while
// the tenant is replaced and reset again and again.
func TestReadersNeverSeeHalfAReset(t *testing.T) {
	path := file(t)
	writer, reader := open(t, path, time.Minute), open(t, path, time.Minute)
	if err := writer.Import(context.Background(), store.Import{Directory: directory(t, "a@x.example"), Digest: "one"}); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			err := reader.View(context.Background(), func(tx *store.Tx) error {
				if _, err := tx.Policy(store.SetupPolicy, store.GlobalName); err != nil {
					return err
				}
				if n := tx.CountUsers(); n != 1 && n != 2 {
					t.Errorf("%d users", n)
				}
				_, err := tx.OrgSwitch()
				return err
			})
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for i := range 10 {
		m := store.Import{Directory: directory(t, "a@x.example", "b@x.example"), Digest: "two"}
		if i%2 == 0 {
			m = store.Import{Directory: directory(t, "a@x.example"), Digest: "one", Reset: &store.Info{}}
		}
		if err := writer.Import(context.Background(), m); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wg.Wait()
}
