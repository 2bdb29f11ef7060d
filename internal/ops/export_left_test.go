package ops_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// newEmptyFilled is a fresh tenant with the people of the random ones.
func newEmptyFilled(t *testing.T) *filled {
	t.Helper()
	return newEmptyFilledLike(t, emulator.Options{})
}

func newEmptyFilledLike(t *testing.T, like emulator.Options) *filled {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "people.json"), exportPeople)
	f := &filled{world: newWorldLike(t, dir, like), folder: dir, temp: t.TempDir}
	f.conn = f.foreign()
	f.directory()
	return f
}

func (f *filled) policy(typ teamsadmin.PolicyType, name, description string, props map[string]json.RawMessage) {
	f.t.Helper()
	if props == nil {
		props = map[string]json.RawMessage{}
	}
	props["Description"] = teamsadmin.TextValue(description)
	f.check(f.conn.Control.CreatePolicy(context.Background(), typ, teamsadmin.Policy{Name: name, Properties: props}))
}

func (f *filled) give(typ teamsadmin.PolicyType, policy string, users ...string) {
	f.t.Helper()
	id, err := f.conn.Graph.PolicyID(context.Background(), string(typ), policy)
	f.check(err)
	for _, u := range users {
		f.check(f.conn.Graph.AssignPolicy(context.Background(), []msgraph.Assignment{{UserID: u, PolicyType: string(typ), PolicyID: id}}))
	}
}

// noted lists notes as "what attrs: why", cut after the first words of why.
func noted(notes []ops.ExportNote) []string {
	var out []string
	for _, n := range notes {
		why, _, _ := strings.Cut(n.Why, ":")
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %v: %s", n.What, n.Attrs, why)))
	}
	return out
}

// TestExportDropsNothingInSilence: what is in the tenant and not in the files
// stands in the report.
func TestExportDropsNothingInSilence(t *testing.T) {
	f := newEmptyFilled(t)
	setup, permission := teamsadmin.SetupPolicy, teamsadmin.PermissionPolicy
	f.policy(setup, "Ours", "x [teamsform:local]", nil)
	f.policy(setup, "Theirs", "x [teamsform:other]", nil)
	f.policy(setup, "Odd", "decomposed e\u0301", map[string]json.RawMessage{
		"PinnedAppBarApps": teamsadmin.AppsValue([]string{"short"}, true), "PinnedCallingBarApps": teamsadmin.AppsValue([]string{"a-b"}, true),
	})
	f.policy(setup, "e\u0301", "no name can be written", nil)
	f.policy(permission, "Few", "", nil)
	f.give(setup, "FirstLineWorker", f.users[0])
	f.give(setup, "Theirs", f.users[1], f.users[2])
	f.give(permission, "Few", f.users[0])
	for i, p := range []string{"Ours", "FirstLineWorker", "Theirs"} {
		f.check(f.conn.Control.AssignGroup(context.Background(), setup, f.groups[i], p, 0))
	}
	into := filepath.Join(f.temp(), "out")
	res := f.export(into, false)
	if res.Diags.HasErrors() {
		t.Fatal(text(res.Diags))
	}
	wantSkipped := []string{
		"setup policy \"FirstLineWorker\" []: built in", "setup policy \"Theirs\" []: managed by the configuration root \"other\"",
	}
	if d := cmp.Diff(wantSkipped, noted(res.Skipped)); d != "" {
		t.Errorf("skipped (-want +got):\n%s", d)
	}
	var cannot []string
	for _, n := range noted(res.Cannot) {
		if !strings.HasPrefix(n, "group") {
			cannot = append(cannot, n)
		}
	}
	wantCannot := []string{
		"setup policy \"e\u0301\" []: Not expressible",
		"setup_policy.odd [description]: Not expressible",
		"setup_policy.odd [pinned_apps]: Unknown app name",
		"setup policy \"FirstLineWorker\" []: assigned to the group \"" + f.groupName(1) + "\"; the policy has no block here, so nothing can refer to it",
		"setup policy \"Theirs\" []: assigned to the group \"" + f.groupName(2) + "\"; the policy has no block here, so nothing can refer to it",
		"setup policy \"firstlineworker\" []: assigned to 1 person directly; the policy has no block here, so nothing can refer to it",
		"setup policy \"theirs\" []: assigned to 2 people directly; the policy has no block here, so nothing can refer to it",
	}
	slices.Sort(wantCannot)
	slices.Sort(cannot)
	if d := cmp.Diff(wantCannot, cannot); d != "" {
		t.Errorf("not expressed (-want +got):\n%s", d)
	}
	var unknown []string
	for _, u := range res.Unknown {
		if u.Kind != "org_settings" {
			unknown = append(unknown, fmt.Sprintf("%s %s %s %s", u.Kind, u.Addr, u.Property, u.JSON))
		}
	}
	if d := cmp.Diff([]string{`setup_policy setup_policy.odd PinnedCallingBarApps [{"Id":"a-b","Order":1}]`}, unknown); d != "" {
		t.Errorf("unknown properties (-want +got):\n%s", d)
	}
	f.recordOnly(into)
}

