package state

import (
	"errors"
	"syscall"
)

// syncDir does nothing: Windows has no flush of a folder; a rename is kept by
// the file system's own journal.
func syncDir(string) error { return nil }

// Windows refuses to replace or remove a file that another process, often a
// virus scanner or an indexer, holds open for a moment.
const (
	errAccessDenied     = syscall.Errno(5)
	errSharingViolation = syscall.Errno(32)
	errLockViolation    = syscall.Errno(33)
)

// isTransient reports whether an operation is worth trying again at once.
func isTransient(err error) bool {
	return errors.Is(err, errAccessDenied) || errors.Is(err, errSharingViolation) || errors.Is(err, errLockViolation)
}
