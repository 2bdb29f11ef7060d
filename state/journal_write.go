package state

import (
	"context"
	"fmt"
	"sync"
)

// JournalWriter appends the entries of one run to a backend. The journal comes
// into being with the first entry, so a run that changes nothing leaves none.
// It is safe for concurrent use.
type JournalWriter struct {
	backend Appender
	header  JournalHeader

	mu  sync.Mutex
	seq uint64
	err error
}

// Appender is the part of a Backend that a JournalWriter needs.
type Appender interface {
	Append(ctx context.Context, seq uint64, line []byte) error
}

// NewJournalWriter returns a writer for the run that h names. The lease must be
// held while it is used.
func NewJournalWriter(b Appender, h JournalHeader) *JournalWriter {
	h.Journal = JournalVersion
	h.Started = h.Started.UTC()
	return &JournalWriter{backend: b, header: h}
}

// Intent records what is about to be done. When it returns nil, the record is
// durable and the batch may be sent.
func (w *JournalWriter) Intent(ctx context.Context, in Intent) error {
	return w.append(ctx, Entry{Intent: &in})
}

// Result records what became of a batch, durably.
func (w *JournalWriter) Result(ctx context.Context, res Result) error {
	return w.append(ctx, Entry{Result: &res})
}

// Started reports whether a journal exists that the document should name as
// contained once the run is folded in.
func (w *JournalWriter) Started() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seq > 0
}

// append writes one entry. An error ends the journal: what is on disk after it
// is not certain, so nothing more may be sent in its name.
func (w *JournalWriter) append(ctx context.Context, e Entry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	if w.seq == 0 {
		if w.err = w.line(ctx, 0, w.header); w.err != nil {
			return w.err
		}
	}
	w.seq++
	e.Seq = w.seq
	w.err = w.line(ctx, e.Seq, e)
	return w.err
}

func (w *JournalWriter) line(ctx context.Context, seq uint64, v any) error {
	raw, err := marshal(v)
	if err == nil {
		err = w.backend.Append(ctx, seq, raw)
	}
	if err != nil {
		return fmt.Errorf("append to the journal: %w", err)
	}
	return nil
}
