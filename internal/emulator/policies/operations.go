package policies

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// maxIdentities is the number of people in one batch operation.
const maxIdentities = 5000

type userState struct {
	ID     string `json:"Id"`
	Result string `json:"Result"`
	State  string `json:"State"`
}

type operationRow struct {
	OperationID     string      `json:"OperationId"`
	OperationName   string      `json:"OperationName"`
	OverallStatus   string      `json:"OverallStatus"`
	CreatedTime     string      `json:"CreatedTime"`
	CreatedBy       string      `json:"CreatedBy"`
	CompletedTime   string      `json:"CompletedTime,omitempty"`
	CompletedCount  int         `json:"CompletedCount"`
	ErrorCount      int         `json:"ErrorCount"`
	InProgressCount int         `json:"InProgressCount"`
	NotStartedCount int         `json:"NotStartedCount"`
	UserState       []userState `json:"UserState,omitempty"`
}

// startOperation gives up to 5,000 people a policy, or takes it away when
// PolicyName is null or empty. It is done when the answer comes. People who do
// not exist fail on their own: the operation is Completed all the same. The
// request's form is inferred from the command's parameters.
func (s *Server) startOperation(c *wire.Call) error {
	var body struct {
		PolicyType    string   `json:"PolicyType"`
		PolicyName    *string  `json:"PolicyName"`
		Identities    []string `json:"Identities"`
		OperationName string   `json:"OperationName"`
	}
	if err := c.DecodeJSON(&body, false); err != nil {
		return err
	}
	t, err := knownType(body.PolicyType)
	if err != nil {
		return err
	}
	if len(body.Identities) == 0 || len(body.Identities) > maxIdentities {
		return wire.BadRequest("Identities must hold 1 to %d users; there are %d.", maxIdentities, len(body.Identities))
	}
	id, err := ids.Parse(s.opt.NewID())
	if err != nil {
		return fmt.Errorf("new operation id: %w", err)
	}
	name := ""
	if body.PolicyName != nil {
		name = *body.PolicyName
	}
	op := store.Operation{ID: id, Name: body.OperationName, By: c.Identity.ObjectID}
	err = s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		var p store.Policy
		if name != "" {
			var err error
			if p, err = grantable(tx, t, name); err != nil {
				return err
			}
		}
		op.Created = tx.Now()
		identities := body.Identities
		if store.Partial(c.Request.Context()) {
			identities = failSome(&op, identities)
		}
		if err := assignAll(tx, &op, t, p, name == "", identities); err != nil {
			return err
		}
		return tx.PutOperation(op)
	})
	if err != nil {
		return err
	}
	return c.JSON(200, map[string]string{"OperationId": id.String()})
}

// failSome takes every second person out of a batch and notes them as failed.
func failSome(op *store.Operation, identities []string) []string {
	var rest []string
	for i, ref := range identities {
		if i%2 == 1 {
			op.Results.Failed = append(op.Results.Failed, ref)
		} else {
			rest = append(rest, ref)
		}
	}
	return rest
}

func assignAll(tx *store.Tx, op *store.Operation, t string, p store.Policy, take bool, identities []string) error {
	var found []ids.ID
	seen := map[ids.ID]bool{}
	for _, ref := range identities {
		u, err := tx.FindUser(ref)
		switch {
		case err != nil && !slices.Contains(op.Results.Failed, ref):
			op.Results.Failed = append(op.Results.Failed, ref)
		case err == nil && !seen[u.ID]:
			seen[u.ID] = true
			found = append(found, u.ID)
		}
	}
	slices.SortFunc(found, ids.Compare)
	for _, user := range found {
		err := error(nil)
		if take {
			err = tx.Unassign(user, t)
		} else {
			err = tx.Assign(user, p)
		}
		if err != nil {
			return err
		}
		op.Results.Succeeded = append(op.Results.Succeeded, user[:]...)
	}
	return nil
}

func row(o store.Operation, detail bool) operationRow {
	r := operationRow{
		OperationID: o.ID.String(), OperationName: o.Name, OverallStatus: "Completed",
		CreatedTime: o.Created.UTC().Format(time.RFC3339), CreatedBy: o.By,
		CompletedCount: o.Done, ErrorCount: o.Errors,
	}
	if !detail {
		return r
	}
	r.CompletedTime = r.CreatedTime
	for p := o.Results.Succeeded; len(p) >= len(ids.ID{}); p = p[len(ids.ID{}):] {
		r.UserState = append(r.UserState, userState{ID: ids.ID(p[:len(ids.ID{})]).String(), Result: "Success", State: "Completed"})
	}
	for _, ref := range o.Results.Failed {
		r.UserState = append(r.UserState, userState{ID: ref, Result: "User not found", State: "Completed"})
	}
	return r
}

// listOperations lists finished operations, the latest first.
func (s *Server) listOperations(c *wire.Call) error {
	rows := []operationRow{}
	err := s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		return tx.Operations(func(o store.Operation) error {
			rows = append(rows, row(o, false))
			return nil
		})
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, func(a, b operationRow) int { return strings.Compare(b.CreatedTime, a.CreatedTime) })
	return c.JSON(200, rows)
}

func (s *Server) getOperation(c *wire.Call) error {
	id, err := ids.Parse(c.Param("id"))
	if err != nil {
		return wire.BadRequest("Malformed operation id %q.", c.Param("id"))
	}
	var out operationRow
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		o, err := tx.Operation(id)
		out = row(o, true)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(200, out)
}
