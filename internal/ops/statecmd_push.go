package ops

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// StatePull reads the document as it lies in the backend. It never writes and
// never locks.
type StatePull struct {
	Runtime *Runtime
	Source  Source
}

// Pulled is the document.
type Pulled struct {
	Document []byte
	Files    map[string]*hcl.File
	Diags    hcl.Diagnostics
}

// Run reads the document. One that is damaged comes out as it is.
func (p *StatePull) Run(ctx context.Context) *Pulled {
	s := open(ctx, p.Runtime, p.Source, 0)
	defer s.close()
	out := &Pulled{}
	defer func() { out.Diags, out.Files = s.diags, s.files() }()
	if !s.ok() {
		return out
	}
	snap, err := s.backend.Read(ctx)
	switch {
	case err != nil:
		s.fail("State cannot be read", err)
	case snap.State == nil:
		s.wrong("No state", "There is no state yet: nothing was applied. Run teamsform plan, and then teamsform apply.")
	default:
		out.Document = snap.State
		if snap.Journal != nil && s.openJournal(snap, nil) != nil {
			s.diags = append(s.diags, diag.Warning(nil, "A run is under way, or was interrupted",
				"There is a journal beside the state: what it tells is not in this document. Let the run finish, or run teamsform apply."))
		}
	}
	return out
}

// StatePush puts a document in the place of the state.
type StatePush struct {
	Runtime     *Runtime
	Source      Source
	Document    []byte
	Name        string // of the document, for messages
	Force       bool   // another lineage or a lower serial is no obstacle
	LockTimeout time.Duration
}

// StateRestore puts the backup in the place of the state. What it replaces
// becomes the backup, so that restoring twice undoes it.
type StateRestore struct {
	Runtime     *Runtime
	Source      Source
	LockTimeout time.Duration
}

// Run pushes.
func (p *StatePush) Run(ctx context.Context) *Edited {
	return replace(ctx, p.Runtime, p.Source, p.LockTimeout, "state push", func(s *session) (replacement, bool) {
		return replacement{document: p.Document, name: p.Name, force: p.Force, resealed: true}, true
	})
}

// Run restores.
func (r *StateRestore) Run(ctx context.Context) *Edited {
	return replace(ctx, r.Runtime, r.Source, r.LockTimeout, "state restore", func(s *session) (replacement, bool) {
		keeper, ok := s.backend.(state.BackupKeeper)
		if !ok {
			s.wrong("No backup", "This state backend keeps no backup. Take an older version from the place where it keeps them, and put it back with teamsform state push.")
			return replacement{}, false
		}
		document, err := keeper.ReadBackup(ctx)
		path, errPath := keeper.BackupPath()
		switch {
		case err != nil || errPath != nil:
			s.fail("Backup cannot be read", errors.Join(err, errPath))
		case document == nil:
			s.wrong("No backup", "There is no backup at %s: no run has replaced a state yet.", path)
		}
		return replacement{document: document, name: path, force: true}, s.ok()
	})
}

// replacement is a document on its way into the backend.
type replacement struct {
	document []byte
	name     string
	force    bool
	resealed bool // an edit by hand is meant: the document gets a new digest
}

// replace holds the lease while a document takes the place of the state.
func replace(ctx context.Context, rt *Runtime, src Source, wait time.Duration, operation string, get func(*session) (replacement, bool)) *Edited {
	out := &Edited{}
	s := open(ctx, rt, src, wait)
	defer s.close()
	defer func() { out.Diags, out.Files = s.diags, s.files() }()
	if !s.ok() {
		return out
	}
	out.StateAt = s.stateAt()
	lease := s.lease(ctx, operation)
	if lease == nil {
		return out
	}
	defer s.release(ctx, lease)
	if r, ok := get(s); ok {
		s.replace(ctx, r, out)
	}
	return out
}

func (s *session) replace(ctx context.Context, r replacement, out *Edited) {
	next, err := state.DecodeWith(bytes.NewReader(r.document), s.strings, state.DecodeOptions{File: r.name, AnyDigest: r.resealed})
	if err != nil {
		s.fail("State cannot be taken over", err)
		return
	}
	snap, err := s.backend.Read(ctx)
	if err != nil {
		s.fail("State cannot be read", err)
		return
	}
	now := readPresent(snap)
	s.loaded = &state.Loaded{State: now.state, Meta: snap.Meta}
	if j := s.openJournal(snap, now.state); j != nil && now.readable() && !contains(next, j) {
		s.refuseJournal()
	}
	if s.ok() && s.judge(r, next, now, snap.Meta) {
		s.write(ctx, next, out)
	} else if now.state != nil {
		out.Serial = now.state.Serial
	}
}

// contains reports whether a document knows already what a journal tells: it is
// what the run of that journal could not write.
func contains(s *state.State, j *state.Journal) bool {
	return s.JournalRun != "" && s.JournalRun == j.Header.Run && s.Lineage == j.Header.Lineage
}

