package appcentric

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// row is an app as Get-AllM365TeamsApps prints it, and with its lists as
// Get-M365TeamsApp does. Times and names are null as long as nobody has saved
// the part (inferred: it is how a caller can tell).
type row struct {
	ID        string    `json:"Id"`
	IsBlocked bool      `json:"IsBlocked"`
	Available available `json:"AvailableTo"`
	Installed installed `json:"InstalledFor"`
}

type available struct {
	AssignmentType       string      `json:"AssignmentType"`
	LastUpdatedTimestamp *string     `json:"LastUpdatedTimestamp"`
	AssignedBy           *string     `json:"AssignedBy"`
	Users                *[]assignee `json:"Users,omitempty"`
	Groups               *[]assignee `json:"Groups,omitempty"`
}

type installed struct {
	AppInstallType       string      `json:"AppInstallType"`
	LastUpdatedTimestamp *string     `json:"LastUpdatedTimestamp"`
	InstalledBy          *string     `json:"InstalledBy"`
	InstalledSource      *string     `json:"InstalledSource"`
	Version              *string     `json:"Version"`
	InstallForUsers      *[]assignee `json:"InstallForUsers,omitempty"`
	InstallForGroups     *[]assignee `json:"InstallForGroups,omitempty"`
}

type assignee struct {
	ID         string `json:"Id"`
	AssignedBy string `json:"AssignedBy"`
	Updated    string `json:"LastUpdatedTimeStamp"`
}

// assignees writes a list; an empty one is null.
func assignees(list []store.Assignee) *[]assignee {
	var out []assignee
	for _, a := range list {
		out = append(out, assignee{a.ID.String(), a.By, stamp(a.At)})
	}
	return &out
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// app is one app that can be managed here.
type app struct {
	id     string
	custom bool
}

// otherwise is the availability of an app that nobody has saved.
func (a app) otherwise(d store.Defaults) string {
	value := d.Microsoft
	if a.custom {
		value = d.Custom
	}
	if value == store.DefaultAll {
		return store.Everyone
	}
	return store.Noone
}

// rowOf writes an app, with the people and groups of its lists on request.
func rowOf(tx *store.Tx, a app, lists bool) (row, error) {
	r, err := tx.AppRecord(a.id)
	if err != nil {
		return row{}, err
	}
	defaults, err := tx.Defaults()
	if err != nil {
		return row{}, err
	}
	out := row{
		ID: a.id, IsBlocked: r.Blocked,
		Available: available{AssignmentType: a.otherwise(defaults)}, Installed: installed{AppInstallType: store.Noone},
	}
	if x := r.Available; x.Saved() {
		at := stamp(x.Updated)
		out.Available = available{AssignmentType: x.Type, LastUpdatedTimestamp: &at, AssignedBy: &x.By}
	}
	if x := r.Installed; x.Saved() {
		at, source := stamp(x.Updated), "Admin"
		out.Installed = installed{AppInstallType: x.Type, LastUpdatedTimestamp: &at, InstalledBy: &x.By, InstalledSource: &source}
		if r.Version != "" {
			out.Installed.Version = &r.Version
		}
	}
	if lists {
		out.Available.Users, out.Available.Groups = assignees(r.Available.Users), assignees(r.Available.Groups)
		out.Installed.InstallForUsers, out.Installed.InstallForGroups = assignees(r.Installed.Users), assignees(r.Installed.Groups)
	}
	return out, nil
}

// inCatalog tells whether an app of the catalog can be managed here.
func (s *Server) inCatalog(a *store.App) bool {
	return a.PublishedDefinition() != nil || !s.opt.PublishedOnly && a.PendingDefinition() != nil
}

// list answers with every app: Microsoft's and the organisation's.
func (s *Server) list(c *wire.Call) error {
	rows := []row{}
	err := s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		if err := wanted(tx); err != nil {
			return err
		}
		var all []app
		for _, m := range store.MicrosoftApps() {
			all = append(all, app{id: m.ID})
		}
		err := tx.Apps(func(a store.App) error {
			if s.inCatalog(&a) {
				all = append(all, app{id: a.ID.String(), custom: true})
			}
			return nil
		})
		for _, a := range all {
			if err != nil {
				return err
			}
			var r row
			r, err = rowOf(tx, a, false)
			rows = append(rows, r)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, rows)
}

// find finds the app of the path. Catalog ids are taken, manifest ids are not.
func (s *Server) find(tx *store.Tx, c *wire.Call) (app, error) {
	if err := wanted(tx); err != nil {
		return app{}, err
	}
	ref := strings.ToLower(c.Param("app"))
	if store.IsMicrosoftApp(ref) {
		return app{id: ref}, nil
	}
	if id, err := ids.Parse(ref); err == nil {
		a, err := tx.App(id)
		if err == nil && s.inCatalog(&a) {
			return app{id: ref, custom: true}, nil
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return app{}, err
		}
	}
	return app{}, wire.Errorf(http.StatusNotFound, "NotAllowed", "NotAllowed: This app is not available for admin management, or the app id %s is invalid", c.Param("app"))
}

func (s *Server) get(c *wire.Call) error {
	var out row
	err := s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		a, err := s.find(tx, c)
		if err != nil {
			return err
		}
		out, err = rowOf(tx, a, true)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}
