package teams

import (
	"context"
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams/internal/delay"
	"github.com/teamsform/teamsform/internal/teams/internal/directory"
)

// PolicyTypes are the types of policy that people hold directly, in the order
// in which rows sort. Interners of rows start with them.
func PolicyTypes() []string { return []string{PermissionPolicy, SetupPolicy} }

// userAssignments is the table of policies that people hold directly.
type userAssignments struct{ *Reading }

// Rows returns the table of user assignments for planning.
func (t *Reading) Rows() engine.Table { return userAssignments{t} }

// Rows returns the table of user assignments for applying.
func (t *Writing) Rows() engine.TableWriter {
	return &userAssignmentWriter{userAssignments{t.Reading}, t}
}

// Batch implements engine.Table. Graph documents no limit for assign; see
// msgraph.DefaultAssignBatch.
func (userAssignments) Batch() (size, parallel int) { return msgraph.DefaultAssignBatch, 4 }

// Delay implements engine.Table.
func (userAssignments) Delay() schema.Delay { return delay.Person() }

// Name implements engine.Table.
func (t userAssignments) Name(id table.ID) string { return t.people.UserName(id) }

// Learn implements engine.Learner.
func (t userAssignments) Learn(ctx context.Context, users []table.ID) error {
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = u.String()
	}
	_, err := t.people.ResolveBatched(ctx, names)
	return err
}

// Missing implements engine.Census.
func (t userAssignments) Missing(ctx context.Context, users []table.ID) ([]table.ID, error) {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.String()
	}
	found, err := t.graph.GetByIDs(ctx, ids, "user")
	if err != nil {
		return nil, err
	}
	exists := map[string]bool{}
	for _, o := range found {
		exists[strings.ToLower(o.ID)] = true
	}
	var missing []table.ID
	for i, u := range users {
		if !exists[ids[i]] {
			missing = append(missing, u)
		}
	}
	return missing, nil
}

// Rows yields who holds which policy directly. One paged listing of all users
// tells it, whatever the number of rows; nobody is asked for one by one.
func (t userAssignments) Rows(ctx context.Context, names *table.Strings, yield func(table.Row)) error {
	read := newRowReader(t.people, names, yield)
	listed := 0
	err := t.graph.UserConfigurations(ctx, directory.PageSize, func(u msgraph.UserConfiguration) error {
		listed++
		return read.user(&u)
	})
	t.listed.Store(int64(listed))
	return err
}

// rowReader turns user configurations into rows.
type rowReader struct {
	people *directory.Directory
	names  *table.Strings
	types  map[string]table.Sym // by the service's name of the type
	yield  func(table.Row)
}

func newRowReader(people *directory.Directory, names *table.Strings, yield func(table.Row)) *rowReader {
	r := &rowReader{people: people, names: names, types: map[string]table.Sym{}, yield: yield}
	for _, kind := range PolicyTypes() {
		r.types[strings.ToLower(string(wireType(kind)))] = names.Sym(kind)
	}
	return r
}

// typeOf returns the symbol of a type, 0 for types that are not ours. The
// service's own spelling is remembered, so that folding it costs once.
func (r *rowReader) typeOf(wire string) table.Sym {
	sym, ok := r.types[wire]
	if !ok {
		sym = r.types[strings.ToLower(wire)]
		r.types[wire] = sym
	}
	return sym
}

// user yields the policies that one user holds directly.
func (r *rowReader) user(u *msgraph.UserConfiguration) error {
	var id table.ID
	for i := range u.Policies {
		p := &u.Policies[i]
		typ := r.typeOf(p.PolicyType)
		if typ == 0 || !strings.EqualFold(p.Assignment.AssignmentType, "direct") {
			continue
		}
		if id == (table.ID{}) {
			var err error
			if id, err = table.ParseID(u.ID); err != nil {
				return fmt.Errorf("user configuration %q: %w", u.ID, err)
			}
			r.people.Remember(id, u.UserPrincipalName)
		}
		r.yield(table.Row{User: id, Type: typ, Policy: r.names.Sym(msgraph.BarePolicyName(p.Assignment.DisplayName))})
	}
	return nil
}

