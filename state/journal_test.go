package state_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

func header() state.JournalHeader {
	return state.JournalHeader{Lineage: lineage, Serial: 42, Run: "run-8", Tool: "0.1.0", Tenant: tenantID, Started: noon}
}

// memory is the appending end of a backend.
type memory struct {
	lines bytes.Buffer
	seqs  []uint64
	fail  error
}

func (m *memory) Append(_ context.Context, seq uint64, line []byte) error {
	if m.fail != nil {
		return m.fail
	}
	m.seqs = append(m.seqs, seq)
	m.lines.Write(line)
	m.lines.WriteByte('\n')
	return nil
}

// written is a journal with one intent and result of each sort.
func written(t testing.TB) (*memory, []state.Entry) {
	t.Helper()
	m := &memory{}
	w := state.NewJournalWriter(m, header())
	intents := []state.Intent{
		{Batch: 1, Ops: []state.IntentOp{{
			Op: "1", Action: state.ActionCreate, Kind: "app", Addr: addr.New("app", "x").WithKey("<k>"), Key: "guid", KindVersion: 1,
			After: "h", Attrs: json.RawMessage(`{"a":"<b>"}`), Owned: []string{"a"}, Protect: true, OnDestroy: "reset",
		}}},
		{Batch: 2, Rows: &state.IntentRows{
			Type: "setup_policy", Policy: "R&D", Addr: "policy_assignment.a", Action: state.RowsSet,
			Users: []table.ID{user(1), user(2)}, Before: []string{"", "Old"},
		}},
	}
	results := []state.Result{
		{Batch: 1, Ops: []state.ResultOp{{Index: 0, OK: true, ID: "id"}}},
		{Batch: 2, Rows: &state.ResultRows{OK: true, Failed: []state.RowFailure{{Index: 1, Error: "gone"}}, Since: noon, Until: noon.Add(1)}},
	}
	var entries []state.Entry
	for i := range intents {
		if err := w.Intent(t.Context(), intents[i]); err != nil {
			t.Fatal(err)
		}
		if err := w.Result(t.Context(), results[i]); err != nil {
			t.Fatal(err)
		}
		n := uint64(2 * i)
		entries = append(entries, state.Entry{Seq: n + 1, Intent: &intents[i]}, state.Entry{Seq: n + 2, Result: &results[i]})
	}
	return m, entries
}

