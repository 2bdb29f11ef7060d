//go:build !windows

package state

import "os"

// syncDir makes the entries of a folder durable: without it a rename may be
// lost with the power although the file's content is safe.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}

// isTransient reports whether an operation is worth trying again at once.
func isTransient(error) bool { return false }
