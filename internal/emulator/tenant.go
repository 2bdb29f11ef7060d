package emulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/appcentric"
	"github.com/teamsform/teamsform/internal/emulator/faults"
	"github.com/teamsform/teamsform/internal/emulator/graph"
	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/policies"
	"github.com/teamsform/teamsform/internal/emulator/store"
)

// Defaults of a tenant that is not told otherwise.
const (
	// DefaultTenantID is the id of an emulated tenant.
	DefaultTenantID = "e1000000-7ea4-4000-8000-000000000001"
	// DefaultTenantName is its display name.
	DefaultTenantName = "Emulated tenant"
)

// Access models.
const (
	ModelPolicies   = store.ModelPolicies
	ModelAppCentric = store.ModelAppCentric
)

// defaultLockTimeout is how long to wait for another process.
const defaultLockTimeout = 10 * time.Second

// defaultMaxAssignments bounds one assign call of Graph, which documents no
// bound.
const defaultMaxAssignments = 1000

// Options open a tenant.
type Options struct {
	Path           string           // database file; its folder is created (0700)
	People         []byte           // content of the people file; nil: keep the people of the file, or the built-in organisation in a fresh one
	TenantID       string           // GUID; default: the people file's, else the file's, else DefaultTenantID
	TenantName     string           // default likewise
	AccessModel    string           // "policies" (default) or "app_centric"
	Clock          func() time.Time // required
	NewID          func() string    // required; new GUIDs
	NoSync         bool             // do not wait for the disk (tests)
	LockTimeout    time.Duration    // longest wait for another process; default 10 s
	Holder         string           // what others are told while this process has the file
	MaxAssignments int              // most entries of one assign call; default 1000
	Faults         []faults.Fault   // what goes wrong as long as this process has the tenant open
	// NoReview: apps that are in review have no availability yet, so that they
	// cannot be restricted before they are published. Whether real tenants are
	// so is not known.
	NoReview bool
}

// Info says which tenant this is.
type Info struct {
	ID          string
	Name        string
	AccessModel string
}

// Tenant is one emulated tenant. It may be used from several goroutines, and
// its file from several processes.
type Tenant struct {
	store   *store.Store
	faults  *faults.Injector
	handler http.Handler
	clock   func() time.Time
	newID   func() string
	review  bool
}

// Open opens the tenant of a file, or makes it with Microsoft's defaults. A
// people file that differs from the one applied last is applied: people and
// groups that are gone lose their assignments. A snapshot gives a tenant that
// is new its policies, assignments, apps and settings too. A people file that is wrong
// gives a *people.Error, a file that another process keeps a *store.LockedError.
func Open(ctx context.Context, o Options) (*Tenant, error) {
	if o.Path == "" || o.Clock == nil || o.NewID == nil {
		return nil, errors.New("open emulated tenant: Path, Clock and NewID are required")
	}
	if o.AccessModel != "" && o.AccessModel != ModelPolicies && o.AccessModel != ModelAppCentric {
		return nil, fmt.Errorf("open emulated tenant: access model %q is neither %q nor %q", o.AccessModel, ModelPolicies, ModelAppCentric)
	}
	p := peopleFile{data: o.People}
	st, err := store.Open(ctx, store.Options{
		File:     store.FileOptions{Path: o.Path, Holder: o.Holder, LockTimeout: orDefault(o.LockTimeout, defaultLockTimeout), NoSync: o.NoSync},
		Want:     func(known string) (store.Info, error) { return o.want(&p, known) },
		Defaults: defaultInfo(),
		Clock:    o.Clock,
	})
	if err != nil {
		return nil, err
	}
	if err := p.apply(ctx, st, store.Import{}); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	t := &Tenant{store: st, faults: &faults.Injector{}, clock: o.Clock, newID: o.NewID, review: !o.NoReview}
	t.faults.Arm(o.Faults...)
	t.handler = t.build(orDefault(o.MaxAssignments, defaultMaxAssignments))
	return t, nil
}

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// want is what the caller wants the tenant to be. The people file is read only
// if it is not the one that the tenant knows.
func (o Options) want(p *peopleFile, known string) (store.Info, error) {
	info := store.Info{ID: o.TenantID, Name: o.TenantName, AccessModel: o.AccessModel}
	if err := p.read(known); err != nil {
		return info, err
	}
	if p.file != nil {
		id, name := p.file.Tenant()
		info.ID, info.Name = orDefault(info.ID, id), orDefault(info.Name, name)
	}
	if info.ID != "" {
		id, err := ids.Parse(info.ID)
		if err != nil {
			return info, fmt.Errorf("open emulated tenant: tenant id %q is %w", info.ID, err)
		}
		info.ID = id.String()
	}
	return info, nil
}

// Close ends the use of the file.
func (t *Tenant) Close() error { return t.store.Close() }

// Info tells which tenant this is.
func (t *Tenant) Info() Info {
	i := t.store.Info()
	return Info{ID: i.ID, Name: i.Name, AccessModel: i.AccessModel}
}

// Path is where the file of the tenant is.
func (t *Tenant) Path() string { return t.store.Path() }

// TakesReview tells whether an app in review has an availability that can be
// changed before the app is published.
func (t *Tenant) TakesReview() bool { return t.review }

// Faults lets a test spoil the next answers.
func (t *Tenant) Faults() *faults.Injector { return t.faults }

// Handler answers every service of the tenant, told apart by path: /v1.0 and
// /beta are Microsoft Graph, /M365.Apps is app-centric management, the other
// prefixes are the policy plane.
func (t *Tenant) Handler() http.Handler { return t.handler }

func (t *Tenant) build(maxAssignments int) http.Handler {
	var front http.Handler
	g := graph.New(graph.Options{
		Store: t.store, Clock: t.clock, NewID: t.newID, Identify: t.identify, MaxAssignments: maxAssignments,
		Items: func(w http.ResponseWriter, r *http.Request) { front.ServeHTTP(w, r) },
	})
	p := policies.New(policies.Options{Store: t.store, Clock: t.clock, NewID: t.newID, Identify: t.identify})
	a := appcentric.New(appcentric.Options{Store: t.store, Clock: t.clock, NewID: t.newID, Identify: t.identify, PublishedOnly: !t.review})
	front = t.spoiling(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch service(r.URL.Path) {
		case "graph":
			g.ServeHTTP(w, r)
		case "policies":
			p.ServeHTTP(w, r)
		case "appcentric":
			a.ServeHTTP(w, r)
		default:
			graph.WriteError(w, r, t.clock(), t.newID(), unknownPath(r.URL.Path))
		}
	}))
	return front
}

// service tells which service a path belongs to.
func service(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if first == "v1.0" || first == "beta" {
		return "graph"
	}
	for _, p := range policies.Prefixes() {
		if strings.EqualFold("/"+first, p) {
			return "policies"
		}
	}
	if strings.EqualFold("/"+first, appcentric.Prefix) {
		return "appcentric"
	}
	return ""
}
