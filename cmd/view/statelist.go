package view

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// StateList prints the addresses of a selection, one a line, for the eye and
// for other programs.
func StateList(w io.Writer, sel *ops.Selection) error {
	var b strings.Builder
	for _, line := range listed(sel) {
		b.WriteString(line + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// listed merges objects and blocks of people in the order of addresses.
func listed(sel *ops.Selection) []string {
	var out []string
	inOrder(sel.Objects, sel.Blocks,
		func(o *state.Object) { out = append(out, o.String()) },
		func(b *ops.RowBlock) { out = append(out, b.Addr) })
	return out
}

// inOrder visits objects and blocks of people in the order of addresses.
func inOrder(objects []*state.Object, blocks []*ops.RowBlock, object func(*state.Object), block func(*ops.RowBlock)) {
	for _, o := range objects {
		for len(blocks) > 0 && before(blocks[0].Addr, o.Addr) {
			block(blocks[0])
			blocks = blocks[1:]
		}
		object(o)
	}
	for _, b := range blocks {
		block(b)
	}
}

func before(text string, a addr.Instance) bool {
	block, _ := addr.Parse(text)
	return addr.Compare(block, a) < 0
}

// stateListFormat is the version of the JSON of `state list --json`.
const stateListFormat = "1.0"

// StateListJSON prints a selection for programs: what there is, not its values.
func StateListJSON(w io.Writer, sel *ops.Selection) error {
	type object struct {
		Address  string `json:"address"`
		Type     string `json:"type"`
		ID       string `json:"id,omitempty"`
		Key      string `json:"key,omitempty"`
		Origin   string `json:"origin"`
		Retiring bool   `json:"retiring,omitempty"`
	}
	type block struct {
		Address string `json:"address"`
		People  int    `json:"people"`
	}
	doc := struct {
		FormatVersion string   `json:"format_version"`
		Objects       []object `json:"objects"`
		Assignments   []block  `json:"assignments"`
	}{stateListFormat, []object{}, []block{}}
	for _, o := range sel.Objects {
		doc.Objects = append(doc.Objects, object{o.Addr.String(), o.Kind, o.ID, o.Key, string(o.Origin), o.Retiring})
	}
	for _, b := range sel.Blocks {
		doc.Assignments = append(doc.Assignments, block{b.Addr, len(b.Rows)})
	}
	return writeJSON(w, doc)
}

// rowsShown is how many people `state show` lists; --json lists all.
const rowsShown = 20

// StateShow prints all that the state knows of a selection.
func StateShow(w io.Writer, s Style, sel *ops.Selection, kinds *schema.Registry) error {
	var b strings.Builder
	n := stateNames(sel.State)
	for _, o := range sel.Objects {
		fmt.Fprintf(&b, "%s %s\n", s.bold(o.String()), s.faint("("+string(o.Origin)+")"))
		bookkeeping(&b, o)
		attributes(&b, n, o, kinds)
		b.WriteString("\n")
	}
	for _, block := range sel.Blocks {
		fmt.Fprintf(&b, "%s %s\n", s.bold(block.Addr), s.faint("("+people(len(block.Rows))+")"))
		for i, r := range block.Rows {
			if i == rowsShown {
				fmt.Fprintf(&b, "    ... and %s more; --json lists all\n", people(len(block.Rows)-rowsShown))
				break
			}
			name := sel.State.Strings.Name
			adopted := ""
			if r.Adopted != 0 {
				adopted = fmt.Sprintf(", had %q when it was taken over", name(r.Adopted))
			}
			fmt.Fprintf(&b, "    %s: the %s %q%s\n", r.User, strings.ReplaceAll(name(r.Type), "_", " "), name(r.Policy), adopted)
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, strings.TrimSuffix(b.String(), "\n"))
	return err
}

// stateNames knows what the ids in a state stand for.
func stateNames(st *state.State) names {
	n := names{byID: map[string]string{}}
	for name, id := range teams.WellKnownApps() {
		n.add(id, name)
	}
	for _, o := range st.Objects {
		n.add(o.ID, o.Addr.String())
	}
	return n
}

// bookkeeping prints what the state knows of an object beside its values.
func bookkeeping(b *strings.Builder, o *state.Object) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(b, "    # %s: %s\n", name, value)
		}
	}
	line("id", o.ID)
	if o.Key != o.ID {
		line("key", o.Key)
	}
	line("managed", strings.Join(o.Owned, ", "))
	if len(o.Adopted) > 0 {
		line("found when taken over", string(o.Adopted))
	}
	if o.Protect {
		line("protected", "prevent_destroy")
	}
	line("on_destroy", o.OnDestroy)
	if o.Pending != nil {
		line("still becoming visible", "until "+o.Pending.Until.UTC().Format("2006-01-02 15:04 UTC"))
	}
}

// stateShowFormat is the version of the JSON of `state show --json`.
const stateShowFormat = "1.0"

// StateShowJSON prints all that the state knows of a selection, for programs.
func StateShowJSON(w io.Writer, sel *ops.Selection) error {
	type object struct {
		Address     string          `json:"address"`
		Type        string          `json:"type"`
		TypeVersion int             `json:"type_version"`
		ID          string          `json:"id,omitempty"`
		Key         string          `json:"key,omitempty"`
		Origin      string          `json:"origin"`
		Retiring    bool            `json:"retiring,omitempty"`
		Managed     []string        `json:"managed"`
		Protected   bool            `json:"prevent_destroy"`
		OnDestroy   string          `json:"on_destroy,omitempty"`
		Adopted     json.RawMessage `json:"adopted,omitempty"`
		Pending     *state.Pending  `json:"pending,omitempty"`
		Values      json.RawMessage `json:"values"`
	}
	type assignment struct {
		Address string `json:"address"`
		Type    string `json:"type"`
		User    string `json:"user"`
		Policy  string `json:"policy"`
		Adopted string `json:"adopted,omitempty"`
	}
	doc := struct {
		FormatVersion string       `json:"format_version"`
		Objects       []object     `json:"objects"`
		Assignments   []assignment `json:"assignments"`
	}{stateShowFormat, []object{}, []assignment{}}
	for _, o := range sel.Objects {
		managed := o.Owned
		if managed == nil {
			managed = []string{}
		}
		doc.Objects = append(doc.Objects, object{
			o.Addr.String(), o.Kind, o.KindVersion, o.ID, o.Key, string(o.Origin), o.Retiring,
			managed, o.Protect, o.OnDestroy, o.Adopted, o.Pending, o.Attrs,
		})
	}
	for _, b := range sel.Blocks {
		for _, r := range b.Rows {
			name := sel.State.Strings.Name
			doc.Assignments = append(doc.Assignments, assignment{b.Addr, name(r.Type), r.User.String(), name(r.Policy), name(r.Adopted)})
		}
	}
	return writeJSON(w, doc)
}
