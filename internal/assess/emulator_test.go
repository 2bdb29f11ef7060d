package assess_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/assess"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

type object = map[string]any

// drawn is a random tenant as the snapshot file of one.
type drawn struct {
	*rand.Rand
	model string
	users []string
	apps  []string // catalog ids
}

func (d *drawn) some(list []string) []string {
	out := []string{}
	for _, e := range list {
		if d.IntN(5) < 2 {
			out = append(out, e)
		}
	}
	d.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func guid(space, n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", space, n) }

// elements are apps of a policy, in order or not.
func (d *drawn) elements(ordered bool) []object {
	out := []object{}
	for i, id := range d.some(append(slices.Clone(d.apps), "86fcd49b-61a2-4701-b771-54728cd291fb")) {
		e := object{"Id": id}
		if ordered {
			e["Order"] = i + 1
		}
		out = append(out, e)
	}
	return out
}

func (d *drawn) policies(n int, values func() object) []object {
	out := []object{{"name": "Global", "values": values()}}
	for i := range n {
		out = append(out, object{"name": fmt.Sprint("Policy ", i), "values": values()})
	}
	return out
}

func (d *drawn) setup() object {
	return object{
		"AllowSideLoading": d.IntN(2) == 0, "AllowUserPinning": true, "PinnedAppBarApps": d.elements(true), "AppPresetList": d.elements(false),
		"PinnedMessageBarApps": []object{}, "AppPresetMeetingList": []object{}, "PinnedCallingBarApps": []object{}, "AdditionalCustomizationApps": []object{},
	}
}

func (d *drawn) permission() object {
	custom := []object{}
	for _, id := range d.some(d.apps) {
		custom = append(custom, object{"Id": id})
	}
	return object{
		"DefaultCatalogAppsType": "BlockedAppList", "DefaultCatalogApps": []object{}, "GlobalCatalogAppsType": "BlockedAppList", "GlobalCatalogApps": []object{},
		"PrivateCatalogAppsType": []string{"BlockedAppList", "AllowedAppList"}[d.IntN(2)], "PrivateCatalogApps": custom,
	}
}

const (
	setupType      = "TeamsAppSetupPolicy"
	permissionType = "TeamsAppPermissionPolicy"
)

// draw makes a tenant of at most 8 people, 4 groups, 4 apps, 3 policies of a
// type beside Global.
func draw(seed uint64, model string) (*drawn, []byte) {
	d := &drawn{Rand: rand.New(rand.NewPCG(seed, 2)), model: model}
	users, groups, apps := []object{}, []object{}, []object{}
	for i := range 1 + d.IntN(8) {
		upn := fmt.Sprintf("p%d@contoso.example", i)
		d.users = append(d.users, upn)
		users = append(users, object{"upn": upn, "id": guid(0x100+(i*7)%8, i), "guest": d.IntN(5) == 0})
	}
	nGroups := d.IntN(5)
	for i := range nGroups {
		inner := []string{}
		for j := range nGroups {
			if d.IntN(6) == 0 && j != i {
				inner = append(inner, guid(0x200, j))
			}
		}
		groups = append(groups, object{"name": fmt.Sprint("Group ", i), "id": guid(0x200, i), "members": d.some(d.users), "groups": inner})
	}
	for i := range 1 + d.IntN(4) {
		d.apps = append(d.apps, guid(0x300, i))
		state := "published"
		if d.IntN(6) == 0 {
			state = "submitted"
		}
		apps = append(apps, object{"id": d.apps[i], "manifest_id": guid(0x400, i), "versions": []object{{"version": "1.0.0", "state": state, "name": fmt.Sprint("App ", i)}}})
	}
	nSetup, nPermission := d.IntN(4), d.IntN(4)
	o := object{"policies": object{setupType: d.policies(nSetup, d.setup), permissionType: d.policies(nPermission, d.permission)}, "apps": apps}
	held, grants := []object{}, []object{}
	for i, typ := range []string{setupType, permissionType} {
		n := []int{nSetup, nPermission}[i]
		holders := map[int][]string{}
		for _, u := range d.users {
			if p := d.IntN(2*n + 1); p < n {
				holders[p] = append(holders[p], u)
			}
		}
		for p := range n {
			who := holders[p]
			held = append(held, object{"type": typ, "policy": fmt.Sprint("Policy ", p), "users": who})
		}
	}
	for rank, g := range d.Perm(nGroups) {
		if nSetup > 0 && d.IntN(2) == 0 {
			grants = append(grants, object{"type": setupType, "group": guid(0x200, g), "policy": fmt.Sprint("Policy ", d.IntN(nSetup)), "rank": rank + 1})
		}
	}
	o["user_assignments"], o["group_assignments"] = held, grants
	o["org"] = object{"apps": object{"isSideloadedAppsInteractionEnabled": d.IntN(6) > 0}}
	raw, err := json.Marshal(object{"format": 1, "tenant": object{"id": guid(1, 1), "name": "Drawn"}, "users": users, "groups": groups, "objects": o})
	if err != nil {
		panic(err)
	}
	return d, raw
}

// staticToken is the sign-in of an emulated tenant.
type staticToken string

func (s staticToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(s), ExpiresOn: moment().Add(time.Hour)}, nil
}

func moment() time.Time { return time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) }

