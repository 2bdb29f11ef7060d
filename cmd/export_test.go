package cmd

import "github.com/hashicorp/hcl/v2"

// CodeOf decides the exit code as commands do.
func CodeOf(interrupted, partial, differs, driftOnly, detailed bool, diags hcl.Diagnostics) ExitCode {
	return ending{interrupted: interrupted, partial: partial, differs: differs, driftOnly: driftOnly, detailed: detailed, diags: diags}.code()
}
