package cmd

import (
	"os"

	"github.com/mattn/go-isatty"
	"golang.org/x/sys/windows"
)

// understands reports whether a stream is a terminal that understands escape
// sequences. A console of Windows does when it is told to; an old one cannot be
// told, and gets plain text.
func understands(f *os.File) bool {
	if !isatty.IsTerminal(f.Fd()) {
		return isatty.IsCygwinTerminal(f.Fd())
	}
	h := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(h, &mode) != nil {
		return false
	}
	return mode&windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING != 0 ||
		windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
