package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/emulator/people"
	"github.com/teamsform/teamsform/internal/emulator/seed"
)

func invented(t testing.TB, users, groups int) *people.Directory {
	t.Helper()
	d, err := seed.Make(seed.Options{Users: users, Groups: groups, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func counts(t testing.TB, tenant *emulator.Tenant) emulator.Counts {
	t.Helper()
	c, err := tenant.Counts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestInventedPeopleStayUntilThePeopleFileChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	const file = `{"users":[{"upn":"a@x.example"}]}`
	tenant := openAt(t, path, withPeople(file))
	last, total := 0, 0
	err := tenant.Replace(context.Background(), invented(t, 300, 20), func(done, all int) {
		if done < last || done > all {
			t.Errorf("progress goes from %d to %d of %d", last, done, all)
		}
		last, total = done, all
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != total || total < 600 {
		t.Errorf("progress ends with %d of %d", last, total)
	}
	if c := counts(t, tenant); c.Users != 300 || c.Groups != 20 {
		t.Errorf("%+v", c)
	}
	c := admin(t, tenant)
	c.want(404, "GET", "/v1.0/users/a@x.example", nil)
	userID(c, "user0000294@contoso.example")
	closeTenant(t, tenant)

	for _, same := range []func(*emulator.Options){nil, withPeople(file)} {
		tenant = openAt(t, path, same)
		if c := counts(t, tenant); c.Users != 300 {
			t.Errorf("opening it again changed the people: %+v", c)
		}
		closeTenant(t, tenant)
	}
	tenant = openAt(t, path, withPeople(file+" "))
	defer closeTenant(t, tenant)
	if c := counts(t, tenant); c.Users != 1 {
		t.Errorf("a changed people file was not applied: %+v", c)
	}
}

func TestPeopleFromAFile(t *testing.T) {
	tenant := open(t, nil)
	users, groups, err := tenant.ReplaceFrom(context.Background(), []byte(`{"users":[{"upn":"a@x.example"}],"groups":[{"name":"G"}]}`), nil)
	if err != nil || users != 1 || groups != 1 || counts(t, tenant).Users != 1 {
		t.Errorf("%d users, %d groups, %v", users, groups, err)
	}
	var bad *people.Error
	if _, _, err := tenant.ReplaceFrom(context.Background(), []byte(`{"users":[{}]}`), nil); !errors.As(err, &bad) {
		t.Errorf("a wrong file: %v", err)
	}
	if counts(t, tenant).Users != 1 {
		t.Error("a wrong file changed the people")
	}
}

func TestResetGivesAFreshTenant(t *testing.T) {
	fresh, err := open(t, nil).Dump(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	tenant := open(t, nil)
	c := admin(t, tenant)
	publish(c, helpdeskID, "1.0.0")
	createPolicy(c, setup, "P", "")
	c.want(204, "PATCH", "/Skype.Policy/users/ada@contoso.example/policies/"+setup, `{"PolicyName":"P"}`)
	c.want(204, "PATCH", "/Skype.Policy/groupPolicyAssignments/"+groupID(c, "Support")+"/policyTypes/"+setup, `{"PolicyName":"P"}`)
	c.want(200, "PUT", "/Skype.Policy/configurations/"+setup+"/configuration/Global", `{"AllowSideLoading":false}`)
	if err := tenant.Replace(context.Background(), invented(t, 100, 5), nil); err != nil {
		t.Fatal(err)
	}
	if err := tenant.Reset(context.Background(), emulator.Options{}); err != nil {
		t.Fatal(err)
	}
	got, err := tenant.Dump(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "tenant after a reset", string(got), string(fresh))
	if n := counts(t, tenant); n.Users != 11 || n.Groups != 4 || n.Apps != 0 || n.Policies != 3 {
		t.Errorf("%+v", n)
	}
	publish(c, helpdeskID, "1.0.0")
}

func TestResetCanGiveAnotherTenant(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	tenant := openAt(t, path, nil)
	const file = `{"tenant":{"id":"33333333-3333-4333-8333-333333333333","name":"Fabrikam"},"users":[{"upn":"a@x.example"}]}`
	if err := tenant.Reset(context.Background(), emulator.Options{People: []byte(file)}); err != nil {
		t.Fatal(err)
	}
	if i := tenant.Info(); i.ID != "33333333-3333-4333-8333-333333333333" || i.Name != "Fabrikam" {
		t.Errorf("%+v", i)
	}
	id := userID(admin(t, tenant), "a@x.example")
	closeTenant(t, tenant)
	same(t, "derived id", id, userID(admin(t, open(t, withPeople(file))), "a@x.example"))
	tenant = openAt(t, path, withPeople(file))
	defer closeTenant(t, tenant)
	if err := tenant.Reset(context.Background(), emulator.Options{People: []byte(`{"users":7}`)}); err == nil {
		t.Error("a wrong people file reset the tenant")
	}
	userID(admin(t, tenant), "a@x.example")
}

func TestDumpOfPeople(t *testing.T) {
	one, two := open(t, nil), open(t, nil)
	a, err := one.DumpPeople(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	b, err := two.DumpPeople(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "dumps of equal tenants", string(a), string(b))
	var d struct {
		Users  []struct{ UPN string }
		Groups []struct{ Members []string }
	}
	if err := json.Unmarshal(a, &d); err != nil || len(d.Users) != 11 || len(d.Groups) != 4 {
		t.Errorf("%s\n%v", a, err)
	}
	if strings.Count(string(a), `"guest":true`) != 1 || strings.Count(string(a), `"disabled":true`) != 1 {
		t.Errorf("guest or disabled account lost:\n%s", a)
	}
}

// BenchmarkSeed fills a tenant. A million people are asked for with
// TEAMSFORM_BENCH_LARGE=1.
func BenchmarkSeed(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				tenant := openAt(b, filepath.Join(b.TempDir(), "tenant.db"), func(o *emulator.Options) { o.NoSync = false })
				if err := tenant.Replace(context.Background(), invented(b, n, n/100), nil); err != nil {
					b.Fatal(err)
				}
				closeTenant(b, tenant)
			}
		})
	}
}