// userAssignmentWriter assigns and unassigns.
type userAssignmentWriter struct {
	userAssignments
	w *Writing
}

// Apply implements engine.TableWriter.
func (t *userAssignmentWriter) Apply(ctx context.Context, names *table.Strings, op *engine.RowOp) engine.RowResult {
	typ := string(wireType(names.Name(op.Type)))
	batch := make([]msgraph.Assignment, len(op.Rows))
	for i, r := range op.Rows {
		batch[i] = msgraph.Assignment{UserID: r.Row.User.String(), PolicyType: typ}
	}
	var err error
	if op.Assign {
		var id string
		if id, err = t.people.PolicyID(ctx, typ, names.Name(op.Policy)); err != nil {
			return engine.RowResult{Err: err}
		}
		for i := range batch {
			batch[i].PolicyID = id
		}
		err = t.w.client.AssignPolicy(ctx, batch)
	} else {
		err = t.w.client.UnassignPolicy(ctx, batch)
	}
	if err == nil {
		return engine.RowResult{}
	}
	if gone, still := t.withoutGone(ctx, op, batch, err); len(gone) > 0 {
		return t.retry(ctx, op.Assign, still, gone)
	}
	// What becomes of the others when one is refused is not documented, so
	// every failure but a throttled one is settled by reading back.
	return engine.RowResult{Err: err, InDoubt: !msgraph.IsThrottled(err)}
}

// withoutGone finds, after a refusal, the people who do not exist any more.
func (t *userAssignmentWriter) withoutGone(ctx context.Context, op *engine.RowOp, batch []msgraph.Assignment, refusal error) (gone []int, still []msgraph.Assignment) {
	if ambiguous(refusal) || msgraph.IsThrottled(refusal) || msgraph.IsForbidden(refusal) {
		return nil, nil
	}
	ids := make([]string, len(batch))
	for i, a := range batch {
		ids[i] = a.UserID
	}
	found, err := t.graph.GetByIDs(ctx, ids, "user")
	if err != nil {
		return nil, nil
	}
	exists := map[string]bool{}
	for _, o := range found {
		exists[strings.ToLower(o.ID)] = true
	}
	for i, a := range batch {
		if exists[a.UserID] {
			still = append(still, a)
		} else {
			gone = append(gone, i)
		}
	}
	return gone, still
}

// retry sends the batch once more, without those who are gone.
func (t *userAssignmentWriter) retry(ctx context.Context, assign bool, still []msgraph.Assignment, gone []int) engine.RowResult {
	if len(still) == 0 {
		return engine.RowResult{Gone: gone}
	}
	send := t.w.client.UnassignPolicy
	if assign {
		send = t.w.client.AssignPolicy
	}
	err := send(ctx, still)
	return engine.RowResult{Gone: gone, Err: err, InDoubt: err != nil && !msgraph.IsThrottled(err)}
}

// RowsOf implements engine.TableWriter: twenty people per call, or one listing
// of all, whichever takes fewer calls.
func (t *userAssignmentWriter) RowsOf(ctx context.Context, names *table.Strings, users []table.ID, yield func(table.Row)) error {
	if listed := int(t.listed.Load()); listed > 0 && directory.Pages(len(users), directory.SingleBatch) > directory.Pages(listed, directory.PageSize) {
		return t.Rows(ctx, names, yield)
	}
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.String()
	}
	found, err := t.graph.UserConfigurationsByID(ctx, ids)
	if err != nil {
		return err
	}
	read := newRowReader(t.people, names, yield)
	for i := range found {
		if found[i].ID == "" {
			continue
		}
		if err := read.user(&found[i]); err != nil {
			return err
		}
	}
	return nil
}
