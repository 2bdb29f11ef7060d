package msgraph

import (
	"context"
	"fmt"
	"strings"
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
