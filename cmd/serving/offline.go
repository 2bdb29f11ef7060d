package serving

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/ops"
)

// Offline lets a run find, instead of its tenant, the one that a snapshot file
// describes: an emulated tenant in a folder of its own, which done removes.
// There need be no configuration.
func Offline(rt *ops.Runtime, source *ops.Source, snapshot string) (done func(), err error) {
	people, err := os.ReadFile(snapshot)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	dir, err := os.MkdirTemp("", "teamsform-")
	if err != nil {
		return nil, fmt.Errorf("folder for the snapshot: %w", err)
	}
	done = func() { _ = os.RemoveAll(dir) }
	found, _ := filepath.Glob(filepath.Join(source.Dir, "*.teams.hcl"))
	if len(found) == 0 {
		if err := os.WriteFile(filepath.Join(dir, "main.teams.hcl"), []byte("tenant {}\n"), 0o600); err != nil {
			done()
			return nil, fmt.Errorf("folder for the snapshot: %w", err)
		}
		source.Dir = dir
	}
	rt.Connect = func(ctx context.Context, cfg *config.Config) (*ops.Connection, error) {
		tenant, err := emulator.Open(ctx, emulator.Options{
			Path: filepath.Join(dir, "tenant.db"), People: people, AccessModel: cfg.Tenant.AccessModel,
			Clock: rt.Clock, NewID: rt.NewID, NoSync: true,
		})
		if err != nil {
			return nil, err
		}
		conn, err := Dial(rt, tenant)
		if err != nil {
			_ = tenant.Close()
			return nil, err
		}
		conn.Close = tenant.Close
		return conn, nil
	}
	return done, nil
}
