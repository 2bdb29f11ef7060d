package seed_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/people"
	"github.com/teamsform/teamsform/internal/emulator/seed"
)

func organisation(t testing.TB, o seed.Options) *people.Directory {
	t.Helper()
	d, err := seed.Make(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheSameSeedGivesTheSameOrganisation(t *testing.T) {
	o := seed.Options{Users: 500, Groups: 30, Members: 10, Seed: 7}
	one, two := organisation(t, o), organisation(t, o)
	if diff := cmp.Diff(one, two); diff != "" {
		t.Error(diff)
	}
	o.Seed = 8
	other := organisation(t, o)
	if one.Users[0].ID == other.Users[0].ID || one.Groups[0].Name == other.Groups[0].Name && one.Groups[1].Name == other.Groups[1].Name {
		t.Error("another seed gives the same ids or names")
	}
}

// TestOrganisationsStayTheSame holds what is promised between versions: whoever
// seeds a tenant in a test counts on finding the same people tomorrow. When
// this fails, the lists of names or the order of draws were changed.
func TestOrganisationsStayTheSame(t *testing.T) {
	d := organisation(t, seed.Options{Users: 1000, Groups: 40, Members: 12, Seed: 1})
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v", d))
	const want = "2abb93efb4926206"
	if got := hex.EncodeToString(sum[:8]); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

func TestWhatAnOrganisationLooksLike(t *testing.T) {
	d := organisation(t, seed.Options{Users: 10_000, Groups: 200, Seed: 1})
	guests, disabled, upns := 0, 0, map[string]bool{}
	for _, u := range d.Users {
		upns[u.UPN] = true
		if u.Guest {
			guests++
		}
		if u.Disabled {
			disabled++
		}
	}
	if guests != 200 || disabled < 50 || disabled > 150 {
		t.Errorf("%d guests, %d disabled accounts", guests, disabled)
	}
	if len(upns) != 10_000 || !upns["user0000001@contoso.example"] || !upns["user0009800@contoso.example"] || upns["user0009801@contoso.example"] {
		t.Errorf("%d names, or not without a gap", len(upns))
	}
	small, large, members, nested := 0, 0, 0, 0
	for _, g := range d.Groups {
		members += len(g.Users)
		nested += len(g.Groups)
		if len(g.Users) < 15 {
			small++
		}
		large = max(large, len(g.Users))
	}
	if small < 100 || large < 200 || nested != 40 || members < 4000 || members > 5000 {
		t.Errorf("%d small groups, the largest %d, %d nested, %d members", small, large, nested, members)
	}
}

// TestEveryOrganisationIsWellFormed writes organisations as people files, whose
// reader knows all the rules.
func TestEveryOrganisationIsWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		users := rapid.IntRange(0, 300).Draw(t, "users")
		o := seed.Options{
			Users: users, Groups: rapid.IntRange(0, 60).Draw(t, "groups"),
			Members: rapid.IntRange(0, users).Draw(t, "members"), Seed: rapid.Uint64().Draw(t, "seed"),
		}
		d, err := seed.Make(o)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Users) != o.Users || len(d.Groups) != o.Groups {
			t.Fatalf("%d users and %d groups for %+v", len(d.Users), len(d.Groups), o)
		}
		read, err := people.Parse(file(d), ids.ID{1})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, read); diff != "" {
			t.Fatal(diff)
		}
	})
}

func file(d *people.Directory) []byte {
	names, groups := map[ids.ID]string{}, map[ids.ID]string{}
	var users, lists []string
	for _, u := range d.Users {
		names[u.ID] = u.UPN
		users = append(users, fmt.Sprintf(`{"id":%q,"upn":%q,"name":%q,"mail":%q,"guest":%t,"enabled":%t}`, u.ID, u.UPN, u.Name, u.Mail, u.Guest, !u.Disabled))
	}
	for _, g := range d.Groups {
		groups[g.ID] = g.Name
	}
	for _, g := range d.Groups {
		var members, nested []string
		for _, id := range g.Users {
			members = append(members, fmt.Sprintf("%q", names[id]))
		}
		for _, id := range g.Groups {
			nested = append(nested, fmt.Sprintf("%q", groups[id]))
		}
		lists = append(lists, fmt.Sprintf(`{"id":%q,"name":%q,"mail":%q,"members":[%s],"groups":[%s]}`, g.ID, g.Name, g.Mail, strings.Join(members, ","), strings.Join(nested, ",")))
	}
	return fmt.Appendf(nil, `{"users":[%s],"groups":[%s]}`, strings.Join(users, ","), strings.Join(lists, ","))
}

func TestWhatCannotBeMade(t *testing.T) {
	for name, o := range map[string]seed.Options{
		"negative":              {Users: -1},
		"too many users":        {Users: seed.MaxUsers + 1},
		"too many groups":       {Users: 1, Groups: seed.MaxGroups + 1},
		"more members than all": {Users: 3, Groups: 1, Members: 4},
		"too many memberships":  {Users: 1_000_000, Groups: 1_000, Members: 1_000_000},
	} {
		if _, err := seed.Make(o); err == nil {
			t.Errorf("%s was made", name)
		}
	}
}

func BenchmarkMake(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := seed.Make(seed.Options{Users: 100_000, Groups: 1000, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}
