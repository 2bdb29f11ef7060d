package msgraph

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/internal/httpx"
)

// Resolution is the outcome of looking one name up.
type Resolution struct {
	Name  string // as it was asked for
	User  User   // zero unless Found
	Found bool
}

// ResolveUsers looks people up by user principal name or object id, twenty per call, and returns one Resolution per
// name in the same order. A name that nobody has is not an error.
func (r *Reader) ResolveUsers(ctx context.Context, names []string) ([]Resolution, error) {
	const template = "/users/{id}"
	urls := make([]string, len(names))
	for i, name := range names {
		path, err := userPath(name)
		if err != nil {
			return nil, err
		}
		urls[i] = path + params("$select", userFields)
	}
	answers, err := r.get.batchGet(ctx, template, urls)
	if err != nil {
		return nil, err
	}
	found := make([]Resolution, len(names))
	for i, answer := range answers {
		found[i].Name = names[i]
		if found[i].Found, err = each(template, answer, &found[i].User); err != nil {
			return nil, fmt.Errorf("looking up %q: %w", names[i], err)
		}
	}
	return found, nil
}

// userPath is the address of a user. A # (guests have one) must be escaped, and a name that begins with $ is only
// understood in parentheses.
func userPath(name string) (string, error) {
	if strings.HasPrefix(name, "$") {
		return "/users(" + pathLiteral(name) + ")", nil
	}
	escaped, err := segment("user", name)
	return "/users/" + escaped, err
}

// GroupQuery names a group by one of its three names; exactly one is set.
type GroupQuery struct{ ID, Name, Mail string }

// ResolveGroups looks groups up, twenty per call, and returns what was found for each query in the same order: no
// group, one, or several, since neither display names nor mail addresses need be unique.
func (r *Reader) ResolveGroups(ctx context.Context, queries []GroupQuery) ([][]Group, error) {
	endpoints := make([]endpoint, len(queries))
	urls := make([]string, len(queries))
	for i, q := range queries {
		e, err := q.endpoint()
		if err != nil {
			return nil, err
		}
		endpoints[i], urls[i] = e, e.url
	}
	answers, err := r.get.batchGet(ctx, "/groups", urls)
	if err != nil {
		return nil, err
	}
	found := make([][]Group, len(queries))
	for i, answer := range answers {
		if there, err := succeeded(endpoints[i].template, answer); err != nil {
			return nil, fmt.Errorf("looking up the group %q: %w", queries[i].ID+queries[i].Name+queries[i].Mail, err)
		} else if !there {
			continue
		}
		if found[i], err = queries[i].decode(endpoints[i].template, answer); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (q GroupQuery) endpoint() (endpoint, error) {
	switch {
	case q.Name != "" && q == GroupQuery{Name: q.Name}:
		return groupsWhere("displayName eq " + literal(q.Name)), nil
	case q.Mail != "" && q == GroupQuery{Mail: q.Mail}:
		return groupsWhere("mail eq " + literal(q.Mail)), nil
	case q == GroupQuery{ID: q.ID}:
		id, err := segment("group", q.ID)
		return endpoint{url: "/groups/" + id + params("$select", groupFields), template: "/groups/{id}"}, err
	}
	return endpoint{}, errors.New("a group is looked up by one of id, name and mail")
}

func groupsWhere(filter string) endpoint {
	return endpoint{url: "/groups" + params("$filter", filter, "$select", groupFields), template: "/groups"}
}

// decode reads the answer to q. More groups of one name than fit on a page are as ambiguous as two.
func (q GroupQuery) decode(template string, a httpx.Answer) ([]Group, error) {
	if q.ID != "" {
		var g Group
		if err := decode(template, a, &g); err != nil {
			return nil, err
		}
		return []Group{g}, nil
	}
	var page collection[Group]
	err := decode(template, a, &page)
	return page.Value, err
}
