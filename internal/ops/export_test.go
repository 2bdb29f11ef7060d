package ops_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/emulator"
	formats "github.com/teamsform/teamsform/internal/folder"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// exportSeed numbers the tenants of TestExportIsWhatTheTenantHas.
const exportSeed = 20260304

// TestExportIsWhatTheTenantHas fills tenants by another hand with whatever the
// services take, writes them down, and plans what was written.
func TestExportIsWhatTheTenantHas(t *testing.T) {
	for i := range uint64(60) {
		t.Run(fmt.Sprintf("seed %d", exportSeed+i), func(t *testing.T) {
			model := "policies"
			if i%4 == 3 {
				model = "app_centric"
			}
			f := newFilled(t, exportSeed+i, model)
			into := filepath.Join(t.TempDir(), "out")
			res := f.export(into, i%3 == 0)
			if res.Diags.HasErrors() {
				t.Fatal(text(res.Diags))
			}
			if i%3 != 0 {
				f.recordOnly(into)
			}
			f.world.dir = into
			if err := f.settled(); err != nil {
				t.Fatal(err)
			}
			f.sameAgain(into, i%3 == 0)
		})
	}
}

// filled is a tenant that was filled at random.
type filled struct {
	*world
	*rand.Rand
	folder string // where the tenant lies; it holds no configuration
	temp   func() string
	conn   *ops.Connection
	apps   []string // ids that lists may name
	users  []string
	groups []string
}

// newFilled fills a tenant of an access model. On an app-centric one permission
// policies mean nothing, so there are none but Global's.
func newFilled(t *testing.T, seed uint64, model string) *filled {
	t.Helper()
	dir := t.TempDir()
	types := []teamsadmin.PolicyType{teamsadmin.SetupPolicy, teamsadmin.PermissionPolicy}
	if model == "app_centric" {
		types = types[:1]
		writeFile(t, filepath.Join(dir, "main.teams.hcl"), "tenant {\n  access_model = \"app_centric\"\n  people = \"people.json\"\n}\n")
	}
	f := &filled{Rand: rand.New(rand.NewPCG(seed, 0)), folder: dir, temp: t.TempDir}
	writeFile(t, filepath.Join(dir, "people.json"), exportPeople)
	f.world = newWorldLike(t, dir, emulator.Options{AccessModel: model})
	f.conn = f.foreign()
	f.directory()
	f.publish()
	if model == "app_centric" {
		f.availability()
	}
	for _, typ := range types {
		f.policies(typ)
	}
	if f.IntN(2) == 0 {
		f.customApps(f.IntN(2) == 0)
	}
	return f
}

const exportPeople = `{
  "users": [
    { "upn": "ana@contoso.example", "name": "Ana" }, { "upn": "jörg@contoso.example", "name": "Jörg Groß" },
    { "upn": "o'neil@contoso.example", "name": "O'Neil" }, { "upn": "zoë.陳@contoso.example", "name": "Zoë" },
    { "upn": "eve_partner.example#EXT#@contoso.example", "name": "Eve", "guest": true },
    { "upn": "a;b@contoso.example", "name": "Semicolon" }, { "upn": "x,y@contoso.example", "name": "Comma" },
    { "upn": "${x}@contoso.example", "name": "Template" }, { "upn": "ANA2@contoso.example", "name": "Ana" }
  ],
  "groups": [
    { "name": "Front-line staff", "members": ["ana@contoso.example"] }, { "name": "Front line: staff!", "members": ["jörg@contoso.example"] },
    { "name": "Twins", "id": "11111111-aaaa-4bbb-8ccc-000000000001", "members": [] }, { "name": "Twins", "id": "11111111-aaaa-4bbb-8ccc-000000000002", "members": [] },
    { "name": "Quo\"te ${x}", "members": ["ana@contoso.example"] }, { "name": "42", "members": [] }
  ]
}`

// check fails the test for what another hand could not do.
func (f *filled) check(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *filled) directory() {
	ctx := context.Background()
	f.check(f.conn.Graph.Users(ctx, 0, func(u msgraph.User) error { f.users = append(f.users, u.ID); return nil }))
	f.check(f.conn.Graph.Groups(ctx, func(g msgraph.Group) error { f.groups = append(f.groups, g.ID); return nil }))
	slices.Sort(f.users)
	slices.Sort(f.groups)
}

