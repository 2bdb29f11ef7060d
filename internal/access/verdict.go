package access

import "slices"

// Verdict is what one person can do with one app.
type Verdict struct {
	Discover  bool // find it under "Built for your org"; custom apps only
	Use       bool
	Installed bool // by the organisation: a setup policy or the app's own list
	Pinned    int  // place on the app bar, from 1; 0 when not pinned
	Messaging int  // place among the pinned message extensions
	Meeting   bool // preset in meetings
}

// Upload is whether a person may upload custom apps.
type Upload struct {
	Personal bool // for themselves
	// Team: to a team that they own. Whether members may too is each team's own
	// setting, which no service tells.
	Team bool
}

// traits are what the rules need to know of a person, or of a class of them.
type traits struct {
	setup, permission uint32
	disabled          bool
	in                func(audience int) bool
}

func (t *Tenant) traitsOf(person int) traits {
	return traits{
		setup: t.setupOf[person], permission: t.permissionOf[person], disabled: t.Directory.People[person].Disabled,
		in: func(audience int) bool {
			_, in := slices.BinarySearch(t.audiences[audience].members, int32(person))
			return in
		},
	}
}

// Verdict judges one person and one app, both by place.
func (t *Tenant) Verdict(person, app int) Verdict { return t.judge(t.traitsOf(person), app) }

// Upload judges whether one person may upload custom apps.
func (t *Tenant) Upload(person int) Upload { return t.upload(t.traitsOf(person)) }

func (t *Tenant) upload(who traits) Upload {
	may := !who.disabled && t.CustomApps && t.setup[t.setupHoldings[who.setup].Policy].Upload
	return Upload{Personal: may, Team: may}
}

func (t *Tenant) judge(who traits, app int) Verdict {
	if !t.usable(who, app) {
		return Verdict{}
	}
	p := t.setup[t.setupHoldings[who.setup].Policy]
	v := Verdict{
		Discover:  !t.apps[app].Foreign,
		Use:       true,
		Pinned:    t.place(who, p.pinned, app),
		Messaging: t.place(who, p.messaging, app),
		Meeting:   slices.Contains(p.meeting, app),
	}
	v.Installed = v.Pinned > 0 || slices.Contains(p.installed, app) || t.installsFor(who, app)
	return v
}

// usable is the chain of what may stop an app from being used.
func (t *Tenant) usable(who traits, app int) bool {
	a := &t.apps[app]
	switch {
	case who.disabled:
		return false
	case a.Foreign:
		return true
	case !t.CustomApps, !a.Published, a.Blocked, a.Hold != "":
		return false
	case t.Model == AppCentric:
		return t.isAvailable(who, app)
	}
	return t.permission[t.permissionHoldings[who.permission].Policy].allows(app)
}

func (t *Tenant) isAvailable(who traits, app int) bool {
	switch t.apps[app].Available.Reach {
	case Everyone:
		return true
	case Listed:
		return who.in(t.available[app])
	case Unset:
		return t.CustomAppsDefault
	case Nobody:
	}
	return false
}

func (t *Tenant) installsFor(who traits, app int) bool {
	if t.Model != AppCentric {
		return false
	}
	switch t.apps[app].Installed.Reach {
	case Everyone:
		return true
	case Listed:
		return who.in(t.installed[app])
	case Unset, Nobody:
	}
	return false
}

// place returns where an app stands in an ordered list, from 1. Apps that the
// person may not use do not appear and take no place.
func (t *Tenant) place(who traits, list []int, app int) int {
	if !slices.Contains(list, app) {
		return 0
	}
	n := 1
	for _, other := range list {
		if other == app {
			return n
		}
		if t.usable(who, other) {
			n++
		}
	}
	return n
}
