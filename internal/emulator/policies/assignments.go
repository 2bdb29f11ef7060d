package policies

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// grantable finds a policy that can be given to somebody.
func grantable(tx *store.Tx, t, name string) (store.Policy, error) {
	p, err := tx.Policy(t, name)
	if err != nil {
		return p, err
	}
	if p.IsGlobal() {
		return p, wire.BadRequest("Global is the policy of everybody who has no other; remove the assignment instead of assigning it.")
	}
	return p, nil
}

// assignUser gives a person a policy; an empty name takes it away.
func (s *Server) assignUser(c *wire.Call) error {
	t, err := policyType(c)
	if err != nil {
		return err
	}
	var body struct {
		PolicyName *string `json:"PolicyName"`
	}
	if err := c.DecodeJSON(&body, false); err != nil {
		return err
	}
	err = s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		u, err := tx.FindUser(c.Param("user"))
		if err != nil {
			return err
		}
		if body.PolicyName == nil || *body.PolicyName == "" {
			return tx.Unassign(u.ID, t)
		}
		p, err := grantable(tx, t, *body.PolicyName)
		if err != nil {
			return err
		}
		return tx.Assign(u.ID, p)
	})
	if err != nil {
		return err
	}
	return c.NoContent()
}

type groupRow struct {
	GroupID     string `json:"GroupId"`
	PolicyType  string `json:"PolicyType"`
	PolicyName  string `json:"PolicyName"`
	Rank        int    `json:"Rank"`
	CreatedTime string `json:"CreatedTime"`
	CreatedBy   string `json:"CreatedBy"`
}

// listGroups lists group assignments in order of type and rank. The query may
// name a policyType and a groupId (inferred from the command's parameters).
func (s *Server) listGroups(c *wire.Call) error {
	rows := []groupRow{}
	err := s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		for _, t := range store.PolicyTypes() {
			if want := c.Query.Get("policyType"); want != "" && !strings.EqualFold(want, t) {
				continue
			}
			names, err := tx.PolicyNames(t)
			if err != nil {
				return err
			}
			grants, err := tx.GroupGrants(t)
			if err != nil {
				return err
			}
			for i, g := range grants {
				if want := c.Query.Get("groupId"); want != "" && !strings.EqualFold(want, g.Group.String()) {
					continue
				}
				rows = append(rows, groupRow{
					GroupID: g.Group.String(), PolicyType: t, PolicyName: names[g.Policy].Name, Rank: i + 1,
					CreatedTime: g.Created.UTC().Format(time.RFC3339), CreatedBy: g.By,
				})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(200, rows)
}

// assignGroup gives a group a policy at a rank; without one it comes last.
func (s *Server) assignGroup(c *wire.Call) error {
	t, err := policyType(c)
	if err != nil {
		return err
	}
	var body struct {
		PolicyName string       `json:"PolicyName"`
		Rank       *json.Number `json:"Rank"`
	}
	if err := c.DecodeJSON(&body, false); err != nil {
		return err
	}
	rank := 0
	if body.Rank != nil {
		n, err := body.Rank.Int64()
		if err != nil {
			return wire.BadRequest("Rank must be a whole number.")
		}
		rank = int(max(n, 1))
	}
	if body.PolicyName == "" {
		return wire.BadRequest("PolicyName is missing; DELETE removes the assignment of a group.")
	}
	err = s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		g, err := tx.FindGroup(c.Param("group"))
		if err != nil {
			return err
		}
		p, err := grantable(tx, t, body.PolicyName)
		if err != nil {
			return err
		}
		return tx.AssignGroup(p, store.GroupGrant{Group: g.ID, Created: tx.Now(), By: c.Identity.ObjectID}, rank)
	})
	if err != nil {
		return err
	}
	return c.NoContent()
}

// unassignGroup takes a group's policy away (inferred: that the route exists
// is known from its command, its exact form is not).
func (s *Server) unassignGroup(c *wire.Call) error {
	t, err := policyType(c)
	if err != nil {
		return err
	}
	id, err := ids.Parse(c.Param("group"))
	if err != nil {
		return wire.BadRequest("Malformed group id %q.", c.Param("group"))
	}
	err = s.store.Update(c.Request.Context(), func(tx *store.Tx) error { return tx.UnassignGroup(t, id) })
	if err != nil {
		return err
	}
	return c.NoContent()
}
