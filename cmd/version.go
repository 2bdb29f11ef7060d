package cmd

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versionFormat is the version of the JSON of `version --json`.
const versionFormat = "1.0"

// Version returns the version of this program from its build information:
// a tag for a release, else "0.1.0-dev" with the commit.
func Version() string {
	const next = "0.1.0"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return next + "-dev"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" && v[0] == 'v' && len(v) < 20 {
		return v[1:]
	}
	v := next + "-dev"
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v += "+" + s.Value[:12]
		}
	}
	return v
}

func newVersionCmd(f *factory) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  teamsform version --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if !asJSON {
				_, err := fmt.Fprintf(f.io.Out, "teamsform %s (%s %s/%s)\n", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
				return err
			}
			return json.NewEncoder(f.io.Out).Encode(map[string]string{
				"format_version": versionFormat, "version": Version(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