// exportPackages are apps to publish: names that come to one label, that hold
// what HCL reads, or that begin with a digit.
var exportPackages = sync.OnceValues(func() ([][]byte, error) {
	dir, err := os.MkdirTemp("", "export")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	from := filepath.Join("..", "..", "examples", "quickstart", "packages", "helpdesk")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(filepath.Join(from, "manifest.json"))
	if err != nil {
		return nil, err
	}
	var zips [][]byte
	for i, name := range []string{"Päckli", "päckli!", "3D viewer", "営業", "Say \"${hi}\"", "Päckli"} {
		var manifest map[string]any
		if err := json.Unmarshal(raw, &manifest); err != nil {
			return nil, err
		}
		manifest["id"] = fmt.Sprintf("0000000%d-1111-4222-8333-444444444444", i)
		manifest["name"] = map[string]string{"short": name, "full": name}
		text, err := json.Marshal(manifest)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, "manifest.json"), text, 0o644); err != nil {
			return nil, err
		}
		pkg, err := apppackage.Open(dir, apppackage.Options{})
		if err != nil {
			return nil, err
		}
		zip, err := pkg.Zip()
		if err != nil {
			return nil, err
		}
		zips = append(zips, zip)
	}
	return zips, nil
})

func (f *filled) publish() {
	zips, err := exportPackages()
	f.check(err)
	for _, known := range teams.WellKnownApps() {
		f.apps = append(f.apps, known)
	}
	f.apps = append(f.apps, "42f6c1da-a241-483a-a3cc-4f5be9185951", "com.example.store", "Short")
	slices.Sort(f.apps)
	for _, i := range f.Perm(len(zips))[:f.IntN(len(zips)+1)] {
		app, err := f.conn.Graph.PublishApp(context.Background(), zips[i], false)
		f.check(err)
		f.apps = append(f.apps, app.ID)
	}
}

// availability sets whom some of the apps are for.
func (f *filled) availability() {
	ctx := context.Background()
	rows, err := f.conn.Control.AppAvailabilities(ctx)
	f.check(err)
	for _, row := range rows {
		for _, of := range []teamsadmin.AudienceOf{teamsadmin.Available, teamsadmin.Installed} {
			switch f.IntN(5) {
			case 0:
				f.check(f.conn.Control.SetAudience(ctx, row.ID, of, teamsadmin.Everyone))
			case 1:
				f.check(f.conn.Control.SetAudience(ctx, row.ID, of, teamsadmin.Noone))
			case 2, 3:
				f.check(f.conn.Control.AddToAudience(ctx, row.ID, of, f.some(f.users), f.some(f.groups)))
			}
		}
		if f.IntN(3) == 0 {
			f.check(f.conn.Control.BlockApp(ctx, row.ID, true))
		}
	}
	f.check(f.conn.Control.SetCustomAppsDefault(ctx, f.IntN(2) == 0))
}

// some are some of the ids.
func (f *filled) some(ids []string) []string {
	var out []string
	for _, i := range f.Perm(len(ids))[:f.IntN(len(ids)+1)] {
		out = append(out, ids[i])
	}
	return out
}

var (
	exportNames = []string{
		"Frontline", "frontline!", "Front line", "Ärzte & Pflege", "ärzte_pflege", "営業部", "3. Etage", "true", "con",
		"Global staff", "A name of sixty-four characters, which is as long as they can be", "O'Neil (old)", "${not} a template",
	}
	exportTexts = []string{
		"", "Plain", "He said \"hi\"", "Costs ${money}, %{if}", "two\nlines", `back\slash`, " leads and trails ", "# no comment",
		"made by us [teamsform:local]", "made by others [teamsform:other]", "decomposed e\u0301", "ends [teamsform:x] [teamsform:local]",
	}
)

// list is some of the apps in any order.
func (f *filled) list(ordered bool) json.RawMessage {
	var ids []string
	for _, i := range f.Perm(len(f.apps))[:f.IntN(5)] {
		ids = append(ids, f.apps[i])
	}
	return teamsadmin.AppsValue(ids, ordered)
}

