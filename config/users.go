package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/files"
	"github.com/teamsform/teamsform/config/internal/people"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// errorUpTo is how many names a list may have for an unknown person to be an
// error by default. In a longer list a leaver must not stop the tenant.
const errorUpTo = 100

// users evaluates a users block. To other blocks it is opaque, so that it has
// the same value whether its names could be read or not.
func (o *object) users(a addr.Instance, ctx *hcl.EvalContext) cty.Value {
	opaque := schema.OpaqueValue(a)
	got := o.l.Attributes(o.shape, ctx)
	u := &Users{Addr: a, File: o.rng.Filename, Range: o.rng}
	u.Missing, _ = got.Attrs["missing"].(string)
	by := o.exactlyOne(got, "csv", "upns", "object_ids")
	if w := o.shape.Written["column"]; w != nil && by != "" && by != "csv" {
		o.l.Error(&w.NameRange, problem.Column, "column names a column of a CSV file, and %s has no csv. Remove column.", o.addr)
	}
	switch by {
	case "csv":
		o.readCSV(u, got)
	case "upns", "object_ids":
		o.listNames(u, got.Attrs[by].([]any), o.shape.Written[by].Expr, slices.Contains(got.Sensitive, by))
	default:
		return opaque
	}
	if u.Missing == "" {
		u.Missing = MissingWarn
		if len(u.Names) <= errorUpTo {
			u.Missing = MissingError
		}
	}
	o.l.cfg.Users[a] = u
	return opaque
}

func (o *object) readCSV(u *Users, got *eval.Values) {
	rng := got.Ranges["csv"]
	name := got.Attrs["csv"].(string)
	u.File = o.l.folder.Shown(name)
	data, err := o.l.folder.Read(name)
	if err != nil {
		o.l.Add(files.Diagnostic(&rng, err))
		return
	}
	column, given := got.Attrs["column"].(string)
	if !given {
		column = "upn"
	}
	names, problems := people.Read(u.File, data, column)
	u.Names = names
	for _, d := range problems {
		if d.Subject == nil {
			d.Subject = &rng
		}
		o.l.Add(d)
	}
}

// listNames takes names that are written in the configuration itself.
func (o *object) listNames(u *Users, names []any, expr hcl.Expression, hidden bool) {
	seen := people.NewSet(len(names))
	for i, e := range names {
		rng := elementRange(expr, i)
		name, complaint := people.Parse(e.(string))
		if complaint != "" && hidden {
			complaint = fmt.Sprintf("Element %d is neither a user principal name nor an object id. It is sensitive and not shown.", i+1)
		}
		if complaint != "" {
			o.l.Error(&rng, people.SumBadName, "%s", complaint)
			continue
		}
		name.Line = int32(rng.Start.Line)
		if first, repeated := seen.Add(u.Names, name); repeated && hidden {
			o.l.Warn(&rng, people.SumRepeated, "Element %d repeats an earlier one. It counts once; remove one of them.", i+1)
			continue
		} else if repeated {
			o.l.Warn(&rng, people.SumRepeated, "%s stands on line %d and again on line %d. It counts once; remove one of them.", name, u.Names[first].Line, name.Line)
			continue
		}
		u.Names = append(u.Names, name)
	}
}

// elementRange is where element i of a list is written, or the whole list when
// it is computed.
func elementRange(expr hcl.Expression, i int) hcl.Range {
	if list, ok := expr.(*hclsyntax.TupleConsExpr); ok && i < len(list.Exprs) {
		return list.Exprs[i].Range()
	}
	return expr.Range()
}
