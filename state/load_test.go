package state_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/state"
)

func TestFitOf(t *testing.T) {
	entry := []state.Entry{{Seq: 1, Intent: &state.Intent{Batch: 1}}}
	at := func(serial, base uint64, run string) *state.State {
		s := state.New(tenantID, "", lineage, nil)
		s.Serial, s.BaseSerial, s.JournalRun = serial, base, run
		return s
	}
	journal := func(serial uint64, change func(*state.Journal)) *state.Journal {
		j := &state.Journal{Header: header(), Entries: entry}
		j.Header.Serial = serial
		if change != nil {
			change(j)
		}
		return j
	}
	for name, c := range map[string]struct {
		s    *state.State
		j    *state.Journal
		want state.Fit
	}{
		"nothing": {
			want: state.FitNone,
		},
		"no journal": {
			s:    at(42, 0, ""),
			want: state.FitNone,
		},
		"header only": {
			s:    at(42, 0, ""),
			j:    journal(42, func(j *state.Journal) { j.Entries = nil }),
			want: state.FitNone,
		},
		"torn header": {
			s:    at(42, 0, ""),
			j:    &state.Journal{Torn: true},
			want: state.FitNone,
		},
		"starts from it": {
			s:    at(42, 0, "run-7"),
			j:    journal(42, nil),
			want: state.FitStarts,
		},
		"first run": {
			j:    journal(0, nil),
			want: state.FitStarts,
		},
		"document lost": {
			j:    journal(42, nil),
			want: state.FitForeign,
		},
		"contained": {
			s:    at(43, 0, "run-8"),
			j:    journal(42, nil),
			want: state.FitFolded,
		},
		"contained, serial unchanged": {
			s:    at(42, 0, "run-8"),
			j:    journal(42, nil),
			want: state.FitFolded,
		},
		"first run contained": {
			s:    at(1, 0, "run-8"),
			j:    journal(0, nil),
			want: state.FitFolded,
		},
		"another lineage": {
			s:    at(42, 0, ""),
			j:    journal(42, func(j *state.Journal) { j.Header.Lineage = "x" }),
			want: state.FitForeign,
		},
		"same run of another lineage": {
			s:    at(42, 0, "run-8"),
			j:    journal(42, func(j *state.Journal) { j.Header.Lineage = "x" }),
			want: state.FitForeign,
		},
		"document went on": {
			s:    at(43, 0, "run-7"),
			j:    journal(42, nil),
			want: state.FitForeign,
		},
		"document went back": {
			s:    at(41, 0, "run-7"),
			j:    journal(42, nil),
			want: state.FitForeign,
		},
		"only holds since": {
			s:    at(44, 42, "run-7"),
			j:    journal(42, nil),
			want: state.FitStarts,
		},
		"began between two holds": {
			s:    at(44, 42, "run-7"),
			j:    journal(43, nil),
			want: state.FitStarts,
		},
		"before the holds": {
			s:    at(44, 42, "run-7"),
			j:    journal(41, nil),
			want: state.FitForeign,
		},
		"after a hold, then contained": {
			s:    at(45, 0, "run-8"),
			j:    journal(42, nil),
			want: state.FitFolded,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := state.FitOf(c.s, c.j); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
			if got := state.Matches(c.s, c.j); got != (c.want == state.FitStarts) {
				t.Errorf("Matches is %v", got)
			}
		})
	}
}

func TestRaiseForHold(t *testing.T) {
	s := state.New(tenantID, "", lineage, interner())
	s.Serial = 42
	s.RaiseForHold()
	s.RaiseForHold()
	if s.Serial != 44 || s.Base() != 42 {
		t.Errorf("serial %d, base %d", s.Serial, s.Base())
	}
	prior := s.Clone()
	s.TenantName = "changed"
	if _, err := s.Advance(prior); err != nil || s.Serial != 45 || s.Base() != 45 {
		t.Errorf("after another change: serial %d, base %d, %v", s.Serial, s.Base(), err)
	}
}

// kept is a backend that only reads.
type kept struct {
	state.Backend
	snap state.Snapshot
}

func (k kept) Read(context.Context) (state.Snapshot, error) { return k.snap, nil }

func TestLoad(t *testing.T) {
	m, _ := written(t)
	doc := encode(t, example(interner()))
	names := interner()
	l, err := state.Load(t.Context(), kept{snap: state.Snapshot{State: doc, Journal: m.lines.Bytes()}}, names)
	if err != nil {
		t.Fatal(err)
	}
	s, doubts := l.Replayed(names)
	if l.Fit != state.FitStarts || len(doubts) != 0 || s.JournalRun != "run-8" {
		t.Errorf("fit %d, in doubt %v, run %s", l.Fit, doubts, s.JournalRun)
	}
	if s.Object(addr.New("app", "x").WithKey("<k>")) == nil || l.State.Object(addr.New("app", "x").WithKey("<k>")) != nil {
		t.Error("the journal was carried into the wrong state")
	}
	// A torn or foreign journal leaves the state as it is.
	foreign := bytes.Replace(m.lines.Bytes(), []byte(`"serial":42`), []byte(`"serial":41`), 1)
	if l, err = state.Load(t.Context(), kept{snap: state.Snapshot{State: doc, Journal: foreign}}, names); err != nil {
		t.Fatal(err)
	}
	if s, doubts := l.Replayed(names); l.Fit != state.FitForeign || s != l.State || doubts != nil || len(l.Journal.Entries) != 4 {
		t.Errorf("fit %d, in doubt %v", l.Fit, doubts)
	}
	// A first apply that was cut short has no document yet.
	first := bytes.Replace(m.lines.Bytes(), []byte(`"serial":42`), []byte(`"serial":0`), 1)
	if l, err = state.Load(t.Context(), kept{snap: state.Snapshot{Journal: first}}, names); err != nil {
		t.Fatal(err)
	}
	if s, _ := l.Replayed(names); l.State != nil || s == nil || s.Lineage != lineage || s.Tenant != tenantID || len(s.Objects) != 1 {
		t.Errorf("first run: %+v", s)
	}
	if l, err = state.Load(t.Context(), kept{}, names); err != nil || l.State != nil || l.Journal != nil || l.Fit != state.FitNone {
		t.Errorf("nothing kept: %+v, %v", l, err)
	}
	if s, doubts := l.Replayed(names); s != nil || doubts != nil {
		t.Errorf("nothing kept, replayed: %+v", s)
	}
	_, err = state.Load(t.Context(), kept{snap: state.Snapshot{State: doc, Journal: []byte("x\ny\n"), JournalName: "j"}}, names)
	wantProblem(t, err, state.SummaryBadJournal, 1)
}
