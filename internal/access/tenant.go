package access

import "strings"

// Tenant is a snapshot made ready to be asked.
type Tenant struct {
	*Snapshot
	apps       []App
	appAt      map[string]int
	setup      []setupPolicy
	permission []permissionPolicy

	setupHoldings      []Holding
	permissionHoldings []Holding
	setupOf            []uint32 // by person: place in setupHoldings
	permissionOf       []uint32

	audiences []audience // distinct lists
	available []int      // by app: place in audiences, -1 for none
	installed []int
}

// setupPolicy is a setup policy with its apps by place.
type setupPolicy struct {
	*SetupPolicy
	pinned, installed, messaging, meeting []int
}

// permissionPolicy is a permission policy with its apps by place.
type permissionPolicy struct {
	*PermissionPolicy
	listed []bool // by app
}

func (p permissionPolicy) allows(app int) bool { return p.listed[app] == p.Only }

// audience is a list of people and groups and who is in it.
type audience struct {
	key     string
	members []int32
}

// New makes a snapshot ready.
func New(s *Snapshot) *Tenant {
	t := &Tenant{Snapshot: s, appAt: map[string]int{}}
	for _, a := range s.Apps {
		if _, again := t.appAt[fold(a.ID)]; !again {
			t.addApp(a)
		}
	}
	policies := s.Setup
	if !has(len(policies), func(i int) string { return policies[i].Name }) {
		policies = append([]SetupPolicy{{Name: Global, Upload: true, UserPinning: true}}, policies...)
	}
	for i := range policies {
		p := &policies[i]
		t.setup = append(t.setup, setupPolicy{p, t.places(p.Pinned), t.places(p.Installed), t.places(p.Messaging), t.places(p.Meeting)})
	}
	permissions := s.Permission
	if !has(len(permissions), func(i int) string { return permissions[i].Name }) {
		permissions = append([]PermissionPolicy{{Name: Global}}, permissions...)
	}
	for i := range permissions {
		p := &permissions[i]
		listed := make([]bool, len(t.apps))
		for _, id := range p.Apps {
			if at, known := t.appAt[fold(id)]; known {
				listed[at] = true
			}
		}
		t.permission = append(t.permission, permissionPolicy{p, listed})
	}
	t.hold()
	t.reach()
	return t
}

// has reports whether Global is among n names.
func has(n int, name func(int) string) bool {
	for i := range n {
		if fold(name(i)) == fold(Global) {
			return true
		}
	}
	return false
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func (t *Tenant) addApp(a App) int {
	at := len(t.apps)
	t.appAt[fold(a.ID)] = at
	t.apps = append(t.apps, a)
	return at
}

// places turns app ids into places, without repeats. An id that nobody knows
// is an app of Microsoft or the store.
func (t *Tenant) places(ids []string) []int {
	out := make([]int, 0, len(ids))
	seen := map[int]bool{}
	for _, id := range ids {
		at, known := t.appAt[fold(id)]
		if !known {
			at = t.addApp(App{ID: id, Foreign: true})
		}
		if !seen[at] {
			seen[at] = true
			out = append(out, at)
		}
	}
	return out
}

// AllApps returns every app, those that only policies name at the end. Verdicts
// name an app by its place here.
func (t *Tenant) AllApps() []App { return t.apps }

// FindApp returns the place of an app, or -1.
func (t *Tenant) FindApp(id string) int {
	if at, known := t.appAt[fold(id)]; known {
		return at
	}
	return -1
}

// reach works out who is in the lists of each app. Apps with the same lists
// share one.
func (t *Tenant) reach() {
	byKey := map[string]int{}
	place := func(a Audience) int {
		if t.Model != AppCentric || a.Reach != Listed {
			return -1
		}
		key := a.key()
		at, known := byKey[key]
		if !known {
			at = len(t.audiences)
			byKey[key] = at
			t.audiences = append(t.audiences, audience{key, t.Directory.members(a)})
		}
		return at
	}
	for _, a := range t.apps {
		t.available = append(t.available, place(a.Available))
		t.installed = append(t.installed, place(a.Installed))
	}
}
