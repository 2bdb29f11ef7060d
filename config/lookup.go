package config

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/config/internal/settings"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// Blocks that look something up in the directory or in the store: users, group
// and store_app. Nothing is read here; they say what will be asked for.

func lookupSpec(blockType string) *eval.Spec {
	s := &eval.Spec{What: blockType + " block", Meta: []string{"for_each", "when"}}
	switch blockType {
	case typeUsers:
		s.Attrs = []*schema.Attr{
			{Name: "csv", Type: schema.String{What: "path"}, Doc: "CSV file with one person per row."},
			{Name: "column", Type: schema.String{}, Doc: `Column of the CSV file that names the person; "upn" by default.`},
			{Name: "upns", Type: schema.StringList{Of: schema.String{What: "user principal name"}}, Doc: "User principal names."},
			{Name: "object_ids", Type: schema.StringList{Of: schema.String{What: "object id", Check: settings.CheckGUID}}, Doc: "Directory object ids."},
			{Name: "missing", Type: schema.String{Words: []string{MissingError, MissingWarn}}, Doc: "What a person who is not found is: an error by default up to 100 names, else a warning."},
		}
	case typeGroup:
		s.Attrs = []*schema.Attr{
			{Name: "name", Type: schema.String{}, Doc: "Display name; must be unique in the directory."},
			{Name: "object_id", Type: schema.String{What: "object id", Check: settings.CheckGUID}, Doc: "Directory object id."},
			{Name: "mail", Type: schema.String{Check: checkMail, What: "mail address"}, Doc: "Mail address of the group."},
		}
	case typeStoreApp:
		s.Attrs = []*schema.Attr{
			{Name: "id", Type: schema.String{Check: checkAppID, What: "app id"}, Required: true, Doc: "The app's id in the store, such as 42f6c1da-a241-483a-a3cc-4f5be9185951."},
		}
	}
	return s
}

func checkMail(s string) string {
	if i := strings.IndexByte(s, '@'); i <= 0 || i == len(s)-1 || strings.ContainsAny(s, " \t") {
		return "Expected a mail address, such as support@contoso.example."
	}
	return ""
}

// checkAppID accepts GUIDs and ids in reverse-domain form.
func checkAppID(s string) string {
	if settings.CheckGUID(s) != "" && (!strings.Contains(s, ".") || strings.ContainsAny(s, " /")) {
		return "Expected an app id, such as 42f6c1da-a241-483a-a3cc-4f5be9185951 or com.example.app."
	}
	return ""
}

// declareLookup declares a users, group or store_app block.
func (l *loader) declareLookup(b *hclBlock) {
	o := l.newObject(b, lookupSpec(b.Type))
	if o == nil {
		return
	}
	switch b.Type {
	case typeUsers:
		o.one = o.users
	case typeGroup:
		o.attributes = []string{"name", "object_id"}
		o.one = o.group
	case typeStoreApp:
		o.attributes = []string{"id"}
		o.one = o.storeApp
	}
}

// exactlyOne returns the name of the one attribute that is given, or reports
// that none is, or several are.
func (o *object) exactlyOne(got *eval.Values, names ...string) string {
	var found []string
	for _, name := range names {
		if got.Attrs[name] != nil {
			found = append(found, name)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	if got.Complete {
		listed := strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
		if len(found) == 0 {
			o.l.Error(&o.rng, problem.ExactlyOne, "%s needs one of %s.", o.addr, listed)
		} else {
			o.l.Error(&o.rng, problem.ExactlyOne, "%s has %s; write only one of %s.", o.addr, strings.Join(found, " and "), listed)
		}
	}
	return ""
}

func (o *object) group(a addr.Instance, ctx *hcl.EvalContext) cty.Value {
	got := o.l.Attributes(o.shape, ctx)
	g := &Group{Addr: a, Range: o.rng}
	by := o.exactlyOne(got, "name", "object_id", "mail")
	text, _ := got.Attrs[by].(string)
	name, id := schema.LateValue(a, "name"), schema.LateValue(a, "object_id")
	switch by {
	case "name":
		g.Name, name = text, cty.StringVal(text)
	case "object_id":
		g.ID = strings.ToLower(text)
		id = cty.StringVal(g.ID)
	case "mail":
		g.Mail = text
	default:
		return unknown()
	}
	o.l.cfg.Groups[a] = g
	return schema.BlockValue(a, map[string]cty.Value{"name": name, "object_id": id})
}

func (o *object) storeApp(a addr.Instance, ctx *hcl.EvalContext) cty.Value {
	got := o.l.Attributes(o.shape, ctx)
	id, ok := got.Attrs["id"].(string)
	if !ok {
		return unknown()
	}
	id = strings.ToLower(id)
	o.l.cfg.StoreApps[a] = &StoreApp{Addr: a, ID: id, Range: o.rng}
	return schema.BlockValue(a, map[string]cty.Value{"id": cty.StringVal(id)})
}
