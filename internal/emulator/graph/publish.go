package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// upload reads the app package of a request body.
func upload(c *wire.Call) (*apppackage.Package, []byte, error) {
	ct, _, _ := strings.Cut(c.Request.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(ct), "application/zip") {
		return nil, nil, wire.Errorf(415, "UnsupportedMediaType", "Content-Type '%s' is not supported; send the package as application/zip.", ct)
	}
	body, err := c.Body(wire.MaxPackage)
	if err != nil {
		return nil, nil, err
	}
	p, refused := apppackage.Receive(body)
	if len(refused) > 0 {
		return nil, nil, unparsable(refused)
	}
	return p, body, nil
}

// unparsable is the answer for a package that cannot be published: each finding
// under its code, with the place that it is about.
func unparsable(findings []apppackage.Finding) *wire.Error {
	inner := &wire.Inner{Code: "UnableToParseTeamsAppManifest"}
	var parts []string
	for _, f := range findings {
		inner.Details = append(inner.Details, wire.Detail{Code: f.Rule, Message: f.Message, Target: f.Target()})
		parts = append(parts, f.Target()+" | "+f.Message)
	}
	message := strings.Join(parts, "; ")
	inner.Message = &message
	return &wire.Error{Status: 400, Code: "BadRequest", Message: message, Inner: inner}
}

// alreadyThere is the answer for a manifest id or version that exists.
func alreadyThere() *wire.Error {
	empty := ""
	return &wire.Error{Status: 409, Code: "Conflict", Message: "Conflict", Inner: &wire.Inner{Code: "AppDefinitionAlreadyExists", Message: &empty}}
}

// review reads requiresReview and checks that the caller may do without.
func review(c *wire.Call) (bool, error) {
	switch strings.ToLower(c.Query.Get("requiresReview")) {
	case "true":
		return true, nil
	case "", "false":
		if !c.Identity.TeamsAdmin() || !c.Identity.Can([]string{"AppCatalog.ReadWrite.All", "Directory.ReadWrite.All"}, nil) {
			return false, wire.Forbidden("Only a Teams administrator with AppCatalog.ReadWrite.All may publish without review; %s may set requiresReview=true.", c.Identity.Describe())
		}
		return false, nil
	}
	return false, wire.BadRequest("requiresReview must be true or false.")
}

func definitionOf(tx *store.Tx, c *wire.Call, p *apppackage.Package, inReview bool) (store.Definition, error) {
	revision, err := tx.Revision()
	m := p.Manifest
	d := store.Definition{
		Version: m.Version, State: store.Published, InReview: inReview, Revision: revision,
		DisplayName: m.Name.Short, ShortDescription: m.Description.Short, Description: m.Description.Full,
		Digest: p.Digest, Modified: tx.Now(), CreatedBy: c.Identity.ObjectID, Scopes: installScopes(m),
	}
	if inReview {
		d.State = store.Submitted
	}
	if len(m.Bots) > 0 {
		d.BotID = m.Bots[0].BotID
	}
	if m.WebApplicationInfo != nil {
		d.EntraAppID = m.WebApplicationInfo.ID
	}
	for _, r := range m.Authorization {
		d.Permissions = append(d.Permissions, store.RSCPermission{Value: r.Name, Kind: strings.ToLower(r.Type)})
	}
	return d, err
}

// installScopes are the places where an app can be installed, in the order in
// which the flags are written.
func installScopes(m apppackage.Manifest) []string {
	var all []string
	for _, b := range m.Bots {
		all = append(all, b.Scopes...)
	}
	for _, t := range m.StaticTabs {
		all = append(all, t.Scopes...)
	}
	for _, t := range m.ConfigurableTabs {
		all = append(all, t.Scopes...)
	}
	for _, t := range m.Connectors {
		all = append(all, t.Scopes...)
	}
	var out []string
	for _, want := range []string{"team", "groupChat", "personal"} {
		if slices.ContainsFunc(all, func(s string) bool { return strings.EqualFold(s, want) }) {
			out = append(out, want)
		}
	}
	return out
}

