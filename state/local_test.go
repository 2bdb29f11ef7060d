package state_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

// files lists a folder.
func files(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func write(t testing.TB, b state.Backend, expect state.Meta, s *state.State) state.Meta {
	t.Helper()
	meta, err := b.Write(t.Context(), expect, s)
	if err != nil {
		t.Fatal(err)
	}
	return meta
}

func load(t testing.TB, b state.Backend) *state.Loaded {
	t.Helper()
	l, err := state.Load(t.Context(), b, interner())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func lease(t testing.TB, b state.Backend) state.Lease {
	t.Helper()
	held, err := b.Lease(t.Context(), state.LockInfo{Operation: "apply", Who: "ann@laptop", Version: "0.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Release(t.Context()) })
	return held
}

func TestLocalWriteAndRead(t *testing.T) {
	dir := t.TempDir()
	o := localOptions(dir)
	b := state.NewLocal(o)
	if l := load(t, b); l.State != nil || l.Meta != (state.Meta{}) {
		t.Fatalf("an empty folder gives %+v", l)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Fatalf("reading made %v", got)
	}
	s := example(interner())
	first := write(t, b, state.Meta{}, s)
	l := load(t, b)
	same(t, s, l.State)
	if l.Meta != first || first.Serial != 42 || first.Lineage != lineage {
		t.Errorf("read %+v, wrote %+v", l.Meta, first)
	}
	b = state.NewLocal(o) // another run
	s.Serial, s.TenantName = 43, "changed"
	second := write(t, b, first, s)
	s.Serial, s.TenantName = 44, "again"
	write(t, b, second, s)
	backup, err := b.ReadBackup(t.Context())
	if err != nil || !bytes.Contains(backup, []byte(`"serial":42`)) {
		t.Errorf("the backup is not the content before this run: %.200s, %v", backup, err)
	}
	want := []string{"state.json", "state.json.backup", "state.json.lock.write"}
	if got := files(t, filepath.Dir(o.Path)); !slices.Equal(got, want) {
		t.Errorf("files are %v", got)
	}
	if runtime.GOOS != "windows" {
		for name, mode := range map[string]fs.FileMode{"": 0o700, "state.json": 0o600, "state.json.backup": 0o600, "state.json.lock.write": 0o600} {
			fi, err := os.Stat(filepath.Join(filepath.Dir(o.Path), name))
			if err != nil || fi.Mode().Perm() != mode {
				t.Errorf("%q has mode %v, %v", name, fi.Mode(), err)
			}
		}
	}
}

func TestLocalCompareAndSwap(t *testing.T) {
	b := state.NewLocal(localOptions(t.TempDir()))
	s := example(interner())
	first := write(t, b, state.Meta{}, s)
	newer := s.Clone()
	newer.Serial = 43
	for name, expect := range map[string]state.Meta{
		"none":           {},
		"other serial":   {Lineage: first.Lineage, Serial: 41, Digest: first.Digest},
		"other lineage":  {Lineage: "x", Serial: 42, Digest: first.Digest},
		"other content":  {Lineage: first.Lineage, Serial: 42, Digest: "sha256:00"},
		"what will come": {Lineage: first.Lineage, Serial: 43, Digest: first.Digest},
	} {
		_, err := b.Write(t.Context(), expect, newer)
		var conflict *state.ConflictError
		if !errors.As(err, &conflict) || conflict.Found != first || conflict.Expect != expect {
			t.Errorf("%s: got %v", name, err)
		} else if d := diag.FromError("Write", err)[0]; diag.ClassOf(d) != diag.ClassRefused || !strings.Contains(d.Detail, "serial 42") {
			t.Errorf("%s: %s", name, d.Detail)
		}
	}
	if l := load(t, b); l.Meta != first {
		t.Errorf("a refused write left %+v", l.Meta)
	}
	older := s.Clone()
	older.Serial = 41
	if _, err := b.Write(t.Context(), first, older); err == nil || !strings.Contains(err.Error(), "lower") {
		t.Errorf("a lower serial: %v", err)
	}
	older.Serial = 0
	if _, err := b.Write(t.Context(), first, older); err == nil {
		t.Error("serial 0 was written")
	}
	unchanged := s.Clone()
	unchanged.TenantName = "not written, since the serial says that nothing changed"
	if meta := write(t, b, first, unchanged); meta != first || load(t, b).State.TenantName == unchanged.TenantName {
		t.Errorf("an equal serial wrote %+v", meta)
	}
}

// One apply: intents and results survive, and the final write contains them.
func TestLocalJournal(t *testing.T) {
	o := localOptions(t.TempDir())
	b := state.NewLocal(o)
	s := example(interner())
	s.Serial = 1
	first := write(t, b, state.Meta{}, s)
	if err := b.Append(t.Context(), 0, []byte("{}")); err == nil {
		t.Error("append without the lease")
	}
	held := lease(t, b)
	h := header()
	h.Serial = 1
	w := state.NewJournalWriter(b, h)
	in := state.Intent{Batch: 1, Ops: []state.IntentOp{op(state.ActionCreate, "new", "New")}}
	if err := w.Intent(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	l := load(t, state.NewLocal(o))
	if _, doubts := l.Replayed(interner()); l.Fit != state.FitStarts || len(doubts) != 1 || doubts[0].Ops[0].Key != "New" {
		t.Errorf("after the intent: fit %d, in doubt %v", l.Fit, doubts)
	}
	if err := w.Result(t.Context(), state.Result{Batch: 1, Ops: []state.ResultOp{{OK: true, ID: "new-id"}}}); err != nil {
		t.Fatal(err)
	}
	l = load(t, state.NewLocal(o))
	after, doubts := l.Replayed(interner())
	if len(doubts) != 0 || after.Object(addr.New("setup_policy", "new")).ID != "new-id" {
		t.Errorf("after the result: in doubt %v", doubts)
	}
	if changed, err := after.Advance(l.State); !changed || err != nil {
		t.Errorf("the state has not changed, %v", err)
	}
	write(t, b, first, after)
	if l = load(t, b); l.Journal != nil || l.Fit != state.FitNone || l.State.Serial != 2 {
		t.Errorf("after the write: journal %v, serial %d", l.Journal, l.State.Serial)
	}
	if err := w.Result(t.Context(), state.Result{Batch: 1}); err == nil {
		t.Error("the journal goes on after it was folded in")
	}
	if err := held.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := files(t, filepath.Dir(o.Path)); !slices.Equal(got, []string{"state.json", "state.json.lock", "state.json.lock.write"}) {
		t.Errorf("files are %v", got)
	}
}

func TestLocalAppendRefuses(t *testing.T) {
	b := state.NewLocal(localOptions(t.TempDir()))
	lease(t, b)
	line := func(seq uint64, text string) error { return b.Append(t.Context(), seq, []byte(text)) }
	if err := line(1, "{}"); err == nil {
		t.Error("a line before the header")
	}
	if err := line(0, "{}\n{}"); err == nil {
		t.Error("two lines at once")
	}
	if err := line(0, `{"run":"a"}`); err != nil {
		t.Fatal(err)
	}
	if err := line(2, "{}"); err == nil || !strings.Contains(err.Error(), "expected 1") {
		t.Errorf("a gap: %v", err)
	}
	if err := line(1, "{}"); err != nil {
		t.Error(err)
	}
}

// A journal that nobody has settled is never lost to a new one.
func TestLocalJournalInTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		old    string
		asides int
	}{
		"of another run": {"{\"journal\":1,\"run\":\"old\"}\n{\"seq\":1,\"intent\":{\"batch\":1}}\n", 1},
		"damaged":        {"{\"journal\":1,\"run\":\"old\"}\n{\"seq\":7}\n", 1},
		"torn intent":    {"{\"journal\":1,\"run\":\"old\"}\n{\"se", 0},
		"unreadable":     {"\x00\x00\n\x00\n", 1},
		"header only":    {"{\"journal\":1,\"run\":\"old\"}\n", 0},
		"torn header":    {"{\"jour", 0},
		"empty":          {"", 0},
		"contained":      {"{\"journal\":1,\"run\":\"run-7\"}\n{\"seq\":1,\"intent\":{\"batch\":1}}\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := localOptions(t.TempDir())
			b := state.NewLocal(o)
			write(t, b, state.Meta{}, example(interner())) // contains run-7
			if err := os.WriteFile(o.Path+".journal", []byte(c.old), 0o600); err != nil {
				t.Fatal(err)
			}
			lease(t, b)
			if err := b.Append(t.Context(), 0, []byte(`{"run":"new"}`)); err != nil {
				t.Fatal(err)
			}
			if raw, err := os.ReadFile(o.Path + ".journal"); err != nil || string(raw) != "{\"run\":\"new\"}\n" {
				t.Errorf("the journal is %q, %v", raw, err)
			}
			asides, err := filepath.Glob(o.Path + ".journal.aside-*")
			if err != nil || len(asides) != c.asides {
				t.Fatalf("put aside: %v, %v", asides, err)
			}
			for _, name := range asides {
				if raw, err := os.ReadFile(name); err != nil || string(raw) != c.old {
					t.Errorf("%s holds %q, %v", name, raw, err)
				}
			}
		})
	}
}

// A hold is written while an apply runs: the apply's journal still fits, its
// final write notices, and then contains both.
func TestLocalHoldDuringApply(t *testing.T) {
	o := localOptions(t.TempDir())
	apply := state.NewLocal(o)
	first := write(t, apply, state.Meta{}, example(interner()))
	lease(t, apply)
	w := state.NewJournalWriter(apply, header())
	if err := w.Intent(t.Context(), state.Intent{Batch: 1, Ops: []state.IntentOp{op(state.ActionCreate, "new", "New")}}); err != nil {
		t.Fatal(err)
	}

	block := state.NewLocal(o)
	l := load(t, block)
	held := l.State.Clone()
	held.Objects = append(held.Objects, &state.Object{Addr: addr.New("hold", "helpdesk"), Kind: "hold", Attrs: []byte(`{}`)})
	held.RaiseForHold()
	write(t, block, l.Meta, held)

	l = load(t, state.NewLocal(o))
	if l.Fit != state.FitStarts || l.State.Serial != 43 || l.State.Base() != 42 {
		t.Fatalf("fit %d, serial %d, base %d", l.Fit, l.State.Serial, l.State.Base())
	}
	after, _ := l.Replayed(interner())
	after.Serial = 43
	var conflict *state.ConflictError
	if _, err := apply.Write(t.Context(), first, after); !errors.As(err, &conflict) {
		t.Fatalf("the apply did not notice the hold: %v", err)
	}
	after.Serial, after.BaseSerial = 44, 0
	write(t, apply, conflict.Found, after)
	l = load(t, apply)
	if l.State.Object(addr.New("hold", "helpdesk")) == nil || l.Journal != nil {
		t.Errorf("the hold is lost, or the journal left: %v", l.Journal)
	}
}

func TestLocalKeepsTheLink(t *testing.T) {
	dir := t.TempDir()
	o := localOptions(dir)
	real := filepath.Join(dir, "real", "kept.json")
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("..", "real", "kept.json"), o.Path); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	b := state.NewLocal(o)
	first := write(t, b, state.Meta{}, example(interner())) // the link leads nowhere yet
	s := example(interner())
	s.Serial = 43
	write(t, b, first, s)
	if fi, err := os.Lstat(o.Path); err != nil || fi.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", fi, err)
	}
	if raw, err := os.ReadFile(real); err != nil || !bytes.Contains(raw, []byte(`"serial":43`)) {
		t.Errorf("the document is not where the link leads: %v", err)
	}
	if got := files(t, filepath.Dir(o.Path)); len(got) != 1 {
		t.Errorf("beside the link lie %v", got)
	}
	direct := o
	direct.Path = real
	lease(t, b)
	var locked *state.LockedError
	if _, err := state.NewLocal(direct).Lease(t.Context(), state.LockInfo{}); !errors.As(err, &locked) {
		t.Errorf("the link and its target have two leases: %v", err)
	}
	if err := os.Remove(real); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(o.Path, real); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Read(t.Context()); err == nil || !strings.Contains(err.Error(), "links") {
		t.Errorf("a ring of links: %v", err)
	}
}