func (f *filled) groupName(i int) string {
	found, err := f.conn.Graph.GroupByID(context.Background(), f.groups[i])
	f.check(err)
	return found[0].DisplayName
}

// TestExportLists: up to five people stand in the block, more in a file.
func TestExportLists(t *testing.T) {
	f := newEmptyFilled(t)
	f.policy(teamsadmin.SetupPolicy, "Many", "", nil)
	f.policy(teamsadmin.SetupPolicy, "Some", "", nil)
	f.give(teamsadmin.SetupPolicy, "Many", f.users[:6]...)
	f.policy(teamsadmin.PermissionPolicy, "Five", "", nil)
	f.give(teamsadmin.PermissionPolicy, "Five", f.users[:5]...)
	into := filepath.Join(f.temp(), "out")
	res := f.export(into, false)
	if res.Diags.HasErrors() {
		t.Fatal(text(res.Diags))
	}
	var lists []string
	for _, name := range res.Written {
		if strings.HasSuffix(name, ".csv") {
			lists = append(lists, name)
		}
	}
	if d := cmp.Diff([]string{"assignments/setup_many.csv"}, lists); d != "" {
		t.Errorf("lists (-want +got):\n%s", d)
	}
	raw, err := os.ReadFile(filepath.Join(into, "assignments", "setup_many.csv"))
	f.check(err)
	if lines := strings.Split(strings.TrimSpace(string(raw)), "\n"); len(lines) != 7 || lines[0] != "upn" {
		t.Errorf("the list of six people:\n%s", raw)
	}
	f.recordOnly(into)
}

// TestExportAppCentric: permission policies mean nothing there.
func TestExportAppCentric(t *testing.T) {
	f := newEmptyFilledLike(t, appCentric())
	f.policy(teamsadmin.PermissionPolicy, "Few", "", nil)
	from := f.temp()
	writeFile(t, filepath.Join(from, "main.teams.hcl"), "tenant {\n  access_model = \"app_centric\"\n  path = \"tenant.db\"\n}\n")
	writeFile(t, filepath.Join(from, "tenant.db"), "the database")
	f.folder = from
	into := filepath.Join(f.temp(), "out")
	res := f.export(into, false)
	if res.Diags.HasErrors() {
		t.Fatal(text(res.Diags))
	}
	if slices.Contains(res.Written, "permission_policies.teams.hcl") {
		t.Error("permission policies were written")
	}
	if !slices.ContainsFunc(res.Skipped, func(n ops.ExportNote) bool { return n.What == "permission policies" }) {
		t.Errorf("nothing is said about permission policies: %v", res.Skipped)
	}
	raw, err := os.ReadFile(filepath.Join(into, filepath.FromSlash(config.DefaultTenantPath)))
	if err != nil || string(raw) != "the database" {
		t.Errorf("the tenant was not copied: %q, %v", raw, err)
	}
}

