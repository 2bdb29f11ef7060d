package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/teamsform/teamsform/engine/internal/membership"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/table"
)

// readMembers reads what the state has of whom the blocks named.
func (b *builder) readMembers(out CompileOutput) *membership.Book {
	in := membership.Input{Strings: b.in.Strings, Name: b.in.Table.Name, Audiences: out.Audiences}
	if b.in.Prior != nil {
		in.Recorded = b.in.Prior.Audiences
	}
	if b.in.Config != nil && len(b.in.Config.Moved) > 0 {
		in.Moved = b.in.Config.MovedTo
	}
	book, err := membership.Read(in)
	if err != nil {
		b.diags = append(b.diags, diag.FromError("State cannot be read", err)...)
	}
	return book
}

// dropGone takes rows that are neither wanted nor held out of the state, and
// says of which the person has left the directory.
func (rb *rowBuilder) dropGone(ctx context.Context) bool {
	if len(rb.gone) == 0 {
		return true
	}
	users := make([]table.ID, len(rb.gone))
	for i, r := range rb.gone {
		users[i] = r.User
	}
	left := map[table.ID]bool{}
	if c, ok := rb.b.in.Table.(Census); ok && !rb.b.in.Destroy {
		missing, err := c.Missing(ctx, users)
		if err != nil {
			rb.b.diags = append(rb.b.diags, diag.FromError("The directory could not be read", fmt.Errorf("look-up of people: %w", err))...)
			return false
		}
		for _, id := range missing {
			left[id] = true
		}
	}
	for _, r := range rb.gone {
		if !left[r.User] {
			rb.drop(r, Forget, ReasonGone)
			continue
		}
		rb.drop(r, Forget, ReasonLeft)
		rb.leavers = append(rb.leavers, r)
	}
	slices.SortFunc(rb.record.Drop, table.CompareKey)
	return true
}

// rememberMembers puts into the plan what the state will hold of audiences.
func (b *builder) rememberMembers() {
	if b.members == nil || b.in.Config == nil || b.back != nil || b.in.Destroy || b.plan.Partial || b.diags.HasErrors() {
		return
	}
	raw := b.members.Remember(b.in.MembershipOnly)
	if b.in.Prior == nil || string(raw) != string(b.in.Prior.Audiences) {
		b.plan.Audiences = raw
	}
}

// onlyMembers cuts the plan to what the directory has caused: people who joined
// get what the files say, and people who left lose it.
func (b *builder) onlyMembers() {
	if !b.in.MembershipOnly {
		return
	}
	p := b.plan
	p.Header.MembershipOnly, p.KeepOutputs = true, true
	rows := b.rows
	if rows != nil {
		names := b.in.Strings
		rows.changes = slices.DeleteFunc(rows.changes, func(r rowDecision) bool {
			if r.assign {
				return r.Reason != ReasonJoined || len(b.policyNeeds(names.Name(r.Row.Type), names.Name(r.Row.Policy))) > 0
			}
			return r.Reason != ReasonLeft
		})
		rows.record.Set, rows.record.Drop = nil, rows.leavers
		rows.noted.list = slices.DeleteFunc(rows.noted.list, func(g *RowGroup) bool { return g.Reason != ReasonLeft })
	}
	p.Changes, p.Ops, p.Recorded = nil, nil, nil
	p.Records = &Records{}
	p.Refusals = nil
	p.Attention = slices.DeleteFunc(p.Attention, func(n Note) bool { return !n.Addr.IsZero() })
}
