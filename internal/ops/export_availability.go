package ops

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
)

// audiences are the attributes of an availability that somebody has set: those
// that are worth writing down.
func audiences(o engine.Object) []string {
	var out []string
	if o.Attrs["saved"] == true {
		out = append(out, "available_to")
	}
	if word, _ := schema.AudienceParts(o.Attrs["installed_for"]); word != schema.NoOne {
		out = append(out, "installed_for")
	}
	return out
}

// audienceGroups are the groups that exported availabilities name, by id.
func (x *exporter) audienceGroups() []string {
	var out []string
	for _, o := range x.objects[teams.Availability] {
		for _, name := range audiences(o) {
			_, list := schema.AudienceParts(o.Attrs[name])
			for _, p := range list {
				if id, ok := strings.CutPrefix(p, schema.PrincipalGroup); ok && !slices.Contains(out, id) {
					out = append(out, id)
				}
			}
		}
	}
	return out
}

// declareAvailabilities writes whom apps are available to and installed for.
func (x *exporter) declareAvailabilities(ctx context.Context) error {
	k := x.kinds.Kind(teams.Availability)
	var named []config.Named
	for _, o := range x.objects[k.Name] {
		named = append(named, config.Named{Key: o.Key, Name: cmp.Or(o.Name, o.Key)})
	}
	labels := config.Labels("app", named)
	written := 0
	for _, o := range x.objects[k.Name] {
		block, err := x.availability(ctx, k, o, labels[o.Key])
		if err != nil {
			return err
		}
		if len(block.Args) < 2 {
			continue
		}
		a := addr.New(k.Name, block.Label)
		x.at[keyed(k.Name, o.Key)] = a
		x.add(fileOf(k.Name), block)
		if !x.adopt {
			x.add(fileImports, config.ImportBlock(schema.Ref{Addr: a}, o.Key))
		}
		written++
	}
	if written > 0 {
		x.out.Counts = append(x.out.Counts, ExportCount{written, k.Title, k.Plural})
	}
	return nil
}

// availability makes the block of one app, whose first argument is the app.
func (x *exporter) availability(ctx context.Context, k *schema.Kind, o engine.Object, label string) (config.NewBlock, error) {
	b := config.NewBlock{Type: k.Name, Label: label}
	if app, ok := x.apps[strings.ToLower(o.ID)]; ok {
		b.Args = append(b.Args, config.NewArg{Name: "app", Value: schema.Ref{Addr: app}})
	} else {
		b.Args = append(b.Args, config.NewArg{Name: "app", Value: cmp.Or(o.Name, o.ID)})
	}
	for _, name := range audiences(o) {
		v, err := x.audience(ctx, label, name, o)
		if err != nil {
			return b, err
		}
		if v != nil {
			b.Args = append(b.Args, config.NewArg{Name: name, Value: v})
		}
	}
	return b, nil
}

// audience gives an audience as it is written: a word, or blocks. Nil stands for
// one that cannot be written.
func (x *exporter) audience(ctx context.Context, label, attr string, o engine.Object) (any, error) {
	word, list := schema.AudienceParts(o.Attrs[attr])
	if word != "" {
		return word, nil
	}
	var out []any
	var people []string
	for _, p := range list {
		id, isGroup := strings.CutPrefix(p, schema.PrincipalGroup)
		switch {
		case !isGroup:
			people = append(people, p)
		case x.labels[id] == "":
			x.cannot(fmt.Sprintf("%s.%s", teams.Availability, label), fmt.Sprintf("names the group %s, which the directory does not know", id), attr)
			return nil, nil
		default:
			out = append(out, schema.Ref{Addr: addr.New("group", x.labels[id])})
		}
	}
	if len(people) == 0 {
		return out, nil
	}
	names, err := x.reading.NamePrincipals(ctx, people)
	if err != nil {
		return nil, fmt.Errorf("names of people: %w", err)
	}
	upns := make([]string, len(people))
	for i, p := range people {
		upns[i] = config.PersonName(names[p], strings.TrimPrefix(p, schema.PrincipalUser))
	}
	slices.SortFunc(upns, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	users := x.freeLabel("users", label+map[string]string{"available_to": "_may_use", "installed_for": "_get"}[attr])
	file := ""
	if len(upns) > inlineUpTo {
		file = listsFolder + "/" + users + ".csv"
		x.lists[file] = upns
	}
	x.add(fileOf(teams.Availability), config.UsersBlock(users, file, upns))
	return append(out, schema.Ref{Addr: addr.New("users", users)}), nil
}
