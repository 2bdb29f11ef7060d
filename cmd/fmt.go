package cmd

import (
	"fmt"
	"io"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/internal/folder"
)

type fmtOptions struct {
	f         *factory
	check     bool
	diff      bool
	recursive bool
	paths     []string
}

func newFmtCmd(f *factory) *cobra.Command {
	o := &fmtOptions{f: f}
	cmd := &cobra.Command{
		Use:   "fmt [PATH...]",
		Short: "Put configuration files into canonical form",
		Long: `Rewrite *.teams.hcl and *.teamsvars.hcl files in canonical form and print the
names of those that changed. Without a path it works on the folder of the
configuration; "-" formats standard input to standard output.`,
		Example: "  teamsform fmt\n  teamsform fmt --check --diff --recursive\n  teamsform fmt - < main.teams.hcl",
		RunE: func(_ *cobra.Command, args []string) error {
			o.paths = args
			return runFmt(o)
		},
	}
	cmd.Flags().BoolVar(&o.check, "check", false, "write nothing; exit with 1 when a file is not in canonical form")
	cmd.Flags().BoolVar(&o.diff, "diff", false, "print what changes")
	cmd.Flags().BoolVar(&o.recursive, "recursive", false, "also in folders below")
	return cmd
}

func runFmt(o *fmtOptions) error {
	if len(o.paths) == 1 && o.paths[0] == "-" {
		return fmtStandardInput(o)
	}
	if len(o.paths) == 0 {
		o.paths = []string{o.f.global.chdir}
	}
	op := &folder.Format{Paths: o.paths, Recursive: o.recursive, Write: !o.check}
	changed, diags, files := op.Run()
	o.f.diagnostics(diags, files)
	for _, c := range changed {
		fmt.Fprintln(o.f.io.Out, c.Path)
		if o.diff {
			if _, err := o.f.io.Out.Write(diff.Diff(c.Path, c.Before, c.Path+" (formatted)", c.After)); err != nil {
				return err
			}
		}
	}
	if err := withDiagnostics(diags); err != nil {
		return err
	}
	if o.check && len(changed) > 0 {
		return exitError{ExitError}
	}
	return nil
}

func fmtStandardInput(o *fmtOptions) error {
	src, err := io.ReadAll(o.f.io.In)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	after, diags := folder.FormatSource("<standard input>", src)
	if diags.HasErrors() {
		o.f.diagnostics(diags, nil)
		return withDiagnostics(diags)
	}
	if o.check {
		if string(src) != string(after) {
			return exitError{ExitError}
		}
		return nil
	}
	_, err = o.f.io.Out.Write(after)
	return err
}
