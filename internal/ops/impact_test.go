package ops_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const impactConfig = `
tenant {
  people = "people.json"
}

setup_policy "desk" {
  name               = "Desk"
  description        = "DESCRIPTION"
  upload_custom_apps = UPLOAD
}

group "support" {
  name = "Support"
}

policy_assignment "support" {
  policy = setup_policy.desk
  group  = group.support
  rank   = 1
}
`

const impactPeople = `{"users":[{"upn":"a@x.example"},{"upn":"b@x.example"},{"upn":"c@x.example","guest":true}],
"groups":[{"name":"Support","members":["a@x.example","c@x.example"]}]}`

// callsOf plans with a configuration and gives the requests and the plan.
func callsOf(t *testing.T, w *world, description, upload string) (calls map[string]int, gains int) {
	t.Helper()
	w.write("main.teams.hcl", strings.NewReplacer("DESCRIPTION", description, "UPLOAD", upload).Replace(impactConfig))
	p := w.mustPlan(applyOptions{})
	if p.Plan.Impact != nil {
		gains = p.Plan.Impact.Upload.Gain.People
	}
	return p.Calls, gains
}

// What affects nobody's access costs no reading: a plan that changes only a
// description asks the tenant for what a plan without changes asks for. A plan
// that changes who may upload reads the people, the members of the one group that
// has a policy, and the other policies and settings, each once.
func TestImpactListsNothingMoreThanItNeeds(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "people.json"), impactPeople)
	w := newWorld(t, dir)
	callsOf(t, w, "first", "false")
	w.mustApply(applyOptions{})

	nothing, _ := callsOf(t, w, "first", "false")
	description, _ := callsOf(t, w, "second", "false")
	if diff := cmp.Diff(nothing, description); diff != "" {
		t.Errorf("a description costs other requests than nothing (-nothing +description):\n%s", diff)
	}
	upload, gains := callsOf(t, w, "first", "true")
	if gains != 2 {
		t.Errorf("%d people gain upload, want 2", gains)
	}
	more := map[string]int{}
	for name, n := range upload {
		if n != nothing[name] {
			more[name] = n - nothing[name]
		}
	}
	want := map[string]int{
		"GET /users": 1, "GET /groups/{id}/members": 1, "GET /admin/teams/userConfigurations": 1, "GET /appCatalogs/teamsApps": 1,
		"GET /Skype.Policy/configurations/TeamsAppPermissionPolicy": 1, "GET /Teams.MiddletierService/tenantWideAppsSettingsGlobal": 1, "GET /teamwork/teamsAppSettings": 1,
	}
	if diff := cmp.Diff(want, more); diff != "" {
		t.Errorf("further requests (-want +got):\n%s", diff)
	}
}
