package cmd

import (
	"context"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/serving"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/ops"
)

type accessOptions struct {
	f        *factory
	source   sourceFlags
	user     string
	app      string
	planned  bool
	snapshot string
	json     bool
	format   string
}

func newAccessCmd(f *factory) *cobra.Command {
	o := &accessOptions{f: f}
	cmd := &cobra.Command{
		Use:   "access",
		Short: "Tell who can do what with an app, and why",
		Long: `Tell what a person can do with the organisation's apps and which rule decides it,
or who can do what with one app. The tenant is only read.

With --planned the answers are those that hold once the configuration is applied;
with --snapshot they come from a file that "teamsform snapshot" wrote, without
reaching any tenant.

An app is named by its address (app.helpdesk), its App ID, its External app ID or
its name.`,
		Example: "  teamsform access --user lee@contoso.example\n  teamsform access --user lee@contoso.example --app app.helpdesk\n  teamsform access --app Helpdesk --planned\n  teamsform access --app Helpdesk --snapshot snapshot.json --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runAccess(cmd.Context(), o) },
	}
	o.add(cmd)
	cmd.Flags().StringVar(&o.user, "user", "", "the person, by sign-in name or object id")
	cmd.Flags().StringVar(&o.app, "app", "", "the app")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.MarkFlagsOneRequired("user", "app")
	cmd.AddCommand(newAccessMatrixCmd(f))
	return cmd
}

// add adds the flags that say which tenant is asked.
func (o *accessOptions) add(cmd *cobra.Command) {
	o.source.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.planned, "planned", false, "answer as it will be once the configuration is applied")
	cmd.Flags().StringVar(&o.snapshot, "snapshot", "", "answer from a snapshot file instead of a tenant")
	cmd.MarkFlagsMutuallyExclusive("planned", "snapshot")
}

func newAccessMatrixCmd(f *factory) *cobra.Command {
	o := &accessOptions{f: f}
	cmd := &cobra.Command{
		Use:   "matrix",
		Short: "Tell who can do what with every app, as a table",
		Long: `Print one row for all people who have the same policies and can do the same with
every app of the organisation's catalog.`,
		Example: "  teamsform access matrix\n  teamsform access matrix --format csv > access.csv\n  teamsform access matrix --format html > access.html",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runAccessMatrix(cmd.Context(), o) },
	}
	o.add(cmd)
	cmd.Flags().StringVar(&o.format, "format", "text", "text, csv, html or json")
	cmd.Flags().BoolVar(&o.json, "json", false, "the same as --format json")
	return cmd
}

// look opens the tenant that is asked. Diagnostics have been printed.
func (o *accessOptions) look(ctx context.Context, nested bool) (*ops.Accessed, error) {
	rt, source := o.f.runtime(), o.source.source(o.f)
	if o.snapshot != "" {
		done, err := serving.Offline(rt, &source, o.snapshot)
		if err != nil {
			return nil, err
		}
		defer done()
	}
	op := &ops.Access{Runtime: rt, Source: source, Planned: o.planned, Nested: nested}
	res := op.Run(ctx)
	o.f.diagnostics(res.Diags, res.Files)
	if res.View == nil {
		return nil, withDiagnostics(res.Diags)
	}
	return res, withDiagnostics(res.Diags)
}

func runAccess(ctx context.Context, o *accessOptions) error {
	res, err := o.look(ctx, o.user != "")
	if err != nil {
		return err
	}
	apps := res.View.Custom()
	if o.app != "" {
		app, ambiguous := res.View.App(o.app)
		if app < 0 || ambiguous {
			return o.refuse(res.View.NoSuchApp(o.app, ambiguous))
		}
		apps = []int{app}
	}
	if o.user == "" {
		return view.AppAccess(o.f.io.Out, o.f.style(o.f.io.OutTTY), res.View.Who(apps[0]), o.json)
	}
	person := res.View.Person(o.user)
	if person < 0 {
		return o.refuse(res.View.NoSuchPerson(o.user))
	}
	return view.PersonAccess(o.f.io.Out, o.f.style(o.f.io.OutTTY), res.View.Explain(person, apps), o.json)
}

func (o *accessOptions) refuse(d *hcl.Diagnostic) error {
	o.f.diagnostics(hcl.Diagnostics{d}, nil)
	return withDiagnostics(hcl.Diagnostics{d})
}

func runAccessMatrix(ctx context.Context, o *accessOptions) error {
	if o.json {
		o.format = "json"
	}
	write, known := view.MatrixFormats()[o.format]
	if !known {
		return fmt.Errorf("--format is text, csv, html or json, not %q", o.format)
	}
	res, err := o.look(ctx, false)
	if err != nil {
		return err
	}
	return write(o.f.io.Out, res.View.Matrix())
}
