package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Serving is the note that a process which serves a tenant leaves beside its
// database, so that others on the machine find it. It is a hint: a process
// that was killed leaves it behind, and whoever reads it asks for Health
// before believing it.
type Serving struct {
	URL   string `json:"url"` // scheme and host, such as http://127.0.0.1:4711
	PID   int    `json:"pid"`
	Token string `json:"token"` // of an administrator
}

// maxServing bounds the note; a longer one was not written by this program.
const maxServing = 16 << 10

// ServingPath is where the note about a database stands.
func ServingPath(db string) string { return db + ".serving" }

// ReadServing reads the note about a database. It gives fs.ErrNotExist when
// there is none.
func ReadServing(db string) (Serving, error) {
	var s Serving
	info, err := os.Stat(ServingPath(db))
	if err != nil {
		return s, err
	}
	if info.Size() > maxServing {
		return s, fmt.Errorf("%s is too long to be a serving file", ServingPath(db))
	}
	data, err := os.ReadFile(ServingPath(db))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("%s: %w", ServingPath(db), err)
	}
	return s, nil
}

// WriteServing leaves the note, readable by its owner only. It appears whole
// or not at all.
func WriteServing(db string, s Serving) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(db), filepath.Base(db)+".serving-*") // 0600
	if err != nil {
		return fmt.Errorf("say where the tenant is served: %w", err)
	}
	_, err = tmp.Write(append(data, '\n'))
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), ServingPath(db))
	}
	if err != nil {
		return fmt.Errorf("say where the tenant is served: %w", errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}

// RemoveServing takes the note away if it is still the one that was left.
func RemoveServing(db string, s Serving) error {
	now, err := ReadServing(db)
	if errors.Is(err, fs.ErrNotExist) || err == nil && now != s {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Remove(ServingPath(db))
}
