package config

import (
	"strings"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

// Declaration is a block that wants an object to be as it is, and what the
// block does not say about it.
type Declaration struct {
	Block NewBlock
	// Defaults are attributes that have the documented default and are left out.
	Defaults []string
	// Untold are attributes that the service did not tell.
	Untold []string
	// Cannot are attributes whose value no configuration can express.
	Cannot []schema.Problem
	// Nameless: the natural key is among those, so that no block can be about
	// the object.
	Nameless bool
}

// Declare writes an object in the words of its kind. app turns the id of an
// app of the catalog into a reference to its block, if there is one.
//
// An attribute is written only if reading it gives the same value again.
func Declare(k *schema.Kind, label string, attrs schema.Attrs, app func(id string) (addr.Instance, bool)) *Declaration {
	d := &Declaration{Block: NewBlock{Type: k.Name, Label: label}}
	if k.Unlabeled {
		d.Block.Label = ""
	}
	for _, a := range k.Attrs {
		if a.Late || a.Derived || a.Input || a.Untold {
			continue
		}
		v, told := attrs[a.Name]
		if !told || v == nil {
			d.Untold = append(d.Untold, a.Name)
			continue
		}
		isKey := a.Name == k.KeyAttr
		if problem := unwritable(a, v); problem != nil {
			d.Cannot = append(d.Cannot, *problem)
			d.Nameless = d.Nameless || isKey
			continue
		}
		switch {
		case isKey && k.LabelIsKey && v == label:
		case !isKey && a.Default != nil && a.Type.Equal(a.Default, v):
			d.Defaults = append(d.Defaults, a.Name)
		default:
			d.Block.Args = append(d.Block.Args, NewArg{a.Name, named(a.Type, v, app)})
		}
	}
	return d
}

// unwritable reads a value as a configuration would, and says what is wrong
// with it; nil means that it comes out as it went in.
func unwritable(a *schema.Attr, v any) *schema.Problem {
	value, err := schema.Value(v)
	if err != nil {
		return &schema.Problem{Attr: a.Name, Summary: schema.WrongType, Detail: err.Error()}
	}
	back, problems := a.Type.Decode(value)
	switch {
	case len(problems) > 0:
		p := problems[0]
		p.Attr = a.Name
		return &p
	case !a.Type.Equal(back, v):
		return &schema.Problem{Attr: a.Name, Summary: "Not expressible", Detail: "A configuration cannot hold this value exactly: it would be read as another one."}
	}
	return nil
}

// named replaces ids of apps by what people call them: a block, or one of the
// well-known names.
func named(t schema.Type, v any, app func(string) (addr.Instance, bool)) any {
	switch t := t.(type) {
	case schema.Apps:
		return namedApps(v, t.Known, app)
	case schema.AppChoice:
		out := map[string]any{}
		choice, _ := v.(map[string]any)
		for key, ids := range choice {
			out[key] = namedApps(ids, t.Known, app)
		}
		return out
	}
	return v
}

func namedApps(v any, known map[string]string, app func(string) (addr.Instance, bool)) any {
	ids, ok := v.([]any)
	if !ok {
		return v
	}
	byID := map[string]string{}
	for name, id := range known {
		if other, has := byID[id]; !has || name < other {
			byID[id] = name
		}
	}
	out := make([]any, len(ids))
	for i, e := range ids {
		id, _ := e.(string)
		id = strings.ToLower(id)
		if a, found := app(id); found {
			out[i] = schema.Ref{Addr: a}
		} else if name, found := byID[id]; found {
			out[i] = name
		} else {
			out[i] = id
		}
	}
	return out
}
