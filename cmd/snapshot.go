package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/snapshot"
)

type snapshotOptions struct {
	f      *factory
	source sourceFlags
	out    string
	mask   bool
	force  bool
	json   bool
}

func newSnapshotCmd(f *factory) *cobra.Command {
	o := &snapshotOptions{f: f}
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "Write the tenant into a file that an emulated one can start from",
		Long: `Read the whole tenant of the configuration and write it into one file: people,
groups and their direct members, policies and who has them, the catalog of
custom apps with their versions, organisation-wide settings. Nothing is changed.

An emulated tenant starts from the file when it is new:

    tenant { people = "snapshot.json" }

App packages cannot be read from a tenant, and mail addresses of people are not
read. The file holds personal data; only its owner can read it. --mask replaces
names, addresses and ids by pseudonyms that are the same every time, and drops
other texts.`,
		Example: "  teamsform snapshot --out snapshot.json\n  teamsform snapshot --out masked.json --mask --force",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runSnapshot(cmd.Context(), o) },
	}
	o.source.add(cmd.Flags())
	cmd.Flags().StringVar(&o.out, "out", "", "file to write")
	cmd.Flags().BoolVar(&o.mask, "mask", false, "replace names, addresses and ids by pseudonyms")
	cmd.Flags().BoolVar(&o.force, "force", false, "overwrite the file if it exists")
	cmd.Flags().BoolVar(&o.json, "json", false, "print what was written as JSON")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

func runSnapshot(ctx context.Context, o *snapshotOptions) error {
	if err := snapshot.MayWrite(o.out, o.force); err != nil { // before the tenant is asked thousands of things
		return advise(err)
	}
	op := &ops.Snapshot{Runtime: o.f.runtime(), Source: o.source.source(o.f), Mask: o.mask}
	if o.f.io.ErrTTY {
		op.Progress = func(what string, done int) { fmt.Fprintf(o.f.io.Err, "\r\x1b[KReading %s: %d", what, done) }
	}
	res := op.Run(ctx)
	if o.f.io.ErrTTY {
		fmt.Fprint(o.f.io.Err, "\r\x1b[K")
	}
	o.f.diagnostics(res.Diags, res.Files)
	if err := withDiagnostics(res.Diags); err != nil {
		return err
	}
	if err := res.Tenant.WriteFile(o.out, o.force); err != nil {
		return advise(err)
	}
	c := res.Tenant.Counts()
	if o.json {
		return json.NewEncoder(o.f.io.Out).Encode(struct {
			Path   string `json:"path"`
			Masked bool   `json:"masked"`
			Tenant string `json:"tenant"`
			snapshot.Counts
		}{o.out, o.mask, res.Tenant.ID(), c})
	}
	_, err := fmt.Fprintf(o.f.io.Out, `Wrote the tenant %q to %s: %s, %s, %s, %s,
%s to people and %d to groups.

An emulated tenant that is new starts from it with: tenant { people = %q }
`, res.Tenant.Name(), o.out, many(c.Users, "user"), many(c.Groups, "group"), many(c.Apps, "app"), manyPolicies(c.Policies),
		many(c.UserAssignments, "assignment"), c.GroupAssignments, o.out)
	return err
}

// advise adds the way out to the errors that have one.
func advise(err error) error {
	if errors.Is(err, snapshot.ErrFileExists) {
		return fmt.Errorf("%w; choose another with --out, or overwrite it with --force", err)
	}
	return err
}
