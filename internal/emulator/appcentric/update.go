package appcentric

import (
	"net/http"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// parameters are those of Update-M365TeamsApp.
type parameters struct {
	IsBlocked *bool `json:"IsBlocked"`

	AppAssignmentType *string  `json:"AppAssignmentType"`
	OperationType     *string  `json:"OperationType"`
	Users             []string `json:"Users"`
	Groups            []string `json:"Groups"`

	AppInstallType          *string  `json:"AppInstallType"`
	InstallForOperationType *string  `json:"InstallForOperationType"`
	InstallForUsers         []string `json:"InstallForUsers"`
	InstallForGroups        []string `json:"InstallForGroups"`
	InstallVersion          *string  `json:"InstallVersion"`
}

// families counts the independent families of parameters that are used.
func (p *parameters) families() (n int, assign, install bool) {
	assign = p.AppAssignmentType != nil || p.OperationType != nil || len(p.Users)+len(p.Groups) > 0
	install = p.AppInstallType != nil || p.InstallForOperationType != nil || p.InstallVersion != nil || len(p.InstallForUsers)+len(p.InstallForGroups) > 0
	for _, used := range []bool{p.IsBlocked != nil, assign, install} {
		if used {
			n++
		}
	}
	return n, assign, install
}

// update changes one thing about an app: its block, whom it is available to,
// or whom it is installed for. The answer is a sentence and proves nothing.
func (s *Server) update(c *wire.Call) error {
	var p parameters
	if err := c.DecodeJSON(&p, true); err != nil {
		return err
	}
	n, assign, install := p.families()
	if n != 1 {
		return wire.BadRequest("%d of IsBlocked, the assignment and the install are given; a call takes one.", n)
	}
	err := s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		a, err := s.find(tx, c)
		if err != nil {
			return err
		}
		r, err := tx.AppRecord(a.id)
		if err != nil {
			return err
		}
		switch {
		case assign:
			err = change(tx, c, &r.Available, p.AppAssignmentType, p.OperationType, p.Users, p.Groups)
		case install:
			if p.InstallVersion != nil {
				r.Version = *p.InstallVersion
			}
			err = change(tx, c, &r.Installed, p.AppInstallType, p.InstallForOperationType, p.InstallForUsers, p.InstallForGroups)
		default:
			r.Blocked = *p.IsBlocked
		}
		if err != nil {
			return err
		}
		return tx.PutAppRecord(a.id, r)
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"Message": "The app was updated."})
}

// change reads the words of a family, in any case, and makes its change.
func change(tx *store.Tx, c *wire.Call, a *store.Audience, typ, operation *string, users, groups []string) error {
	var x store.AudienceChange
	var ok bool
	if typ == nil {
		return wire.BadRequest("The type of the assignment or install is missing.")
	}
	if x.Type, ok = word(*typ, store.Everyone, store.UsersAndGroups, store.Noone); !ok {
		return wire.BadRequest("%q is none of Everyone, UsersAndGroups, Noone.", *typ)
	}
	if x.Type == store.UsersAndGroups {
		if operation == nil {
			return wire.BadRequest("The operation is missing: Add or Remove.")
		}
		op, ok := word(*operation, "Add", "Remove")
		if !ok {
			return wire.BadRequest("%q is neither Add nor Remove.", *operation)
		}
		x.Remove = op == "Remove"
	}
	x.Users, x.Groups = users, groups
	return tx.Apply(a, x, c.Identity.ObjectID)
}

// word finds the proper spelling of a word.
func word(s string, words ...string) (string, bool) {
	for _, w := range words {
		if strings.EqualFold(s, w) {
			return w, true
		}
	}
	return "", false
}
