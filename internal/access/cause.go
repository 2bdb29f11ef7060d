package access

import "github.com/teamsform/teamsform/internal/table"

// CauseKind says what sort of thing makes access change.
type CauseKind uint8

// The causes.
const (
	ByOrgSwitch    CauseKind = iota // the organisation-wide switch
	ByOrgDefault                    // the default for apps never saved individually
	ByApp                           // the app: published, removed, blocked, held
	ByAvailability                  // the app's availability or install list
	ByPolicy                        // what a policy says
	ByRow                           // who holds a policy directly
	ByGroup                         // a group's policy or rank
)

// Cause is one thing that makes an ability of a class change. It is comparable.
type Cause struct {
	Kind   CauseKind
	Type   string   // policy type
	Policy string   // of ByPolicy its name, of ByRow and ByGroup the policy that people come to have
	From   string   // of ByRow and ByGroup the policy that they had
	Group  table.ID // of ByGroup: the one whose policy people come to have
	Left   table.ID // of ByGroup: the one whose policy they had
	App    string   // id, of ByApp and ByAvailability
}

// causes finds what differs among the rules that decide an ability.
func (c *Comparison) causes(class *Class, app int, a Ability) []Cause {
	var out []Cause
	if c.Before.CustomApps != c.After.CustomApps && (app < 0 || !c.App(app).Foreign) {
		out = append(out, Cause{Kind: ByOrgSwitch})
	}
	if app >= 0 {
		out = append(out, c.usableCauses(class, app)...)
	}
	if a == Installed || a == Pinned || a == UploadApps {
		out = append(out, c.setupCauses(class, app, a)...)
	}
	return out
}

// usableCauses covers publication, block, hold, availability and permission.
func (c *Comparison) usableCauses(class *Class, app int) []Cause {
	p := c.apps[app]
	var was, is App
	if p.before >= 0 {
		was = c.Before.apps[p.before]
	}
	if p.after >= 0 {
		is = c.After.apps[p.after]
	}
	var out []Cause
	if was.Published != is.Published || was.Blocked != is.Blocked || (was.Hold != "") != (is.Hold != "") {
		out = append(out, Cause{Kind: ByApp, App: c.App(app).ID})
	}
	if was.Foreign || is.Foreign {
		return out
	}
	if c.After.Model == AppCentric {
		if was.Available.Reach != is.Available.Reach || was.Available.key() != is.Available.key() {
			out = append(out, Cause{Kind: ByAvailability, App: is.ID})
		} else if is.Available.Reach == Unset && c.Before.CustomAppsDefault != c.After.CustomAppsDefault {
			out = append(out, Cause{Kind: ByOrgDefault})
		}
		return out
	}
	before, after := c.Before.permissionHoldings[class.held[0][1]], c.After.permissionHoldings[class.held[1][1]]
	x, y := c.Before.permission[before.Policy], c.After.permission[after.Policy]
	if fold(x.Name) != fold(y.Name) {
		return append(out, holdingCause(PermissionType, before, after, x.Name, y.Name))
	}
	allowed := p.before >= 0 && x.allows(p.before)
	if p.before >= 0 && p.after >= 0 && allowed != y.allows(p.after) {
		out = append(out, Cause{Kind: ByPolicy, Type: PermissionType, Policy: y.Name})
	}
	return out
}

// setupCauses covers what a setup policy decides.
func (c *Comparison) setupCauses(class *Class, app int, a Ability) []Cause {
	before, after := c.Before.setupHoldings[class.held[0][0]], c.After.setupHoldings[class.held[1][0]]
	x, y := c.Before.setup[before.Policy], c.After.setup[after.Policy]
	var out []Cause
	if a == Installed && c.After.Model == AppCentric {
		p := c.apps[app]
		if p.before >= 0 && p.after >= 0 {
			was, is := c.Before.apps[p.before].Installed, c.After.apps[p.after].Installed
			if was.Reach != is.Reach || was.key() != is.key() {
				out = append(out, Cause{Kind: ByAvailability, App: c.App(app).ID})
			}
		}
	}
	if fold(x.Name) != fold(y.Name) {
		return append(out, holdingCause(SetupType, before, after, x.Name, y.Name))
	}
	differs := x.Upload != y.Upload
	if a != UploadApps {
		differs = !c.sameApps(x.pinned, y.pinned) || a == Installed && !c.sameApps(x.installed, y.installed)
	}
	if differs {
		out = append(out, Cause{Kind: ByPolicy, Type: SetupType, Policy: y.Name})
	}
	return out
}

// sameApps compares a list of apps before with one after.
func (c *Comparison) sameApps(before, after []int) bool {
	if len(before) != len(after) {
		return false
	}
	for i := range before {
		if fold(c.Before.apps[before[i]].ID) != fold(c.After.apps[after[i]].ID) {
			return false
		}
	}
	return true
}

// holdingCause says by what people come to have another policy.
func holdingCause(typ string, before, after Holding, from, to string) Cause {
	cause := Cause{Kind: ByRow, Type: typ, Policy: to, From: from}
	if before.Source == FromDirect || after.Source == FromDirect {
		return cause
	}
	cause.Kind = ByGroup
	if after.Source == FromGroup {
		cause.Group = after.Group
	}
	if before.Source == FromGroup {
		cause.Left = before.Group
	}
	return cause
}
