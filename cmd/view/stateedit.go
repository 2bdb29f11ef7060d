package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/state"
)

// stateEditFormat is the version of the JSON of `state mv`, `state rm`, `state
// push` and `state restore`.
const stateEditFormat = "1.0"

// editDoc is what every change of the state by hand tells programs.
type editDoc struct {
	FormatVersion string         `json:"format_version"`
	DryRun        bool           `json:"dry_run"`
	Written       bool           `json:"written"`
	Serial        uint64         `json:"serial"`
	Backup        string         `json:"backup,omitempty"`
	Moved         []movedDoc     `json:"moved,omitempty"`
	Forgotten     []forgottenDoc `json:"forgotten,omitempty"`
}

type movedDoc struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Objects int    `json:"objects,omitempty"`
	People  int    `json:"people,omitempty"`
}

type forgottenDoc struct {
	Address  string `json:"address"`
	Type     string `json:"type,omitempty"`
	ID       string `json:"id,omitempty"`
	Retiring bool   `json:"retiring,omitempty"`
	People   int    `json:"people,omitempty"`
}

func edited(e *ops.Edited, dryRun bool) editDoc {
	return editDoc{FormatVersion: stateEditFormat, DryRun: dryRun, Written: e.Written, Serial: e.Serial, Backup: e.Backup}
}

// StateMoved prints what got another address.
func StateMoved(w io.Writer, res *ops.StateMoved, dryRun bool) error {
	var b strings.Builder
	b.WriteString(verb(dryRun, "Would move", "Moved") + " in the state:\n")
	for _, m := range res.Moves {
		fmt.Fprintf(&b, "  %s -> %s%s\n", m.From, m.To, withPeople(m.People))
	}
	whereWritten(&b, &res.Edited, dryRun)
	if !dryRun {
		b.WriteString("\nThe tenant was not asked. Rename the blocks in the configuration too: the next plan compares by what objects are called in the tenant, and would move them back.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// StateMovedJSON prints the same for programs.
func StateMovedJSON(w io.Writer, res *ops.StateMoved, dryRun bool) error {
	doc := edited(&res.Edited, dryRun)
	for _, m := range res.Moves {
		doc.Moved = append(doc.Moved, movedDoc{m.From.String(), m.To.String(), m.Objects, m.People})
	}
	return writeJSON(w, doc)
}

// StateRemoved prints what was forgotten.
func StateRemoved(w io.Writer, res *ops.StateRemoved, dryRun bool) error {
	var b strings.Builder
	b.WriteString(verb(dryRun, "Would forget", "Forgotten") + ":\n")
	inOrder(res.Objects, res.Blocks, func(o *state.Object) {
		note := ""
		if o.Protect {
			note = " (was protected by prevent_destroy)"
		}
		fmt.Fprintf(&b, "  %s%s\n", o, note)
	}, func(block *ops.RowBlock) {
		fmt.Fprintf(&b, "  %s%s\n", block.Addr, withPeople(len(block.Rows)))
	})
	whereWritten(&b, &res.Edited, dryRun)
	if !dryRun {
		b.WriteString("\nThe tenant is as it was. What still stands in the configuration is met by the next plan as something that exists already.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// StateRemovedJSON prints the same for programs.
func StateRemovedJSON(w io.Writer, res *ops.StateRemoved, dryRun bool) error {
	doc := edited(&res.Edited, dryRun)
	inOrder(res.Objects, res.Blocks, func(o *state.Object) {
		doc.Forgotten = append(doc.Forgotten, forgottenDoc{Address: o.Addr.String(), Type: o.Kind, ID: o.ID, Retiring: o.Retiring})
	}, func(block *ops.RowBlock) {
		doc.Forgotten = append(doc.Forgotten, forgottenDoc{Address: block.Addr, People: len(block.Rows)})
	})
	return writeJSON(w, doc)
}

// StateReplaced prints what became of a push or restore.
func StateReplaced(w io.Writer, e *ops.Edited) error {
	var b strings.Builder
	if e.Written {
		whereWritten(&b, e, false)
	} else {
		fmt.Fprintf(&b, "Nothing to do: the state says this already (serial %d).\n", e.Serial)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// StateReplacedJSON prints the same for programs.
func StateReplacedJSON(w io.Writer, e *ops.Edited) error { return writeJSON(w, edited(e, false)) }

func whereWritten(b *strings.Builder, e *ops.Edited, dryRun bool) {
	switch {
	case dryRun:
		fmt.Fprintf(b, "Nothing was written: the state keeps serial %d.\n", e.Serial)
	case e.Backup != "":
		fmt.Fprintf(b, "State written: %s, serial %d. The one before it: %s\n", e.StateAt, e.Serial, e.Backup)
	default:
		fmt.Fprintf(b, "State written: %s, serial %d.\n", e.StateAt, e.Serial)
	}
}

func verb(dryRun bool, would, did string) string {
	if dryRun {
		return would
	}
	return did
}

func withPeople(n int) string {
	if n == 0 {
		return ""
	}
	return " (" + people(n) + ")"
}
