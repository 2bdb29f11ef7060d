package view

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/engine"
)

// impact prints what the plan changes for people: per app first, then by what
// causes it.
func (v *planView) impact() {
	i := v.plan.Impact
	if i == nil || !i.Assessed {
		return
	}
	v.heading("What changes for people")
	before := v.b.Len()
	for _, a := range i.Apps {
		v.appImpact(a)
	}
	if v.gains(i.Upload) {
		v.line("  %s", v.style.bold("Upload of custom apps"))
		v.gain(i.Upload, "may upload them", "may no longer upload them")
	}
	if v.b.Len() == before {
		v.line("  Nobody gains or loses an app, or the upload of custom apps.")
		return
	}
	v.causes(i)
}

func (*planView) gains(c engine.AccessChange) bool { return c.Gain.People+c.Lose.People > 0 }

func (v *planView) appImpact(a engine.AppImpact) {
	name := cmp.Or(a.Name, a.App.String(), a.ID)
	if !a.App.IsZero() && a.Name != "" {
		name += " (" + a.App.String() + ")"
	}
	v.line("  %s", v.style.bold(name))
	if sameChange(a.Discover, a.Use) {
		v.gain(a.Use, "may use it, and find it under \"Built for your org\"", "may no longer use it, nor find it under \"Built for your org\"")
	} else {
		v.gain(a.Discover, "find it under \"Built for your org\"", "no longer find it under \"Built for your org\"")
		v.gain(a.Use, "may use it", "may no longer use it")
	}
	v.gain(a.Installed, "get it installed", "no longer have it installed by the organisation")
	v.gain(a.Pinned, "get it pinned", "no longer have it pinned")
	if n := a.PinMoves; n.People > 0 {
		v.line("    %s for %s it is pinned at another place: %s", v.style.yellow("~"), headCount(n), headNames(n))
	}
}

func sameChange(a, b engine.AccessChange) bool {
	same := func(x, y engine.Headcount) bool { return x.People == y.People && x.Guests == y.Guests }
	return same(a.Gain, b.Gain) && same(a.Lose, b.Lose)
}

func (v *planView) gain(c engine.AccessChange, gains, loses string) {
	if n := c.Gain; n.People > 0 {
		v.line("    %s %s %s: %s", v.style.green("+"), headCount(n), oneGains(n.People, gains), headNames(n))
	}
	if n := c.Lose; n.People > 0 {
		v.line("    %s %s %s: %s", v.style.red("-"), headCount(n), oneGains(n.People, loses), headNames(n))
	}
}

// oneGains puts the verbs into the singular.
func oneGains(n int, text string) string {
	if n != 1 {
		return text
	}
	return strings.NewReplacer("gain an", "gains an", "lose an", "loses an", "get an", "gets an", "have an", "has an", "find it", "finds it", "get it", "gets it", "no longer have it", "no longer has it").Replace(text)
}

// headCount is a number of people with the guests among them.
func headCount(n engine.Headcount) string { return people(n.People) + guests(n.Guests, n.People) }

func headNames(n engine.Headcount) string {
	text := strings.Join(n.Samples, ", ")
	if n.People > len(n.Samples) {
		text += ", ..."
	}
	return text
}

// causes prints the same once more, by planned change.
func (v *planView) causes(i *engine.Impact) {
	if len(i.ByChange) == 0 {
		return
	}
	v.line("  %s", v.style.bold("By change"))
	for _, c := range i.ByChange {
		var parts []string
		for _, p := range []struct {
			of          engine.AccessChange
			gain, loses string
		}{
			{c.Use, "gain an app", "lose an app"},
			{c.Installed, "get an app installed", "have an app no longer installed"},
			{c.Pinned, "get an app pinned", "have an app no longer pinned"},
			{c.Upload, "may upload", "may no longer upload"},
		} {
			if n := p.of.Gain; n.People > 0 {
				parts = append(parts, fmt.Sprintf("%s %s", headCount(n), oneGains(n.People, p.gain)))
			}
			if n := p.of.Lose; n.People > 0 {
				parts = append(parts, fmt.Sprintf("%s %s", headCount(n), oneGains(n.People, p.loses)))
			}
		}
		if parts != nil {
			v.line("    %s: %s", c.Addr, strings.Join(parts, "; "))
		}
	}
}

// expectations prints how many expect blocks hold, and those that do not.
func (v *planView) expectations() {
	list := v.plan.Expects
	if len(list) == 0 {
		return
	}
	failed := 0
	for _, e := range list {
		if !e.OK() {
			failed++
		}
	}
	v.heading("Expectations")
	v.line("  %d of %d hold.", len(list)-failed, len(list))
	for _, e := range list {
		for _, text := range e.Failures {
			v.line("  %s %s: %s", v.style.red("!"), e.Name, text)
		}
	}
}