// properties are some of a policy's, the others being copied from Global.
func (f *filled) properties(typ teamsadmin.PolicyType) map[string]json.RawMessage {
	all := map[string]func() json.RawMessage{
		"AllowSideLoading":     func() json.RawMessage { return teamsadmin.BoolValue(f.IntN(2) == 0) },
		"AllowUserPinning":     func() json.RawMessage { return teamsadmin.BoolValue(f.IntN(2) == 0) },
		"PinnedAppBarApps":     func() json.RawMessage { return f.list(true) },
		"PinnedMessageBarApps": func() json.RawMessage { return f.list(true) },
		"PinnedCallingBarApps": func() json.RawMessage { return f.list(true) },
		"AppPresetList":        func() json.RawMessage { return f.list(false) },
		"AppPresetMeetingList": func() json.RawMessage { return f.list(false) },
	}
	if f.like.AccessModel == emulator.ModelAppCentric {
		delete(all, "AppPresetList") // takes no new apps there
	}
	if typ == teamsadmin.PermissionPolicy {
		clear(all)
		for _, class := range []string{"DefaultCatalogApps", "GlobalCatalogApps", "PrivateCatalogApps"} {
			all[class] = func() json.RawMessage { return f.list(false) }
			all[class+"Type"] = func() json.RawMessage {
				return teamsadmin.TextValue([]string{"AllowedAppList", "BlockedAppList"}[f.IntN(2)])
			}
		}
	}
	out := map[string]json.RawMessage{}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if f.IntN(3) > 0 {
			out[name] = all[name]()
		}
	}
	return out
}

// policies makes policies of one type and gives them to people and groups.
func (f *filled) policies(typ teamsadmin.PolicyType) {
	ctx := context.Background()
	f.check(f.conn.Control.UpdatePolicy(ctx, typ, "Global", f.properties(typ)))
	var made []string // what can be assigned
	if typ == teamsadmin.SetupPolicy {
		made = append(made, "FirstLineWorker")
	}
	for _, i := range f.Perm(len(exportNames))[:f.IntN(7)] {
		props := f.properties(typ)
		props["Description"] = teamsadmin.TextValue(exportTexts[f.IntN(len(exportTexts))])
		f.check(f.conn.Control.CreatePolicy(ctx, typ, teamsadmin.Policy{Name: exportNames[i], Properties: props}))
		made = append(made, exportNames[i])
	}
	for _, u := range f.users {
		if len(made) == 0 || f.IntN(2) == 0 {
			continue
		}
		id, err := f.conn.Graph.PolicyID(ctx, string(typ), made[f.IntN(len(made))])
		f.check(err)
		f.check(f.conn.Graph.AssignPolicy(ctx, []msgraph.Assignment{{UserID: u, PolicyType: string(typ), PolicyID: id}}))
	}
	if typ == teamsadmin.PermissionPolicy {
		return
	}
	for _, i := range f.Perm(len(f.groups))[:f.IntN(len(f.groups)+1)] {
		f.check(f.conn.Control.AssignGroup(ctx, typ, f.groups[i], made[f.IntN(len(made))], f.IntN(3)))
	}
}

func (f *filled) export(into string, adopt bool) *ops.Exported {
	e := &ops.Export{Runtime: f.runtime(), Source: ops.Source{Dir: f.folder}, Into: into, Adopt: adopt}
	return e.Run(context.Background())
}

// recordOnly plans and applies what was exported: nothing is to be sent.
func (f *filled) recordOnly(into string) {
	f.t.Helper()
	f.world.dir = into
	before := f.dump()
	p := f.mustPlan(applyOptions{})
	if !p.Plan.Empty() || p.Plan.ToRecord() == 0 || len(p.Plan.Refusals) > 0 {
		f.t.Fatalf("the plan of an export:\n%s", describePlan(p))
	}
	f.mustApply(applyOptions{})
	if d := cmp.Diff(before, f.dump()); d != "" {
		f.t.Fatalf("applying an export has changed the tenant:\n%s", d)
	}
}

// sameAgain exports once more: the same files, in canonical form.
func (f *filled) sameAgain(into string, adopt bool) {
	f.t.Helper()
	again := filepath.Join(f.temp(), "again")
	f.disk = &disk{}
	res := f.export(again, adopt)
	if res.Diags.HasErrors() {
		f.t.Fatal(text(res.Diags))
	}
	for _, name := range res.Written {
		if strings.HasSuffix(name, ".db") {
			continue
		}
		first, err := os.ReadFile(filepath.Join(into, name))
		f.check(err)
		second, err := os.ReadFile(filepath.Join(again, name))
		f.check(err)
		if d := cmp.Diff(string(first), string(second)); d != "" {
			f.t.Errorf("%s differs between two exports:\n%s", name, d)
		}
		if formatted, diags := formats.FormatSource(name, first); strings.HasSuffix(name, ".hcl") && (diags.HasErrors() || !bytes.Equal(formatted, first)) {
			f.t.Errorf("%s is not in canonical form:\n%s", name, cmp.Diff(string(formatted), string(first)))
		}
	}
}
