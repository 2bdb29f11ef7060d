package emulator

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/teamsform/teamsform/internal/emulator/appcentric"
	"github.com/teamsform/teamsform/internal/emulator/auth"
	"github.com/teamsform/teamsform/internal/emulator/faults"
	"github.com/teamsform/teamsform/internal/emulator/graph"
	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/policies"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// identify turns an Authorization header into an identity. People without a
// directory role must be in the directory and not be blocked.
func (t *Tenant) identify(ctx context.Context, header string) (auth.Identity, error) {
	id, err := auth.Parse(header, t.store.Info().ID, t.clock())
	if err != nil {
		return id, unauthorized(err)
	}
	if id.App || id.TeamsReader() {
		return id, nil
	}
	err = t.store.View(store.Plainly(ctx), func(tx *store.Tx) error {
		u, err := findSignedIn(tx, id)
		if err != nil {
			return unauthorized(errors.New("the signed-in user " + id.Describe() + " is not in the directory"))
		}
		if !u.Enabled {
			return unauthorized(errors.New("the account of " + id.Describe() + " is disabled"))
		}
		id.ObjectID, id.UPN = u.ID.String(), u.UPN
		return nil
	})
	return id, err
}

func findSignedIn(tx *store.Tx, id auth.Identity) (store.User, error) {
	if id.UPN != "" {
		return tx.UserByUPN(id.UPN)
	}
	oid, err := ids.Parse(id.ObjectID)
	if err != nil {
		return store.User{}, err
	}
	return tx.User(oid)
}

func unauthorized(err error) *wire.Error {
	e := wire.Errorf(http.StatusUnauthorized, "InvalidAuthenticationToken", "%v", err)
	e.Headers = map[string]string{"WWW-Authenticate": `Bearer realm="", error="invalid_token"`}
	return e
}

func unknownPath(path string) *wire.Error {
	return wire.Errorf(http.StatusNotFound, "ResourceNotFound", "The emulated tenant has no service at %q; Graph is at /v1.0 and /beta, Teams policies at /Skype.Policy.", path)
}

// spoil writes the answer of a fault.
func (t *Tenant) spoil(w http.ResponseWriter, r *http.Request, f faults.Fault) {
	e := wire.Errorf(f.Status, "ServiceUnavailable", "The service is unavailable.")
	if f.Status == http.StatusTooManyRequests {
		text := "Please retry after"
		e = wire.Errorf(f.Status, "TooManyRequests", "Please retry again later.")
		e.Inner = &wire.Inner{Code: "429", Message: &text, Status: "429"}
	}
	if f.RetryAfter > 0 {
		e.Headers = map[string]string{"Retry-After": strconv.Itoa(f.RetryAfter)}
	}
	switch service(r.URL.Path) {
	case "policies":
		policies.WriteError(w, r, t.clock(), t.newID(), e)
		return
	case "appcentric":
		appcentric.WriteError(w, r, t.clock(), t.newID(), e)
		return
	}
	graph.WriteError(w, r, t.clock(), t.newID(), e)
}
