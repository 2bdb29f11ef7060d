package engine

import (
	"fmt"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

// Sentences that a plan says about single objects, where the reason needs more
// than a word.

// protected says what prevent_destroy refuses, and the way out.
func protected(p *prior, c *Change, end Action) string {
	what := "this plan would delete it"
	switch {
	case c.Retiring:
		what = fmt.Sprintf("its new name would delete the %s %q", c.Kind.Title, c.Key)
	case end == Reset:
		what = "this plan would set it back"
	}
	return fmt.Sprintf("%s is protected by prevent_destroy, and %s. To allow that, apply it once with prevent_destroy = false.", p.Addr, what)
}

// untold lists the wanted attributes that the service never tells, so that
// nobody knows whether an object that is met for the first time has them.
func untold(k *schema.Kind, attrs schema.Attrs) []string {
	var out []string
	for _, a := range k.Attrs {
		if _, wanted := attrs[a.Name]; wanted && a.Untold {
			out = append(out, a.Name)
		}
	}
	return out
}

// Named calls an object of the tenant by the name that people know, and by its
// key where that is another.
func Named(k *schema.Kind, a *Object) string {
	if a.Name == "" || a.Name == a.Key {
		return fmt.Sprintf("%s %q", k.Title, a.Key)
	}
	return fmt.Sprintf("%s %q (%s)", k.Title, a.Name, a.Key)
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
		return fmt.Sprintf("The group %q has %s %q, set by someone else, and changes its place among the groups.", group, TypeWords(typ), has)
	}
	return fmt.Sprintf("The group %q has %s %q, set by someone else, and gets %q.", group, TypeWords(typ), has, gets)
}

// note puts a sentence under "needs attention".
func (b *builder) note(topic Topic, rule string, at addr.Instance, format string, args ...any) {
	b.plan.Attention = append(b.plan.Attention, Note{Topic: topic, Rule: rule, Addr: at, Text: fmt.Sprintf(format, args...)})
}

// refuse says why an apply of this plan would be refused.
func (b *builder) refuse(rule string, at addr.Instance, format string, args ...any) {
	b.plan.Refusals = append(b.plan.Refusals, Note{Rule: rule, Addr: at, Text: fmt.Sprintf(format, args...)})
}