func readJournal(t testing.TB, raw string) *state.Journal {
	t.Helper()
	j, err := state.ReadJournal(strings.NewReader(raw), "state.json.journal")
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestJournalRoundTrip(t *testing.T) {
	m, want := written(t)
	if diff := cmp.Diff([]uint64{0, 1, 2, 3, 4}, m.seqs); diff != "" {
		t.Error(diff)
	}
	j := readJournal(t, m.lines.String())
	wantHeader := header()
	wantHeader.Journal = state.JournalVersion
	if diff := cmp.Diff(&state.Journal{Header: wantHeader, Entries: want}, j); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(m.lines.String(), `["00000000-0000-4000-8000-000000000001",`) {
		t.Errorf("users are not readable in %s", m.lines.String())
	}
}

func TestJournalIsMadeByTheFirstEntry(t *testing.T) {
	m := &memory{}
	w := state.NewJournalWriter(m, header())
	if w.Started() || m.lines.Len() != 0 {
		t.Error("there is a journal before the first entry")
	}
	m.fail = errors.New("disk full")
	if err := w.Intent(t.Context(), state.Intent{Batch: 1}); !errors.Is(err, m.fail) {
		t.Errorf("got %v", err)
	}
	full := m.fail
	m.fail = nil
	if err := w.Result(t.Context(), state.Result{Batch: 1}); !errors.Is(err, full) {
		t.Errorf("after a failed append: %v", err)
	}
	if m.lines.Len() != 0 {
		t.Errorf("lines after a failed append: %s", m.lines.String())
	}
}

// A crash may cut the last line anywhere. What stood before it is read; only
// when the cut hits nothing but the line end is the line itself whole.
func TestJournalTornAnywhere(t *testing.T) {
	m, want := written(t)
	whole := m.lines.String()
	for n := range len(whole) {
		j := readJournal(t, whole[:n])
		lines := strings.Count(whole[:n], "\n")
		if n < len(whole) && whole[n] == '\n' {
			lines++
		}
		if lines == 0 {
			if j.Header.Run != "" || len(j.Entries) != 0 || j.Torn != (n > 0) {
				t.Fatalf("cut at %d: %+v", n, j)
			}
			continue
		}
		if diff := cmp.Diff(want[:lines-1], append([]state.Entry{}, j.Entries...)); diff != "" {
			t.Fatalf("cut at %d:\n%s", n, diff)
		}
		if torn := n > 0 && whole[n-1] != '\n' && whole[n] != '\n'; j.Torn != torn {
			t.Fatalf("cut at %d: torn is %v", n, j.Torn)
		}
	}
	// A page in the middle of the last line may be missing although its end is there.
	last := strings.LastIndex(strings.TrimRight(whole, "\n"), "\n") + 5
	hole := whole[:last] + "\x00\x00\x00\x00" + whole[last+4:]
	if j := readJournal(t, hole); !j.Torn || len(j.Entries) != len(want)-1 {
		t.Errorf("a hole in the last line: torn %v, %d entries", j.Torn, len(j.Entries))
	}
}

func TestJournalDamage(t *testing.T) {
	m, _ := written(t)
	whole := m.lines.String()
	head, body, _ := strings.Cut(whole, "\n")
	lines := strings.Split(body, "\n")
	with := func(lines ...string) string { return head + "\n" + strings.Join(lines, "\n") + "\n" }
	for name, c := range map[string]struct {
		raw     string
		summary string
		line    int
		words   []string
	}{
		"middle cut": {
			raw:     with(lines[0][:20], lines[1]),
			summary: state.SummaryBadJournal,
			line:    2,
			words:   []string{"teamsform plan"},
		},
		"line missing": {
			raw:     with(lines[0], lines[2]),
			summary: state.SummaryBadJournal,
			line:    3,
			words:   []string{"number 3, expected 2"},
		},
		"line twice": {
			raw:     with(lines[0], lines[0], lines[1]),
			summary: state.SummaryBadJournal,
			line:    3,
		},
		"last line misplaced": {
			raw:     with(lines[0], lines[3]),
			summary: state.SummaryBadJournal,
			line:    3,
		},
		"header cut": {
			raw:     head[:10] + "\n" + body,
			summary: state.SummaryBadJournal,
			line:    1,
		},
		"header without run": {
			raw:     `{"journal":1}` + "\n" + body,
			summary: state.SummaryBadJournal,
			line:    1,
			words:   []string{"run"},
		},
		"newer": {
			raw:     `{"journal":2,"serial":"x"}` + "\n" + body,
			summary: state.SummaryNewJournal,
			line:    1,
			words:   []string{"version 2"},
		},
		"neither": {
			raw:     with(`{"seq":1}`, lines[1]),
			summary: state.SummaryBadJournal,
			line:    2,
			words:   []string{"either an intent or a result"},
		},
		"result first": {
			raw:     with(`{"seq":1,"result":{"batch":1}}`, lines[1]),
			summary: state.SummaryBadJournal,
			line:    2,
			words:   []string{"batch 1"},
		},
		"announced twice": {
			raw:     with(lines[0], `{"seq":2,"intent":{"batch":1}}`, ""),
			summary: state.SummaryBadJournal,
			line:    3,
			words:   []string{"twice"},
		},
		"unknown action": {
			raw:     with(`{"seq":1,"intent":{"batch":1,"ops":[{"action":"explode","addr":"app.x"}]}}`, ""),
			summary: state.SummaryBadJournal,
			line:    2,
			words:   []string{"explode"},
		},
		"unknown row action": {
			raw:     with(`{"seq":1,"intent":{"batch":1,"rows":{"action":"explode","type":"t","users":[]}}}`, ""),
			summary: state.SummaryBadJournal,
			line:    2,
			words:   []string{"explode"},
		},
		"no address": {
			raw:     with(`{"seq":1,"intent":{"batch":1,"ops":[{"action":"create"}]}}`, ""),
			summary: state.SummaryBadJournal,
			line:    2,
			words:   []string{"address"},
		},
		"no type": {
			raw:     with(`{"seq":1,"intent":{"batch":1,"rows":{"action":"set","users":[]}}}`, ""),
			summary: state.SummaryBadJournal,
			line:    2,
			words:   []string{"type"},
		},
		"lists differ": {
			raw:     with(`{"seq":1,"intent":{"batch":1,"rows":{"action":"set","type":"t","users":[],"addrs":["a"]}}}`, ""),
			summary: state.SummaryBadJournal,
			line:    2,
			words:   []string{"length"},
		},
		"op out of range": {
			raw:     with(lines[0], `{"seq":2,"result":{"batch":1,"ops":[{"index":1}]}}`, ""),
			summary: state.SummaryBadJournal,
			line:    3,
			words:   []string{"operation 1 of 1"},
		},
		"rows not announced": {
			raw:     with(lines[0], `{"seq":2,"result":{"batch":1,"rows":{"ok":true}}}`, ""),
			summary: state.SummaryBadJournal,
			line:    3,
			words:   []string{"rows"},
		},
		"row out of range": {
			raw:     with(lines[0], lines[1], lines[2], `{"seq":4,"result":{"batch":2,"rows":{"doubt":[2]}}}`, ""),
			summary: state.SummaryBadJournal,
			line:    5,
			words:   []string{"row 2 of 2"},
		},
		"failed row": {
			raw:     with(lines[0], lines[1], lines[2], `{"seq":4,"result":{"batch":2,"rows":{"failed":[{"index":-1}]}}}`, ""),
			summary: state.SummaryBadJournal,
			line:    5,
			words:   []string{"row -1 of 2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := state.ReadJournal(strings.NewReader(c.raw), "state.json.journal")
			wantProblem(t, err, c.summary, c.line, c.words...)
		})
	}
}
