package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// ReadJournal reads a journal. A last line that a crash cut off is left out and
// noted in Torn; damage anywhere else is an error, an hcl.Diagnostics with the
// line. An input without a whole header gives a Journal with an empty Header:
// nothing had been sent in its name. file names it in messages.
func ReadJournal(r io.Reader, file string) (*Journal, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	p := &journalReader{file: file, journal: &Journal{}, batches: map[int]*Intent{}}
	for n := 1; len(raw) > 0; n++ {
		line, rest, whole := bytes.Cut(raw, []byte{'\n'})
		raw = rest
		if err := p.take(n, line); err != nil {
			if len(rest) == 0 && (!whole || !json.Valid(line)) {
				p.journal.Torn = true
				break
			}
			return nil, err
		}
	}
	return p.journal, nil
}

type journalReader struct {
	file    string
	journal *Journal
	batches map[int]*Intent
}

// take reads line n, from 1.
func (p *journalReader) take(n int, line []byte) error {
	if n == 1 {
		return p.header(line)
	}
	var e Entry
	if err := json.Unmarshal(line, &e); err != nil {
		return p.damaged(n, "this line cannot be read: %s", err)
	}
	if want := uint64(n - 1); e.Seq != want {
		return p.damaged(n, "this line has number %d, expected %d", e.Seq, want)
	}
	if err := p.check(e); err != nil {
		return p.damaged(n, "%s", err)
	}
	p.journal.Entries = append(p.journal.Entries, e)
	return nil
}

// header reads the first line. A header of another version is an error even if
// nothing else can be said of the line.
func (p *journalReader) header(line []byte) error {
	var h JournalHeader
	if err := json.Unmarshal(line, &h); err != nil {
		var version struct {
			Journal int `json:"journal"`
		}
		if json.Unmarshal(line, &version) != nil || version.Journal <= JournalVersion {
			return p.damaged(1, "the header cannot be read: %s", err)
		}
		h.Journal = version.Journal
	}
	switch {
	case h.Journal > JournalVersion:
		return problem(p.file, 1, SummaryNewJournal, "%s has version %d; this teamsform reads versions up to %d. Finish the interrupted apply with the teamsform that began it.", p.file, h.Journal, JournalVersion)
	case h.Journal < 1 || h.Run == "":
		return p.damaged(1, "the header lacks the version or the run")
	}
	p.journal.Header = h
	return nil
}

func (p *journalReader) damaged(line int, format string, args ...any) error {
	return problem(p.file, line, SummaryBadJournal, "%s: %s. It tells what an interrupted apply did. Move it away to go on without it; \"teamsform plan\" then shows what the tenant has and the state does not know.",
		p.file, fmt.Sprintf(format, args...))
}

// check refuses entries that replay could not carry out.
func (p *journalReader) check(e Entry) error {
	switch {
	case e.Intent != nil && e.Result == nil:
		if p.batches[e.Intent.Batch] != nil {
			return fmt.Errorf("the batch %d is announced twice", e.Intent.Batch)
		}
		p.batches[e.Intent.Batch] = e.Intent
		return e.Intent.check()
	case e.Result != nil && e.Intent == nil:
		intent := p.batches[e.Result.Batch]
		if intent == nil {
			return fmt.Errorf("the result of batch %d comes before its intent", e.Result.Batch)
		}
		return e.Result.check(intent)
	}
	return fmt.Errorf("expected either an intent or a result")
}

func (in *Intent) check() error {
	for _, op := range in.Ops {
		known := []string{ActionCreate, ActionUpdate, ActionAdopt, ActionDelete, ActionForget, ActionMove}
		if !slices.Contains(known, op.Action) {
			return fmt.Errorf("the action %q is not known", op.Action)
		}
		if op.Addr.IsZero() {
			return fmt.Errorf("an operation has no address")
		}
	}
	r := in.Rows
	if r == nil {
		return nil
	}
	known := []string{RowsSet, RowsUnset, RowsAdopt, RowsForget, RowsMove}
	switch {
	case !slices.Contains(known, r.Action):
		return fmt.Errorf("the action %q is not known", r.Action)
	case r.Type == "":
		return fmt.Errorf("the rows have no policy type")
	case r.Before != nil && len(r.Before) != len(r.Users) || r.Addrs != nil && len(r.Addrs) != len(r.Users):
		return fmt.Errorf("the lists of the rows differ in length")
	}
	return nil
}

func (res *Result) check(in *Intent) error {
	for _, op := range res.Ops {
		if op.Index < 0 || op.Index >= len(in.Ops) {
			return fmt.Errorf("the result names operation %d of %d", op.Index, len(in.Ops))
		}
	}
	if res.Rows == nil {
		return nil
	}
	if in.Rows == nil {
		return fmt.Errorf("the result speaks of rows, the intent does not")
	}
	users := len(in.Rows.Users)
	for _, f := range res.Rows.Failed {
		if f.Index < 0 || f.Index >= users {
			return fmt.Errorf("the result names row %d of %d", f.Index, users)
		}
	}
	for _, i := range res.Rows.Doubt {
		if i < 0 || i >= users {
			return fmt.Errorf("the result names row %d of %d", i, users)
		}
	}
	return nil
}
