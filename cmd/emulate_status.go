package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/serving"
)

// statusPoll is the time between two looks of status --wait.
const statusPoll = 50 * time.Millisecond

type statusOptions struct {
	f      *factory
	tenant tenantFlags
	wait   time.Duration
	json   bool
}

func newEmulateStatusCmd(f *factory) *cobra.Command {
	o := &statusOptions{f: f}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell whether and where the emulated tenant is served",
		Long: `Tell where the emulated tenant is served. Exits with 0 when it is, with 1 when it
is not. --wait lets a script go on as soon as the server is ready.`,
		Example: "  teamsform emulate status\n  teamsform emulate & teamsform emulate status --wait 30s --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runEmulateStatus(cmd.Context(), o) },
	}
	o.tenant.add(cmd)
	cmd.Flags().DurationVar(&o.wait, "wait", 0, "wait so long for a server, such as 30s")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// servedStatus is what --json prints.
type servedStatus struct {
	Served bool   `json:"served"`
	URL    string `json:"url,omitempty"`
	PID    int    `json:"pid,omitempty"`
	Tenant string `json:"tenant,omitempty"`
	Token  string `json:"token,omitempty"`
}

func runEmulateStatus(ctx context.Context, o *statusOptions) error {
	want, err := o.tenant.options(ctx, o.f)
	if err != nil {
		return err
	}
	s, err := serving.Find(ctx, want)
	for waited := time.Duration(0); err != nil && waited < o.wait; waited += statusPoll {
		if err := sleep(ctx, statusPoll); err != nil {
			return err
		}
		s, err = serving.Find(ctx, want)
	}
	switch {
	case err != nil && !errors.Is(err, serving.ErrNotServed):
		return err
	case err != nil && o.json:
		_ = json.NewEncoder(o.f.io.Out).Encode(servedStatus{})
		return exitError{ExitError}
	case err != nil:
		reason := strings.TrimPrefix(err.Error(), serving.ErrNotServed.Error()+": ")
		fmt.Fprintf(o.f.io.Out, "Not served: %s. Start a server with teamsform emulate; other commands do not need one.\n", reason)
		return exitError{ExitError}
	case o.json:
		return json.NewEncoder(o.f.io.Out).Encode(servedStatus{true, s.URL, s.Health.PID, s.Health.Tenant, s.Token})
	}
	_, err = fmt.Fprintf(o.f.io.Out, "Served at %s by process %d.\n", s.URL, s.Health.PID)
	return err
}
