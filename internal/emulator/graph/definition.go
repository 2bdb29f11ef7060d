package graph

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// definitionID is opaque to callers. It tells the version, and for a
// definition that went through review its state: it changes with the state.
func definitionID(a store.App, d store.Definition) string {
	text := a.ID.String() + "##" + d.Version
	if d.InReview {
		text += "##" + strings.ToUpper(d.State[:1]) + d.State[1:]
	}
	return base64.StdEncoding.EncodeToString([]byte(text))
}

// etagOf is what If-Match must repeat: base64 text in quotes.
func etagOf(d store.Definition) string {
	return `"` + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "revision %06d", d.Revision)) + `"`
}

// findDefinition looks a definition up by its id. A proxy or a client may have
// escaped the padding, so ids compare without it.
func findDefinition(a store.App, id string) (int, error) {
	for i, d := range a.Definitions {
		if strings.TrimRight(definitionID(a, d), "=") == strings.TrimRight(id, "=") {
			return i, nil
		}
	}
	return 0, wire.NotFound("App definition '%s' doesn't exist; its id changes with its state.", id)
}

func definitionProperties(beta bool) []string {
	known := []string{"id", "teamsAppId", "displayName", "version", "description", "publishingState", "lastModifiedDateTime", "createdBy", "authorization"}
	if beta {
		return append(known, "shortdescription", "azureADAppId", "allowedInstallationScopes")
	}
	return append(known, "shortDescription")
}

// writeDefinition adds a definition to dst. The real service leaves
// lastModifiedDateTime and createdBy null, so this one does.
func writeDefinition(dst []byte, a store.App, d store.Definition, sel []string, bot, beta bool) []byte {
	o := begin(dst, sel)
	if d.InReview {
		o.always("@odata.etag", etagOf(d))
	}
	o.text("id", definitionID(a, d))
	o.text("teamsAppId", a.ID.String())
	o.text("displayName", d.DisplayName)
	o.text("version", d.Version)
	o.text("description", d.Description)
	o.text("publishingState", d.State)
	o.raw("lastModifiedDateTime", "null")
	o.raw("createdBy", "null")
	if beta {
		o.text("shortdescription", d.ShortDescription)
		o.textOrNull("azureADAppId", d.EntraAppID)
		o.textOrNull("allowedInstallationScopes", strings.Join(d.Scopes, ","))
	} else {
		o.text("shortDescription", d.ShortDescription)
	}
	o.raw("authorization", authorization(d))
	if bot {
		o.key("bot")
		o.out = append(o.out, botJSON(d)...)
	}
	return o.end()
}

func botJSON(d store.Definition) string {
	if d.BotID == "" {
		return "null"
	}
	return `{"id":` + string(appendText(nil, d.BotID)) + `}`
}

func authorization(d store.Definition) string {
	if d.EntraAppID == "" && len(d.Permissions) == 0 {
		return "null"
	}
	type permission struct {
		Value string `json:"permissionValue"`
		Type  string `json:"permissionType"`
	}
	var body struct {
		ClientAppID *string `json:"clientAppId"`
		Set         struct {
			Permissions []permission `json:"resourceSpecificPermissions"`
		} `json:"requiredPermissionSet"`
	}
	if d.EntraAppID != "" {
		body.ClientAppID = &d.EntraAppID
	}
	body.Set.Permissions = []permission{}
	for _, p := range d.Permissions {
		body.Set.Permissions = append(body.Set.Permissions, permission{p.Value, p.Kind})
	}
	raw, _ := json.Marshal(body) // plain strings cannot fail
	return string(raw)
}

func (s *Server) listDefinitions(c *wire.Call) error {
	sel, err := selection(c, "teamsAppDefinition", definitionProperties(c.Beta()))
	if err != nil {
		return err
	}
	expand, err := parseExpand(c.Query.Get("$expand"))
	if err != nil {
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
		a, err := s.visibleApp(tx, c)
		if err != nil {
			return err
		}
		for _, d := range a.Definitions {
			if filter != nil {
				if keep, err := evaluate(filter, definitionRecord{a, d}); err != nil {
					return err
				} else if !keep {
					continue
				}
			}
			l.items = writeDefinition(l.add(), a, d, sel, expands(expand, "bot"), c.Beta())
		}
		return nil
	})
	if err != nil {
		return err
	}
	return l.write(c, "appCatalogs/teamsApps('"+c.Param("app")+"')/appDefinitions", -1)
}

// visibleDefinition finds the definition of the path as the caller sees it.
func (s *Server) visibleDefinition(c *wire.Call) (a store.App, d store.Definition, err error) {
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		var err error
		if a, err = s.visibleApp(tx, c); err != nil {
			return err
		}
		i, err := findDefinition(a, c.Param("definition"))
		if err != nil {
			return err
		}
		d = a.Definitions[i]
		return nil
	})
	return a, d, err
}

func (s *Server) getDefinition(c *wire.Call) error {
	sel, err := selection(c, "teamsAppDefinition", definitionProperties(c.Beta()))
	if err != nil {
		return err
	}
	expand, err := parseExpand(c.Query.Get("$expand"))
	if err != nil {
		return err
	}
	a, d, err := s.visibleDefinition(c)
	if err != nil {
		return err
	}
	return writeEntity(c, a, d, 200, sel, expands(expand, "bot"))
}

func writeEntity(c *wire.Call, a store.App, d store.Definition, status int, sel []string, bot bool) error {
	out := append([]byte(nil), `{"@odata.context":`...)
	out = appendText(out, c.Root+c.Prefix+"/$metadata#appCatalogs/teamsApps('"+a.ID.String()+"')/appDefinitions/$entity")
	out = append(out, ',')
	return c.Raw(status, append(out, writeDefinition(nil, a, d, sel, bot, c.Beta())[1:]...))
}

func (s *Server) getBot(c *wire.Call) error {
	_, d, err := s.visibleDefinition(c)
	if err != nil {
		return err
	}
	if d.BotID == "" {
		return wire.NotFound("This app definition has no bot.")
	}
	return single(c, "teamworkBot/$entity", []byte(botJSON(d)))
}