// TestExportOfARealTenant writes the settings that lead there, with what they
// name.
func TestExportOfARealTenant(t *testing.T) {
	f := newEmptyFilled(t)
	from := f.temp()
	writeFile(t, filepath.Join(from, "main.teams.hcl"), "teamsform {\n  root = \"mine\"\n}\nvariable \"id\" {\n  default = \"11111111-2222-4333-8444-555555555555\"\n}\n"+
		"tenant {\n  driver = \"microsoft365\"\n  id = var.id\n  access_model = \"policies\"\n  ca_file = \"ca.pem\"\n}\n")
	writeFile(t, filepath.Join(from, "ca.pem"), "certificate")
	f.folder = from
	into := filepath.Join(f.temp(), "out")
	if res := f.export(into, false); res.Diags.HasErrors() {
		t.Fatal(text(res.Diags))
	}
	raw, err := os.ReadFile(filepath.Join(into, "tenant.teams.hcl"))
	f.check(err)
	want := `teamsform {
  root = "mine"
}

tenant {
  driver       = "microsoft365"
  id           = "11111111-2222-4333-8444-555555555555"
  access_model = "policies"
  ca_file      = "ca.pem"
}
`
	if _, got, _ := strings.Cut(string(raw), "\n\n"); got != want {
		t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
	}
	if raw, err := os.ReadFile(filepath.Join(into, "ca.pem")); err != nil || string(raw) != "certificate" {
		t.Errorf("the certificate was not copied: %q, %v", raw, err)
	}
}

// TestExportFails: without the whole tenant nothing is written, and what was
// not the tenant's any more is not recorded.
func TestExportFails(t *testing.T) {
	f := newEmptyFilled(t)
	f.policy(teamsadmin.SetupPolicy, "Sales", "", nil)
	for _, path := range []string{"/Skype.Policy/configurations/", "/v1.0/admin/teams", "/Skype.Policy/groupPolicyAssignments", "/v1.0/appCatalogs", "/Teams.MiddletierService"} {
		met := false
		f.spoil = func(r *http.Request) spoiled {
			if strings.HasPrefix(r.URL.Path, path) {
				met = true
				return spoiled{status: http.StatusNotImplemented}
			}
			return spoiled{}
		}
		into := filepath.Join(f.temp(), "out")
		res := f.export(into, true)
		if _, err := os.Stat(into); !res.Diags.HasErrors() || err == nil || len(res.Written) > 0 || !met {
			t.Errorf("%s fails: diagnostics %q, written %v, met %v", path, text(res.Diags), res.Written, met)
		}
	}
}

// TestExportAdoptsOnlyWhatItWrote: when the tenant changes between reading and
// recording, nothing is recorded.
func TestExportAdoptsOnlyWhatItWrote(t *testing.T) {
	f := newEmptyFilled(t)
	f.policy(teamsadmin.SetupPolicy, "Sales", "", map[string]json.RawMessage{"AllowSideLoading": teamsadmin.BoolValue(false)})
	rt := f.runtime()
	connects := 0
	rt.Connect = func(ctx context.Context, _ *config.Config) (*ops.Connection, error) {
		if connects++; connects == 2 {
			f.check(f.conn.Control.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "Sales", map[string]json.RawMessage{"AllowSideLoading": teamsadmin.BoolValue(true)}))
		}
		return cmd.Dial(rt, f.tenant)
	}
	into := filepath.Join(f.temp(), "out")
	before := f.dump()
	res := (&ops.Export{Runtime: rt, Source: ops.Source{Dir: f.folder}, Into: into, Adopt: true}).Run(context.Background())
	if !res.Diags.HasErrors() || !strings.Contains(text(res.Diags), "not any more what was exported") || res.Adopted.Outcome != nil {
		t.Errorf("adopted all the same: %s", text(res.Diags))
	}
	if after := f.dump(); after == before || !strings.Contains(after, "Sales") {
		t.Error("the tenant is not as the other hand left it")
	}
	f.world.dir = into
	if p := f.mustPlan(applyOptions{adopt: true}); p.Plan.Empty() {
		t.Error("something was recorded")
	}
}

// rewritten answers one path with a changed body: what the emulated tenant
// would never say.
type rewritten struct {
	next   http.RoundTripper
	suffix string
	change func([]map[string]any) []map[string]any
}

func (r *rewritten) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := r.next.RoundTrip(req)
	if err != nil || req.Method != http.MethodGet || !strings.HasSuffix(req.URL.Path, r.suffix) {
		return res, err
	}
	var rows []map[string]any
	err = json.NewDecoder(res.Body).Decode(&rows)
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(r.change(rows))
	res.Body, res.ContentLength = io.NopCloser(strings.NewReader(string(raw))), int64(len(raw))
	return res, err
}

