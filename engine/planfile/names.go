package planfile

import (
	"errors"
	"reflect"
	"strings"
	"unicode"

	"github.com/teamsform/teamsform/engine"
)

// renamed gives the fields that have another name in the document than in Go:
// Terraform's where the meaning is the same, the admin centre's words otherwise.
func renamed() map[string]string {
	return map[string]string{
		"Header.PlannedAt":  "timestamp",
		"Plan.Changes":      "resource_changes",
		"Plan.Drift":        "resource_drift",
		"Plan.Outputs":      "output_changes",
		"Plan.RowGroups":    "row_changes",
		"Plan.DriftRows":    "row_drift",
		"Plan.RowsNoted":    "row_notes",
		"Plan.RowsKept":     "rows_unchanged",
		"Plan.Ops":          "operations",
		"Plan.RowOps":       "row_operations",
		"Plan.Diags":        "warnings",
		"Plan.Former":       "former_ids",
		"Change.From":       "previous_address",
		"Change.Reason":     "action_reason",
		"Change.Hidden":     "unchanged",
		"Change.Unowned":    "no_longer_managed",
		"Change.Name":       "display_name",
		"Unmanaged.Kind":    "type",
		"SourceFile.SHA256": "sha256",
		"Draft.Attrs":       "values",
		"IntentOp.Attrs":    "values",

		"IntentOp.KindVersion": "type_version",
	}
}

// names finds the fields of structs by what the document calls them.
type names struct {
	renamed map[string]string
	byType  map[reflect.Type][]field
}

// field is one field of a struct that the document carries.
type field struct {
	name  string
	index int
	typ   reflect.Type
}

func newNames() *names {
	return &names{renamed: renamed(), byType: map[reflect.Type][]field{}}
}

// of lists the fields of a struct in order. What is not exported is scratch of
// the planner and does not travel.
func (n *names) of(t reflect.Type) []field {
	if list, known := n.byType[t]; known {
		return list
	}
	var list []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		list = append(list, field{name: n.name(t, f), index: i, typ: f.Type})
	}
	n.byType[t] = list
	return list
}

func (n *names) name(t reflect.Type, f reflect.StructField) string {
	if name := n.renamed[t.Name()+"."+f.Name]; name != "" {
		return name
	}
	switch f.Name {
	case "Addr":
		return "address"
	case "Kind":
		return "type"
	}
	return snake(f.Name)
}

// snake writes ConfigDigest as config_digest, and CopyOfID as copy_of_id.
func snake(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			after := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if unicode.IsLower(runes[i-1]) || after && unicode.IsUpper(runes[i-1]) && !plural(runes[i:]) {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// plural reports whether what is left is the last letter of an abbreviation
// with an s, as in IDs.
func plural(rest []rune) bool { return len(rest) == 2 && rest[1] == 's' }

// phases are the phases of an apply by name, in order.
func phases() []string {
	return []string{"tighten", "make", "wire", "move_rows", "loosen", "remove", "open_all"}
}

func phaseName(p engine.Phase) string {
	if list := phases(); p >= engine.Tighten && int(p) <= len(list) {
		return list[p-engine.Tighten]
	}
	return ""
}

func phaseOf(name string) (engine.Phase, error) {
	for i, n := range phases() {
		if n == name {
			return engine.Tighten + engine.Phase(i), nil
		}
	}
	return 0, errors.New("there is no such phase")
}
