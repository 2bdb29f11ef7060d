package graph

import (
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// groupProperties are all properties of a group; all come without $select.
func groupProperties() []string {
	return []string{
		"id", "deletedDateTime", "classification", "createdDateTime", "description", "displayName", "groupTypes",
		"isAssignableToRole", "mail", "mailEnabled", "mailNickname", "membershipRule", "membershipRuleProcessingState",
		"onPremisesSyncEnabled", "proxyAddresses", "resourceProvisioningOptions", "securityEnabled", "visibility",
	}
}

// writeGroup adds a group to dst. Groups are security groups; one with an
// address is mail-enabled.
func writeGroup(dst []byte, g store.Group, sel []string, typed bool) []byte {
	o := begin(dst, sel)
	if typed {
		o.always("@odata.type", "#microsoft.graph.group")
	}
	o.text("id", g.ID.String())
	for _, name := range []string{"deletedDateTime", "classification", "createdDateTime", "description"} {
		o.raw(name, "null")
	}
	o.text("displayName", g.Name)
	o.raw("groupTypes", "[]")
	o.raw("isAssignableToRole", "null")
	o.textOrNull("mail", g.Mail)
	o.boolean("mailEnabled", g.Mail != "")
	nick, _, _ := strings.Cut(g.Mail, "@")
	o.textOrNull("mailNickname", nick)
	for _, name := range []string{"membershipRule", "membershipRuleProcessingState", "onPremisesSyncEnabled"} {
		o.raw(name, "null")
	}
	o.raw("proxyAddresses", "[]")
	o.raw("resourceProvisioningOptions", "[]")
	o.boolean("securityEnabled", true)
	o.raw("visibility", "null")
	return o.end()
}

func (s *Server) listGroups(c *wire.Call) error {
	sel, err := selection(c, "group", groupProperties())
	if err != nil {
		return err
	}
	size, err := pageSize(c)
	if err != nil {
		return err
	}
	if err := refuseOptions(c, "$search", "$orderby", "$skip", "$expand"); err != nil {
		return err
	}
	path, values, err := directoryFilter(c, "displayName", "mail", "id")
	if err != nil {
		return err
	}
	after, err := positionID(c)
	if err != nil {
		return err
	}
	l := &listing{}
	total := 0
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		add := func(g store.Group) bool {
			if l.n == size {
				l.more = true
				return false
			}
			l.items = writeGroup(l.add(), g, sel, false)
			l.last = store.Member{ID: g.ID}
			return true
		}
		if path == "" {
			if wantsCount(c) {
				tx.Groups(nil, func(store.Group) bool { total++; return true })
			}
			tx.Groups(after, add)
			return nil
		}
		found, err := findGroups(tx, path, values)
		total = len(found)
		for _, g := range found {
			if (after == nil || ids.Compare(g.ID, *after) > 0) && !add(g) {
				break
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	count := -1
	if wantsCount(c) {
		count = total
	}
	return l.write(c, "groups", count)
}

func findGroups(tx *store.Tx, path string, values []string) ([]store.Group, error) {
	var found []store.Group
	for _, v := range values {
		switch path {
		case "displayname":
			found = append(found, tx.GroupsByName(v)...)
		case "mail":
			found = append(found, tx.GroupsByMail(v)...)
		default:
			id, err := ids.Parse(v)
			if err != nil {
				return nil, wire.Errorf(400, "Request_BadRequest", "Invalid object identifier '%s'.", v)
			}
			if g, err := tx.Group(id); err == nil {
				found = append(found, g)
			}
		}
	}
	slices.SortFunc(found, func(a, b store.Group) int { return ids.Compare(a.ID, b.ID) })
	return slices.CompactFunc(found, func(a, b store.Group) bool { return a.ID == b.ID }), nil
}

// groupOf finds the group of the path. Groups have no other name than their id.
func groupOf(tx *store.Tx, c *wire.Call) (store.Group, error) {
	id, err := ids.Parse(c.Param("id"))
	if err != nil {
		return store.Group{}, wire.Errorf(400, "Request_BadRequest", "Invalid object identifier '%s'.", c.Param("id"))
	}
	g, err := tx.Group(id)
	if err != nil {
		return g, noSuchResource(c.Param("id"))
	}
	return g, nil
}

func (s *Server) getGroup(c *wire.Call) error {
	sel, err := selection(c, "group", groupProperties())
	if err != nil {
		return err
	}
	var g store.Group
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		var err error
		g, err = groupOf(tx, c)
		return err
	})
	if err != nil {
		return err
	}
	return single(c, "groups/$entity", writeGroup(nil, g, sel, false))
}

// members lists the members of a group: direct or transitive, all or only
// people.
func (s *Server) members(transitive, onlyUsers bool) func(*wire.Call) error {
	return func(c *wire.Call) error {
		sel, err := selection(c, "directoryObject", append(userProperties(), groupProperties()...))
		if err != nil {
			return err
		}
		size, err := pageSize(c)
		if err != nil {
			return err
		}
		if err := refuseOptions(c, "$filter", "$search", "$orderby", "$expand"); err != nil {
			return err
		}
		after, err := position(c)
		if err != nil {
			return err
		}
		l := &listing{}
		count := -1
		err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
			g, err := groupOf(tx, c)
			if err != nil {
				return err
			}
			if wantsCount(c) {
				count = countMembers(tx, g.ID, transitive, onlyUsers)
			}
			eachMember(tx, g.ID, transitive, after, func(m store.Member) bool {
				if m.Group && onlyUsers {
					return false // people come first
				}
				if l.n == size {
					l.more = true
					return false
				}
				l.items = writeMember(tx, l.add(), m, sel, !onlyUsers)
				l.last = m
				return true
			})
			return nil
		})
		if err != nil {
			return err
		}
		context := "directoryObjects"
		if onlyUsers {
			context = "users"
		}
		return l.write(c, context, count)
	}
}

func writeMember(tx *store.Tx, dst []byte, m store.Member, sel []string, typed bool) []byte {
	if m.Group {
		g, _ := tx.Group(m.ID) // membership and groups are written together
		return writeGroup(dst, g, sel, typed)
	}
	u, _ := tx.User(m.ID) // as above
	return writeUser(dst, u, sel, typed)
}

func eachMember(tx *store.Tx, group ids.ID, transitive bool, after *store.Member, yield func(store.Member) bool) {
	if !transitive {
		tx.Members(group, after, yield)
		return
	}
	for _, m := range tx.TransitiveMembers(group) {
		if after != nil && store.CompareMembers(m, *after) <= 0 {
			continue
		}
		if !yield(m) {
			return
		}
	}
}

func countMembers(tx *store.Tx, group ids.ID, transitive, onlyUsers bool) int {
	n := 0
	eachMember(tx, group, transitive, nil, func(m store.Member) bool {
		if !m.Group || !onlyUsers {
			n++
		}
		return true
	})
	return n
}

func (s *Server) countMembers(transitive bool) func(*wire.Call) error {
	return func(c *wire.Call) error {
		n := 0
		err := s.store.View(c.Request.Context(), func(tx *store.Tx) error {
			g, err := groupOf(tx, c)
			if err != nil {
				return err
			}
			n = countMembers(tx, g.ID, transitive, false)
			return nil
		})
		if err != nil {
			return err
		}
		return plainCount(c, n)
	}
}
