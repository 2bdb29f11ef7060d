package ops_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/teamsform/teamsform/state"
)

// disk is a state.Backend in memory: what the local one does, without waiting
// for a disk. It outlives the runs that use it.
type disk struct {
	mu      sync.Mutex
	doc     []byte
	meta    state.Meta
	journal []byte
	aside   int // journals that a run put aside
	seq     uint64
	leased  *diskLease
	writes  int
}

var _ state.Backend = (*disk)(nil)

func (d *disk) Read(context.Context) (state.Snapshot, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return state.Snapshot{State: d.doc, Journal: d.journal, Meta: d.meta, StateName: "state.json", JournalName: "state.json.journal"}, nil
}

func (d *disk) Write(_ context.Context, expect state.Meta, s *state.State) (state.Meta, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if expect != d.meta {
		return state.Meta{}, &state.ConflictError{Path: "state.json", Expect: expect, Found: d.meta}
	}
	if d.doc == nil || s.Serial != d.meta.Serial {
		if s.Serial <= d.meta.Serial {
			return state.Meta{}, fmt.Errorf("serial %d does not rise above %d", s.Serial, d.meta.Serial)
		}
		var b bytes.Buffer
		meta, err := state.Encode(&b, s)
		if err != nil {
			return state.Meta{}, err
		}
		d.doc, d.meta = b.Bytes(), meta
		d.writes++
	}
	if run := d.run(); run != "" && run == s.JournalRun {
		d.journal = nil
	}
	return d.meta, nil
}

// run names the run whose journal lies there.
func (d *disk) run() string {
	var h state.JournalHeader
	line, _, _ := bytes.Cut(d.journal, []byte("\n"))
	if json.Unmarshal(line, &h) != nil {
		return ""
	}
	return h.Run
}

func (d *disk) Append(_ context.Context, seq uint64, line []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.leased == nil:
		return errors.New("append without a lease")
	case seq == 0:
		// As on a real disk: a journal in whose name nothing was sent goes, any
		// other is put aside.
		if bytes.Count(d.journal, []byte("\n")) > 1 {
			d.aside++
		}
		d.journal = nil
	case seq != d.seq+1:
		return fmt.Errorf("line %d follows line %d", seq, d.seq)
	}
	d.seq = seq
	d.journal = append(append(bytes.Clone(d.journal), line...), '\n')
	return nil
}

func (d *disk) Lease(context.Context, state.LockInfo) (state.Lease, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.leased != nil {
		return nil, &state.LockedError{Path: "state.json"}
	}
	d.leased = &diskLease{d}
	return d.leased, nil
}

type diskLease struct{ d *disk }

func (l *diskLease) Check(context.Context) error {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	if l.d.leased != l {
		return errors.New("the lease is lost")
	}
	return nil
}

func (l *diskLease) Release(context.Context) error {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	if l.d.leased == l {
		l.d.leased = nil
	}
	return nil
}

// tenantDump is what of emulator.Tenant.Dump the tests look at.
type tenantDump struct {
	Apps []struct {
		ID          string
		ManifestID  string
		Definitions []struct{ Version, State, Digest string }
	}
	Policies map[string][]struct {
		Name   string
		Values map[string]json.RawMessage
	}
	UserAssignments  map[string][]struct{ User, Policy string }
	GroupAssignments map[string][]struct{ Group, Policy string }
	OrgSwitch        map[string]any
}

func parseDump(t tester, raw []byte) tenantDump {
	t.Helper()
	var d tenantDump
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// withoutIDs replaces the catalog ids, which the tenant makes, by manifest ids.
func withoutIDs(t tester, raw []byte) string {
	t.Helper()
	out := string(raw)
	for _, a := range parseDump(t, raw).Apps {
		out = strings.ReplaceAll(out, a.ID, "catalog id of "+a.ManifestID)
	}
	return out
}
