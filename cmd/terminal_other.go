//go:build !windows

package cmd

import (
	"os"

	"github.com/mattn/go-isatty"
)

// understands reports whether a stream is a terminal that understands escape
// sequences.
func understands(f *os.File) bool { return isatty.IsTerminal(f.Fd()) }
