package assess

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/access"
	"github.com/teamsform/teamsform/internal/diag"
)

// Expect holds every expect block of a configuration against a tenant.
func (v *View) Expect(cfg *config.Config) []engine.Expected {
	var out []engine.Expected
	for _, e := range cfg.Expects {
		out = append(out, v.expect(e))
	}
	return out
}

func (v *View) expect(e config.Expect) engine.Expected {
	rng := e.Range
	out := engine.Expected{Name: e.Name, Addr: e.Addr, User: e.User.String(), File: rng.Filename, Line: rng.Start.Line}
	person := v.Person(out.User)
	if person < 0 {
		out.Failures = []string{fmt.Sprintf("Nobody in the tenant is called %q.", out.User)}
		return out
	}
	out.User = v.Directory.Name(person)
	app := -1
	if e.App != nil {
		app = v.AppOf(e.App)
		out.App = fmt.Sprint(e.App)
		if app >= 0 {
			out.App = cmp.Or(v.AllApps()[app].Name, v.AllApps()[app].ID)
		}
	}
	for _, ability := range config.Abilities() {
		if want, asked := e.Can[ability]; asked {
			if text := v.falsified(person, app, out.App, ability, want); text != "" {
				out.Failures = append(out.Failures, text)
			}
		}
	}
	return out
}

// falsified tells what is otherwise than expected, and why; "" when it holds.
func (v *View) falsified(person, app int, name, ability string, want bool) string {
	is, why := v.ability(person, app, ability)
	if is == want {
		return ""
	}
	verb := map[string][2]string{
		"discover":  {"finds %s under \"Built for your org\"", "does not find %s under \"Built for your org\""},
		"use":       {"may use %s", "may not use %s"},
		"installed": {"has %s installed", "does not have %s installed"},
		"pinned":    {"has %s pinned", "does not have %s pinned"},
		"upload":    {"may upload custom apps%.0s", "may not upload custom apps%.0s"},
	}[ability]
	text := verb[1]
	if is {
		text = verb[0]
	}
	return fmt.Sprintf("%s "+text+", and is expected to be otherwise. %s", v.Directory.Name(person), name, why)
}

// ability judges one ability and gives the rule behind it.
func (v *View) ability(person, app int, ability string) (is bool, why string) {
	if ability == "upload" {
		up, steps := v.ExplainUpload(person)
		return up.Personal, deciding(steps)
	}
	if app < 0 {
		return false, "The app is not in the organisation's catalog."
	}
	e := v.Tenant.Explain(person, app)
	verdict := e.Verdict
	switch ability {
	case "discover":
		return verdict.Discover, e.Decision
	case "use":
		return verdict.Use, e.Decision
	case "installed":
		is = verdict.Installed
	case "pinned":
		is = verdict.Pinned > 0
	}
	if !verdict.Use {
		return is, e.Decision
	}
	var texts []string
	for _, s := range e.Setup {
		if s.Rule == access.RuleSetup || string(s.Rule) == ability {
			texts = append(texts, s.Text)
		}
	}
	return is, strings.Join(texts, " ")
}

func deciding(steps []access.Step) string {
	for _, s := range steps {
		if s.Decides {
			return s.Text
		}
	}
	return ""
}

// ExpectProblems are the expectations that do not hold, as errors.
func ExpectProblems(list []engine.Expected) hcl.Diagnostics {
	var out hcl.Diagnostics
	for _, e := range list {
		if e.OK() {
			continue
		}
		rng := hcl.Range{Filename: e.File, Start: hcl.Pos{Line: e.Line, Column: 1}, End: hcl.Pos{Line: e.Line, Column: 1}}
		out = append(out, diag.WithAddress(diag.Error(&rng, "Expectation does not hold",
			"%s: %s This is how it would be once the configuration is applied; correct the configuration, or the expect block.", e.Name, strings.Join(e.Failures, " ")), e.Addr.String()))
	}
	return out
}