// publishApp adds an app to the catalog.
func (s *Server) publishApp(c *wire.Call) error {
	inReview, err := review(c)
	if err != nil {
		return err
	}
	p, body, err := upload(c)
	if err != nil {
		return err
	}
	id, err := ids.Parse(s.opt.NewID())
	if err != nil {
		return fmt.Errorf("new catalog id: %w", err)
	}
	a := store.App{ID: id, ManifestID: strings.ToLower(p.Manifest.ID)}
	err = s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		if _, err := tx.AppByManifestID(a.ManifestID); err == nil {
			return alreadyThere()
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		d, err := definitionOf(tx, c, p, inReview)
		if err != nil {
			return err
		}
		a.Definitions = []store.Definition{d}
		if err := tx.PutPackage(a.ID, d.Version, body); err != nil {
			return err
		}
		return tx.PutApp(a)
	})
	if err != nil {
		return err
	}
	c.Writer.Header().Set("Location", c.Root+c.Prefix+"/appCatalogs/teamsApps/"+a.ID.String())
	out := append([]byte(nil), `{"@odata.context":`...)
	out = appendText(out, c.Root+c.Prefix+"/$metadata#appCatalogs/teamsApps/$entity")
	out = append(out, ',')
	return c.Raw(201, append(out, writeApp(nil, a, nil, nil, c.Beta())[1:]...))
}

// addDefinition brings a new version of an app.
func (s *Server) addDefinition(c *wire.Call) error {
	inReview, err := review(c)
	if err != nil {
		return err
	}
	a, d, err := s.newVersion(c, inReview)
	if err != nil {
		return err
	}
	if !inReview {
		return c.NoContent()
	}
	c.Writer.Header().Set("Location", c.Root+c.Prefix+"/appCatalogs/teamsApps/"+a.ID.String()+"/appDefinitions/"+definitionID(a, d))
	return writeEntity(c, a, d, 201, nil, false)
}

// replaceApp is the older way to bring a new version: PUT of the package on
// the app itself.
func (s *Server) replaceApp(c *wire.Call) error {
	if _, _, err := s.newVersion(c, false); err != nil {
		return err
	}
	return c.NoContent()
}

func (s *Server) newVersion(c *wire.Call, inReview bool) (a store.App, d store.Definition, err error) {
	p, body, err := upload(c)
	if err != nil {
		return a, d, err
	}
	err = s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		var err error
		if a, err = s.visibleApp(tx, c); err != nil {
			return err
		}
		if a, err = tx.App(a.ID); err != nil { // all of it, not only what the caller sees
			return err
		}
		if err := acceptsVersion(a, p.Manifest, inReview); err != nil {
			return err
		}
		if d, err = definitionOf(tx, c, p, inReview); err != nil {
			return err
		}
		a.Definitions = withDefinition(a.Definitions, d)
		if err := tx.PutPackage(a.ID, d.Version, body); err != nil {
			return err
		}
		return tx.PutApp(a)
	})
	return a, d, err
}

// acceptsVersion checks a new version against those that are there. The codes
// for versions that are not higher are not documented; the ones here are the
// likely ones.
func acceptsVersion(a store.App, m apppackage.Manifest, inReview bool) error {
	if !strings.EqualFold(m.ID, a.ManifestID) {
		return wire.BadRequest("The manifest id %s is not that of the app, %s.", m.ID, a.ManifestID)
	}
	if inReview && a.PendingDefinition() != nil {
		return alreadyThere()
	}
	for _, d := range a.Definitions {
		if d.State == store.Rejected {
			continue
		}
		switch cmp := compareVersions(m.Version, d.Version); {
		case cmp == 0:
			return alreadyThere()
		case cmp < 0 && d.State == store.Published:
			return wire.BadRequest("Version %s is not higher than version %s, which is published.", m.Version, d.Version)
		}
	}
	return nil
}

// withDefinition puts a definition where it belongs: a published one takes the
// place of the published one, any other that of the one in review. Definitions
// in review that are no longer newer are dropped.
func withDefinition(list []store.Definition, d store.Definition) []store.Definition {
	kept := slices.DeleteFunc(slices.Clone(list), func(x store.Definition) bool {
		samePlace := (x.State == store.Published) == (d.State == store.Published)
		return samePlace || d.State == store.Published && compareVersions(x.Version, d.Version) <= 0
	})
	if d.State == store.Published {
		return slices.Insert(kept, 0, d)
	}
	return append(kept, d)
}

// compareVersions orders versions of numbers and dots; 1.10 is after 1.9, and
// numbers may be longer than any integer.
func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		x, y := number(as, i), number(bs, i)
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		if c := strings.Compare(x, y); c != 0 {
			return c
		}
	}
	return 0
}

func number(parts []string, i int) string {
	if i >= len(parts) {
		return ""
	}
	return strings.TrimLeft(parts[i], "0")
}
