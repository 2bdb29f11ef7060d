package guarding

import (
	"context"
	"maps"
	"slices"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// assess asks what the plan changes for people, if it changes anything that
// affects access.
func (j *judging) assess(ctx context.Context) bool {
	if j.Input.Assessor == nil || !j.affectsAccess() {
		return true
	}
	in := engine.AssessInput{
		Config: j.Input.Config, Kinds: j.Input.Kinds, Plan: j.Plan, Tenant: j.Input.Tenant, PlannedAt: j.Input.PlannedAt, Strings: j.Input.Strings,
		Before: engine.World{Objects: j.Objects, Rows: j.Holders, HasRows: j.HasRows},
		After:  engine.World{Objects: j.worldAfter(), Rows: j.rowsAfter(), HasRows: j.HasRows},
		Name:   table.ID.String,
	}
	if j.Input.Table != nil {
		in.Name = j.Input.Table.Name
	}
	impact, diags := j.Input.Assessor.Assess(ctx, in)
	j.diags = append(j.diags, diags...)
	if told := j.Plan.Impact; told != nil && impact != nil { // by what explains changes
		impact.Consent = append(impact.Consent, told.Consent...)
		impact.Accepted = append(impact.Accepted, told.Accepted...)
		impact.Windows = append(impact.Windows, told.Windows...)
	}
	if impact != nil {
		j.Plan.Impact = impact
	}
	return !diags.HasErrors()
}

// affectsAccess reports whether anything in the plan bears on what people can
// do.
func (j *judging) affectsAccess() bool {
	if len(j.Plan.RowOps) > 0 {
		return true
	}
	for _, c := range j.Plan.Changes {
		if c.Kind.Lost != nil || c.Action == engine.Create || c.Action == engine.Delete {
			return true
		}
		if slices.ContainsFunc(c.Attrs, func(a engine.AttrChange) bool { return a.Attr.AffectsAccess }) {
			return true
		}
	}
	return false
}

// worldAfter is what the tenant will have once the plan is carried out.
func (j *judging) worldAfter() map[string][]engine.Object {
	out := map[string][]engine.Object{}
	for kind, list := range j.Objects {
		for _, o := range list {
			o.Attrs = maps.Clone(o.Attrs)
			out[kind] = append(out[kind], o)
		}
	}
	for _, op := range j.Plan.Ops {
		out[op.Kind.Name] = applied(out[op.Kind.Name], op)
	}
	return out
}

// applied is a list of objects after one operation.
func applied(list []engine.Object, op *engine.Op) []engine.Object {
	at := slices.IndexFunc(list, func(o engine.Object) bool { return schema.FoldKey(o.Key) == schema.FoldKey(op.Key) })
	switch {
	case op.Action == engine.Delete && at >= 0:
		return slices.Delete(list, at, at+1)
	case op.Action == engine.Delete:
		return list
	case at < 0:
		o := engine.Object{Key: op.Key, Name: op.Name, Attrs: schema.Attrs{}}
		if from := slices.IndexFunc(list, func(o engine.Object) bool {
			return op.CopyOf != "" && schema.FoldKey(o.Key) == schema.FoldKey(op.CopyOf)
		}); from >= 0 {
			maps.Copy(o.Attrs, list[from].Attrs)
		}
		list = append(list, o)
		at = len(list) - 1
	}
	maps.Copy(list[at].Attrs, op.After)
	return list
}

// rowsAfter is who holds what once the plan is carried out.
func (j *judging) rowsAfter() []table.Row {
	if !j.HasRows {
		return nil
	}
	type key struct {
		user table.ID
		typ  table.Sym
	}
	changed := map[key]bool{}
	for _, op := range j.Plan.RowOps {
		for _, r := range op.Rows {
			changed[key{r.Row.User, r.Row.Type}] = true
		}
	}
	var out []table.Row
	for _, row := range j.Holders {
		if !changed[key{row.User, row.Type}] {
			out = append(out, row)
		}
	}
	for _, op := range j.Plan.RowOps {
		for _, r := range op.Rows {
			if op.Assign {
				out = append(out, r.Row)
			}
		}
	}
	table.Sort(out)
	return out
}
