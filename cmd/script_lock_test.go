package cmd_test

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/teamsform/teamsform/state"
)

// scriptHold takes the lock of the state in the working folder, as another run
// would, until the script ends. With "and-die" it gives the lock up and leaves
// its note, as a run does that is killed.
func scriptHold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 || len(args) == 1 && args[0] != "and-die" {
		ts.Fatalf("usage: hold [and-die]")
	}
	path := ts.MkAbs(filepath.Join(".teamsform", "state.json"))
	backend := state.NewLocal(state.LocalOptions{
		Path:  path,
		Clock: func() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) },
		NewID: func() string { return "00000000-0000-4000-8000-00000000000a" },
	})
	lease, err := backend.Lease(context.Background(), state.LockInfo{
		Operation: "apply", Who: "ann@laptop", Version: "0.1.0", RunURL: "https://ci.example/runs/7",
		Path: ".teamsform/state.json",
	})
	ts.Check(err)
	ts.Defer(func() { _ = lease.Release(context.Background()) })
	if len(args) == 0 {
		return
	}
	note, err := os.ReadFile(path + ".lock.info")
	ts.Check(err)
	ts.Check(lease.Release(context.Background()))
	ts.Check(os.WriteFile(path+".lock.info", note, 0o600))
}
