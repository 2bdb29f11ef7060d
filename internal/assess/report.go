package assess

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/access"
)

// PersonReport is what one person can do, and why.
type PersonReport struct {
	User     string       `json:"user"`
	ID       string       `json:"id"`
	Guest    bool         `json:"guest"`
	Disabled bool         `json:"sign_in_blocked"`
	Apps     []PersonApp  `json:"apps"`
	Upload   UploadReport `json:"upload"`
}

// PersonApp is what a person can do with one app.
type PersonApp struct {
	App       string        `json:"app"` // display name
	ID        string        `json:"id"`
	Discover  bool          `json:"discover"`
	Use       bool          `json:"use"`
	Installed bool          `json:"installed"`
	Pinned    int           `json:"pinned"` // place on the app bar, 0: not pinned
	Messaging int           `json:"messaging_pin"`
	Meeting   bool          `json:"meeting_app"`
	Because   string        `json:"because"`
	Steps     []access.Step `json:"steps"`
	Setup     []access.Step `json:"setup"`
}

// UploadReport is whether a person may upload custom apps.
type UploadReport struct {
	Personal bool          `json:"personal"`
	Team     string        `json:"team"` // "no" or "owners; members as the team allows"
	Because  string        `json:"because"`
	Steps    []access.Step `json:"steps"`
}

// Explain tells what a person can do with the apps at the given places.
func (v *View) Explain(person int, apps []int) PersonReport {
	p := v.Directory.People[person]
	out := PersonReport{User: v.Directory.Name(person), ID: p.ID.String(), Guest: p.Guest, Disabled: p.Disabled, Apps: []PersonApp{}}
	for _, app := range apps {
		e := v.Tenant.Explain(person, app)
		a := v.AllApps()[app]
		out.Apps = append(out.Apps, PersonApp{
			App: cmp.Or(a.Name, a.ID), ID: a.ID, Discover: e.Verdict.Discover, Use: e.Verdict.Use, Installed: e.Verdict.Installed,
			Pinned: e.Verdict.Pinned, Messaging: e.Verdict.Messaging, Meeting: e.Verdict.Meeting,
			Because: e.Decision, Steps: e.Steps, Setup: e.Setup,
		})
	}
	up, steps := v.ExplainUpload(person)
	out.Upload = UploadReport{Personal: up.Personal, Team: "no", Steps: steps}
	if up.Team {
		out.Upload.Team = "owners; members as the team allows"
	}
	for _, s := range steps {
		if s.Decides {
			out.Upload.Because = s.Text
		}
	}
	return out
}

// AppReport is who can do what with one app, in classes.
type AppReport struct {
	App     string     `json:"app"`
	ID      string     `json:"id"`
	People  int        `json:"people"` // who can use it
	Guests  int        `json:"guests"` // of these
	Classes []AppClass `json:"classes"`
}

// AppClass is a number of people who can do the same with an app for the same
// reason.
type AppClass struct {
	People      int      `json:"people"`
	Guests      int      `json:"guests"`
	Discover    bool     `json:"discover"`
	Use         bool     `json:"use"`
	Installed   bool     `json:"installed"`
	Pinned      int      `json:"pinned"`
	SetupPolicy string   `json:"setup_policy"`
	Because     string   `json:"because"`
	Rule        string   `json:"rule"`
	Samples     []string `json:"samples"`

	sample []int
}

