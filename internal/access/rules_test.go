package access_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/access"
	"github.com/teamsform/teamsform/internal/table"
)

// small is a tenant to be changed by a test: Ada is in Support; Ben in Field,
// which is in Support; Gus is a guest; Dee cannot sign in.
type small struct {
	*access.Snapshot
}

var (
	ada, ben, gus, dee = idOf(1, 1), idOf(1, 2), idOf(1, 3), idOf(1, 4)
	support, field     = idOf(2, 1), idOf(2, 2)
)

func newSmall(model access.Model) small {
	names := map[table.ID]string{ada: "ada@contoso.example", ben: "ben@contoso.example", gus: "gus#EXT#@contoso.example", dee: "dee@contoso.example"}
	d := access.NewDirectory(
		[]access.Person{{ID: ada}, {ID: ben}, {ID: gus, Guest: true}, {ID: dee, Disabled: true}},
		[]access.Group{{ID: support, Name: "Support"}, {ID: field, Name: "Field"}},
		func(id table.ID) string { return names[id] })
	d.SetMembers(d.FindGroup(support), []table.ID{ada, idOf(1, 9)}, []table.ID{field, idOf(2, 9)})
	d.SetMembers(d.FindGroup(field), []table.ID{ben}, []table.ID{support})
	return small{&access.Snapshot{
		Model: model, Directory: d, CustomApps: true, Names: table.NewStrings(access.PermissionType, access.SetupType),
		Apps:       []access.App{{ID: "helpdesk", Name: "Helpdesk", Published: true}, {ID: "expenses", Name: "Expenses", Published: true}},
		Setup:      []access.SetupPolicy{{Name: "Global"}, {Name: "Pilot", Upload: true, Pinned: []string{"chat", "helpdesk"}}, {Name: "Kiosk"}},
		Permission: []access.PermissionPolicy{{Name: "Global"}, {Name: "Trusted", Only: true, Apps: []string{"HELPDESK"}}},
	}}
}

func (s small) row(user table.ID, typ, policy string) {
	s.Rows = append(s.Rows, table.Row{User: user, Type: s.Names.Sym(typ), Policy: s.Names.Sym(policy)})
	table.Sort(s.Rows)
}

func (s small) grant(group table.ID, typ, policy string, rank int) {
	s.Grants = append(s.Grants, access.Grant{Type: typ, Group: group, Policy: policy, Rank: rank})
}

func (s small) tenant() *access.Tenant { return access.New(s.Snapshot) }

// The truth table of the three switches: O of the organisation, T of a team,
// U of the person's setup policy. T cannot be observed, so the model says what
// holds whatever T is, and names T where it matters.
func TestThreeSwitches(t *testing.T) {
	for _, row := range []struct {
		org, user                    bool
		owner, personal, interaction bool
		namesTeam                    bool
	}{
		{org: false, user: false},
		{org: false, user: true},
		{org: true, user: false, interaction: true},
		{org: true, user: true, owner: true, personal: true, interaction: true, namesTeam: true},
	} {
		s := newSmall(access.Policies)
		s.CustomApps, s.Setup[0].Upload = row.org, row.user
		model := s.tenant()
		person, app := model.Directory.Find(ada), model.FindApp("helpdesk")
		up, steps := model.ExplainUpload(person)
		if up.Team != row.owner || up.Personal != row.personal {
			t.Errorf("org %v, user %v: %+v", row.org, row.user, up)
		}
		if v := model.Verdict(person, app); v.Use != row.interaction || v.Discover != row.interaction {
			t.Errorf("org %v, user %v: %+v", row.org, row.user, v)
		}
		if got := steps[len(steps)-1].Rule == access.RuleTeam; got != row.namesTeam {
			t.Errorf("org %v, user %v: the team's own setting is named: %v", row.org, row.user, got)
		}
	}
}

