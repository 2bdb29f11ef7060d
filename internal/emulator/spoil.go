package emulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/faults"
	"github.com/teamsform/teamsform/internal/emulator/graph"
	"github.com/teamsform/teamsform/internal/emulator/policies"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// FaultHeader names faults for the request that carries it, one each time.
const FaultHeader = "X-Emulated-Fault"

// ParseFault reads a fault from text, such as "lag:on=app,for=2h".
func ParseFault(text string) (faults.Fault, error) { return faults.Parse(text, store.Parts()) }

// FaultDocs lists every fault, for help texts.
func FaultDocs() []faults.Doc { return faults.Docs() }

// FaultParts lists the parts of a tenant that a fault can be bound to.
func FaultParts() []string { return store.Parts() }

// notedFaults is the note under which a tenant's file keeps its faults.
const notedFaults = "faults"

// StandingFaults are the faults that the tenant's file has: they hold for every
// process that uses it, until they are cleared.
func (t *Tenant) StandingFaults(ctx context.Context) ([]faults.Armed, error) {
	var list []faults.Armed
	err := t.store.View(ctx, func(tx *store.Tx) error {
		err := tx.Note(notedFaults, &list)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	return list, err
}

// maxFaults bounds the standing faults of a tenant.
const maxFaults = 100

// AddFaults switches standing faults on.
func (t *Tenant) AddFaults(ctx context.Context, add ...faults.Fault) error {
	return t.changeFaults(ctx, func(list []*faults.Armed) ([]*faults.Armed, error) {
		for _, f := range add {
			list = append(list, &faults.Armed{Fault: f})
		}
		if len(list) > maxFaults {
			return nil, fmt.Errorf("there would be %d faults, and %d are the most: clear them first", len(list), maxFaults)
		}
		return list, nil
	})
}

// ClearFaults switches all standing faults off. What lags already goes on.
func (t *Tenant) ClearFaults(ctx context.Context) error {
	return t.changeFaults(ctx, func([]*faults.Armed) ([]*faults.Armed, error) { return []*faults.Armed{}, nil })
}

func (t *Tenant) changeFaults(ctx context.Context, change func([]*faults.Armed) ([]*faults.Armed, error)) error {
	return t.store.Update(ctx, func(tx *store.Tx) error {
		var list []*faults.Armed
		if err := tx.Note(notedFaults, &list); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		list, err := change(list)
		if err != nil {
			return err
		}
		return tx.PutNote(notedFaults, list)
	})
}

// strike collects the faults of a request: those of the process, those of the
// tenant's file, and those that the request itself asks for.
func (t *Tenant) strike(r *http.Request, asked faults.Asked) ([]faults.Fault, error) {
	hit := t.faults.Strike(asked)
	standing, err := t.StandingFaults(r.Context())
	if err != nil {
		return nil, err
	}
	if len(standing) > 0 {
		var more []faults.Fault
		more, changed := faults.Strike(pointers(standing), asked)
		if changed {
			err = t.changeFaults(r.Context(), func(list []*faults.Armed) ([]*faults.Armed, error) {
				more, _ = faults.Strike(list, asked)
				return list, nil
			})
		}
		hit = append(hit, more...)
	}
	for _, text := range r.Header.Values(FaultHeader) {
		f, parseErr := ParseFault(text)
		if parseErr != nil {
			return nil, wire.BadRequest("%s: %v", FaultHeader, parseErr)
		}
		own, _ := faults.Strike([]*faults.Armed{{Fault: f}}, asked)
		hit = append(hit, own...)
	}
	return hit, err
}

func pointers(list []faults.Armed) []*faults.Armed {
	out := make([]*faults.Armed, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// spoiling stands in front of the services and does what faults say.
func (t *Tenant) spoiling(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, list := aboutRequest(r)
		hit, err := t.strike(r, asked)
		if err != nil {
			t.writeError(w, r, asError(err))
			return
		}
		about := store.Request{Part: asked.Part, List: list}
		if asked.Write {
			about = store.Request{}
		}
		var how faults.Fault
		for _, f := range hit {
			if f.Lags() {
				about.Lags = append(about.Lags, store.Lag{Mode: store.Mode(f.Name), Parts: f.On, For: f.For})
			} else if how.Name == "" {
				how = f
			}
		}
		about.Drop, about.Partial = how.Name == faults.NoOp, how.Name == faults.PartialBatch
		t.answer(w, r.WithContext(store.With(r.Context(), about)), how, next)
	})
}

// answer lets a service answer, or answers in its place.
func (t *Tenant) answer(w http.ResponseWriter, r *http.Request, how faults.Fault, next http.Handler) {
	switch how.Name {
	case faults.Refuse, faults.Throttle:
		t.spoil(w, r, how)
	case faults.Cut:
		panic(http.ErrAbortHandler) //nolint:forbidigo // how a handler makes the server close the connection without a word
	case faults.LostAnswer:
		next.ServeHTTP(&memory{header: http.Header{}}, r)
		panic(http.ErrAbortHandler) //nolint:forbidigo // likewise
	case faults.ErrorIn200, faults.DoneIn400:
		t.contradict(w, r, how.Name, next)
	default:
		next.ServeHTTP(w, r)
	}
}

// contradict has a change made and reports it as failed. What the service itself
// refuses is answered as it is.
func (t *Tenant) contradict(w http.ResponseWriter, r *http.Request, how faults.Name, next http.Handler) {
	m := &memory{header: http.Header{}}
	next.ServeHTTP(m, r)
	switch {
	case m.status >= 300:
		for name, values := range m.sent {
			w.Header()[name] = values
		}
		w.WriteHeader(m.status)
		_, _ = w.Write(m.body.Bytes())
	case how == faults.DoneIn400:
		t.writeError(w, r, wire.BadRequest("Failed to execute the request."))
	default:
		t.writeError(w, r, wire.Errorf(http.StatusOK, "BadGateway", "The service behind this one did not answer."))
	}
}

// writeError writes a failure in the shape of the service that was asked.
func (t *Tenant) writeError(w http.ResponseWriter, r *http.Request, e *wire.Error) {
	if service(r.URL.Path) == "policies" {
		policies.WriteError(w, r, t.clock(), t.newID(), e)
		return
	}
	graph.WriteError(w, r, t.clock(), t.newID(), e)
}

func asError(err error) *wire.Error {
	var e *wire.Error
	if errors.As(err, &e) {
		return e
	}
	var locked *store.LockedError
	if errors.As(err, &locked) {
		e = wire.Errorf(http.StatusServiceUnavailable, "ServiceUnavailable", "%v", locked)
		e.Headers = map[string]string{"Retry-After": "1"}
		return e
	}
	return wire.Errorf(http.StatusInternalServerError, "InternalServerError", "%v", err)
}

// partPaths says by the beginning of its path which part of a tenant a request
// is about. Below it, one more segment asks for a single entry.
func partPaths() []struct{ path, part string } {
	return []struct{ path, part string }{
		{"/appCatalogs/teamsApps", store.PartApps},
		{"/admin/teams/userConfigurations", store.PartPeople},
		{"/admin/teams/policy/userAssignments", store.PartPeople},
		{"/teamwork/teamsAppSettings", store.PartSettings},
		{"/Skype.Policy/configurations/TeamsAppSetupPolicy", store.PartSetupPolicy},
		{"/Skype.Policy/configurations/TeamsAppPermissionPolicy", store.PartPermissionPolicy},
		{"/Skype.Policy/groupPolicyAssignments", store.PartGroups},
		{"/Skype.Policy/users", store.PartPeople},
		{"/Teams.MiddletierService", store.PartSettings},
		{"/M365.Apps/apps", store.PartAvailability},
		{"/M365.Apps/settings", store.PartSettings},
	}
}

// aboutRequest says what a request is about, and whether it reads a list.
func aboutRequest(r *http.Request) (faults.Asked, bool) {
	a := faults.Asked{Method: r.Method, Path: r.URL.Path}
	path := r.URL.Path
	for _, version := range []string{"/v1.0", "/beta"} {
		path = strings.TrimPrefix(path, version)
	}
	list := false
	for _, p := range partPaths() {
		if len(path) >= len(p.path) && strings.EqualFold(path[:len(p.path)], p.path) {
			a.Part = p.part
			rest := strings.Trim(path[len(p.path):], "/")
			list = rest == "" || strings.EqualFold(rest, "configuration")
		}
	}
	reads := []string{"/$batch", "/directoryObjects/getByIds", "/checkMemberGroups"}
	a.Write = r.Method != http.MethodGet && r.Method != http.MethodHead &&
		!slices.ContainsFunc(reads, func(end string) bool { return strings.HasSuffix(path, end) })
	return a, list
}
