package ops_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// fullDisk takes journal lines and has no room for a document.
type fullDisk struct{ state.Backend }

func (fullDisk) Write(context.Context, state.Meta, *state.State) (state.Meta, error) {
	return state.Meta{}, &os.PathError{Op: "write", Path: "state.json", Err: syscall.ENOSPC}
}

// onFullDisk applies while the state has no room; confirm is called before the
// first change.
func (w *world) onFullDisk(confirm func()) *ops.Applied {
	rt := w.runtime()
	wrap := rt.WrapBackend
	rt.WrapBackend = func(b state.Backend) state.Backend { return fullDisk{wrap(b)} }
	op := &ops.Apply{Runtime: rt, Source: w.source(), Parallelism: 1, Confirm: func(*ops.Planned) (bool, error) {
		confirm()
		return true, nil
	}}
	return op.Run(context.Background())
}

func decode(t *testing.T, doc []byte) *state.State {
	t.Helper()
	s, err := state.Decode(bytes.NewReader(doc), table.NewStrings(teams.PolicyTypes()...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFullDisk(t *testing.T) {
	w := newWorld(t, quickstart(t))
	res := w.onFullDisk(func() {})
	files, _ := filepath.Glob(filepath.Join(w.dir, "emergency-*.state.json"))
	if len(files) != 1 || res.Unsaved != nil {
		t.Fatalf("files %v: %s", files, text(res.Diags))
	}
	info, err := os.Stat(files[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if says := text(res.Diags); !strings.Contains(says, "no space left") || !strings.Contains(says, "state push "+files[0]) || !strings.Contains(says, "The journal beside the state is kept") {
		t.Errorf("diagnostics:\n%s", says)
	}
	doc, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	push := &ops.StatePush{Runtime: w.runtime(), Source: w.source(), Document: doc, Name: files[0]}
	if res := push.Run(context.Background()); res.Diags.HasErrors() {
		t.Fatalf("push: %s", text(res.Diags))
	}
	if w.disk.journal != nil {
		t.Error("the journal is still there")
	}
	if err := w.settled(); err != nil {
		t.Error(err)
	}
	// Once it is settled, the file is of no use any more, and is refused.
	if err := os.WriteFile(filepath.Join(w.dir, "more.teams.hcl"), []byte("setup_policy \"more\" {\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.mustApply(applyOptions{})
	push = &ops.StatePush{Runtime: w.runtime(), Source: w.source(), Document: doc, Name: files[0]}
	if res := push.Run(context.Background()); !res.Diags.HasErrors() {
		t.Error("an old emergency file replaced a newer state")
	}
}

// Without a folder that can be written to the document is printed.
func TestNowhereToWrite(t *testing.T) {
	w := newWorld(t, quickstart(t))
	t.Setenv("TMPDIR", filepath.Join(w.dir, "no", "such", "folder"))
	t.Setenv("TMP", filepath.Join(w.dir, "no", "such", "folder"))
	away := filepath.Join(t.TempDir(), "away")
	copied := quickstart(t)
	w.dir, copied = copied, w.dir
	defer func() { w.dir = copied }()
	res := w.onFullDisk(func() {
		if err := os.Rename(w.dir, away); err != nil {
			t.Fatal(err)
		}
	})
	if err := os.Rename(away, w.dir); err != nil {
		t.Fatal(err)
	}
	if res.Unsaved == nil {
		t.Fatalf("nothing to print: %s", text(res.Diags))
	}
	if s := decode(t, res.Unsaved); s.Serial != 1 || s.JournalRun == "" {
		t.Errorf("serial %d, journal run %q", s.Serial, s.JournalRun)
	}
	if says := text(res.Diags); !strings.Contains(says, "printed below") {
		t.Errorf("diagnostics:\n%s", says)
	}
	w.mustApply(applyOptions{})
	if err := w.settled(); err != nil {
		t.Error(err)
	}
}
