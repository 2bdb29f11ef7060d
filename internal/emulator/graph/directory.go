package graph

import (
	"strconv"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

func (s *Server) directoryRoutes() []wire.Route {
	both := func(scopes ...string) wire.Permission {
		all := append(scopes, "Directory.Read.All", "Directory.ReadWrite.All")
		return wire.Permission{Scopes: all, Roles: all, Denied: "Authorization_RequestDenied"}
	}
	users := both("User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All")
	groups := both("Group.ReadBasic.All", "Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All")
	members := both("GroupMember.ReadBasic.All", "GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All")
	checkGroups := both("Application.Read.All", "Group.Read.All", "Group.ReadBasic.All", "GroupMember.Read.All", "GroupMember.ReadBasic.All", "User.Read.All", "User.ReadWrite.All")
	org := both("Organization.Read.All", "Organization.ReadWrite.All", "User.Read.All", "User.Read", "DeviceManagementServiceConfig.Read.All")
	return []wire.Route{
		{Method: "GET", Pattern: "/organization", Need: org, Handle: s.organization},
		{Method: "GET", Pattern: "/users", Need: users, Handle: s.listUsers},
		{Method: "GET", Pattern: "/users/$count", Need: users, Handle: s.countUsers},
		{Method: "GET", Pattern: "/users/{id}", Need: users, Handle: s.getUser},
		{Method: "POST", Pattern: "/users/{id}/checkMemberGroups", Need: checkGroups, Handle: s.checkMemberGroups},
		{Method: "GET", Pattern: "/groups", Need: groups, Handle: s.listGroups},
		{Method: "GET", Pattern: "/groups/{id}", Need: groups, Handle: s.getGroup},
		{Method: "GET", Pattern: "/groups/{id}/members", Need: members, Handle: s.members(false, false)},
		{Method: "GET", Pattern: "/groups/{id}/members/microsoft.graph.user", Need: members, Handle: s.members(false, true)},
		{Method: "GET", Pattern: "/groups/{id}/members/$count", Need: members, Handle: s.countMembers(false)},
		{Method: "GET", Pattern: "/groups/{id}/transitiveMembers", Need: members, Handle: s.members(true, false)},
		{Method: "GET", Pattern: "/groups/{id}/transitiveMembers/microsoft.graph.user", Need: members, Handle: s.members(true, true)},
		{Method: "GET", Pattern: "/groups/{id}/transitiveMembers/$count", Need: members, Handle: s.countMembers(true)},
		{Method: "POST", Pattern: "/directoryObjects/getByIds", Need: both(), Handle: s.getByIDs},
	}
}

// noSuchResource is the directory's 404.
func noSuchResource(ref string) *wire.Error {
	return wire.Errorf(404, "Request_ResourceNotFound", "Resource '%s' does not exist or one of its queried reference-property objects are not present.", ref)
}

func unsupported(format string, args ...any) *wire.Error {
	return wire.Errorf(400, "Request_UnsupportedQuery", format, args...)
}

func (s *Server) organization(c *wire.Call) error {
	known := []string{"id", "displayName", "createdDateTime", "tenantType", "countryLetterCode", "defaultUsageLocation", "verifiedDomains", "assignedPlans", "deletedDateTime"}
	sel, err := selection(c, "organization", known)
	if err != nil {
		return err
	}
	info := s.store.Info()
	l := &listing{}
	o := begin(l.add(), sel)
	o.text("id", info.ID)
	o.raw("deletedDateTime", "null")
	o.text("displayName", info.Name)
	o.text("createdDateTime", info.Created.Format("2006-01-02T15:04:05Z"))
	o.text("tenantType", "AAD")
	o.raw("countryLetterCode", "null")
	o.raw("defaultUsageLocation", "null")
	o.raw("verifiedDomains", "[]")
	o.raw("assignedPlans", "[]")
	l.items = o.end()
	return l.write(c, "organization", -1)
}

// checkMemberGroups tells which of up to 20 groups somebody is in, through
// other groups too.
func (s *Server) checkMemberGroups(c *wire.Call) error {
	var body struct {
		GroupIDs []string `json:"groupIds"`
	}
	if err := c.DecodeJSON(&body, true); err != nil {
		return err
	}
	if body.GroupIDs == nil || len(body.GroupIDs) > 20 {
		return wire.Errorf(400, "Request_BadRequest", "groupIds must hold up to 20 ids; there are %d.", len(body.GroupIDs))
	}
	value := []string{}
	err := s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		u, err := tx.FindUser(c.Param("id"))
		if err != nil {
			return noSuchResource(c.Param("id"))
		}
		in := tx.TransitiveGroupsOf(u.ID)
		for _, ref := range body.GroupIDs {
			id, err := ids.Parse(ref)
			if err != nil {
				return wire.Errorf(400, "Request_BadRequest", "Invalid object identifier '%s'.", ref)
			}
			if in[id] {
				value = append(value, id.String())
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(200, map[string]any{"@odata.context": c.Root + c.Prefix + "/$metadata#Collection(Edm.String)", "value": value})
}

// getByIDs gives the objects of up to 1000 ids; ids of nothing are left out.
func (s *Server) getByIDs(c *wire.Call) error {
	var body struct {
		IDs   []string `json:"ids"`
		Types []string `json:"types"`
	}
	if err := c.DecodeJSON(&body, true); err != nil {
		return err
	}
	if len(body.IDs) == 0 || len(body.IDs) > 1000 {
		return wire.Errorf(400, "Request_BadRequest", "ids must hold 1 to 1000 ids; there are %d.", len(body.IDs))
	}
	sel, err := selection(c, "directoryObject", append(userProperties(), groupProperties()...))
	if err != nil {
		return err
	}
	wants := func(t string) bool {
		return len(body.Types) == 0 || selected(body.Types, t) || selected(body.Types, "directoryObject")
	}
	l := &listing{}
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		for _, ref := range body.IDs {
			id, err := ids.Parse(ref)
			if err != nil {
				return wire.Errorf(400, "Request_BadRequest", "Invalid object identifier '%s'.", ref)
			}
			if u, err := tx.User(id); err == nil && wants("user") {
				l.items = writeUser(l.add(), u, sel, true)
			} else if g, err := tx.Group(id); err == nil && wants("group") {
				l.items = writeGroup(l.add(), g, sel, true)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return l.write(c, "directoryObjects", -1)
}

// plainCount answers a $count segment: a bare number, with the
// ConsistencyLevel header only.
func plainCount(c *wire.Call, n int) error {
	if !advanced(c) {
		return wire.Errorf(400, "Request_BadRequest", "$count is not currently supported.")
	}
	c.Writer.Header().Set("Content-Type", "text/plain")
	_, err := c.Writer.Write(strconv.AppendInt(nil, int64(n), 10))
	return err
}
