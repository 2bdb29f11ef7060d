package access

import (
	"cmp"
	"slices"
)

// Ability is one thing that a person can or cannot do.
type Ability uint8

// The abilities, in the order in which they are told.
const (
	Discover Ability = iota
	Use
	Installed
	Pinned
	UploadApps
	abilities
)

// String gives the word of the configuration language.
func (a Ability) String() string {
	return [...]string{"discover", "use", "installed", "pinned", "upload"}[a]
}

// Comparison is two tenants with the same directory, side by side.
type Comparison struct {
	Before, After *Tenant
	Classes       []Class // largest first

	of     []uint32   // by person
	lists  [][]int32  // of both tenants
	listAt [2][]int   // by tenant and audience
	apps   []appPlace // of both tenants
}

// appPlace is one app in both tenants; -1 where there is none.
type appPlace struct{ before, after int }

// Compare sorts people into classes and lays two tenants side by side. Both
// must have the same Directory. One tenant may stand for both sides.
func Compare(before, after *Tenant) *Comparison {
	c := &Comparison{Before: before, After: after}
	for i, a := range after.apps {
		c.apps = append(c.apps, appPlace{before.FindApp(a.ID), i})
	}
	for i, a := range before.apps {
		if after.FindApp(a.ID) < 0 {
			c.apps = append(c.apps, appPlace{i, -1})
		}
	}
	c.classify()
	return c
}

// ClassOf returns the place of a person's class.
func (c *Comparison) ClassOf(person int) int { return int(c.of[person]) }

// side judges a class on one side.
func (c *Comparison) side(class *Class, app, when int) Verdict {
	at, t := c.apps[app].before, c.Before
	if when == 1 {
		at, t = c.apps[app].after, c.After
	}
	if at < 0 {
		// A store app that no policy of this side mentions is there all the same.
		return Verdict{Use: c.App(app).Foreign && !class.Disabled}
	}
	return t.judge(c.traits(class, when), at)
}

// App returns an app as it will be, or was if it goes.
func (c *Comparison) App(app int) App {
	if at := c.apps[app].after; at >= 0 {
		return c.After.apps[at]
	}
	return c.Before.apps[c.apps[app].before]
}

// Apps counts the apps of both sides.
func (c *Comparison) Apps() int { return len(c.apps) }

// Change is one ability of a class that is gained, lost, or (pins) moved.
type Change struct {
	Class   int
	App     int // place for Comparison.App; -1 for upload
	Ability Ability
	Gain    bool
	From    int // of Pinned: the places on the app bar
	To      int
	Causes  []Cause
}

// Moves reports whether a pin only changes its place.
func (ch Change) Moves() bool { return ch.Ability == Pinned && ch.From > 0 && ch.To > 0 }

// Changes returns what changes for people who can sign in, in order of app,
// ability, class.
func (c *Comparison) Changes() []Change {
	var out []Change
	for i := range c.Classes {
		class := &c.Classes[i]
		if class.Disabled {
			continue
		}
		out = c.uploadChange(out, i)
		for app := range c.apps {
			out = c.appChanges(out, i, app)
		}
	}
	slices.SortStableFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.App, b.App), cmp.Compare(a.Ability, b.Ability), cmp.Compare(a.Class, b.Class))
	})
	return out
}

func (c *Comparison) uploadChange(out []Change, class int) []Change {
	cl := &c.Classes[class]
	was, is := c.Before.upload(c.traits(cl, 0)).Personal, c.After.upload(c.traits(cl, 1)).Personal
	if was == is {
		return out
	}
	return append(out, Change{Class: class, App: -1, Ability: UploadApps, Gain: is, Causes: c.causes(cl, -1, UploadApps)})
}

func (c *Comparison) appChanges(out []Change, class, app int) []Change {
	cl := &c.Classes[class]
	was, is := c.side(cl, app, 0), c.side(cl, app, 1)
	if was == is {
		return out
	}
	add := func(a Ability, was, is bool) {
		if was != is {
			out = append(out, Change{Class: class, App: app, Ability: a, Gain: is, Causes: c.causes(cl, app, a)})
		}
	}
	add(Discover, was.Discover, is.Discover)
	add(Use, was.Use, is.Use)
	add(Installed, was.Installed, is.Installed)
	if was.Pinned != is.Pinned {
		out = append(out, Change{
			Class: class, App: app, Ability: Pinned, Gain: was.Pinned == 0, From: was.Pinned, To: is.Pinned, Causes: c.causes(cl, app, Pinned),
		})
	}
	return out
}

// Verdict judges a class after (or, without after, before).
func (c *Comparison) Verdict(class, app int, after bool) Verdict {
	when := 0
	if after {
		when = 1
	}
	return c.side(&c.Classes[class], app, when)
}

// Upload judges a class likewise.
func (c *Comparison) Upload(class int, after bool) Upload {
	if after {
		return c.After.upload(c.traits(&c.Classes[class], 1))
	}
	return c.Before.upload(c.traits(&c.Classes[class], 0))
}

// SetupOf returns the setup policy of a class after (or, without after,
// before), and why.
func (c *Comparison) SetupOf(class int, after bool) (Holding, *SetupPolicy) {
	t, when := c.Before, 0
	if after {
		t, when = c.After, 1
	}
	h := t.setupHoldings[c.Classes[class].held[when][0]]
	return h, t.setup[h.Policy].SetupPolicy
}
