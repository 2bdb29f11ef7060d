package graph

import (
	"errors"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// The app catalog. What a caller sees depends on who asks:
//
//	an application          apps with a published definition, nothing in review
//	a Teams administrator   everything
//	anybody else            published apps that their permission policy allows,
//	                        or that are available to them, and what they
//	                        submitted themselves
//
// In a real tenant an administrator's list obeys permission policies too;
// here it does not, so that absence from it means absence.

func (s *Server) catalogRoutes() []wire.Route {
	read := wire.Permission{
		Scopes: []string{"AppCatalog.Submit", "AppCatalog.Read.All", "AppCatalog.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
		Roles:  []string{"AppCatalog.Read.All", "AppCatalog.ReadWrite.All"},
	}
	// No roles: AppCatalog.ReadWrite.All exists as an application permission
	// but opens reads only.
	submit := wire.Permission{Scopes: []string{"AppCatalog.Submit", "AppCatalog.ReadWrite.All", "Directory.ReadWrite.All"}}
	manage := wire.Permission{Scopes: []string{"AppCatalog.ReadWrite.All", "Directory.ReadWrite.All"}, Admin: true}
	const app, def = "/appCatalogs/teamsApps/{app}", "/appCatalogs/teamsApps/{app}/appDefinitions/{definition}"
	return []wire.Route{
		{Method: "GET", Pattern: "/appCatalogs/teamsApps", Need: read, Handle: s.listApps},
		{Method: "POST", Pattern: "/appCatalogs/teamsApps", Need: submit, Handle: s.publishApp},
		{Method: "GET", Pattern: app, Need: read, Handle: s.getApp},
		{Method: "PUT", Pattern: app, Need: manage, Handle: s.replaceApp},
		{Method: "DELETE", Pattern: app, Need: submit, Handle: s.deleteApp},
		{Method: "GET", Pattern: app + "/appDefinitions", Need: read, Handle: s.listDefinitions},
		{Method: "POST", Pattern: app + "/appDefinitions", Need: submit, Handle: s.addDefinition},
		{Method: "GET", Pattern: def, Need: read, Handle: s.getDefinition},
		{Method: "PATCH", Pattern: def, Need: manage, Handle: s.reviewDefinition},
		{Method: "DELETE", Pattern: def, Need: submit, Handle: s.deleteDefinition},
		{Method: "GET", Pattern: def + "/bot", Need: read, Handle: s.getBot},
	}
}

func appProperties() []string {
	return []string{"id", "externalId", "displayName", "distributionMethod"}
}

// noSuchApp is the catalog's 404.
func noSuchApp() *wire.Error { return wire.NotFound("App doesn't exist in the tenant.") }

// appName is the name in the catalog: that of the published definition, or of
// the newest if none is published.
func appName(a store.App) string {
	if d := a.PublishedDefinition(); d != nil {
		return d.DisplayName
	}
	return a.Newest().DisplayName
}

func writeApp(dst []byte, a store.App, sel []string, expand []expansion, beta bool) []byte {
	o := begin(dst, sel)
	o.text("id", a.ID.String())
	o.text("externalId", a.ManifestID)
	o.text("displayName", appName(a))
	o.text("distributionMethod", "organization")
	for _, x := range expand {
		o.key("appDefinitions")
		o.out = append(o.out, '[')
		for i, d := range a.Definitions {
			if i > 0 {
				o.out = append(o.out, ',')
			}
			o.out = writeDefinition(o.out, a, d, x.sel, expands(x.expand, "bot"), beta)
		}
		o.out = append(o.out, ']')
	}
	return o.end()
}

func expands(list []expansion, name string) bool {
	return slices.ContainsFunc(list, func(x expansion) bool { return strings.EqualFold(x.name, name) })
}

// appExpansion reads $expand of an app, which has appDefinitions only.
func appExpansion(c *wire.Call) ([]expansion, error) {
	list, err := parseExpand(c.Query.Get("$expand"))
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		if !strings.EqualFold(x.name, "appDefinitions") {
			return nil, wire.BadRequest("Parsing OData Select and Expand failed: Could not find a property named '%s' on type 'microsoft.graph.teamsApp'.", x.name)
		}
		for _, y := range x.expand {
			if !strings.EqualFold(y.name, "bot") {
				return nil, wire.BadRequest("Parsing OData Select and Expand failed: Could not find a property named '%s' on type 'microsoft.graph.teamsAppDefinition'.", y.name)
			}
		}
	}
	return list, nil
}

func (s *Server) listApps(c *wire.Call) error {
	sel, err := selection(c, "teamsApp", appProperties())
	if err != nil {
		return err
	}
	expand, err := appExpansion(c)
	if err != nil {
		return err
	}
	if err := refuseOptions(c, "$search", "$orderby", "$skip"); err != nil {
		return err
	}
	var filter expr
	if raw := c.Query.Get("$filter"); raw != "" {
		if filter, err = parseFilter(raw); err != nil {
			return err
		}
	}
	l := &listing{}
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		see, err := s.viewer(tx, c)
		if err != nil {
			return err
		}
		return tx.Apps(func(a store.App) error {
			a, visible := see(a)
			if !visible {
				return nil
			}
			if filter != nil {
				if keep, err := evaluate(filter, appRecord{a}); err != nil || !keep {
					return err
				}
			}
			l.items = writeApp(l.add(), a, sel, expand, c.Beta())
			return nil
		})
	})
	if err != nil {
		return err
	}
	context := "appCatalogs/teamsApps"
	if len(expand) > 0 {
		context += "(appDefinitions())"
	}
	return l.write(c, context, -1)
}