func TestLocalSweeps(t *testing.T) {
	o := localOptions(t.TempDir())
	dir := filepath.Dir(o.Path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".state.json.tmp-old", ".state.json.tmp-", ".other.json.tmp-1", "state.json.tmp-1"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := state.NewLocal(o)
	write(t, b, state.Meta{}, example(interner()))
	if got := files(t, dir); !slices.Contains(got, ".state.json.tmp-old") {
		t.Errorf("swept without the lease: %v", got)
	}
	lease(t, b)
	want := []string{".other.json.tmp-1", "state.json", "state.json.lock", "state.json.lock.info", "state.json.lock.write", "state.json.tmp-1"}
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("left over: %v", got)
	}
}

// A damaged document can be replaced by one who has seen it, and is kept; the
// good backup is not overwritten with it.
func TestLocalDamagedDocument(t *testing.T) {
	good := encode(t, example(interner()))
	for name, damaged := range map[string][]byte{
		"no header":  []byte("{"),
		"empty":      {},
		"no digest":  good[:len(good)/2],
		"bad digest": bytes.Replace(good, []byte("Trusted"), []byte("trusted"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			o := localOptions(t.TempDir())
			if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
				t.Fatal(err)
			}
			for path, content := range map[string][]byte{o.Path: damaged, o.Path + ".backup": good} {
				if err := os.WriteFile(path, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			b := state.NewLocal(o)
			snap, err := b.Read(t.Context())
			if err != nil || snap.State == nil || snap.Meta == (state.Meta{}) {
				t.Fatalf("read %+v, %v", snap, err)
			}
			s := example(interner())
			s.Serial = 43
			var conflict *state.ConflictError
			if _, err := b.Write(t.Context(), state.Meta{}, s); !errors.As(err, &conflict) {
				t.Errorf("overwritten unseen: %v", err)
			}
			write(t, b, snap.Meta, s)
			same(t, s, load(t, b).State)
			if got, err := b.ReadBackup(t.Context()); err != nil || !bytes.Equal(got, good) {
				t.Errorf("the backup is %.60q, %v", got, err)
			}
			if got, err := os.ReadFile(o.Path + ".damaged"); err != nil || !bytes.Equal(got, damaged) {
				t.Errorf("the damaged document is %.60q, %v", got, err)
			}
		})
	}
	b := state.NewLocal(localOptions(t.TempDir()))
	if got, err := b.ReadBackup(t.Context()); got != nil || err != nil {
		t.Errorf("a backup of nothing: %q, %v", got, err)
	}
}

// Version control may have changed the line ends of a document and of nothing
// else: it is as good as before.
func TestLocalBackupOfCRLF(t *testing.T) {
	o := localOptions(t.TempDir())
	b := state.NewLocal(o)
	s := example(interner())
	s.Tables = nil
	write(t, b, state.Meta{}, s)
	crlf := bytes.ReplaceAll(encode(t, s), []byte("\n"), []byte("\r\n"))
	if err := os.WriteFile(o.Path, crlf, 0o600); err != nil {
		t.Fatal(err)
	}
	b = state.NewLocal(o)
	l := load(t, b)
	s.Serial = 43
	write(t, b, l.Meta, s)
	if got, err := b.ReadBackup(t.Context()); err != nil || !bytes.Equal(got, crlf) {
		t.Errorf("the backup is %.60q, %v", got, err)
	}
}

// between runs something once, before the document is opened for reading.
type between struct {
	state.FileSystem
	run func()
}

func (b *between) Open(name string) (state.File, error) {
	if run := b.run; run != nil && strings.HasSuffix(name, ".json") {
		b.run = nil
		run()
	}
	return b.FileSystem.Open(name)
}

// A reader that read the journal of one run and then the document of a later
// one reads again: the two would look as if they did not belong together.
func TestLocalReadWhileOthersWrite(t *testing.T) {
	o := localOptions(t.TempDir())
	writer := state.NewLocal(o)
	s := example(interner())
	meta := write(t, writer, state.Meta{}, s)
	lease(t, writer)
	begin := func(run string) {
		h := header()
		h.Serial, h.Run = meta.Serial, run
		in := state.Intent{Batch: 1, Rows: &state.IntentRows{Type: "t", Action: state.RowsSet, Users: []table.ID{user(1)}}}
		if err := state.NewJournalWriter(writer, h).Intent(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	finish := func(run string) {
		next := s.Clone()
		next.Serial, next.JournalRun = meta.Serial+1, run
		meta = write(t, writer, meta, next)
	}
	begin("run-8")
	reader := state.NewLocalOn(&between{state.Disk(), func() {
		finish("run-8")
		begin("run-9")
		finish("run-9")
		begin("run-10")
	}}, o)
	l := load(t, reader)
	if l.Fit != state.FitStarts || l.State.Serial != 44 || l.Journal.Header.Run != "run-10" {
		t.Errorf("fit %d, serial %d, journal of %s", l.Fit, l.State.Serial, l.Journal.Header.Run)
	}
	// One run that finishes in between is no matter: the document names it.
	reader = state.NewLocalOn(&between{state.Disk(), func() { finish("run-10") }}, o)
	if l = load(t, reader); l.State.Serial != 45 || l.Fit != state.FitNone && l.Fit != state.FitFolded {
		t.Errorf("fit %d, serial %d", l.Fit, l.State.Serial)
	}
}
