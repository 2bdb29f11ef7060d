package state_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

const (
	tenantID = "11111111-2222-4333-8444-555555555555"
	lineage  = "5f0d8b1e-0000-4000-8000-000000000001"
)

// user returns the n-th test user.
func user(n int) table.ID {
	id, err := table.ParseID(fmt.Sprintf("00000000-0000-4000-8000-%012x", n))
	if err != nil {
		panic(err)
	}
	return id
}

// types are the policy types in the order of the program's kinds.
func interner() *table.Strings { return table.NewStrings("setup_policy", "permission_policy") }

// row makes a row; adopted may be "".
func row(names *table.Strings, typ string, n int, policy, address, adopted string) table.Row {
	return table.Row{
		User: user(n), Type: names.Sym(typ), Policy: names.Sym(policy),
		Addr: names.Sym(address), Adopted: names.Sym(adopted),
	}
}

// example is a state with one of everything.
func example(names *table.Strings) *state.State {
	s := state.New(tenantID, "global", lineage, names)
	s.Tool, s.TenantName, s.Serial, s.JournalRun = "0.1.0", "Contoso <Berlin>", 42, "run-7"
	s.Outputs = map[string]json.RawMessage{"helpdesk_id": json.RawMessage(`"6f1c"`), "b": json.RawMessage(`{"x":[1,2.50]}`)}
	s.Extra = map[string]json.RawMessage{"future": json.RawMessage(`{"a":1}`)}
	s.Tables = []json.RawMessage{json.RawMessage("{\"table\":\"later\",\"rows\":[\n[1],\n[2]\n]}")}
	s.Objects = []*state.Object{
		{
			Addr: addr.New("app", "helpdesk"), Kind: "app", KindVersion: 1, ID: "6f1c", Key: "8a3d", Origin: state.Created,
			Owned: []string{"package"}, Protect: true, Attrs: json.RawMessage(`{"name":"Help & \"more\""}`),
			Pending: &state.Pending{Old: json.RawMessage(`{"v":1}`), New: json.RawMessage(`{"v":2}`), Since: noon, Until: noon.Add(24 * time.Hour)},
		},
		{
			Addr: addr.New("org_settings", ""), Kind: "org_settings", KindVersion: 1, Origin: state.Adopted,
			Adopted: json.RawMessage(`{"upload":true}`), Owned: []string{"upload"}, OnDestroy: "restore", Attrs: json.RawMessage(`{"upload":false}`),
		},
		{Addr: addr.New("setup_policy", "trusted"), Kind: "setup_policy", KindVersion: 2, Key: "Trusted", Origin: state.Created, Attrs: json.RawMessage(`{}`)},
		{Addr: addr.New("setup_policy", "trusted"), Kind: "setup_policy", KindVersion: 2, Key: "Old name", Retiring: true, Origin: state.Created, Attrs: json.RawMessage(`{}`)},
		{
			Addr: addr.New("tab_policy", "x").WithKey("a\"b"), Kind: "tab_policy", KindVersion: 9, Key: "Zoë", Origin: "inherited",
			Extra: map[string]json.RawMessage{"novel": json.RawMessage(`[1,null]`)},
		},
	}
	s.Rows = []table.Row{
		row(names, "setup_policy", 1, "Trusted", "policy_assignment.trusted", ""),
		row(names, "setup_policy", 2, "Trusted", `policy_assignment.site["a\"b"]`, "Global"),
		row(names, "permission_policy", 1, "Frontline \\ Ops", "", "Grün"),
		row(names, "permission_policy", 3, "", "", ""),
	}
	s.PendingRows = []*state.PendingRows{{
		Type: "setup_policy", Policy: "Trusted", Users: []table.ID{user(1), user(2)}, Old: []string{"", "Global"}, Since: noon, Until: noon.Add(time.Hour),
	}}
	return s
}

// encode returns the document of s.
func encode(t testing.TB, s *state.State) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := state.Encode(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// decode reads a document.
func decode(t testing.TB, doc []byte, names *table.Strings) *state.State {
	t.Helper()
	s, err := state.Decode(bytes.NewReader(doc), names)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// same fails unless the two states are the same, rows by their names.
func same(t testing.TB, want, got *state.State) {
	t.Helper()
	if diff := cmp.Diff(plain(want), plain(got)); diff != "" {
		t.Fatalf("states differ (-want +got):\n%s", diff)
	}
}

// plain is a state without an interner.
func plain(s *state.State) any {
	if s == nil {
		return nil
	}
	c := *s
	rows := make([]string, len(s.Rows))
	for i, r := range s.Rows {
		n := s.Strings.Name
		rows[i] = strings.Join([]string{n(r.Type), r.User.String(), n(r.Policy), n(r.Addr), n(r.Adopted)}, " | ")
	}
	c.Rows, c.Strings = nil, nil
	return struct {
		State state.State
		Rows  []string
	}{c, rows}
}

// wantProblem fails unless err is one diagnostic with the summary, the line and
// all words in its detail.
func wantProblem(t testing.TB, err error, summary string, line int, words ...string) {
	t.Helper()
	var diags hcl.Diagnostics
	if !errors.As(err, &diags) || len(diags) != 1 {
		t.Fatalf("got %v, want one diagnostic %q", err, summary)
	}
	d := diags[0]
	if d.Summary != summary {
		t.Fatalf("got %q (%s), want %q", d.Summary, d.Detail, summary)
	}
	if d.Subject == nil || d.Subject.Start.Line != line {
		t.Errorf("got place %v, want line %d", d.Subject, line)
	}
	for _, w := range words {
		if !strings.Contains(d.Detail, w) {
			t.Errorf("%q is not in the detail: %s", w, d.Detail)
		}
	}
}

// noSleep returns at once and counts.
type noSleep struct{ slept []time.Duration }

func (n *noSleep) sleep(ctx context.Context, d time.Duration) error {
	n.slept = append(n.slept, d)
	return ctx.Err()
}

// localOptions are those of a backend in a new folder, with ids in sequence.
func localOptions(dir string) state.LocalOptions {
	n := 0
	return state.LocalOptions{
		Path:  filepath.Join(dir, ".teamsform", "state.json"),
		Clock: func() time.Time { return noon },
		NewID: func() string { n++; return fmt.Sprintf("id-%03d", n) },
		Sleep: (&noSleep{}).sleep,
	}
}

// lockFile holds the system's lock on a file until unlock is called.
func lockFile(t testing.TB, name string) (unlock func()) {
	t.Helper()
	lock := flock.New(name)
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatalf("lock %s: %v, %v", name, ok, err)
	}
	t.Cleanup(func() { _ = lock.Close() })
	return func() { _ = lock.Close() }
}
