package engine

import (
	"fmt"

	"github.com/teamsform/teamsform/internal/schema"
)

// Sentences that a plan says about single objects, where the reason needs more
// than a word.

// protected says what prevent_destroy refuses, and the way out.
func protected(p *prior, c *Change) string {
	what := "without its block it would be removed or set back"
	if c.Retiring {
		what = fmt.Sprintf("its new name would delete the %s %q", c.Kind.Title, c.Key)
	}
	return fmt.Sprintf("%s is protected by prevent_destroy, and %s. Set prevent_destroy to false and apply that first.", p.Addr, what)
}

// takenOver says whose assignment is replaced.
func takenOver(k *schema.Kind, e *entry) string {
	if k.HolderOf == nil {
		return fmt.Sprintf("%s exists with other values, set by someone else, and is changed.", e.d.Addr)
	}
	typ, has := k.HolderOf(e.a.Attrs)
	_, gets := k.HolderOf(e.d.Attrs)
	group := orWord(e.a.Name, e.a.Key)
	if schema.FoldKey(has) == schema.FoldKey(gets) {
		return fmt.Sprintf("The group %q has %s %q, set by someone else, and changes its place among the groups.", group, typeWords(typ), has)
	}
	return fmt.Sprintf("The group %q has %s %q, set by someone else, and gets %q.", group, typeWords(typ), has, gets)
}
