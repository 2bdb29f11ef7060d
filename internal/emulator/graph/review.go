package graph

import (
	"slices"

	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// reviewDefinition approves or rejects what was submitted. The definition has
// another id and etag afterwards.
func (s *Server) reviewDefinition(c *wire.Call) error {
	var body struct {
		Type  string `json:"@odata.type"`
		State string `json:"publishingState"`
	}
	if err := c.DecodeJSON(&body, true); err != nil {
		return err
	}
	if body.State != store.Published && body.State != store.Rejected {
		return wire.BadRequest("publishingState must be published or rejected, not '%s'.", body.State)
	}
	var a store.App
	var d store.Definition
	err := s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		var err error
		if a, err = s.visibleApp(tx, c); err != nil {
			return err
		}
		i, err := findDefinition(a, c.Param("definition"))
		if err != nil {
			return err
		}
		d = a.Definitions[i]
		if err := reviewable(a, d, c.Request.Header.Get("If-Match"), body.State); err != nil {
			return err
		}
		a.Definitions = slices.Delete(a.Definitions, i, i+1)
		d.State, d.Modified = body.State, tx.Now()
		if d.Revision, err = tx.Revision(); err != nil {
			return err
		}
		a.Definitions = withDefinition(a.Definitions, d)
		return tx.PutApp(a)
	})
	if err != nil {
		return err
	}
	return writeEntity(c, a, d, 200, nil, false)
}

// reviewable checks that a definition is in review and that the caller has
// seen its present state.
func reviewable(a store.App, d store.Definition, match, want string) error {
	if match != "*" && match != etagOf(d) {
		return wire.Errorf(412, "PreconditionFailed", "If-Match '%s' is not the etag of the definition; read it again.", match)
	}
	if d.State != store.Submitted {
		return wire.BadRequest("The definition is %s; only a submitted one can be reviewed.", d.State)
	}
	if p := a.PublishedDefinition(); want == store.Published && p != nil && compareVersions(d.Version, p.Version) <= 0 {
		return wire.BadRequest("Version %s is not higher than version %s, which is published.", d.Version, p.Version)
	}
	return nil
}

// deleteApp takes an app out of the catalog. Without the administrator's role
// only an app that is in review and one's own.
func (s *Server) deleteApp(c *wire.Call) error {
	err := s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		a, err := s.visibleApp(tx, c)
		if err != nil {
			return err
		}
		if a, err = tx.App(a.ID); err != nil {
			return err
		}
		for _, d := range a.Definitions {
			if err := mayRemove(c, d); err != nil {
				return err
			}
		}
		return tx.DeleteApp(a.ID)
	})
	if err != nil {
		return err
	}
	return c.NoContent()
}

// deleteDefinition withdraws a submission. An app that was never published
// goes with it.
func (s *Server) deleteDefinition(c *wire.Call) error {
	err := s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		a, err := s.visibleApp(tx, c)
		if err != nil {
			return err
		}
		if a, err = tx.App(a.ID); err != nil {
			return err
		}
		i, err := findDefinition(a, c.Param("definition"))
		if err != nil {
			return err
		}
		if a.Definitions[i].State == store.Published {
			return wire.BadRequest("A published definition cannot be removed; delete the app instead.")
		}
		if err := mayRemove(c, a.Definitions[i]); err != nil {
			return err
		}
		a.Definitions = slices.Delete(a.Definitions, i, i+1)
		return tx.PutApp(a)
	})
	if err != nil {
		return err
	}
	return c.NoContent()
}

func mayRemove(c *wire.Call, d store.Definition) error {
	if c.Identity.TeamsAdmin() && c.Identity.Can([]string{"AppCatalog.ReadWrite.All", "Directory.ReadWrite.All"}, nil) {
		return nil
	}
	if d.State != store.Published && d.CreatedBy == c.Identity.ObjectID {
		return nil
	}
	return wire.Forbidden("%s may only remove own submissions that are not published.", c.Identity.Describe())
}
