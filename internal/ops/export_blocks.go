package ops

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
)

// The files of an export.
const (
	fileTenant      = "tenant.teams.hcl"
	fileGroups      = "groups.teams.hcl"
	fileAssignments = "assignments.teams.hcl"
	fileImports     = "imports.teams.hcl"
	listsFolder     = "assignments"
)

// fileOf names the file that objects of a kind are written into; "" for kinds
// that this version does not write down.
func fileOf(kind string) string {
	switch kind {
	case teams.OrgSettings:
		return "org.teams.hcl"
	case teams.App:
		return "apps.teams.hcl"
	case teams.SetupPolicy:
		return "setup_policies.teams.hcl"
	case teams.PermissionPolicy:
		return "permission_policies.teams.hcl"
	case teams.Availability:
		return "availability.teams.hcl"
	}
	return ""
}

// headerOf says what a file holds.
func headerOf(file string) []string {
	switch file {
	case fileTenant:
		return []string{"The tenant, and the name of this configuration in it."}
	case fileOf(teams.App):
		return []string{
			"The apps of the organisation's catalog. The catalog does not give packages out, so each",
			"app is known by its manifest id alone: who gets it is managed here, its content is not.",
			"To manage the content too, put a package with the same id and a higher version into this",
			"folder and write, in place of manifest_id:",
			"",
			"  package = \"packages/NAME\"",
		}
	case fileOf(teams.SetupPolicy), fileOf(teams.PermissionPolicy), fileOf(teams.OrgSettings):
		return []string{"What is not mentioned is not managed: attributes at Microsoft's default are left out."}
	case fileOf(teams.Availability):
		return []string{"Whom apps are available to and installed for. Apps that nobody has set go with the organisation's default and do not stand here."}
	case fileGroups:
		return []string{"Groups that policies are assigned to, or that apps are for. They are looked up, never changed."}
	case fileAssignments:
		return []string{
			"Who has which policy. The direct holders of a policy are exactly those of its list:",
			"whoever is taken out of the list loses the policy.",
		}
	case fileImports:
		return []string{
			"These take what exists under management. Once applied they say nothing any more, and",
			"this file can be removed.",
		}
	}
	return nil
}

// exportFile is one file to be written.
type exportFile struct {
	name string // relative, with "/"
	data []byte
}

// files writes the blocks out, by file name.
func (x *exporter) files() ([]exportFile, error) {
	x.blocks[fileTenant] = x.cfg.SettingsBlocks()
	var out []exportFile
	for name, blocks := range x.blocks {
		data, err := config.WriteBlocks(headerOf(name), blocks)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, exportFile{name, data})
	}
	for name, people := range x.lists {
		data, err := config.WritePeople(people)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, exportFile{name, data})
	}
	slices.SortFunc(out, func(a, b exportFile) int { return strings.Compare(a.name, b.name) })
	return out, nil
}

func (x *exporter) add(file string, blocks ...config.NewBlock) {
	x.blocks[file] = append(x.blocks[file], blocks...)
}

// labelWord stands in for names that no identifier can be made of.
func labelWord(kind string) string {
	if i := strings.LastIndexByte(kind, '_'); i >= 0 {
		return kind[i+1:]
	}
	return kind
}

// declareKind writes the objects of one kind.
func (x *exporter) declareKind(k *schema.Kind) {
	objects := x.objects[k.Name]
	if len(objects) == 0 {
		return
	}
	var named []config.Named
	for _, o := range objects {
		named = append(named, config.Named{Key: schema.FoldKey(o.Key), Name: calledBy(k, o)})
	}
	labels := config.Labels(labelWord(k.Name), named)
	written := 0
	for _, o := range objects {
		if x.declare(k, o, labels[schema.FoldKey(o.Key)]) {
			written++
		}
	}
	if !k.Unlabeled {
		x.out.Counts = append(x.out.Counts, ExportCount{written, k.Title, k.Plural})
	}
}

// declare writes one object. Apps come before policies, which name them.
func (x *exporter) declare(k *schema.Kind, o engine.Object, label string) bool {
	d := config.Declare(k, label, x.known(k, o.Attrs), func(id string) (addr.Instance, bool) {
		a, ok := x.apps[id]
		return a, ok
	})
	what := fmt.Sprintf("%s %q", k.Title, calledBy(k, o))
	if d.Nameless {
		x.cannot(what, d.Cannot[0].Summary+": "+d.Cannot[0].Detail)
		return false
	}
	a := addr.New(k.Name, d.Block.Label)
	x.at[keyed(k.Name, o.Key)] = a
	for _, p := range d.Cannot {
		x.cannot(a.String(), p.Summary+": "+p.Detail, p.Attr)
	}
	if untold := x.ofModel(k, d.Untold); len(untold) > 0 {
		x.cannot(a.String(), "the service does not tell", untold...)
	}
	if len(d.Defaults) > 0 {
		x.out.Defaults = append(x.out.Defaults, ExportNote{What: a.String(), Attrs: d.Defaults})
	}
	if k.Name == teams.App {
		x.apps[strings.ToLower(o.ID)] = a
		d.Block.Comments = []string{appComment(o)}
	}
	if k.Unlabeled && len(d.Block.Args) == 0 {
		return false
	}
	x.add(fileOf(k.Name), d.Block)
	if !x.adopt && !k.IsReserved(o.Key) {
		x.add(fileImports, config.ImportBlock(schema.Ref{Addr: a}, o.Key))
	}
	return true
}

// ofModel leaves out attributes that the tenant's access model does not have.
func (x *exporter) ofModel(k *schema.Kind, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		a := k.Attr(name)
		return a != nil && len(a.Models) > 0 && !slices.Contains(a.Models, x.cfg.Tenant.AccessModel)
	})
}

// known gives the attributes of an object that the access model has.
func (x *exporter) known(k *schema.Kind, attrs schema.Attrs) schema.Attrs {
	out := schema.Attrs{}
	for name, v := range attrs {
		if a := k.Attr(name); a == nil || len(a.Models) == 0 || slices.Contains(a.Models, x.cfg.Tenant.AccessModel) {
			out[name] = v
		}
	}
	return out
}

// appComment says which app a manifest id stands for.
func appComment(o engine.Object) string {
	if v, _ := o.Attrs["version"].(string); v != "" {
		return o.Name + ", version " + v
	}
	return o.Name
}
