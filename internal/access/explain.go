package access

// Rule names one rule of the chain. Its text is stable: it stands in JSON.
type Rule string

// The rules, in the order in which they are asked.
const (
	RuleAccount      Rule = "account"
	RuleOrgSwitch    Rule = "org_switch"
	RulePublished    Rule = "published"
	RuleBlocked      Rule = "blocked"
	RuleHold         Rule = "hold"
	RulePermission   Rule = "permission_policy"
	RuleAvailability Rule = "availability"
	RuleOrgDefault   Rule = "org_default"
	RuleForeign      Rule = "not_judged"
	RuleSetup        Rule = "setup_policy"
	RuleInstalled    Rule = "installed"
	RulePinned       Rule = "pinned"
	RuleUpload       Rule = "upload_custom_apps"
	RuleTeam         Rule = "team_setting"
)

// Step is one rule as it went.
type Step struct {
	Rule Rule   `json:"rule"`
	OK   bool   `json:"ok"`
	Text string `json:"text"`
	// Decides marks the rule that settled whether the app may be used: the
	// first that said no, or else the last that could have.
	Decides bool `json:"decides,omitempty"`
}

// Explanation is one person, one app, and why.
type Explanation struct {
	Person   int
	App      int
	Verdict  Verdict
	Steps    []Step // whether it may be used
	Setup    []Step // whether it is installed and where it is pinned
	Decision string // the text of the step that decided
}

// Explain gives the chain of rules for a person and an app.
func (t *Tenant) Explain(person, app int) Explanation {
	e := Explanation{Person: person, App: app, Verdict: t.Verdict(person, app)}
	e.Steps = t.useSteps(person, app)
	decide(e.Steps)
	for _, s := range e.Steps {
		if s.Decides {
			e.Decision = s.Text
		}
	}
	e.Setup = t.setupSteps(person, app, e.Verdict)
	return e
}

// decide marks the step that settled the matter.
func decide(steps []Step) {
	for i := range steps {
		if !steps[i].OK || i == len(steps)-1 {
			steps[i].Decides = true
			return
		}
	}
}

func (t *Tenant) useSteps(person, app int) []Step {
	a := t.apps[app]
	steps := []Step{t.accountStep(person)}
	if a.Foreign {
		return append(steps, Step{Rule: RuleForeign, OK: true, Text: "It is an app of Microsoft or of the store; who may use those is not judged here."})
	}
	steps = append(steps, t.orgStep(), publishedStep(a), blockedStep(a))
	if a.Hold != "" {
		steps = append(steps, holdStep(a))
	}
	if t.Model == AppCentric {
		return append(steps, t.availabilityStep(person, app))
	}
	return append(steps, t.permissionStep(person, app))
}

func (t *Tenant) accountStep(person int) Step {
	p := t.Directory.People[person]
	switch {
	case p.Disabled:
		return Step{Rule: RuleAccount, Text: "Sign-in is blocked for the account."}
	case p.Guest:
		return Step{Rule: RuleAccount, OK: true, Text: "The account is a guest's and is enabled."}
	}
	return Step{Rule: RuleAccount, OK: true, Text: "The account is enabled."}
}

func (t *Tenant) orgStep() Step {
	if t.CustomApps {
		return Step{Rule: RuleOrgSwitch, OK: true, Text: "The organisation lets users interact with custom apps."}
	}
	return Step{Rule: RuleOrgSwitch, Text: "The organisation does not let users interact with custom apps: that is off for everybody, whatever the policies say."}
}

func publishedStep(a App) Step {
	if a.Published {
		return Step{Rule: RulePublished, OK: true, Text: "The app is published in the organisation's catalog."}
	}
	return Step{Rule: RulePublished, Text: "No version of the app is published in the organisation's catalog."}
}

func blockedStep(a App) Step {
	if a.Blocked {
		return Step{Rule: RuleBlocked, Text: "The app is blocked for the whole organisation."}
	}
	return Step{Rule: RuleBlocked, OK: true, Text: "The app is not blocked."}
}

