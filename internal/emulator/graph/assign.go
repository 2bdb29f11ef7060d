package graph

import (
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

func (s *Server) adminRoutes() []wire.Route {
	assign := wire.Permission{Scopes: []string{"TeamsPolicyUserAssign.ReadWrite.All"}, Roles: []string{"TeamsPolicyUserAssign.ReadWrite.All"}}
	read := wire.Permission{Scopes: []string{"TeamsUserConfiguration.Read.All"}, Roles: []string{"TeamsUserConfiguration.Read.All"}}
	// No roles: application permissions of these names exist and do not help.
	seeSettings := wire.Permission{Scopes: []string{"TeamworkAppSettings.Read.All", "TeamworkAppSettings.ReadWrite.All"}}
	setSettings := wire.Permission{Scopes: []string{"TeamworkAppSettings.ReadWrite.All"}, Admin: true}
	return []wire.Route{
		{Method: "POST", Pattern: "/admin/teams/policy/userAssignments/assign", Need: assign, Handle: s.assign(true)},
		{Method: "POST", Pattern: "/admin/teams/policy/userAssignments/unassign", Need: assign, Handle: s.assign(false)},
		{Method: "POST", Pattern: "/admin/teams/policy/userAssignments/microsoft.graph.teamsAdministration.assign", Need: assign, Handle: s.assign(true)},
		{Method: "POST", Pattern: "/admin/teams/policy/userAssignments/microsoft.graph.teamsAdministration.unassign", Need: assign, Handle: s.assign(false)},
		{Method: "GET", Pattern: "/admin/teams/policy/{function}", Need: assign, Handle: s.getPolicyID},
		{Method: "GET", Pattern: "/admin/teams/userConfigurations", Need: read, Handle: s.listConfigurations},
		{Method: "GET", Pattern: "/admin/teams/userConfigurations/{id}", Need: read, Handle: s.getConfiguration},
		{Method: "GET", Pattern: "/admin/teams/userConfigurations/{id}/user", Need: read, Handle: s.getUser},
		{Method: "GET", Pattern: "/teamwork/teamsAppSettings", Need: seeSettings, Handle: s.getAppSettings},
		{Method: "PATCH", Pattern: "/teamwork/teamsAppSettings", Need: setSettings, Handle: s.patchAppSettings},
	}
}

type assignment struct {
	Type       string `json:"@odata.type"`
	UserID     string `json:"userId"`
	PolicyType string `json:"policyType"`
	PolicyID   string `json:"policyId"`
}

// resolved is one assignment whose names were found.
type resolved struct {
	user   ids.ID
	kind   string
	policy store.Policy
}

// assign gives people policies, or takes them away. The whole value is
// checked first: one bad entry and nothing happens. The real service documents
// neither that nor the most entries it takes.
func (s *Server) assign(give bool) func(*wire.Call) error {
	return func(c *wire.Call) error {
		var body struct {
			Value []assignment `json:"value"`
		}
		if err := c.DecodeJSON(&body, true); err != nil {
			return err
		}
		if len(body.Value) == 0 || len(body.Value) > s.opt.MaxAssignments {
			return wire.BadRequest("value must hold 1 to %d assignments; there are %d.", s.opt.MaxAssignments, len(body.Value))
		}
		partial := store.Partial(c.Request.Context())
		err := s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
			todo := make([]resolved, len(body.Value))
			for i, a := range body.Value {
				var err error
				if todo[i], err = resolve(tx, a, give); err != nil {
					return err
				}
			}
			for i, r := range todo {
				if partial && i%2 == 1 {
					continue
				}
				var err error
				if give {
					err = tx.Assign(r.user, r.policy)
				} else {
					err = tx.Unassign(r.user, r.kind)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if partial && len(body.Value) > 1 {
			return wire.Errorf(500, "InternalServerError", "Some of the assignments could not be made.")
		}
		return c.NoContent()
	}
}

func resolve(tx *store.Tx, a assignment, give bool) (resolved, error) {
	var r resolved
	if a.Type != "" && !strings.EqualFold(strings.TrimPrefix(a.Type, "#"), "microsoft.graph.teamsAdministration.teamsPolicyUserAssignment") {
		return r, wire.BadRequest("'%s' is not a teamsPolicyUserAssignment.", a.Type)
	}
	kind, ok := store.PolicyTypeName(a.PolicyType)
	if !ok {
		return r, wire.BadRequest("policyType '%s' is not supported.", a.PolicyType)
	}
	r.kind = kind
	var err error
	if r.user, err = ids.Parse(a.UserID); err != nil || !tx.HasUser(r.user) {
		return r, wire.BadRequest("User '%s' was not found in the tenant.", a.UserID)
	}
	if !give {
		return r, nil
	}
	if r.policy, err = tx.PolicyByGraphID(a.PolicyID); err != nil || r.policy.Type != kind {
		return r, wire.BadRequest("policyId '%s' is not the id of a %s.", a.PolicyID, kind)
	}
	if r.policy.IsGlobal() {
		return r, wire.BadRequest("The Global policy is not assigned to people; unassign their policy instead.")
	}
	return r, nil
}

// getPolicyID answers getPolicyId(type='...',name='...'): the opaque id of a
// policy. A name that does not exist gives an empty collection.
func (s *Server) getPolicyID(c *wire.Call) error {
	args, ok := strings.CutPrefix(c.Param("function"), "getPolicyId(")
	if !ok {
		args, ok = strings.CutPrefix(c.Param("function"), "microsoft.graph.teamsAdministration.getPolicyId(")
	}
	if !ok || !strings.HasSuffix(args, ")") {
		return wire.Errorf(404, "ResourceNotFound", "Resource not found for the segment '%s'.", c.Param("function"))
	}
	given, err := functionArguments(strings.TrimSuffix(args, ")"))
	if err != nil {
		return err
	}
	kind, ok := store.PolicyTypeName(given["type"])
	if !ok {
		return wire.BadRequest("policyType '%s' is not supported.", given["type"])
	}
	l := &listing{}
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		p, err := tx.Policy(kind, given["name"])
		if err != nil {
			return nil // an unknown name is an empty answer
		}
		o := begin(l.add(), nil)
		o.text("name", p.Identity())
		o.text("policyId", p.GraphID)
		l.items = o.end()
		return nil
	})
	if err != nil {
		return err
	}
	return l.write(c, "Collection(microsoft.graph.teamsAdministration.policyIdentifierDetail)", -1)
}

// functionArguments reads type='a',name='b'.
func functionArguments(s string) (map[string]string, error) {
	out := map[string]string{}
	tokens := lex(s)
	for i := 0; i+1 < len(tokens); i += 3 {
		name, ok := strings.CutSuffix(tokens[i].text, "=")
		if !ok || tokens[i+1].kind != tokText {
			return nil, wire.BadRequest("The arguments (%s) are not of the form type='...',name='...'.", s)
		}
		out[name] = tokens[i+1].text
	}
	if out["type"] == "" || out["name"] == "" {
		return nil, wire.BadRequest("The arguments (%s) lack type or name.", s)
	}
	return out, nil
}
