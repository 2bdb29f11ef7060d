package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
)

// Audiences: whom an app is available to or installed for. Groups are named,
// people counted once they are more than a few.

// fewPeople is up to how many people are named.
const fewPeople = 5

// audience prints an audience in the words of the admin centre.
func (n names) audience(v any) string {
	if v == nil {
		return "(not set)"
	}
	word, list := schema.AudienceParts(v)
	switch word {
	case schema.Everyone:
		return "everyone"
	case schema.NoOne:
		return "no one"
	}
	var parts, who []string
	for _, p := range list {
		if strings.HasPrefix(p, schema.PrincipalGroup) {
			parts = append(parts, "the group "+n.principal(p))
		} else {
			who = append(who, n.principal(p))
		}
	}
	slices.Sort(parts)
	slices.Sort(who)
	if len(who) > fewPeople {
		who = []string{people(len(who))}
	}
	return strings.Join(append(parts, who...), ", ")
}

// principal names a person or a group, by its id if nobody knows the name.
func (n names) principal(p string) string {
	name := n.principals[p]
	_, id, _ := strings.Cut(p, ":")
	switch {
	case strings.HasPrefix(p, schema.PrincipalUser) && name != "":
		return name
	case name != "" && name != id:
		return fmt.Sprintf("%q", name)
	}
	return id
}

// comesAndGoes says who is new in a list and who is not in it any more.
func (n names) comesAndGoes(a engine.AttrChange) []string {
	_, before := schema.AudienceParts(a.Before)
	_, after := schema.AudienceParts(a.After)
	if len(before) == 0 || len(after) == 0 {
		return nil
	}
	var notes []string
	for _, part := range []struct {
		sign string
		list []string
	}{{"+", schema.Missing(after, before)}, {"-", schema.Missing(before, after)}} {
		if len(part.list) > 0 {
			notes = append(notes, part.sign+" "+n.audience(schema.AudienceOf(part.list)))
		}
	}
	return notes
}

// isAudience reports whether an attribute says whom something is for.
func isAudience(a *schema.Attr) bool {
	_, ok := a.Type.(schema.Audience)
	return ok
}

// attr prints the value of an attribute.
func (n names) attr(a *schema.Attr, v any) string {
	switch {
	case isAudience(a):
		return n.audience(v)
	case a.Name == "digest":
		return short(n.value(v))
	}
	return n.value(v)
}

// unsaid reports what a change need not say: that a new app is published, that
// what is set for an app is set for it.
func unsaid(c *engine.Change, a engine.AttrChange) bool {
	switch a.Attr.Name {
	case "published":
		return c.Action == engine.Create
	case "saved":
		return c.Action == engine.Create || len(c.Attrs) > 1
	}
	return false
}
