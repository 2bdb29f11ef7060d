package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/state"
)

// Lock prints who holds the lock.
func Lock(w io.Writer, s Style, l *ops.Locked) error {
	var b strings.Builder
	switch {
	case l.Held:
		fmt.Fprintf(&b, "%s\n", s.bold(l.Path+" is locked."))
		if l.Info == nil {
			b.WriteString("Its holder left no note about itself.\n")
		} else {
			lockFields(&b, l.Info)
		}
	case l.Left:
		fmt.Fprintf(&b, "Not locked: %s\n", l.Path)
		b.WriteString("A run that did not end by itself left its note. It holds nothing back; teamsform unlock removes it.\n")
		if l.Info != nil {
			lockFields(&b, l.Info)
		}
	default:
		fmt.Fprintf(&b, "Not locked: %s\n", l.Path)
	}
	if l.Interrupted {
		b.WriteString("An interrupted run left a journal: the next teamsform apply takes it up.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func lockFields(b *strings.Builder, i *state.LockInfo) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(b, "  %-10s %s\n", name+":", value)
		}
	}
	line("who", i.Who)
	line("operation", i.Operation)
	if !i.Created.IsZero() {
		line("since", i.Created.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	line("run", i.RunURL)
	line("info", i.Info)
	line("version", i.Version)
	line("lock", i.ID)
}

// Unlocked prints what became of an unlock that was not refused.
func Unlocked(w io.Writer, l *ops.Locked) error {
	text := "Not locked, and nothing to remove: " + l.Path + "\n"
	if l.Cleared {
		text = "Not locked any more since its run ended; the note that it left was removed: " + l.Path + "\n"
	}
	if l.Interrupted {
		text += "An interrupted run left a journal: the next teamsform apply takes it up.\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// lockFormat is the version of the JSON of `lock show` and `unlock`.
const lockFormat = "1.0"

// lockDoc describes a lock for programs.
type lockDoc struct {
	FormatVersion string      `json:"format_version"`
	State         string      `json:"state"`
	Locked        bool        `json:"locked"`
	Interrupted   bool        `json:"interrupted"` // a journal waits for the next apply
	Cleared       bool        `json:"cleared,omitempty"`
	Holder        *holderJSON `json:"holder,omitempty"`
	Left          *holderJSON `json:"left_behind,omitempty"`
}

type holderJSON struct {
	ID        string `json:"id,omitempty"`
	Who       string `json:"who,omitempty"`
	Operation string `json:"operation,omitempty"`
	Since     string `json:"since,omitempty"`
	RunURL    string `json:"run_url,omitempty"`
	Info      string `json:"info,omitempty"`
	Version   string `json:"version,omitempty"`
}

// LockJSON prints the lock for programs.
func LockJSON(w io.Writer, l *ops.Locked) error {
	doc := lockDoc{FormatVersion: lockFormat, State: l.Path, Locked: l.Held, Interrupted: l.Interrupted, Cleared: l.Cleared}
	if l.Info != nil {
		h := &holderJSON{
			ID: l.Info.ID, Who: l.Info.Who, Operation: l.Info.Operation, RunURL: l.Info.RunURL, Info: l.Info.Info, Version: l.Info.Version,
		}
		if !l.Info.Created.IsZero() {
			h.Since = l.Info.Created.UTC().Format("2006-01-02T15:04:05Z")
		}
		if l.Held {
			doc.Holder = h
		} else {
			doc.Left = h
		}
	}
	return writeJSON(w, doc)
}