func (t *Tenant) permissionStep(person, app int) Step {
	return t.permissionText(t.permissionHoldings[t.permissionOf[person]], person, app)
}

func (t *Tenant) permissionText(h Holding, person, app int) Step {
	policy := t.permission[h.Policy]
	p := policy.PermissionPolicy
	ok := policy.allows(app)
	says := "allows all custom apps"
	switch {
	case p.Only && len(p.Apps) == 0:
		says = "allows no custom app"
	case p.Only && ok:
		says = "allows only chosen custom apps, and this is one of them"
	case p.Only:
		says = "allows only chosen custom apps, and this is not one of them"
	case !ok:
		says = "blocks this app"
	case len(p.Apps) > 0:
		says = "allows all custom apps but some, and this is not one of those"
	}
	return Step{Rule: RulePermission, OK: ok, Text: "The permission policy " + t.holdingText(PermissionType, person, h, p.Name) + " " + says + "."}
}

func (t *Tenant) availabilityStep(person, app int) Step {
	a := t.apps[app]
	s := t.reachText(a, t.isAvailable(t.traitsOf(person), app))
	if a.Available.Reach != Listed {
		return s
	}
	s.Text = "The app is available to chosen people and groups, and this person is not among them."
	if through := t.listed(a.Available, person); through != "" {
		s.Text = "The app is available to chosen people and groups, and this person is among them: " + through + "."
	}
	return s
}

func (t *Tenant) setupSteps(person, app int, v Verdict) []Step {
	h, p := t.SetupOf(person)
	policy := t.setup[h.Policy]
	steps := []Step{{Rule: RuleSetup, OK: true, Text: "The setup policy is " + t.holdingText(SetupType, person, h, p.Name) + "."}}
	wanted := contains(policy.pinned, app) || contains(policy.installed, app) || contains(policy.messaging, app) || contains(policy.meeting, app)
	if wanted && !v.Use {
		return append(steps, Step{Rule: RuleInstalled, Text: "It lists the app, which has no effect: what may not be used is neither installed nor pinned."})
	}
	steps = append(steps, t.installedStep(person, app, v))
	if text := pinnedText(v); text != "" {
		return append(steps, Step{Rule: RulePinned, OK: true, Text: text})
	}
	return append(steps, Step{Rule: RulePinned, Text: "It is not pinned."})
}

func (t *Tenant) installedStep(person, app int, v Verdict) Step {
	h := t.setupHoldings[t.setupOf[person]]
	policy := t.setup[h.Policy]
	s := Step{Rule: RuleInstalled, OK: v.Installed, Text: "The organisation does not install it for this person."}
	switch {
	case !v.Installed:
	case contains(policy.installed, app):
		s.Text = "The setup policy installs it."
	case v.Pinned > 0:
		s.Text = "It is installed because the setup policy pins it."
	case t.apps[app].Installed.Reach == Everyone:
		s.Text = "The app is installed for everyone."
	default:
		s.Text = "The app is installed for chosen people and groups: " + t.listed(t.apps[app].Installed, person) + "."
	}
	return s
}

// ExplainUpload gives the chain of the three switches for a person.
func (t *Tenant) ExplainUpload(person int) (Upload, []Step) {
	up := t.Upload(person)
	h, p := t.SetupOf(person)
	steps := []Step{t.accountStep(person), t.orgStep()}
	s := Step{Rule: RuleUpload, OK: p.Upload, Text: "The setup policy " + t.holdingText(SetupType, person, h, p.Name)}
	if p.Upload {
		s.Text += " lets its holders upload custom apps."
	} else {
		s.Text += " does not let its holders upload custom apps. Submitting an app for approval is open to them all the same."
	}
	steps = append(steps, s)
	decide(steps)
	if up.Team {
		steps = append(steps, Step{Rule: RuleTeam, OK: true, Text: "To a team they may upload as its owner. As a member only where that team's settings let members do so, which no service tells."})
	}
	return up, steps
}
