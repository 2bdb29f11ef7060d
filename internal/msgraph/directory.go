package msgraph

import (
	"context"
	"fmt"
	"slices"
)

// Organization is the tenant.
type Organization struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

// User is a person, guests included.
type User struct {
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
	DisplayName       string `json:"displayName"`
	// AccountEnabled is nil when the identity may not see it.
	AccountEnabled *bool `json:"accountEnabled"`
	// UserType is Member, Guest or empty.
	UserType string `json:"userType"`
}

const userFields = "id,userPrincipalName,displayName,accountEnabled,userType"

// Group is a group of any type.
type Group struct {
	ID              string   `json:"id"`
	DisplayName     string   `json:"displayName"`
	Mail            string   `json:"mail"`
	MailEnabled     bool     `json:"mailEnabled"`
	SecurityEnabled bool     `json:"securityEnabled"`
	GroupTypes      []string `json:"groupTypes"` // Unified: a Microsoft 365 group; DynamicMembership
	Visibility      string   `json:"visibility"` // HiddenMembership hides the members from most identities
}

const groupFields = "id,displayName,mail,mailEnabled,securityEnabled,groupTypes,visibility"

// DirectoryObject is a member of a group, or the answer to an id: a user, a group, or something else.
type DirectoryObject struct {
	Type              string `json:"@odata.type"` // #microsoft.graph.user, #microsoft.graph.group, ...
	ID                string `json:"id"`
	DisplayName       string `json:"displayName"`
	UserPrincipalName string `json:"userPrincipalName"` // users only
	AccountEnabled    *bool  `json:"accountEnabled"`    // users only; nil when not visible
}

// IsUser reports whether o is a person.
func (o DirectoryObject) IsUser() bool { return o.Type == "#microsoft.graph.user" }

// IsGroup reports whether o is a group.
func (o DirectoryObject) IsGroup() bool { return o.Type == "#microsoft.graph.group" }

// Organization returns the tenant that the identity belongs to.
func (r *Reader) Organization(ctx context.Context) (Organization, error) {
	var page collection[Organization]
	e := endpoint{url: "/organization" + params("$select", "id,displayName"), template: "/organization"}
	if err := r.get.one(ctx, e, &page); err != nil {
		return Organization{}, err
	}
	if len(page.Value) == 0 || page.Value[0].ID == "" {
		return Organization{}, &NotFoundError{What: "the organisation of this identity"}
	}
	return page.Value[0], nil
}

// UserPage is the first page of the listing of users.
type UserPage struct {
	Total int // users in the tenant; -1 when the service did not say
	Users []User
	next  string
}

// UsersFirstPage returns the first page of all users, top per page at most (zero: 999), and how many there are in all.
// UsersAfter goes on from it, so that asking how many there are costs no extra call.
func (r *Reader) UsersFirstPage(ctx context.Context, top int) (UserPage, error) {
	var page collection[User]
	if err := r.get.one(ctx, usersEndpoint(top), &page); err != nil {
		return UserPage{}, err
	}
	total := -1
	if page.Count != nil {
		total = int(*page.Count)
	}
	return UserPage{Total: total, Users: page.Value, next: page.Next}, nil
}

// UsersAfter calls yield for every user behind the first page.
func (r *Reader) UsersAfter(ctx context.Context, first UserPage, yield func(User) error) error {
	if first.next == "" {
		return nil
	}
	e := endpoint{url: first.next, template: "/users", header: eventual()}
	return listWith(ctx, r.get, e, &pageDecoder[User]{item: scanUser}, yield)
}

// Users calls yield for every user of the tenant, top per page at most (zero: 999).
func (r *Reader) Users(ctx context.Context, top int, yield func(User) error) error {
	return listWith(ctx, r.get, usersEndpoint(top), &pageDecoder[User]{item: scanUser}, yield)
}

// usersEndpoint counts as well; the header that makes Graph count has to go with every page.
func usersEndpoint(top int) endpoint {
	return endpoint{
		url:      "/users" + params("$select", userFields, "$top", pageSize(top), "$count", "true"),
		template: "/users",
		header:   eventual(),
	}
}

// GroupByName returns the groups whose display name is name: none, one or many, since names are not unique.
func (r *Reader) GroupByName(ctx context.Context, name string) ([]Group, error) {
	return r.group(ctx, GroupQuery{Name: name})
}

// GroupByMail returns the groups with that mail address.
func (r *Reader) GroupByMail(ctx context.Context, mail string) ([]Group, error) {
	return r.group(ctx, GroupQuery{Mail: mail})
}

// GroupByID returns the group with that id, or none.
func (r *Reader) GroupByID(ctx context.Context, id string) ([]Group, error) {
	return r.group(ctx, GroupQuery{ID: id})
}

func (r *Reader) group(ctx context.Context, q GroupQuery) ([]Group, error) {
	e, err := q.endpoint()
	if err != nil {
		return nil, err
	}
	answer, err := r.get.fetch(ctx, e, nil)
	if IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return q.decode(e.template, answer)
}

// Groups calls yield for every group of the tenant.
func (r *Reader) Groups(ctx context.Context, yield func(Group) error) error {
	e := endpoint{url: "/groups" + params("$select", groupFields, "$top", pageSize(0)), template: "/groups"}
	return list(ctx, r.get, e, yield)
}

// GroupMembers calls yield for every member of the group, also those of nested groups (and the nested groups) when
// transitive is set. Policies assigned to a group reach its direct members only; availability reaches the nested too.
func (r *Reader) GroupMembers(ctx context.Context, id string, transitive bool, yield func(DirectoryObject) error) error {
	escaped, err := segment("group", id)
	if err != nil {
		return err
	}
	rel := "members"
	if transitive {
		rel = "transitiveMembers"
	}
	return list(ctx, r.get, endpoint{
		url:      "/groups/" + escaped + "/" + rel + params("$select", "id,displayName,userPrincipalName,accountEnabled", "$top", "999"),
		template: "/groups/{id}/" + rel,
	}, yield)
}

// maxByIDs and maxCheckGroups are Graph's limits for one call.
const (
	maxByIDs       = 1000
	maxCheckGroups = 20
)

// GetByIDs returns the objects with these ids in no particular order; ids that do not exist are left out. Types narrow
// it to "user", "group" and so on; none means all.
func (r *Reader) GetByIDs(ctx context.Context, ids []string, types ...string) ([]DirectoryObject, error) {
	var found []DirectoryObject
	for chunk := range slices.Chunk(ids, maxByIDs) {
		var page collection[DirectoryObject]
		body := struct {
			IDs   []string `json:"ids"`
			Types []string `json:"types,omitempty"`
		}{chunk, types}
		if err := r.get.ask(ctx, queryByIDs(), body, &page); err != nil {
			return nil, err
		}
		if page.Next != "" {
			return nil, fmt.Errorf("/directoryObjects/getByIds: an answer in several pages, which Graph does not document")
		}
		found = append(found, page.Value...)
	}
	return found, nil
}

// CheckMemberGroups returns which of the groups the user is in, directly or through another group.
func (r *Reader) CheckMemberGroups(ctx context.Context, userID string, groupIDs []string) ([]string, error) {
	q, err := queryMemberGroups(userID)
	if err != nil {
		return nil, err
	}
	var in []string
	for chunk := range slices.Chunk(groupIDs, maxCheckGroups) {
		var page collection[string]
		body := struct {
			GroupIDs []string `json:"groupIds"`
		}{chunk}
		if err := r.get.ask(ctx, q, body, &page); err != nil {
			return nil, err
		}
		in = append(in, page.Value...)
	}
	return in, nil
}
