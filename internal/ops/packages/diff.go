package packages

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/diag"
)

// Diff compares a package with the one that it is to replace.
type Diff struct {
	Old, New Input
	List     string // the list of consent rules that judges alone: an id, a date or a year; "" weighs all
}

// Compared is what an update means.
type Compared struct {
	Old, New   *apppackage.Package
	Comparison apppackage.Comparison
	Lists      []apppackage.ConsentList // all of them, for the words around
	List       *apppackage.ConsentList  // that judged alone, or nil
}

// Run returns nil with diagnostics when one of the two cannot be read.
func (o *Diff) Run() (*Compared, hcl.Diagnostics) {
	lists, err := apppackage.ConsentLists()
	if err != nil {
		return nil, diag.FromError("Consent rules cannot be read", err)
	}
	out := &Compared{Lists: lists}
	_, rules, diags := o.New.options()
	if o.List != "" {
		list, ok := apppackage.FindConsentList(o.List)
		if !ok {
			diags = append(diags, diag.Error(nil, "Unknown list of consent rules", "There is no list %q. There are: %s.", o.List, names(lists)))
		}
		out.List = &list
	}
	if diags.HasErrors() {
		return nil, diags
	}
	var old, new hcl.Diagnostics
	out.Old, _, old = look(o.Old)
	out.New, _, new = look(o.New)
	diags = append(append(diags, old...), new...)
	if out.Old == nil || out.New == nil {
		return nil, diags
	}
	out.Comparison = apppackage.Compare(out.Old, out.New, apppackage.CompareOptions{Severity: rules.Severity, Judge: apppackage.Judge{List: out.List}})
	return out, diags
}

// names lists the lists by id and date.
func names(lists []apppackage.ConsentList) string {
	out := make([]string, len(lists))
	for i, l := range lists {
		out[i] = l.ID + " (" + l.Date + ")"
	}
	return strings.Join(out, ", ")
}
