package snapshot

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// snapshotFormat is the version of the file. The emulated tenant has a reader
// of its own for it (internal/emulator/people and objects.go).
const snapshotFormat = 1

type fileUser struct {
	UPN     string `json:"upn"`
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	Guest   bool   `json:"guest,omitempty"`
	Enabled *bool  `json:"enabled,omitempty"`
}

type fileGroup struct {
	Name    string   `json:"name"`
	ID      string   `json:"id"`
	Mail    string   `json:"mail,omitempty"`
	Members []string `json:"members,omitempty"`
	Groups  []string `json:"groups,omitempty"`
}

type filePolicy struct {
	Name   string              `json:"name"`
	Values map[string]rawValue `json:"values"`
}

type fileGrant struct {
	Type   string `json:"type"`
	Group  string `json:"group"`
	Policy string `json:"policy"`
	Rank   int    `json:"rank"`
}

type fileHolders struct {
	Type   string   `json:"type"`
	Policy string   `json:"policy"`
	Users  []string `json:"users"`
}

type fileApp struct {
	ID         string        `json:"id"`
	ManifestID string        `json:"manifest_id"`
	Versions   []fileVersion `json:"versions"`
}

type fileVersion struct {
	Version string `json:"version"`
	State   string `json:"state"`
	Name    string `json:"name"`
}

// WriteTo writes the snapshot as JSON, one thing on a line. It implements
// io.WriterTo.
func (t *Tenant) WriteTo(to io.Writer) (int64, error) {
	w := &lineWriter{out: bufio.NewWriterSize(to, 1<<16)}
	w.text("{\n\"format\": " + fmt.Sprint(snapshotFormat) + ",\n\"tenant\": ")
	w.json(map[string]string{"id": t.id, "name": t.name})
	w.list(",\n\"users\": [", len(t.users), func(i int) any { return t.fileUser(i) })
	unique := t.uniqueNames()
	w.list(",\n\"groups\": [", len(t.groups), func(i int) any { return t.fileGroup(i, unique) })
	w.text(",\n\"objects\": {\n\"policies\": {")
	t.writePolicies(w)
	w.list("},\n\"group_assignments\": [", len(t.grants), func(i int) any {
		g := t.grants[i]
		return fileGrant{string(t.policies[g.policy].typ), t.groups[g.group].id, t.policies[g.policy].name, g.rank}
	})
	held := t.held()
	w.list(",\n\"user_assignments\": [", len(held), func(i int) any {
		p := t.policies[held[i]]
		return fileHolders{string(p.typ), p.name, t.names(t.holders[held[i]])}
	})
	w.list(",\n\"apps\": [", len(t.apps), func(i int) any {
		a := fileApp{ID: t.apps[i].id, ManifestID: t.apps[i].manifestID}
		for _, v := range t.apps[i].versions {
			a.Versions = append(a.Versions, fileVersion{v.version, v.state, v.name})
		}
		return a
	})
	w.text(",\n\"org\": {\"apps\": ")
	w.json(t.org)
	w.text(",\n \"requests\": ")
	w.json(t.requests)
	w.text("}\n}\n}\n")
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.n, w.err
}

func (t *Tenant) fileUser(i int) fileUser {
	u := t.users[i]
	out := fileUser{UPN: u.upn, ID: u.id, Name: u.name, Guest: u.guest}
	if u.disabled {
		out.Enabled = new(bool)
	}
	return out
}

// uniqueNames tells which groups can be named by their name alone.
func (t *Tenant) uniqueNames() map[string]bool {
	unique := make(map[string]bool, len(t.groups))
	for _, g := range t.groups {
		key := strings.ToLower(g.name)
		_, again := unique[key]
		unique[key] = !again
	}
	return unique
}

func (t *Tenant) fileGroup(i int, unique map[string]bool) fileGroup {
	g := t.groups[i]
	out := fileGroup{Name: g.name, ID: g.id, Mail: g.mail, Members: t.names(g.users)}
	for _, at := range g.groups {
		ref := t.groups[at].name
		if !unique[strings.ToLower(ref)] {
			ref = t.groups[at].id
		}
		out.Groups = append(out.Groups, ref)
	}
	return out
}

func (t *Tenant) names(users []int) []string {
	out := make([]string, len(users))
	for i, at := range users {
		out[i] = t.users[at].upn
	}
	return out
}

// held gives the policies that somebody holds directly, by place.
func (t *Tenant) held() []int {
	var out []int
	for i := range t.policies {
		if len(t.holders[i]) > 0 {
			out = append(out, i)
		}
	}
	return out
}

func (t *Tenant) writePolicies(w *lineWriter) {
	for first := 0; first < len(t.policies); {
		typ := t.policies[first].typ
		end := first + slices.IndexFunc(t.policies[first:], func(p snapPolicy) bool { return p.typ != typ })
		if end < first {
			end = len(t.policies)
		}
		comma := ""
		if first > 0 {
			comma = ","
		}
		w.list(fmt.Sprintf("%s\n%q: [", comma, typ), end-first, func(i int) any {
			p := t.policies[first+i]
			return filePolicy{p.name, p.values}
		})
		first = end
	}
}

// lineWriter writes JSON with a line for each element of a list. After an
// error it does nothing.
type lineWriter struct {
	out *bufio.Writer
	n   int64
	err error
}

func (w *lineWriter) text(s string) {
	if w.err != nil {
		return
	}
	var n int
	n, w.err = w.out.WriteString(s)
	w.n += int64(n)
}

func (w *lineWriter) json(v any) {
	raw, err := json.Marshal(v)
	if w.err == nil {
		w.err = err
	}
	w.text(string(raw))
}

func (w *lineWriter) list(head string, n int, element func(i int) any) {
	w.text(head)
	for i := range n {
		if i > 0 {
			w.text(",")
		}
		w.text("\n ")
		w.json(element(i))
	}
	if n > 0 {
		w.text("\n")
	}
	w.text("]")
}

// ErrFileExists says that a file is there that was not to be overwritten.
var ErrFileExists = errors.New("the file exists")

// WriteFile writes the snapshot to a file that only its owner can read. The
// file appears whole or not at all. Without force one that exists stays and
// the answer is ErrFileExists.
func (t *Tenant) WriteFile(path string, force bool) error {
	if err := MayWrite(path, force); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".snapshot-*") // 0600
	if err != nil {
		return fmt.Errorf("write the snapshot: %w", err)
	}
	_, err = t.WriteTo(tmp)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = MayWrite(path, force) // it may have come while the tenant was read
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write the snapshot: %w", errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}

// MayWrite tells whether WriteFile would write there.
func MayWrite(path string, force bool) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file", path)
	case !force:
		return fmt.Errorf("%s: %w", path, ErrFileExists)
	}
	return nil
}
