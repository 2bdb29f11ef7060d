package access

import "strings"

// Reason tells, for a class as a whole, which rule settles whether an app may
// be used after (or, without after, before). It says nothing that holds for
// single people of the class only.
func (c *Comparison) Reason(class, app int, after bool) Step {
	t, when, at := c.Before, 0, c.apps[app].before
	if after {
		t, when, at = c.After, 1, c.apps[app].after
	}
	cl := &c.Classes[class]
	if at < 0 {
		return publishedStep(App{})
	}
	var steps []Step
	if cl.Disabled {
		steps = append(steps, Step{Rule: RuleAccount, Text: "Sign-in is blocked for the account."})
	}
	a := t.apps[at]
	if a.Foreign {
		steps = append(steps, Step{Rule: RuleForeign, OK: true, Text: "It is an app of Microsoft or of the store; who may use those is not judged here."})
	} else {
		steps = append(steps, t.orgStep(), publishedStep(a), blockedStep(a))
		if a.Hold != "" {
			steps = append(steps, holdStep(a))
		}
		if t.Model == AppCentric {
			steps = append(steps, t.reachText(a, t.isAvailable(c.traits(cl, when), at)))
		} else {
			steps = append(steps, t.permissionText(t.permissionHoldings[cl.held[when][1]], -1, at))
		}
	}
	decide(steps)
	for _, s := range steps {
		if s.Decides {
			return s
		}
	}
	return Step{}
}

func holdStep(a App) Step {
	return Step{Rule: RuleHold, Text: "An emergency hold of teamsform cuts it off: " + a.Hold + "."}
}

// reachText says to whom an app is available, for those who are or are not
// among them.
func (t *Tenant) reachText(a App, ok bool) Step {
	s := Step{Rule: RuleAvailability, OK: ok}
	switch a.Available.Reach {
	case Everyone:
		s.Text = "The app is available to everyone, guests included."
	case Nobody:
		s.Text = "The app is available to no one."
	case Unset:
		s.Rule = RuleOrgDefault
		s.Text = "Nobody has said to whom the app is available, so the organisation's default for custom apps holds: no one."
		if ok {
			s.Text = "Nobody has said to whom the app is available, so the organisation's default for custom apps holds: everyone."
		}
	case Listed:
		s.Text = "The app is available to chosen people and groups, and they are not among them."
		if ok {
			s.Text = "The app is available to chosen people and groups, and they are among them" + t.groupsOf(a.Available) + "."
		}
	}
	return s
}

// groupsOf names the groups of an audience, in brackets.
func (t *Tenant) groupsOf(a Audience) string {
	var names []string
	for _, id := range a.Groups {
		names = append(names, t.Directory.GroupName(id))
	}
	if names == nil {
		return ""
	}
	return " (groups: " + strings.Join(names, ", ") + ")"
}

// Holdings returns the setup and permission policy of a class after (or before).
func (c *Comparison) Holdings(class int, after bool) (setup, permission string) {
	t, when := c.Before, 0
	if after {
		t, when = c.After, 1
	}
	cl := &c.Classes[class]
	setup = t.setup[t.setupHoldings[cl.held[when][0]].Policy].Name
	if t.Model == Policies {
		permission = t.permission[t.permissionHoldings[cl.held[when][1]].Policy].Name
	}
	return setup, permission
}
