package people

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

// resolve checks users and groups and turns names into identifiers.
func (r *reader) resolve(d *Directory, tenant ids.ID) (*Directory, error) {
	users, err := r.resolveUsers(d, tenant)
	if err != nil {
		return nil, err
	}
	if err := r.resolveGroups(d, tenant, users); err != nil {
		return nil, err
	}
	slices.SortFunc(d.Users, func(a, b User) int { return ids.Compare(a.ID, b.ID) })
	slices.SortFunc(d.Groups, func(a, b Group) int { return ids.Compare(a.ID, b.ID) })
	return d, nil
}

func (r *reader) resolveUsers(d *Directory, tenant ids.ID) (map[string]ids.ID, error) {
	byName := make(map[string]ids.ID, len(r.users))
	taken := make(map[ids.ID]int, len(r.users))
	d.Users = make([]User, 0, len(r.users))
	for i, u := range r.users {
		at := r.userAt[i]
		if err := checkUPN(u.UPN); err != "" {
			return nil, r.at(at, err, `give each user a "upn" such as "ada@contoso.example"`)
		}
		id, err := givenOrDerived(u.ID, tenant, "user", u.UPN)
		if err != nil {
			return nil, r.at(at, fmt.Sprintf("id %q of user %s is %v", u.ID, u.UPN, err), "write a GUID or leave the id out")
		}
		key := strings.ToLower(u.UPN)
		if _, dup := byName[key]; dup {
			return nil, r.at(at, "user "+u.UPN+" stands twice in the file", "remove one of them; letter case does not count")
		}
		if other, dup := taken[id]; dup {
			return nil, r.at(at, fmt.Sprintf("users %s and %s have the same id", r.users[other].UPN, u.UPN), "give one of them another id")
		}
		byName[key], taken[id] = id, i
		name := u.Name
		if name == "" {
			name, _, _ = strings.Cut(u.UPN, "@")
		}
		d.Users = append(d.Users, User{
			ID: id, UPN: u.UPN, Name: name, Mail: u.Mail, Guest: u.Guest, Disabled: u.Enabled != nil && !*u.Enabled,
		})
	}
	return byName, nil
}

func (r *reader) resolveGroups(d *Directory, tenant ids.ID, users map[string]ids.ID) error {
	names := map[string][]int{}
	taken := map[ids.ID]string{}
	for i, g := range r.groups {
		at := r.grpAt[i]
		if strings.TrimSpace(g.Name) == "" {
			return r.at(at, "a group has no name", `give each group a "name"`)
		}
		key := strings.ToLower(g.Name)
		// Real directories have several groups of one name. Here they need
		// ids of their own, since ids are derived from names.
		id, err := givenOrDerived(g.ID, tenant, "group", g.Name)
		if err != nil {
			return r.at(at, fmt.Sprintf("id %q of group %s is %v", g.ID, g.Name, err), "write a GUID or leave the id out")
		}
		if other, dup := taken[id]; dup {
			if strings.EqualFold(other, g.Name) {
				return r.at(at, "group "+g.Name+" stands twice in the file", "remove one of them, or give both an \"id\" if you want two groups of one name")
			}
			return r.at(at, fmt.Sprintf("groups %s and %s have the same id", other, g.Name), "give one of them another id")
		}
		taken[id] = g.Name
		names[key] = append(names[key], i)
		d.Groups = append(d.Groups, Group{ID: id, Name: g.Name, Mail: g.Mail})
	}
	for i, g := range r.groups {
		if err := r.resolveMembers(&d.Groups[i], g, r.grpAt[i], d, users, names); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) resolveMembers(out *Group, g fileGroup, at int64, d *Directory, users map[string]ids.ID, names map[string][]int) error {
	for _, upn := range g.Members {
		id, ok := users[strings.ToLower(upn)]
		if !ok {
			id, ok = d.user(upn)
		}
		if !ok {
			return r.at(at, fmt.Sprintf("group %s has a member %s who is not among the users", g.Name, upn), "add the user or remove the member")
		}
		out.Users = append(out.Users, id)
	}
	for _, name := range g.Groups {
		if id, ok := d.group(name); ok {
			out.Groups = append(out.Groups, id)
			continue
		}
		found := names[strings.ToLower(name)]
		if len(found) != 1 {
			return r.at(at, fmt.Sprintf("group %s contains group %s, of which there are %d", g.Name, name, len(found)), "name a group of the file that is unique, or write the id that it has there")
		}
		out.Groups = append(out.Groups, d.Groups[found[0]].ID)
	}
	slices.SortFunc(out.Users, ids.Compare)
	slices.SortFunc(out.Groups, ids.Compare)
	if len(slices.Compact(slices.Clone(out.Users))) != len(out.Users) || len(slices.Compact(slices.Clone(out.Groups))) != len(out.Groups) {
		return r.at(at, "group "+g.Name+" names a member twice", "remove one of them")
	}
	return nil
}

// user and group find who is meant by an id instead of a name. They look
// through everybody, and ids are rare in files that people write; in a
// snapshot only groups of a name that others have too come with their id.
func (d *Directory) user(ref string) (ids.ID, bool) {
	id, err := ids.Parse(ref)
	return id, err == nil && slices.ContainsFunc(d.Users, func(u User) bool { return u.ID == id })
}

func (d *Directory) group(ref string) (ids.ID, bool) {
	id, err := ids.Parse(ref)
	return id, err == nil && slices.ContainsFunc(d.Groups, func(g Group) bool { return g.ID == id })
}

func checkUPN(upn string) string {
	local, domain, ok := strings.Cut(upn, "@")
	switch {
	case upn == "":
		return "a user has no upn"
	case !ok || local == "" || domain == "" || strings.Contains(domain, "@"):
		return fmt.Sprintf("upn %q is not of the form name@domain", upn)
	case strings.ContainsAny(upn, " \t\r\n/\\\""):
		return fmt.Sprintf("upn %q has a character that user names cannot have", upn)
	case len(upn) > 1024:
		return "a upn is longer than 1024 bytes"
	}
	return ""
}

func givenOrDerived(given string, tenant ids.ID, kind, name string) (ids.ID, error) {
	if given == "" {
		return ids.Derive(tenant, kind, name), nil
	}
	return ids.Parse(given)
}