// Each precedence and each limit of reach, one by one: what a person ends up
// with, and the sentence that says why.
func TestPrecedence(t *testing.T) {
	for _, test := range []struct {
		name   string
		model  access.Model
		person table.ID
		change func(s small)
		use    bool
		says   string // part of the sentence that decides
	}{
		{name: "Global", person: ada, use: true, says: `"Global" (which everybody has who has no other) allows all custom apps.`},
		{name: "Global allows nothing", person: ada, change: func(s small) { s.Permission[0].Only = true }, says: "allows no custom app"},
		{name: "Global blocks it", person: ada, change: func(s small) { s.Permission[0].Apps = []string{"helpdesk"} }, says: "blocks this app"},
		{name: "Global blocks another", person: ada, change: func(s small) { s.Permission[0].Apps = []string{"expenses"} }, use: true, says: "but some, and this is not one of those"},
		{name: "listed", person: ada, change: func(s small) { s.row(ada, access.PermissionType, "trusted") }, use: true, says: `"Trusted" (assigned to this person directly) allows only chosen custom apps, and this is one`},
		{name: "not listed", person: ada, change: func(s small) {
			s.row(ada, access.PermissionType, "Trusted")
			s.Permission[1].Apps = []string{"expenses"}
		}, says: "this is not one of them"},
		{name: "direct over group", person: ada, use: true, change: func(s small) {
			s.row(ada, access.PermissionType, "Trusted")
			s.Permission[0].Only = true
			s.grant(support, access.PermissionType, "Global", 1)
		}, says: `assigned to this person directly; "Global" of the group "Support", rank 1, does not count beside it`},
		{name: "lower rank wins", person: ada, use: true, change: func(s small) {
			s.Directory.SetMembers(s.Directory.FindGroup(field), []table.ID{ben, ada}, nil)
			s.Permission[0].Only = true
			s.grant(field, access.PermissionType, "Trusted", 2)
			s.grant(support, access.PermissionType, "Global", 7)
		}, says: `of the group "Field", rank 2; "Global" of the group "Support", rank 7, does not count beside it`},
		{name: "a nested member has no policy of the group", person: ben, change: func(s small) {
			s.Permission[0].Only = true
			s.grant(support, access.PermissionType, "Trusted", 1)
		}, says: `"Trusted" of the group "Support" does not reach them, because they are in it only through "Field"`},
		{name: "an assignment of a policy that is gone", person: ada, use: true, change: func(s small) { s.row(ada, access.PermissionType, "Gone") }, says: `"Global"`},
		{name: "org switch over all", person: ada, change: func(s small) {
			s.CustomApps = false
			s.row(ada, access.PermissionType, "Trusted")
		}, says: "off for everybody, whatever the policies say"},
		{name: "blocked over policy", person: ada, change: func(s small) { s.Apps[0].Blocked = true }, says: "blocked for the whole organisation"},
		{name: "hold over policy", person: ada, change: func(s small) { s.Apps[0].Hold = "sends spam" }, says: "emergency hold of teamsform cuts it off: sends spam."},
		{name: "not published", person: ada, change: func(s small) { s.Apps[0].Published = false }, says: "No version of the app is published"},
		{name: "disabled", person: dee, says: "Sign-in is blocked"},
		{name: "guest", person: gus, use: true, says: `"Global"`},

		{name: "never saved, default no one", model: access.AppCentric, person: ada, says: "default for custom apps holds: no one."},
		{name: "never saved, default everyone", model: access.AppCentric, person: ada, use: true, change: func(s small) { s.CustomAppsDefault = true }, says: "default for custom apps holds: everyone."},
		{name: "no one", model: access.AppCentric, person: ada, change: func(s small) {
			s.CustomAppsDefault = true
			s.Apps[0].Available.Reach = access.Nobody
		}, says: "available to no one"},
		{name: "everyone with guests", model: access.AppCentric, person: gus, use: true, change: func(s small) { s.Apps[0].Available.Reach = access.Everyone }, says: "everyone, guests included"},
		{name: "by name", model: access.AppCentric, person: ada, use: true, change: func(s small) {
			s.Apps[0].Available = access.Audience{Reach: access.Listed, People: []table.ID{ada}}
		}, says: "among them: by name."},
		{name: "by group", model: access.AppCentric, person: ada, use: true, change: func(s small) {
			s.Apps[0].Available = access.Audience{Reach: access.Listed, Groups: []table.ID{support}}
		}, says: `among them: by the group "Support".`},
		{name: "nested groups count here", model: access.AppCentric, person: ben, use: true, change: func(s small) {
			s.Apps[0].Available = access.Audience{Reach: access.Listed, Groups: []table.ID{support}}
		}, says: `by the group "Support", through the group "Field" in it.`},
		{name: "not among them", model: access.AppCentric, person: gus, change: func(s small) {
			s.Apps[0].Available = access.Audience{Reach: access.Listed, Groups: []table.ID{support, idOf(2, 9)}, People: []table.ID{idOf(1, 9)}}
		}, says: "this person is not among them."},
		{name: "permission policies do nothing here", model: access.AppCentric, person: ada, use: true, change: func(s small) {
			s.Apps[0].Available.Reach = access.Everyone
			s.Permission[0].Only = true
		}, says: "available to everyone"},
		{name: "assignments of a blocked app wait", model: access.AppCentric, person: ada, change: func(s small) {
			s.Apps[0].Available.Reach, s.Apps[0].Blocked = access.Everyone, true
		}, says: "blocked for the whole organisation"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSmall(test.model)
			if test.change != nil {
				test.change(s)
			}
			model := s.tenant()
			e := model.Explain(model.Directory.Find(test.person), model.FindApp("helpdesk"))
			if e.Verdict.Use != test.use || !strings.Contains(e.Decision, test.says) {
				t.Errorf("use %v because: %s", e.Verdict.Use, e.Decision)
			}
		})
	}
}

