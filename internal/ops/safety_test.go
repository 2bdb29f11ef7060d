package ops_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/internal/ops"
)

// trusted are the people of the quickstart who may upload.
var trusted = []string{"ana@contoso.example", "kim@contoso.example", "raj@contoso.example"}

// foreign is somebody else who works on the tenant.
func (w *world) foreign() *ops.Connection {
	w.t.Helper()
	conn, err := cmd.Dial(&ops.Runtime{Clock: w.clock, NewID: w.newID, Sleep: w.sleep}, w.tenant)
	if err != nil {
		w.t.Fatal(err)
	}
	return conn
}

func (w *world) customApps(on bool) {
	w.t.Helper()
	if err := w.foreign().Control.SetCustomAppInteraction(context.Background(), on); err != nil {
		w.t.Fatal(err)
	}
}

// watchUploads asks the tenant after every single write, the first included,
// who may upload, and complains about anybody who is not in may.
func (w *world) watchUploads(may []string) (writes *int) {
	writes = new(int)
	w.see = func(r *http.Request) {
		if !isWrite(r) {
			return
		}
		*writes++
		for _, upn := range w.uploaders() {
			if !slices.Contains(may, upn) {
				w.t.Errorf("after write %d, %s %s, %s may upload", *writes, r.Method, r.URL.Path, upn)
			}
		}
	}
	return writes
}

// isWrite reports whether a request changes the tenant. Batches only read.
func isWrite(r *http.Request) bool {
	switch r.URL.Path {
	case "/v1.0/$batch", "/v1.0/directoryObjects/getByIds":
		return false
	}
	return r.Method != http.MethodGet
}

func TestNobodyBeyondTheTrustedUploads(t *testing.T) {
	for _, parallelism := range []int{1, 4} {
		for _, c := range []struct {
			name   string
			before func(*world)
			run    applyOptions
			end    []string
		}{
			{name: "fresh tenant", end: trusted},
			{name: "switch off", before: func(w *world) { w.customApps(false) }, end: trusted},
			{name: "again", before: applied, end: trusted},
			{name: "drift", before: func(w *world) {
				applied(w)
				w.customApps(false)
			}, end: trusted},
			{name: "trusted person leaves the list", before: func(w *world) {
				applied(w)
				w.write("trusted.csv", "upn\nana@contoso.example\n")
			}, end: trusted[:2]},
			{name: "destroy", before: applied, run: applyOptions{destroy: true}, end: nil},
			{name: "other name", before: func(w *world) {
				applied(w)
				w.edit("main.teams.hcl", "Trusted uploaders", "Trusted people")
			}, end: trusted},
		} {
			t.Run(c.name, func(t *testing.T) {
				w := newWorld(t, quickstart(t))
				if c.before != nil {
					c.before(w)
				}
				start := w.uploaders()
				writes := w.watchUploads(trusted)
				c.run.parallelism = parallelism
				w.mustApply(c.run)
				if *writes == 0 && c.name != "again" {
					t.Error("no write was seen")
				}
				if got := w.uploaders(); !slices.Equal(got, c.end) {
					t.Errorf("%v may upload at the end, want %v (at the start: %v)", got, c.end, start)
				}
			})
		}
	}
}

// The watch itself must see somebody: before the first write of a fresh tenant
// everybody may upload.
func TestWatchSees(t *testing.T) {
	w := newWorld(t, quickstart(t))
	if n := len(w.uploaders()); n != 7 {
		t.Fatalf("%d people may upload on a fresh tenant, want all 7", n)
	}
	w.customApps(false)
	if n := len(w.uploaders()); n != 0 {
		t.Fatalf("%d people may upload with the switch off", n)
	}
}

// With the switch off nobody else may upload at any time, also when a run dies
// in the middle and the next one takes it up.
func TestNobodyUploadsThroughACrash(t *testing.T) {
	dir := quickstart(t)
	w := newWorld(t, dir)
	w.mustApply(applyOptions{})
	events := len(w.fate.log)
	w.end()
	for event := 9; event < events; event += 2 {
		w := newWorld(t, dir)
		w.customApps(false)
		w.watchUploads(trusted)
		w.fate = &fate{last: event, happens: true}
		w.apply(applyOptions{})
		w.mustApply(applyOptions{})
		w.end()
	}
}
