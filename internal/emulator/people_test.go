package emulator_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/emulator/people"
)

func withPeople(data string) func(*emulator.Options) {
	return func(o *emulator.Options) { o.People = []byte(data) }
}

func TestAChangedPeopleFileIsApplied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	const first = `{"users":[{"upn":"a@x.example"},{"upn":"b@x.example"},{"upn":"c@x.example"}],
		"groups":[{"name":"One","members":["a@x.example","b@x.example"]},{"name":"Two","members":["b@x.example","c@x.example"]}]}`
	tenant := openAt(t, path, withPeople(first))
	c := admin(t, tenant)
	createPolicy(c, setup, "P", "")
	createPolicy(c, setup, "Q", "")
	for _, upn := range []string{"a@x.example", "b@x.example"} {
		c.want(204, "PATCH", "/Skype.Policy/users/"+upn+"/policies/"+setup, `{"PolicyName":"P"}`)
	}
	for _, group := range []string{"One", "Two"} {
		c.want(204, "PATCH", "/Skype.Policy/groupPolicyAssignments/"+groupID(c, group)+"/policyTypes/"+setup, `{"PolicyName":"Q"}`)
	}
	a := userID(c, "a@x.example")
	closeTenant(t, tenant)

	// b and group One leave, d joins Two; a keeps id and policy.
	const second = `{"users":[{"upn":"A@x.example"},{"upn":"c@x.example"},{"upn":"d@x.example"}],
		"groups":[{"name":"Two","members":["c@x.example","d@x.example"]}]}`
	tenant = openAt(t, path, withPeople(second))
	c = admin(t, tenant)
	same(t, "id of a", userID(c, "a@x.example"), a)
	c.want(404, "GET", "/v1.0/users/b@x.example", nil)
	same(t, "policy of a", effective(c, a), "TeamsAppSetupPolicy Tag:P direct")
	same(t, "policy of d", effective(c, userID(c, "d@x.example")), "TeamsAppSetupPolicy Tag:Q group")
	same(t, "ranks", ranks(c, map[string]string{groupID(c, "Two"): "Two"}), "1:Two=Q")
	same(t, "number of people", string(c.want(200, "GET", "/v1.0/users/$count", nil, "ConsistencyLevel", "eventual").body), "3")
	closeTenant(t, tenant)

	// Without a file the people stay; with the first one b is back, without a policy.
	tenant = openAt(t, path, nil)
	c = admin(t, tenant)
	userID(c, "d@x.example")
	closeTenant(t, tenant)
	tenant = openAt(t, path, withPeople(first))
	defer closeTenant(t, tenant)
	c = admin(t, tenant)
	c.want(204, "DELETE", "/Skype.Policy/groupPolicyAssignments/"+groupID(c, "Two")+"/policyTypes/"+setup, nil)
	same(t, "policy of b after coming back", effective(c, userID(c, "b@x.example")), "")
}

func TestThePeopleFileMayNameTheTenant(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	const file = `{"tenant":{"id":"33333333-3333-4333-8333-333333333333","name":"Fabrikam"},"users":[]}`
	tenant := openAt(t, path, withPeople(file))
	if i := tenant.Info(); i.ID != "33333333-3333-4333-8333-333333333333" || i.Name != "Fabrikam" {
		t.Errorf("info: %+v", i)
	}
	closeTenant(t, tenant)
	o := options(path)
	o.People = []byte(`{"tenant":{"id":"44444444-4444-4444-8444-444444444444"},"users":[]}`)
	if _, err := emulator.Open(context.Background(), o); err == nil {
		t.Error("a people file of another tenant was applied")
	}
	tenant = openAt(t, path, withPeople(file+" "))
	closeTenant(t, tenant)
}

func TestABadPeopleFileChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	closeTenant(t, openAt(t, path, nil))
	o := options(path)
	o.People = []byte(`{"users":[{"upn":"a@x.example"},{"upn":"A@x.example"}]}`)
	_, err := emulator.Open(context.Background(), o)
	var bad *people.Error
	if !errors.As(err, &bad) || bad.Line != 1 || bad.Remedy == "" {
		t.Fatalf("open: %v", err)
	}
	tenant := openAt(t, path, nil)
	defer closeTenant(t, tenant)
	userID(admin(t, tenant), "ada@contoso.example")
}

func TestIDsAreGivenOrDerived(t *testing.T) {
	const file = `{"users":[{"upn":"a@x.example","id":"AAAAAAAA-0000-4000-8000-000000000001"},{"upn":"b@x.example"}],"groups":[{"name":"G","id":"BBBBBBBB-0000-4000-8000-000000000001"}]}`
	one, two := admin(t, open(t, withPeople(file))), admin(t, open(t, withPeople(file)))
	same(t, "given", userID(one, "a@x.example"), "aaaaaaaa-0000-4000-8000-000000000001")
	same(t, "given to a group", groupID(one, "G"), "bbbbbbbb-0000-4000-8000-000000000001")
	same(t, "derived", userID(one, "b@x.example"), userID(two, "b@x.example"))
	other := admin(t, open(t, func(o *emulator.Options) {
		o.People, o.TenantID = []byte(file), "33333333-3333-4333-8333-333333333333"
	}))
	if userID(other, "b@x.example") == userID(one, "b@x.example") {
		t.Error("the derived id does not depend on the tenant")
	}
	if id := userID(one, "b@x.example"); id[14] != '5' || !strings.ContainsRune("89ab", rune(id[19])) {
		t.Errorf("%s is not a name-based GUID", id)
	}
}
