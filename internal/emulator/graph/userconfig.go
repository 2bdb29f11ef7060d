package graph

import (
	"slices"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

func configurationProperties() []string {
	return []string{
		"id", "userPrincipalName", "tenantId", "accountType", "createdDateTime", "modifiedDateTime", "featureTypes",
		"isEnterpriseVoiceEnabled", "telephoneNumbers", "effectivePolicyAssignments",
	}
}

// configurations writes teamsUserConfiguration objects. It should be asked for
// people in order of id.
type configurations struct {
	sel       []string
	tenantID  string
	created   string
	resolvers []*store.Resolver
}

func (s *Server) configurations(tx *store.Tx, sel []string) (*configurations, error) {
	info := s.store.Info()
	w := &configurations{sel: sel, tenantID: info.ID, created: info.Created.Format("2006-01-02T15:04:05Z")}
	if !selected(sel, "effectivePolicyAssignments") {
		return w, nil
	}
	for _, t := range store.PolicyTypes() {
		r, err := tx.Resolver(t)
		if err != nil {
			return nil, err
		}
		w.resolvers = append(w.resolvers, r)
	}
	return w, nil
}

func (w *configurations) write(dst []byte, u store.User) []byte {
	o := begin(dst, w.sel)
	o.text("id", u.ID.String())
	o.text("userPrincipalName", u.UPN)
	o.text("tenantId", w.tenantID)
	kind := "user"
	if u.Guest {
		kind = "guest"
	}
	o.text("accountType", kind)
	o.text("createdDateTime", w.created)
	o.text("modifiedDateTime", w.created)
	o.raw("featureTypes", `["teams"]`)
	o.boolean("isEnterpriseVoiceEnabled", false)
	o.raw("telephoneNumbers", "[]")
	if selected(w.sel, "effectivePolicyAssignments") {
		o.key("effectivePolicyAssignments")
		o.out = w.assignments(o.out, u.ID)
	}
	return o.end()
}

// assignments writes the effective policies. A type for which the person is on
// the organisation's default has no entry.
func (w *configurations) assignments(dst []byte, user ids.ID) []byte {
	dst = append(dst, '[')
	n := 0
	for _, r := range w.resolvers {
		e := r.Effective(user)
		if e.Source == store.FromGlobal {
			continue
		}
		if n > 0 {
			dst = append(dst, ',')
		}
		n++
		dst = append(dst, `{"policyType":`...)
		dst = appendText(dst, e.Policy.Type)
		dst = append(dst, `,"policyAssignment":{"displayName":`...)
		dst = appendText(dst, e.Policy.Identity())
		dst = append(dst, `,"assignmentType":`...)
		dst = appendText(dst, e.Source)
		dst = append(dst, `,"policyId":`...)
		dst = appendText(dst, e.Policy.GraphID)
		dst = append(dst, `,"groupId":`...)
		if e.Source == store.FromGroup {
			dst = appendText(dst, e.Group.String())
		} else {
			dst = append(dst, "null"...)
		}
		dst = append(dst, "}}"...)
	}
	return append(dst, ']')
}

func (s *Server) listConfigurations(c *wire.Call) error {
	sel, err := configurationSelection(c)
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
	found, filtered, err := s.filteredUsers(c)
	if err != nil {
		return err
	}
	after, err := positionID(c)
	if err != nil {
		return err
	}
	l := &listing{items: make([]byte, 0, 256*min(size, 256))}
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		w, err := s.configurations(tx, sel)
		if err != nil {
			return err
		}
		add := func(u store.User) bool {
			if l.n == size {
				l.more = true
				return false
			}
			l.items = w.write(l.add(), u)
			l.last = store.Member{ID: u.ID}
			return true
		}
		if !filtered {
			tx.Users(after, add)
			return nil
		}
		for _, u := range found {
			if (after == nil || ids.Compare(u.ID, *after) > 0) && !add(u) {
				break
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return l.write(c, "admin/teams/userConfigurations", -1)
}

// configurationSelection reads $select in the Teams services' error style.
func configurationSelection(c *wire.Call) ([]string, error) {
	sel := parseSelect(c.Query.Get("$select"))
	for _, name := range sel {
		if !selected(configurationProperties(), name) {
			return nil, wire.BadRequest("Could not find a property named '%s' on type 'microsoft.graph.teamsAdministration.teamsUserConfiguration'.", name)
		}
	}
	return slices.Clip(sel), nil
}

func (s *Server) getConfiguration(c *wire.Call) error {
	sel, err := configurationSelection(c)
	if err != nil {
		return err
	}
	id, err := ids.Parse(c.Param("id"))
	if err != nil {
		return wire.BadRequest("Malformed user id '%s'.", c.Param("id"))
	}
	var out []byte
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		u, err := tx.User(id)
		if err != nil {
			return wire.NotFound("User '%s' was not found in the tenant.", id)
		}
		w, err := s.configurations(tx, sel)
		if err != nil {
			return err
		}
		out = w.write(nil, u)
		return nil
	})
	if err != nil {
		return err
	}
	return single(c, "admin/teams/userConfigurations/$entity", out)
}
