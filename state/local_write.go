package state

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gofrs/flock"
)

// Write implements Backend.
//
// The order makes every crash harmless: backup, new document beside the old
// one, rename (from here on the new one counts, and names the journal as
// contained), journal removed.
func (l *Local) Write(ctx context.Context, expect Meta, s *State) (Meta, error) {
	if s.Serial == 0 {
		return Meta{}, errors.New("write state: the serial of a document starts at 1")
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	p, err := l.prepare()
	if err != nil {
		return Meta{}, fmt.Errorf("write state: %w", err)
	}
	unlock, err := l.lockWrites(ctx, p)
	if err != nil {
		return Meta{}, fmt.Errorf("write state: %w", err)
	}
	defer unlock()
	found, err := l.present(p)
	switch {
	case err != nil:
		return Meta{}, fmt.Errorf("write state: %w", err)
	case found != expect:
		return Meta{}, &ConflictError{Path: p.state, Expect: expect, Found: found}
	case found.Serial == s.Serial:
		return found, l.dropJournal(p, s.JournalRun)
	case found.Serial > s.Serial:
		return Meta{}, fmt.Errorf("write state: serial %d is lower than %d in %s", s.Serial, found.Serial, p.state)
	}
	meta, err := l.writeDocument(p, s)
	if err != nil {
		return Meta{}, fmt.Errorf("write state: %w", err)
	}
	// A journal that cannot be removed does no harm: the document names it as
	// contained, and the next run removes it.
	_ = l.dropJournal(p, s.JournalRun)
	return meta, nil
}

// writeDocument keeps the old document as backup, once per run, and puts the
// new one in its place.
func (l *Local) writeDocument(p localPaths, s *State) (Meta, error) {
	if err := l.backup(p); err != nil {
		return Meta{}, fmt.Errorf("back up: %w", err)
	}
	var meta Meta
	err := l.replace(p, p.state, func(w io.Writer) (err error) {
		meta, err = Encode(w, s)
		return err
	})
	return meta, err
}

// backup keeps the present content, once per run. A backup is a good document:
// content that is damaged goes to another name, so that a restore which is cut
// short has not lost the copy that it restores.
func (l *Local) backup(p localPaths) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.backedUp {
		return nil
	}
	old, err := l.open(p.state)
	if err != nil {
		return err
	}
	if old != nil {
		defer old.Close()
		name := p.backup
		switch good, err := intact(old); {
		case err != nil:
			return err
		case !good:
			name = p.damaged
		}
		err = l.replace(p, name, func(w io.Writer) error {
			_, err := io.Copy(w, old)
			return err
		})
	}
	l.backedUp = err == nil
	return err
}

// intact reports whether a document fits its digest. One whose line ends were
// changed is taken as it is.
func intact(f file) (bool, error) {
	fi, err := f.Stat()
	if err != nil {
		return false, err
	}
	from := max(0, fi.Size()-tailSize)
	tail, err := readPart(f, from, fi.Size()-from)
	if err != nil {
		return false, err
	}
	i := bytes.LastIndex(tail, []byte(digestField))
	if i < 0 {
		return false, nil
	}
	if bytes.Contains(tail, []byte("\r\n")) {
		return true, nil
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, from+int64(i))); err != nil {
		return false, err
	}
	return digestOf(tail) == "sha256:"+hex.EncodeToString(sum.Sum(nil)), nil
}

// lockWrites makes compare and replace one step against other processes: also
// one that writes a hold without the lease.
func (l *Local) lockWrites(ctx context.Context, p localPaths) (unlock func(), err error) {
	lock := flock.New(p.write, flock.SetPermissions(0o600))
	for range 600 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		ok, err := lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", p.write, err)
		}
		if ok {
			return func() { _ = lock.Close() }, nil
		}
		if err := l.o.Sleep(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("another process has been writing %s for half a minute; look for one that hangs", p.state)
}

// present identifies the document that is there now.
func (l *Local) present(p localPaths) (Meta, error) {
	f, err := l.open(p.state)
	if f == nil {
		return Meta{}, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return Meta{}, err
	}
	return metaOf(f, fi.Size())
}

const (
	headSize = 64 << 10
	tailSize = 512

	digestField = `"digest":`
)

// metaOf identifies a document by its first and last bytes. One that cannot be
// identified that way is identified by all its bytes, so that it too can be
// replaced only by someone who has seen it.
func metaOf(r io.ReaderAt, size int64) (Meta, error) {
	head, err := readPart(r, 0, min(size, headSize))
	if err != nil {
		return Meta{}, err
	}
	tail, err := readPart(r, max(0, size-tailSize), min(size, tailSize))
	if err != nil {
		return Meta{}, err
	}
	h, ok := headerOf(head)
	digest := digestOf(tail)
	if ok && digest != "" {
		return Meta{Lineage: h.lineage, Serial: h.serial, Digest: digest}, nil
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, size)); err != nil {
		return Meta{}, err
	}
	return Meta{Digest: "unreadable:" + hex.EncodeToString(sum.Sum(nil))}, nil
}

func readPart(r io.ReaderAt, at, n int64) ([]byte, error) {
	b := make([]byte, n)
	got, err := r.ReadAt(b, at)
	if int64(got) == n {
		err = nil
	}
	return b, err
}

// headerOf reads the header fields from the start of a document.
func headerOf(head []byte) (h header, ok bool) {
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	line = bytes.TrimRight(line, ", \r\t")
	if bytes.HasPrefix(line, []byte{'{'}) && !bytes.HasSuffix(line, []byte{'}'}) {
		line = append(bytes.Clone(line), '}')
	}
	var v struct {
		Lineage string `json:"lineage"`
		Serial  uint64 `json:"serial"`
		Run     string `json:"journal_run"`
	}
	if err := json.Unmarshal(line, &v); err != nil || v.Lineage == "" {
		return header{}, false
	}
	return header{lineage: v.Lineage, serial: v.Serial, run: v.Run}, true
}

// digestOf reads the digest from the end of a document; "" if it has none.
func digestOf(tail []byte) string {
	i := bytes.LastIndex(tail, []byte(digestField))
	if i < 0 {
		return ""
	}
	var v struct {
		Digest string `json:"digest"`
	}
	if err := json.Unmarshal(append([]byte{'{'}, tail[i:]...), &v); err != nil {
		return ""
	}
	return v.Digest
}