// reading connects to a tenant as a run does.
func reading(t *testing.T, tenant *emulator.Tenant) *teams.Reading {
	t.Helper()
	n := 0
	id := func() string { n++; return guid(0x900, n) }
	token := staticToken(emulator.AdminToken(tenant.Info().ID))
	graph, err := msgraph.New(msgraph.Options{Root: "https://graph.invalid", Credential: token, Transport: tenant.RoundTripper(), Clock: moment, NewID: id})
	if err != nil {
		t.Fatal(err)
	}
	control, err := teamsadmin.NewHTTP(teamsadmin.Options{Root: "https://policies.invalid", Credential: token, Transport: tenant.RoundTripper(), Clock: moment, NewID: id})
	if err != nil {
		t.Fatal(err)
	}
	return teams.NewReading(graph.Reader(), control.ReadOnly(), "test")
}

// What the model says of a tenant that was read over the wire is what the
// tenant itself answers from its own data.
func TestModelAgreesWithTheTenant(t *testing.T) {
	n := 150
	if os.Getenv("TEAMSFORM_TESTS") == "full" {
		n = 2_000
	}
	ctx := t.Context()
	options := emulator.Options{Path: filepath.Join(t.TempDir(), "tenant.db"), Clock: moment, NewID: func() string { return guid(0x800, 1) }, NoSync: true}
	tenant, err := emulator.Open(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tenant.Close() }()
	for seed := range uint64(n) {
		d, people := draw(seed, "policies")
		options.People, options.AccessModel = people, d.model
		if err := tenant.Reset(ctx, options); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, people)
		}
		r := &assess.Reader{Tenant: reading(t, tenant), Kinds: teams.Kinds(), Strings: table.NewStrings(teams.PolicyTypes()...), Model: d.model}
		view, err := r.Look(ctx, nil)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		var uploaders, want []string
		for _, user := range d.users {
			e, err := tenant.Effective(ctx, user)
			if err != nil {
				t.Fatal(err)
			}
			got := answers(view, user, &uploaders)
			if diff := cmp.Diff(tenantAnswers(e), got); diff != "" {
				t.Fatalf("seed %d, %s (-tenant +model):\n%s\n%s", seed, user, diff, people)
			}
		}
		err = tenant.MayUpload(ctx, func(upn string) bool {
			want = append(want, upn)
			return true
		})
		if slices.Sort(want); err != nil || !slices.Equal(want, uploaders) {
			t.Fatalf("seed %d: %v may upload, says the model, and the tenant %v (%v)", seed, uploaders, want, err)
		}
	}
}

type answer struct {
	Setup, Permission         string
	Upload                    bool
	Usable, Pinned, Installed []string
}

func tenantAnswers(e emulator.Effective) answer {
	named := func(p emulator.EffectivePolicy) string {
		return strings.TrimSpace(p.Name + " " + p.Source + " " + p.GroupID)
	}
	a := answer{Setup: named(e.SetupPolicy), Permission: named(e.PermissionPolicy), Upload: e.MayUpload, Usable: e.Usable, Pinned: e.Pinned, Installed: slices.Clone(e.Installed)}
	slices.Sort(a.Usable)
	slices.Sort(a.Installed)
	return a
}

func answers(v *assess.View, user string, uploaders *[]string) answer {
	person := v.Person(user)
	source := []string{"global", "group", "direct"}
	var a answer
	h, setup := v.SetupOf(person)
	a.Setup = setup.Name + " " + source[h.Source]
	if h.Group != (table.ID{}) {
		a.Setup += " " + h.Group.String()
	}
	hp, permission := v.PermissionOf(person)
	a.Permission = permission.Name + " " + source[hp.Source]
	if a.Upload = v.Upload(person).Personal; a.Upload {
		*uploaders = append(*uploaders, user)
	}
	pinned := map[int]string{}
	for at, app := range v.AllApps() {
		verdict := v.Verdict(person, at)
		if verdict.Use && !app.Foreign {
			a.Usable = append(a.Usable, app.ID)
		}
		if verdict.Installed {
			a.Installed = append(a.Installed, app.ID)
		}
		if verdict.Pinned > 0 {
			pinned[verdict.Pinned] = app.ID
		}
	}
	for i := range len(pinned) {
		a.Pinned = append(a.Pinned, pinned[i+1])
	}
	slices.Sort(a.Usable)
	slices.Sort(a.Installed)
	return a
}
