package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/cmd/serving"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/teams"
)

// tenantFlags say which emulated tenant a command is about: that of the
// configuration, or a database of its own.
type tenantFlags struct {
	source sourceFlags
	path   string
	people string
}

func (t *tenantFlags) add(cmd *cobra.Command) {
	t.source.add(cmd.Flags())
	cmd.Flags().StringVar(&t.path, "path", "", "database of the tenant, instead of a configuration's")
	cmd.Flags().StringVar(&t.people, "people", "", "people file (or snapshot) of the tenant of --path")
	cmd.MarkFlagsMutuallyExclusive("path", "emulated")
}

// options give the tenant that is meant, with what the people file says now.
func (t *tenantFlags) options(ctx context.Context, f *factory) (emulator.Options, error) {
	rt := f.runtime()
	if t.path != "" {
		o := emulator.Options{Path: t.path, Clock: rt.Clock, NewID: rt.NewID, Holder: f.holder()}
		if t.people != "" {
			data, err := os.ReadFile(t.people)
			if err != nil {
				return o, fmt.Errorf("people of the emulated tenant: %w", err)
			}
			o.People = data
		}
		return o, nil
	}
	if t.people != "" {
		return emulator.Options{}, errors.New("--people belongs to a tenant of --path; in a configuration write tenant { people = \"...\" }")
	}
	cfg, diags := config.Load(ctx, config.Options{
		Dir: f.global.chdir, Vars: t.source.vars, VarFiles: t.source.varFiles, Emulated: t.source.emulated,
		LookupEnv: f.io.LookupEnv, Environ: f.io.Environ, Kinds: teams.Kinds(), Tool: rt.Tool,
	})
	if cfg != nil {
		f.diagnostics(diags, cfg.Sources)
	}
	if err := withDiagnostics(diags); err != nil {
		fmt.Fprintln(f.io.Err, "Without a configuration, name the tenant with --path FILE.")
		return emulator.Options{}, err
	}
	if cfg.Tenant.Driver != config.DriverEmulated {
		return emulator.Options{}, fmt.Errorf("the configuration is about a %s tenant, which is not emulated: add --emulated for an emulated one beside it, or name one with --path FILE", cfg.Tenant.Driver)
	}
	return serving.Options(rt, cfg, f.holder())
}

// servedBy finds whoever serves a database, whatever tenant is in it.
func servedBy(ctx context.Context, path string) (*serving.Served, error) {
	return serving.Find(ctx, emulator.Options{Path: path})
}

// sure asks before something that cannot be undone. Without a terminal nobody
// can answer, and nothing is done.
func (f *factory) sure(ctx context.Context, question string) error {
	if !f.mayAsk() {
		return errors.New("nobody can be asked here: add --yes to go on without a question")
	}
	fmt.Fprintf(f.io.Out, "%s Only \"yes\" is accepted: ", question)
	line, err := f.answer(ctx)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if line != "yes" {
		return errors.New("nothing was changed")
	}
	return nil
}

// meter shows on a terminal how far a long write is.
func (f *factory) meter(what string) emulator.Progress {
	if !f.io.ErrTTY {
		return nil
	}
	last := -1
	return func(done, total int) {
		percent := 100
		if total > 0 {
			percent = done * 100 / total
		}
		if percent == last {
			return
		}
		last = percent
		fmt.Fprintf(f.io.Err, "\r%s: %3d%%", what, percent)
		if done >= total {
			fmt.Fprint(f.io.Err, "\r\x1b[K")
		}
	}
}