// What a setup policy does with an app, in the order of its list.
func TestSetupPolicy(t *testing.T) {
	told := func(s small, person table.ID, app string) string {
		model := s.tenant()
		e := model.Explain(model.Directory.Find(person), model.FindApp(app))
		var out []string
		for _, step := range e.Setup {
			out = append(out, step.Text)
		}
		return fmt.Sprintf("%+v\n%s", e.Verdict, strings.Join(out, "\n"))
	}
	s := newSmall(access.Policies)
	s.row(ada, access.SetupType, "Pilot")
	s.grant(support, access.SetupType, "Kiosk", 1)
	same(t, told(s, ada, "helpdesk"), `{Discover:true Use:true Installed:true Pinned:2 Messaging:0 Meeting:false}
The setup policy is "Pilot" (assigned to this person directly; "Kiosk" of the group "Support", rank 1, does not count beside it).
It is installed because the setup policy pins it.
It is pinned on the app bar, place 2.`)

	s.Setup[1].Pinned, s.Setup[1].Installed = []string{"expenses", "helpdesk", "chat"}, []string{"helpdesk"}
	s.Setup[1].Messaging, s.Setup[1].Meeting = []string{"helpdesk"}, []string{"helpdesk"}
	s.row(ada, access.PermissionType, "Trusted")
	same(t, told(s, ada, "helpdesk"), `{Discover:true Use:true Installed:true Pinned:1 Messaging:1 Meeting:true}
The setup policy is "Pilot" (assigned to this person directly; "Kiosk" of the group "Support", rank 1, does not count beside it).
The setup policy installs it.
It is pinned on the app bar, place 1 and among the message extensions, place 1 and in meetings.`)
	same(t, told(s, ada, "expenses"), `{Discover:false Use:false Installed:false Pinned:0 Messaging:0 Meeting:false}
The setup policy is "Pilot" (assigned to this person directly; "Kiosk" of the group "Support", rank 1, does not count beside it).
It lists the app, which has no effect: what may not be used is neither installed nor pinned.`)
	same(t, told(s, ada, "chat"), `{Discover:false Use:true Installed:true Pinned:2 Messaging:0 Meeting:false}
The setup policy is "Pilot" (assigned to this person directly; "Kiosk" of the group "Support", rank 1, does not count beside it).
It is installed because the setup policy pins it.
It is pinned on the app bar, place 2.`)

	s = newSmall(access.AppCentric)
	s.CustomAppsDefault = true
	s.Apps[0].Installed = access.Audience{Reach: access.Listed, Groups: []table.ID{support}}
	same(t, told(s, ben, "helpdesk"), `{Discover:true Use:true Installed:true Pinned:0 Messaging:0 Meeting:false}
The setup policy is "Global" (which everybody has who has no other).
The app is installed for chosen people and groups: by the group "Support", through the group "Field" in it.
It is not pinned.`)
	s.Apps[0].Available.Reach = access.Nobody
	same(t, told(s, ben, "helpdesk"), `{Discover:false Use:false Installed:false Pinned:0 Messaging:0 Meeting:false}
The setup policy is "Global" (which everybody has who has no other).
The organisation does not install it for this person.
It is not pinned.`)
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A million people cost what their classes cost: twice the people in the same
// groups make the same classes and the same number of judgements.
func TestClassesDoNotGrowWithPeople(t *testing.T) {
	var classes []int
	for _, n := range []int{5_000, 10_000, 20_000} {
		before, after := large(n, access.Policies)
		classes = append(classes, len(access.Compare(before, after).Classes))
	}
	if classes[2] > 2*classes[0] || classes[2] > 2_000 {
		t.Errorf("classes: %v", classes)
	}
}

// large is a tenant of n people with 200 groups, 50 apps and 100 policies, and
// the same after a change of everything that can be changed.
func large(n int, model access.Model) (before, after *access.Tenant) {
	people := make([]access.Person, n)
	for i := range people {
		people[i] = access.Person{ID: table.ID{byte(i >> 16), byte(i >> 8), byte(i)}, Guest: i%20 == 0, Disabled: i%50 == 0}
	}
	groups := make([]access.Group, 200)
	for i := range groups {
		groups[i] = access.Group{ID: table.ID{0xff, byte(i)}, Name: fmt.Sprint("Group ", i)}
	}
	d := access.NewDirectory(people, groups, nil)
	for i := range groups {
		// People sit in blocks (a department) and in stripes (a role).
		width := max(n/200, 1)
		for p := i * width; p < min((i+1)*width, n); p++ {
			d.Groups[i].People = append(d.Groups[i].People, int32(p))
		}
		if i > 0 && i%4 == 0 {
			d.Groups[i].Groups = []int32{int32(i - 1)}
		}
	}
	snapshot := func(turn int) *access.Snapshot {
		s := &access.Snapshot{Model: model, Directory: d, CustomApps: true, CustomAppsDefault: turn == 0, Names: table.NewStrings(access.PermissionType, access.SetupType)}
		for i := range 50 {
			a := access.App{ID: fmt.Sprint("app-", i), Published: true}
			if i%2 == 0 {
				a.Available = access.Audience{Reach: access.Listed, Groups: []table.ID{groups[i+turn].ID, groups[i+100].ID}}
			}
			s.Apps = append(s.Apps, a)
		}
		for i := range 50 {
			name := fmt.Sprint("P", i)
			if i == 0 {
				name = "Global"
			}
			s.Setup = append(s.Setup, access.SetupPolicy{Name: name, Upload: i%2 == turn, Pinned: []string{"chat", fmt.Sprint("app-", (i+turn)%50)}})
			s.Permission = append(s.Permission, access.PermissionPolicy{Name: name, Only: i%2 == 0, Apps: []string{fmt.Sprint("app-", i), fmt.Sprint("app-", (i+turn)%50)}})
		}
		for i := range 64 {
			s.Grants = append(s.Grants, access.Grant{Type: access.SetupType, Group: groups[i*3].ID, Policy: fmt.Sprint("P", 1+(i+turn)%49), Rank: i + 1})
		}
		for i := range people {
			if i%3 == 0 { // a third hold a permission policy directly
				policy := s.Names.Sym(fmt.Sprint("P", 1+i*49/n))
				s.Rows = append(s.Rows, table.Row{User: people[i].ID, Type: s.Names.Sym(access.PermissionType), Policy: policy})
			}
		}
		return s
	}
	return access.New(snapshot(0)), access.New(snapshot(1))
}

// BenchmarkImpact is the before-and-after impact of a change of everything.
// The exponent of its growth is reported from ten thousand people to a million.
func BenchmarkImpact(b *testing.B) {
	for _, model := range []access.Model{access.Policies, access.AppCentric} {
		var took []float64
		sizes := []int{10_000, 100_000, 1_000_000}
		for _, n := range sizes {
			before, after := large(n, model)
			b.Run(fmt.Sprintf("%s/%d", []string{"policies", "app_centric"}[model], n), func(b *testing.B) {
				for b.Loop() {
					c := access.Compare(access.New(before.Snapshot), access.New(after.Snapshot))
					b.ReportMetric(float64(len(c.Changes())), "changes")
					b.ReportMetric(float64(len(c.Classes)), "classes")
				}
				took = append(took, float64(b.Elapsed().Nanoseconds())/float64(b.N))
			})
		}
		if len(took) == len(sizes) {
			b.Logf("exponent from 10,000 to 1,000,000: %.2f", math.Log(took[2]/took[0])/math.Log(100))
		}
	}
}
