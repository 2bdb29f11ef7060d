package view

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// State prints what is managed.
func State(w io.Writer, s Style, st *state.State, kinds *schema.Registry) error {
	var b strings.Builder
	if st == nil {
		fmt.Fprintln(&b, "Nothing is managed yet: there is no state. Next: teamsform plan")
		_, err := io.WriteString(w, b.String())
		return err
	}
	fmt.Fprintf(&b, "Tenant %q (%s), state serial %d\n", st.TenantName, st.Tenant, st.Serial)
	n := names{byID: map[string]string{}}
	for name, id := range teams.WellKnownApps() {
		n.add(id, name)
	}
	for _, o := range st.Objects {
		n.add(o.ID, o.Addr.String())
	}
	for _, o := range st.Objects {
		fmt.Fprintf(&b, "\n%s %s\n", s.bold(o.String()), s.faint("("+string(o.Origin)+")"))
		attributes(&b, n, o, kinds)
	}
	rows(&b, s, st)
	_, err := io.WriteString(w, b.String())
	return err
}

func attributes(b *strings.Builder, n names, o *state.Object, kinds *schema.Registry) {
	k := kinds.Kind(o.Kind)
	if k == nil {
		fmt.Fprintln(b, "    of a type that this version does not know; kept as it is")
		return
	}
	attrs, _, err := k.Decode(o.KindVersion, o.Attrs)
	if err != nil {
		fmt.Fprintf(b, "    cannot be read: %s\n", err)
		return
	}
	if k.Name == "app" {
		fmt.Fprintf(b, "    catalog_id: %q\n", o.ID)
	}
	for _, a := range k.Attrs {
		if v, ok := attrs[a.Name]; ok {
			fmt.Fprintf(b, "    %s: %s\n", a.Name, n.value(v))
		}
	}
}

// rows counts assignments by policy and block.
func rows(b *strings.Builder, s Style, st *state.State) {
	if len(st.Rows) == 0 {
		return
	}
	type key struct{ typ, policy, addr string }
	counts := map[key]int{}
	var order []key
	for _, r := range st.Rows {
		k := key{st.Strings.Name(r.Type), st.Strings.Name(r.Policy), st.Strings.Name(r.Addr)}
		if counts[k] == 0 {
			order = append(order, k)
		}
		counts[k]++
	}
	fmt.Fprintf(b, "\n%s\n", s.bold("Policies of people"))
	for _, k := range order {
		fmt.Fprintf(b, "    %s: %s with the %s %q\n", k.addr, people(counts[k]), strings.ReplaceAll(k.typ, "_", " "), k.policy)
	}
}

// stateFormat is the version of the JSON of `show --json`.
const stateFormat = "1.0"

// StateJSON prints the state for programs.
func StateJSON(w io.Writer, st *state.State) error {
	type object struct {
		Address  string          `json:"address"`
		Type     string          `json:"type"`
		ID       string          `json:"id,omitempty"`
		Key      string          `json:"key,omitempty"`
		Origin   string          `json:"origin"`
		Retiring bool            `json:"retiring,omitempty"`
		Values   json.RawMessage `json:"values"`
	}
	type assignment struct {
		Type    string `json:"type"`
		User    string `json:"user"`
		Policy  string `json:"policy"`
		Address string `json:"address"`
	}
	doc := struct {
		FormatVersion string                     `json:"format_version"`
		Tenant        string                     `json:"tenant,omitempty"`
		TenantName    string                     `json:"tenant_name,omitempty"`
		Lineage       string                     `json:"lineage,omitempty"`
		Serial        uint64                     `json:"serial"`
		Outputs       map[string]json.RawMessage `json:"outputs,omitempty"`
		Objects       []object                   `json:"objects"`
		Assignments   []assignment               `json:"assignments"`
	}{FormatVersion: stateFormat, Objects: []object{}, Assignments: []assignment{}}
	if st != nil {
		doc.Tenant, doc.TenantName, doc.Lineage, doc.Serial, doc.Outputs = st.Tenant, st.TenantName, st.Lineage, st.Serial, st.Outputs
		for _, o := range st.Objects {
			doc.Objects = append(doc.Objects, object{o.Addr.String(), o.Kind, o.ID, o.Key, string(o.Origin), o.Retiring, o.Attrs})
		}
		for _, r := range st.Rows {
			doc.Assignments = append(doc.Assignments, assignment{st.Strings.Name(r.Type), r.User.String(), st.Strings.Name(r.Policy), st.Strings.Name(r.Addr)})
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
