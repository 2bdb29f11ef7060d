package teams

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams/internal/directory"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// Reading is a tenant that can only be read: what a plan is built with. It is
// the snapshot of one run: each listing of the services is fetched at most once
// and feeds every collection that needs it, until a write makes it stale.
type Reading struct {
	graph *msgraph.Reader
	admin teamsadmin.Reader
	root  string // name of the configuration, for the mark in descriptions
	// Model is the access model of the tenant: "policies", the default, or
	// "app_centric".
	Model string

	people   *directory.Directory
	packages *packages // nil: apps are not compared with what is published
	// approving are the submitted versions that the configuration approves, by key.
	approving map[string]bool
	listed    atomic.Int64 // users in the last listing of assignments, 0 before one

	setup      once[[]teamsadmin.Policy]
	permission once[[]teamsadmin.Policy]
	groups     once[[]teamsadmin.GroupAssignment]
	org        once[teamsadmin.OrgAppSettings]
	settings   once[msgraph.TeamsAppSettings]
	catalog    once[[]msgraph.CatalogApp]
	available  once[[]teamsadmin.AppAvailability]
	everybody  once[[]Person]
	defaults   once[teamsadmin.AppDefaults]

	// TakesReview: an app in review has an availability that can be set, so that
	// an app need not be published before it is restricted.
	TakesReview bool

	mu      sync.Mutex
	details map[string]teamsadmin.AppAvailability // with their lists, by app id
	wanted  map[string]bool                       // apps outside the catalog that blocks name, by id

	memberMu sync.Mutex
	members  map[table.ID]GroupMembers // of the groups asked for
}

// NewReading returns a tenant for planning.
func NewReading(graph *msgraph.Reader, admin teamsadmin.Reader, root string) *Reading {
	return &Reading{
		graph: graph, admin: admin, root: root, people: directory.New(graph),
		details: map[string]teamsadmin.AppAvailability{}, wanted: map[string]bool{},
	}
}

// appCentric reports whether access is decided per app.
func (t *Reading) appCentric() bool { return t.Model == modelAppCentric }

// Writing is a tenant that an apply writes to.
type Writing struct {
	*Reading
	client  *msgraph.Client
	control teamsadmin.Admin
	dir     string // folder that paths of packages are relative to
}

// NewWriting returns a tenant for applying. What reading has fetched is reused
// until a write makes it stale. Packages are read from below dir.
func NewWriting(reading *Reading, client *msgraph.Client, control teamsadmin.Admin, dir string) *Writing {
	return &Writing{Reading: reading, client: client, control: control, dir: dir}
}

// Kinds returns every kind this program knows.
func Kinds() *schema.Registry {
	return schema.NewRegistry(
		orgSettingsKind(), appKind(), permissionPolicyKind(), setupPolicyKind(),
		availabilityKind(), groupAssignmentKind(), policyAssignmentKind(), submissionKind(),
	)
}

// Collections returns the collections of a tenant by kind, for planning.
func (t *Reading) Collections(kinds *schema.Registry) map[string]engine.Collection {
	out := map[string]engine.Collection{}
	for name, w := range (&Writing{Reading: t}).Writers(kinds) {
		out[name] = w
	}
	return out
}

// Writers returns the collections of a tenant by kind, for applying.
func (t *Writing) Writers(kinds *schema.Registry) map[string]engine.Writer {
	return map[string]engine.Writer{
		OrgSettings:      &orgSettings{t, kinds.Kind(OrgSettings)},
		App:              &catalog{t, kinds.Kind(App)},
		PermissionPolicy: &policies{t, kinds.Kind(PermissionPolicy), permissionCodec{}},
		SetupPolicy:      &policies{t, kinds.Kind(SetupPolicy), setupCodec{}},
		Availability:     &availabilities{t, kinds.Kind(Availability)},
		GroupAssignment:  &groupAssignments{t, kinds.Kind(GroupAssignment)},
		Submission:       &submissions{t, kinds.Kind(Submission)},
	}
}

// once fetches a listing at most once until it is dropped.
type once[T any] struct {
	mu    sync.Mutex
	value T
	has   bool
}

func (o *once[T]) get(ctx context.Context, fetch func(context.Context) (T, error)) (T, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.has {
		return o.value, nil
	}
	v, err := fetch(ctx)
	if err != nil {
		var zero T
		return zero, err
	}
	o.value, o.has = v, true
	return v, nil
}

func (o *once[T]) drop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	var zero T
	o.value, o.has = zero, false
}

// resolve makes a path of the configuration absolute.
func (t *Writing) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(t.dir, filepath.FromSlash(path))
}