// present is the document that is to be replaced.
type present struct {
	state  *state.State // nil: there is none, or it cannot be read
	exists bool
	intact bool // fits its digest
	err    error
}

// readable: there is none, or one that can be compared with.
func (p present) readable() bool { return !p.exists || p.state != nil }

func readPresent(snap state.Snapshot) present {
	if snap.State == nil {
		return present{}
	}
	read := func(edited bool) (*state.State, error) {
		return state.DecodeWith(bytes.NewReader(snap.State), table.NewStrings(teams.PolicyTypes()...), state.DecodeOptions{File: snap.StateName, AnyDigest: edited})
	}
	if st, err := read(false); err == nil {
		return present{state: st, exists: true, intact: true}
	}
	st, err := read(true)
	return present{state: st, exists: true, err: err}
}

// judge says whether next may replace what is there, and gives it its serial.
// False without a diagnostic: there is nothing to do.
func (s *session) judge(r replacement, next *state.State, now present, meta state.Meta) bool {
	if !s.rightTenant(r, next, now) {
		return false
	}
	if !now.exists {
		next.Serial, next.BaseSerial = max(next.Serial, 1), 0
		return true
	}
	if now.state == nil && !r.force {
		s.refuse("State cannot be compared", "The present state cannot be read, so it cannot be told whether %s belongs in its place: %s. If it does: teamsform state push --force %s.", r.name, firstLine(now.err), r.name)
		return false
	}
	if now.state != nil {
		same, err := state.SameContent(now.state, next)
		if err != nil {
			s.fail("State cannot be compared", err)
			return false
		}
		if same && now.intact {
			return false
		}
		if !r.force && !s.follows(r, next, now.state, same) {
			return false
		}
	}
	// The serial never goes back: plans and journals of the present state must
	// not fit by accident.
	last := meta.Serial
	if now.state != nil {
		last = max(last, now.state.Serial)
	}
	next.Serial = max(next.Serial, last+1)
	next.BaseSerial = 0
	return true
}

// rightTenant is no matter of force: a state of another tenant makes every
// object of this one unknown.
func (s *session) rightTenant(r replacement, next *state.State, now present) bool {
	want := s.cfg.Tenant.ID
	if now.state != nil && now.state.Tenant != "" {
		want = now.state.Tenant
	}
	if want == "" || next.Tenant == "" || strings.EqualFold(want, next.Tenant) {
		return true
	}
	s.refuse("State of another tenant", "%s is the state of the tenant %s, and this configuration's state is that of %s. Nothing was changed. --force does not help here: give the other tenant a configuration and a state of its own.",
		r.name, orUnnamed(next.TenantName, next.Tenant), want)
	return false
}

// follows reports whether next is a later version of the same state.
func (s *session) follows(r replacement, next, now *state.State, same bool) bool {
	switch {
	case next.Lineage != now.Lineage:
		s.refuse("State of another lineage", "%s has the lineage %s, the present state %s: they were started apart and know different things. Nothing was changed. If it is to replace the present one all the same: teamsform state push --force %s.",
			r.name, next.Lineage, now.Lineage, r.name)
	case next.Serial < now.Serial:
		s.refuse("Older state", "%s has serial %d, the present state %d: something was written since. Nothing was changed. Start from teamsform state pull, or overwrite what is newer: teamsform state push --force %s.",
			r.name, next.Serial, now.Serial, r.name)
	case next.Serial == now.Serial && !same:
		s.refuse("Same serial, other content", "%s has the serial %d of the present state and says something else. Nothing was changed. If the difference is your edit, raise \"serial\" in it to %d, or use --force.",
			r.name, next.Serial, now.Serial+1)
	}
	return s.ok()
}

// openJournal returns the journal that a run has not finished, or nil. A
// journal that cannot be read counts as open and is reported by whoever plans.
func (s *session) openJournal(snap state.Snapshot, st *state.State) *state.Journal {
	if snap.Journal == nil {
		return nil
	}
	j, err := state.ReadJournal(bytes.NewReader(snap.Journal), snap.JournalName)
	if err != nil {
		return &state.Journal{}
	}
	if st == nil {
		st = readPresent(snap).state
	}
	if fit := state.FitOf(st, j); fit == state.FitNone || fit == state.FitFolded {
		return nil
	}
	return j
}

// stateAt is where the state is kept, for people.
func (s *session) stateAt() string { return absolute(s.cfg.Dir, s.cfg.Settings.State.Path) }

// firstLine cuts an error to what fits into a sentence.
func firstLine(err error) string {
	if err == nil {
		return "it is damaged"
	}
	var diags hcl.Diagnostics
	if errors.As(err, &diags) && len(diags) > 0 {
		return strings.ToLower(diags[0].Summary[:1]) + diags[0].Summary[1:]
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
