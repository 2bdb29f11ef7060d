package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// journalFile is the journal that this run appends to.
type journalFile struct {
	f    file
	run  string
	next uint64
	err  error // of the first append that failed
}

// Append implements Backend.
func (l *Local) Append(_ context.Context, seq uint64, line []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	j := &l.journal
	switch {
	case l.lease == nil:
		return errors.New("append without the lease")
	case j.err != nil:
		return fmt.Errorf("an earlier append failed: %w", j.err)
	case bytes.IndexByte(line, '\n') >= 0:
		return errors.New("append of more than one line")
	case seq != 0 && (j.f == nil || seq != j.next):
		return fmt.Errorf("append of line %d, expected %d", seq, j.next)
	}
	if seq == 0 {
		j.err = l.startJournal(line)
	} else {
		j.err = j.line(line)
	}
	j.next = seq + 1
	return j.err
}

// line writes one line durably.
func (j *journalFile) line(line []byte) error {
	if _, err := j.f.Write(append(bytes.Clone(line), '\n')); err != nil {
		return err
	}
	return j.f.Sync()
}

// startJournal makes the file and writes the header.
func (l *Local) startJournal(header []byte) error {
	p, err := l.paths()
	if err != nil {
		return err
	}
	l.journal.close()
	if err := l.clearJournal(p); err != nil {
		return err
	}
	f, err := l.fs.Create(p.journal, os.O_EXCL|os.O_APPEND)
	if err != nil {
		return err
	}
	l.journal.f, l.journal.run = f, runOf(header)
	if err := l.journal.line(header); err != nil {
		return err
	}
	return l.fs.SyncDir(p.dir)
}

// clearJournal makes room for a new journal: one in whose name nothing was
// sent, or that the document contains, is removed; any other is put aside.
func (l *Local) clearJournal(p localPaths) error {
	raw, err := l.readFile(p.journal)
	if err != nil || raw == nil {
		return err
	}
	if j, err := ReadJournal(bytes.NewReader(raw), p.journal); err != nil || len(j.Entries) > 0 {
		run, err := l.containedRun(p)
		if err != nil {
			return err
		}
		if run == "" || run != runOf(raw) {
			aside := p.journal + ".aside-" + l.o.Clock().UTC().Format("20060102T150405Z") + "-" + l.o.NewID()
			return l.retry(func() error { return l.fs.Rename(p.journal, aside) })
		}
	}
	return l.retry(func() error { return l.fs.Remove(p.journal) })
}

// containedRun is the run whose journal the present document contains.
func (l *Local) containedRun(p localPaths) (string, error) {
	f, err := l.open(p.state)
	if f == nil {
		return "", err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return "", err
	}
	head, err := readPart(f, 0, min(fi.Size(), headSize))
	if err != nil {
		return "", err
	}
	h, _ := headerOf(head)
	return h.run, nil
}

// dropJournal removes the journal if it is that of run.
func (l *Local) dropJournal(p localPaths, run string) error {
	if run == "" {
		return nil
	}
	raw, err := l.readFile(p.journal)
	if err != nil || raw == nil || runOf(raw) != run {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.journal.run == run {
		l.journal.close()
	}
	if err := l.retry(func() error { return l.fs.Remove(p.journal) }); err != nil {
		return err
	}
	return l.fs.SyncDir(p.dir)
}

func (j *journalFile) close() {
	if j.f != nil {
		_ = j.f.Close() // every line was synced
	}
	*j = journalFile{err: j.err}
}

// runOf returns the run that a journal's header names; "" if it cannot be read.
func runOf(raw []byte) string {
	line, _, _ := bytes.Cut(raw, []byte{'\n'})
	var h struct {
		Run string `json:"run"`
	}
	if json.Unmarshal(line, &h) != nil {
		return ""
	}
	return h.Run
}