// Who tells who can do what with an app. Those who can most come first.
func (v *View) Who(app int) AppReport {
	a := v.AllApps()[app]
	out := AppReport{App: cmp.Or(a.Name, a.ID), ID: a.ID, Classes: []AppClass{}}
	type key struct {
		verdict access.Verdict
		reason  string
		setup   string
	}
	at := map[key]int{}
	for class := range v.Classes.Classes {
		cl := &v.Classes.Classes[class]
		verdict, reason := v.Classes.Verdict(class, app, true), v.Classes.Reason(class, app, true)
		setup := ""
		if verdict.Installed || verdict.Pinned > 0 {
			setup, _ = v.Classes.Holdings(class, true)
		}
		k := key{verdict, reason.Text, setup}
		i, known := at[k]
		if !known {
			i = len(out.Classes)
			at[k] = i
			out.Classes = append(out.Classes, AppClass{
				Discover: verdict.Discover, Use: verdict.Use, Installed: verdict.Installed, Pinned: verdict.Pinned,
				SetupPolicy: setup, Because: reason.Text, Rule: string(reason.Rule),
			})
		}
		c := &out.Classes[i]
		c.People += cl.Count
		if cl.Guest {
			c.Guests += cl.Count
		}
		c.sample = append(c.sample, cl.Sample...)
		if verdict.Use {
			out.People += cl.Count
			if cl.Guest {
				out.Guests += cl.Count
			}
		}
	}
	for i := range out.Classes {
		c := &out.Classes[i]
		slices.Sort(c.sample)
		for _, p := range c.sample[:min(5, len(c.sample))] {
			c.Samples = append(c.Samples, v.Directory.Name(p))
		}
	}
	weight := func(c AppClass) int {
		n := 0
		for _, on := range []bool{c.Use, c.Installed, c.Pinned > 0} {
			if on {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(out.Classes, func(a, b AppClass) int {
		return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(b.People, a.People), strings.Compare(a.Because, b.Because), strings.Compare(a.SetupPolicy, b.SetupPolicy))
	})
	return out
}

// Matrix is who can do what with every app of the organisation.
type Matrix struct {
	Apps []MatrixApp `json:"apps"`
	Rows []MatrixRow `json:"rows"`
}

// MatrixApp is a column.
type MatrixApp struct {
	Name string `json:"name"`
	ID   string `json:"id"`
}

// MatrixRow is a number of people who have the same policies and can do the
// same with every app.
type MatrixRow struct {
	SetupPolicy      string   `json:"setup_policy"`
	PermissionPolicy string   `json:"permission_policy,omitempty"`
	Guests           bool     `json:"guests"`
	SignInBlocked    bool     `json:"sign_in_blocked"`
	People           int      `json:"people"`
	Upload           bool     `json:"upload"`
	Can              []string `json:"can"` // by app: "", "use", "use, installed", "use, installed, pinned 2"
}

// Matrix makes the table. The rows are in order of policies.
func (v *View) Matrix() Matrix {
	var m Matrix
	apps := v.Custom()
	for _, at := range apps {
		a := v.AllApps()[at]
		m.Apps = append(m.Apps, MatrixApp{cmp.Or(a.Name, a.ID), a.ID})
	}
	at := map[string]int{}
	for class := range v.Classes.Classes {
		cl := &v.Classes.Classes[class]
		row := MatrixRow{Guests: cl.Guest, SignInBlocked: cl.Disabled, Upload: v.Classes.Upload(class, true).Personal}
		row.SetupPolicy, row.PermissionPolicy = v.Classes.Holdings(class, true)
		for _, app := range apps {
			row.Can = append(row.Can, cell(v.Classes.Verdict(class, app, true)))
		}
		key := fmt.Sprintf("%#v", row)
		i, known := at[key]
		if !known {
			i = len(m.Rows)
			at[key] = i
			m.Rows = append(m.Rows, row)
		}
		m.Rows[i].People += cl.Count
	}
	slices.SortStableFunc(m.Rows, func(a, b MatrixRow) int {
		return cmp.Or(strings.Compare(a.SetupPolicy, b.SetupPolicy), strings.Compare(a.PermissionPolicy, b.PermissionPolicy),
			cmp.Compare(order(a), order(b)), strings.Compare(strings.Join(b.Can, "|"), strings.Join(a.Can, "|")))
	})
	return m
}

func order(r MatrixRow) int {
	n := 0
	if r.Guests {
		n++
	}
	if r.SignInBlocked {
		n += 2
	}
	return n
}

// cell says in words what people can do with one app.
func cell(v access.Verdict) string {
	if !v.Use {
		return ""
	}
	text := "use"
	if v.Installed {
		text += ", installed"
	}
	if v.Pinned > 0 {
		text += fmt.Sprintf(", pinned %d", v.Pinned)
	}
	return text
}

func sortedBy[T any](list []T, key func(T) string) []T {
	slices.SortStableFunc(list, func(a, b T) int { return strings.Compare(key(a), key(b)) })
	return list
}
