package ops_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/emulator/people"
	"github.com/teamsform/teamsform/internal/emulator/seed"
	"github.com/teamsform/teamsform/internal/ops"
	"pgregory.net/rapid"
)

// anyTenant fills the world's tenant with an invented organisation, policies
// and assignments.
func (w *world) anyTenant(t *rapid.T) {
	users := rapid.IntRange(1, 60).Draw(t, "users")
	groups := rapid.IntRange(0, 25).Draw(t, "groups")
	d, err := seed.Make(seed.Options{Users: users, Groups: groups, Members: rapid.IntRange(0, min(users, 20)).Draw(t, "members"), Seed: rapid.Uint64().Draw(t, "seed")})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.tenant.Replace(context.Background(), d, nil); err != nil {
		t.Fatal(err)
	}
	const setup, permission = "TeamsAppSetupPolicy", "TeamsAppPermissionPolicy"
	for _, typ := range []string{setup, permission} {
		for i := range rapid.IntRange(0, 4).Draw(t, "policies "+typ) {
			w.ask("POST", "/Skype.Policy/configurations/"+typ, fmt.Sprintf(`{"Identity":"P%d"}`, i))
			for range rapid.IntRange(0, 5).Draw(t, "holders") {
				user := rapid.SampledFrom(d.Users).Draw(t, "holder")
				w.ask("PATCH", "/Skype.Policy/users/"+user.ID.String()+"/policies/"+typ, fmt.Sprintf(`{"PolicyName":"P%d"}`, i))
			}
			if typ == setup && i < len(d.Groups) {
				rank := rapid.IntRange(1, i+1).Draw(t, "rank")
				w.ask("PATCH", "/Skype.Policy/groupPolicyAssignments/"+d.Groups[i].ID.String()+"/policyTypes/"+typ, fmt.Sprintf(`{"PolicyName":"P%d","Rank":%d}`, i, rank))
			}
		}
	}
}

// emptyWorld has a configuration that says nothing.
func emptyWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "main.teams.hcl"), "locals { nothing = 1 }\n")
	writeFile(t, filepath.Join(dir, "people.json"), `{"users":[]}`)
	return newWorld(t, dir)
}

func TestAnyTenantSurvivesASnapshot(t *testing.T) {
	w := emptyWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		w.become(t, `{"users":[]}`)
		w.anyTenant(t)
		before, masked := w.snapshot(false), w.snapshot(true)
		dump, people, uploaders := w.dump(), w.people(), len(w.uploaders())
		w.become(t, before)
		if diff := cmp.Diff(before, w.snapshot(false)); diff != "" {
			t.Fatalf("snapshot: %s", diff)
		}
		if diff := cmp.Diff(dump, w.dump()); diff != "" {
			t.Fatalf("tenant: %s", diff)
		}
		if diff := cmp.Diff(people, w.people()); diff != "" {
			t.Fatalf("people: %s", diff)
		}
		if !rapid.Bool().Draw(t, "start a tenant from the masked file too") {
			return
		}
		w.become(t, masked)
		if got := len(w.uploaders()); got != uploaders {
			t.Fatalf("%d uploaders in the masked tenant, %d before", got, uploaders)
		}
		if got := strings.Count(masked, "\n"); got != strings.Count(before, "\n") {
			t.Fatalf("the masked file has %d lines", got)
		}
	})
}

// become makes the tenant a fresh one that starts from a file.
func (w *world) become(t *rapid.T, file string) {
	if err := w.tenant.Reset(context.Background(), emulator.Options{People: []byte(file)}); err != nil {
		t.Fatal(err)
	}
}

// people is the directory without mail addresses of people, which no snapshot
// has.
func (w *world) people() string {
	w.t.Helper()
	raw, err := w.tenant.DumpPeople(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	users, groups, _ := strings.Cut(string(raw), `"groups"`)
	var out strings.Builder
	for line := range strings.Lines(users) {
		head, rest, found := strings.Cut(line, `,"mail":"`)
		if found {
			_, rest, _ = strings.Cut(rest, `"`)
		}
		out.WriteString(head + rest)
	}
	return out.String() + groups
}

// full is a disk without room.
type full struct{ room int }

var errFull = errors.New("no room")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return 0, errFull
	}
	f.room -= len(p)
	return len(p), nil
}

func TestASnapshotThatCannotBeWritten(t *testing.T) {
	w := emptyWorld(t)
	if err := w.tenant.Replace(context.Background(), invented(t), nil); err != nil {
		t.Fatal(err)
	}
	progress := map[string]int{}
	res := (&ops.Snapshot{Runtime: w.runtime(), Source: w.source(), Progress: func(what string, done int) { progress[what] = done }}).Run(context.Background())
	if diff := cmp.Diff(map[string]int{"people": 2000, "groups": 3, "assignments of people": 2000}, progress); diff != "" {
		t.Errorf("progress: %s", diff)
	}
	var whole bytes.Buffer
	if _, err := res.Tenant.WriteTo(&whole); err != nil {
		t.Fatal(err)
	}
	for _, room := range []int{0, 1 << 16, whole.Len() - 1} {
		if _, err := res.Tenant.WriteTo(&full{room}); !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
}

func invented(t *testing.T) *people.Directory {
	t.Helper()
	d, err := seed.Make(seed.Options{Users: 2000, Groups: 3, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// BenchmarkSnapshot reads an invented tenant and writes the file.
func BenchmarkSnapshot(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			writeFile(b, filepath.Join(dir, "main.teams.hcl"), "locals { nothing = 1 }\n")
			writeFile(b, filepath.Join(dir, "people.json"), `{"users":[]}`)
			w := newWorld(b, dir)
			d, err := seed.Make(seed.Options{Users: n, Groups: n / 100, Seed: 1})
			if err != nil {
				b.Fatal(err)
			}
			if err := w.tenant.Replace(context.Background(), d, nil); err != nil {
				b.Fatal(err)
			}
			out := filepath.Join(dir, "out.json")
			b.ReportAllocs()
			for b.Loop() {
				res := (&ops.Snapshot{Runtime: w.runtime(), Source: w.source()}).Run(context.Background())
				if err := res.Tenant.WriteFile(out, true); err != nil {
					b.Fatal(err)
				}
			}
			info, err := os.Stat(out)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(info.Size())/float64(n), "bytes/user")
		})
	}
}