// viewer gives the view that the caller has of each app: perhaps not all of
// its definitions, perhaps none.
func (s *Server) viewer(tx *store.Tx, c *wire.Call) (func(store.App) (store.App, bool), error) {
	if c.Identity.TeamsAdmin() && !c.Identity.App {
		return func(a store.App) (store.App, bool) { return a, true }, nil
	}
	allowed := func(store.App) bool { return true }
	mine := func(store.Definition) bool { return false }
	if !c.Identity.App {
		user, err := tx.FindUser(c.Identity.ObjectID)
		if err != nil {
			return nil, wire.Forbidden("%s is not in the directory.", c.Identity.Describe())
		}
		access, err := tx.AccessOf(user.ID)
		if err != nil {
			return nil, err
		}
		allowed = func(a store.App) bool {
			may, _ := access.Permitted(a.ID.String())
			return may
		}
		mine = func(d store.Definition) bool { return d.CreatedBy == c.Identity.ObjectID }
	}
	return func(a store.App) (store.App, bool) {
		ok := allowed(a)
		a.Definitions = slices.DeleteFunc(slices.Clone(a.Definitions), func(d store.Definition) bool {
			return !(d.State == store.Published && ok) && !mine(d)
		})
		return a, len(a.Definitions) > 0
	}, nil
}

// visibleApp finds the app of the path as the caller sees it.
func (s *Server) visibleApp(tx *store.Tx, c *wire.Call) (store.App, error) {
	id, err := ids.Parse(c.Param("app"))
	if err != nil {
		return store.App{}, wire.BadRequest("Malformed app id '%s'.", c.Param("app"))
	}
	a, err := tx.App(id)
	if errors.Is(err, store.ErrNotFound) {
		return a, noSuchApp()
	}
	if err != nil {
		return a, err
	}
	see, err := s.viewer(tx, c)
	if err != nil {
		return a, err
	}
	a, ok := see(a)
	if !ok {
		return a, noSuchApp()
	}
	return a, nil
}

func (s *Server) getApp(c *wire.Call) error {
	sel, err := selection(c, "teamsApp", appProperties())
	if err != nil {
		return err
	}
	expand, err := appExpansion(c)
	if err != nil {
		return err
	}
	var a store.App
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		var err error
		a, err = s.visibleApp(tx, c)
		return err
	})
	if err != nil {
		return err
	}
	return single(c, "appCatalogs/teamsApps/$entity", writeApp(nil, a, sel, expand, c.Beta()))
}

// appRecord lets a filter look at an app.
type appRecord struct{ a store.App }

func (r appRecord) property(path string) (string, bool, bool) {
	switch strings.ToLower(path) {
	case "id":
		return r.a.ID.String(), false, true
	case "externalid":
		return r.a.ManifestID, false, true
	case "displayname":
		return appName(r.a), false, true
	case "distributionmethod":
		return "organization", false, true
	}
	return "", false, false
}

func (r appRecord) children(path string) ([]record, bool) {
	if !strings.EqualFold(path, "appDefinitions") {
		return nil, false
	}
	var out []record
	for _, d := range r.a.Definitions {
		out = append(out, definitionRecord{r.a, d})
	}
	return out, true
}

// definitionRecord lets a filter look at a definition.
type definitionRecord struct {
	a store.App
	d store.Definition
}

func (r definitionRecord) property(path string) (string, bool, bool) {
	switch strings.ToLower(path) {
	case "id":
		return definitionID(r.a, r.d), false, true
	case "version":
		return r.d.Version, false, true
	case "displayname":
		return r.d.DisplayName, false, true
	case "publishingstate":
		return r.d.State, false, true
	case "bot", "bot/id":
		return r.d.BotID, r.d.BotID == "", true
	}
	return "", false, false
}

func (r definitionRecord) children(string) ([]record, bool) { return nil, false }