// exportRewritten exports a tenant whose answers to one path are changed.
func (f *filled) exportRewritten(suffix string, change func([]map[string]any) []map[string]any) *ops.Exported {
	f.t.Helper()
	rt := f.runtime()
	rt.Connect = func(context.Context, *config.Config) (*ops.Connection, error) {
		return cmd.Dial(rt, f.tenant, func(next http.RoundTripper) http.RoundTripper { return &rewritten{next, suffix, change} })
	}
	res := (&ops.Export{Runtime: rt, Source: ops.Source{Dir: f.folder}, Into: filepath.Join(f.temp(), "out")}).Run(context.Background())
	if res.Diags.HasErrors() {
		f.t.Fatal(text(res.Diags))
	}
	return res
}

// TestExportOfStrangeAnswers: groups that are gone, permission policies of
// groups, ranks that are no order, properties that are not told.
func TestExportOfStrangeAnswers(t *testing.T) {
	f := newEmptyFilled(t)
	f.policy(teamsadmin.SetupPolicy, "Sales", "", nil)
	f.policy(teamsadmin.PermissionPolicy, "Few", "", nil)
	row := func(group, typ, policy string, rank int) map[string]any {
		return map[string]any{"GroupId": group, "PolicyType": typ, "PolicyName": policy, "Rank": rank}
	}
	const gone = "99999999-0000-4000-8000-000000000001"
	res := f.exportRewritten("/groupPolicyAssignments", func(rows []map[string]any) []map[string]any {
		return append(rows, row(gone, "TeamsAppSetupPolicy", "Sales", 1), row(f.groups[0], "TeamsAppPermissionPolicy", "Few", 1),
			row(f.groups[0], "TeamsAppSetupPolicy", "Sales", 2), row(f.groups[1], "TeamsAppSetupPolicy", "Tag:sales", 2), row(f.groups[2], "TeamsMeetingPolicy", "Other", 1))
	})
	want := []string{
		"group \"" + f.groupName(0) + "\" []: has permission_policy.few; only setup policies can be assigned to groups here",
		"group \"" + gone + "\" []: has setup_policy.sales, but the directory does not know it",
	}
	if d := cmp.Diff(want, noted(res.Cannot)); d != "" {
		t.Errorf("not expressed (-want +got):\n%s", d)
	}
	raw, err := os.ReadFile(filepath.Join(res.Into, "assignments.teams.hcl"))
	f.check(err)
	if n := strings.Count(string(raw), "rank   = 2") + 10*strings.Count(string(raw), "rank   = 3"); n != 11 || strings.Count(string(raw), "policy_assignment ") != 2 {
		t.Errorf("two groups at ranks 2 and 3 are not what was written:\n%s", raw)
	}
	groups, err := os.ReadFile(filepath.Join(res.Into, "groups.teams.hcl"))
	f.check(err)
	if strings.Count(string(groups), "group \"") != 2 || strings.Contains(string(groups), gone) {
		t.Errorf("groups:\n%s", groups)
	}

	res = f.exportRewritten("/configurations/TeamsAppSetupPolicy", func(rows []map[string]any) []map[string]any {
		for _, p := range rows {
			if p["Identity"] == "Tag:Sales" || p["Identity"] == "Sales" {
				delete(p, "AllowUserPinning")
				p["PinnedAppBarApps"], p["FutureSwitch"], p["FutureText"], p["ConfigMetadata"] = "text", true, nil, "bookkeeping"
			}
		}
		return rows
	})
	if d := cmp.Diff([]string{"setup_policy.sales [user_pinning pinned_apps]: the service does not tell"}, noted(res.Cannot)); d != "" {
		t.Errorf("not told (-want +got):\n%s", d)
	}
	var unknown []string
	for _, u := range res.Unknown {
		if u.Kind == "setup_policy" {
			unknown = append(unknown, u.Addr+" "+u.Property+" "+u.JSON)
		}
	}
	if d := cmp.Diff([]string{"setup_policy.sales FutureSwitch true"}, unknown); d != "" {
		t.Errorf("unknown properties (-want +got):\n%s", d)
	}
	if got := fmt.Sprint(noted(res.UnknownOf)); !strings.Contains(got, "setup policies [AdditionalCustomizationApps FutureText PinnedCallingBarApps]") {
		t.Errorf("empty properties: %s", got)
	}
}
