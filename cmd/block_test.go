//go:build unix

package cmd_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/engine/hold"
	"github.com/teamsform/teamsform/internal/emulator"
)

const helpdesk = "6d3f0d5e-8a4b-4f6e-9c1d-2b7a51e0c8f4" // manifest id

// users asks the tenant who may use the helpdesk.
func (r *rig) users() []string {
	r.t.Helper()
	out := []string{}
	err := r.tenant.MayUse(context.Background(), helpdesk, func(upn string) bool {
		out = append(out, strings.TrimSuffix(upn, "@contoso.example"))
		return true
	})
	if err != nil {
		r.t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func (r *rig) wantUsers(want ...string) {
	r.t.Helper()
	if d := cmp.Diff(append([]string{}, want...), r.users()); d != "" {
		r.t.Fatalf("who may use the app (-want +got):\n%s", d)
	}
}

// admin sends a request to the tenant by another hand.
func (r *rig) admin(method, path, body string) string {
	r.t.Helper()
	req, err := http.NewRequest(method, "https://tenant.invalid"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+emulator.AdminToken(r.tenant.Info().ID))
	req.Header.Set("Content-Type", "application/json")
	res, err := r.tenant.RoundTripper().RoundTrip(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		r.t.Fatalf("%s %s: %d, %v\n%s", method, path, res.StatusCode, err, answer)
	}
	return string(answer)
}

const permissionPolicies = "/Skype.Policy/configurations/TeamsAppPermissionPolicy"

// others makes policies that nobody manages here, one of them another
// configuration's.
func (r *rig) others() {
	r.t.Helper()
	id := r.catalogID()
	r.admin(http.MethodPost, permissionPolicies, `{"Identity":"Kiosk","PrivateCatalogAppsType":"AllowedAppList","PrivateCatalogApps":[{"Id":"`+id+`"},{"Id":"00000000-aaaa-4000-8000-000000000001"}]}`)
	r.admin(http.MethodPost, permissionPolicies, `{"Identity":"Sales","Description":"theirs [teamsform:sales]","PrivateCatalogAppsType":"BlockedAppList","PrivateCatalogApps":[{"Id":"00000000-aaaa-4000-8000-000000000002"}]}`)
}

func (r *rig) catalogID() string {
	r.t.Helper()
	raw, err := r.tenant.Dump(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	var d struct {
		Apps []struct{ ID string } `json:"apps"`
	}
	if err := json.Unmarshal(raw, &d); err != nil || len(d.Apps) != 1 {
		r.t.Fatalf("apps: %v, %v", d, err)
	}
	return d.Apps[0].ID
}

// holds are those that the state has.
func (r *rig) holds() []*hold.Hold {
	r.t.Helper()
	loaded, err := r.readState()
	if err != nil {
		r.t.Fatal(err)
	}
	list, err := hold.Of(loaded.State)
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

func applied(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, killed)
	t.Cleanup(r.close)
	r.mustHere("apply", "--auto-approve")
	return r
}

func says(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
}

func TestBlockTakesTheAppOutOfEveryPolicy(t *testing.T) {
	r := applied(t)
	r.others()
	before := r.dump()
	r.wantUsers("ana", "lee", "mia", "tom")
	serial := r.serial()
	text := r.mustHere("block", "app.helpdesk", "--reason", "leaks tickets")
	says(t, text, `permission policy "Kiosk"`, `permission policy "Sales"`, `managed by the configuration "sales"`, `permission policy "Global"`, `permission policy "Pilot"`,
		"Within a few hours", "Who has to sign in", "teamsform unblock app.helpdesk")
	r.wantUsers()
	says(t, r.mustHere("plan", "--detailed-exitcode"), "No changes.", "is blocked since", "leaks tickets", "until teamsform unblock app.helpdesk")
	says(t, r.mustHere("drift"), "leaks tickets")
	r.mustHere("apply", "--auto-approve")
	r.wantUsers()
	if len(r.holds()) != 1 || r.serial() <= serial {
		t.Errorf("holds %v, serial %d after %d", r.holds(), r.serial(), serial)
	}

	// By hand it cannot be undone unnoticed: the next apply takes it out again.
	r.admin(http.MethodPut, permissionPolicies+"/configuration/Kiosk", `{"Identity":"Kiosk","PrivateCatalogApps":[{"Id":"00000000-aaaa-4000-8000-000000000001"},{"Id":"`+r.catalogID()+`"}]}`)
	code, plan := r.here("plan", "--detailed-exitcode")
	if code != cmd.ExitChanges {
		t.Errorf("exit code %d", code)
	}
	says(t, plan, `permission_policy.~blocked["Kiosk"]`, "is not managed here")
	r.mustHere("apply", "--auto-approve")
	r.wantUsers()

	says(t, r.mustHere("unblock", "app.helpdesk"), "Given back now", `permission policy "Sales"`, "the next apply restores", `permission policy "Pilot"`)
	r.mustHere("apply", "--auto-approve")
	if d := cmp.Diff(before, r.dump()); d != "" {
		t.Errorf("not everything came back (-before +after):\n%s", d)
	}
	r.mustHere("plan", "--detailed-exitcode")
	if len(r.holds()) != 0 {
		t.Error("the hold is still there")
	}
}

func (r *rig) serial() uint64 {
	r.t.Helper()
	loaded, err := r.readState()
	if err != nil {
		r.t.Fatal(err)
	}
	return loaded.Meta.Serial
}

// What others change while an app is blocked stays as they made it.
func TestUnblockLeavesAloneWhatOthersChanged(t *testing.T) {
	r := applied(t)
	r.others()
	r.mustHere("block", "app.helpdesk", "--reason", "x")
	r.admin(http.MethodPut, permissionPolicies+"/configuration/Kiosk", `{"Identity":"Kiosk","PrivateCatalogApps":[{"Id":"00000000-aaaa-4000-8000-000000000009"}]}`)
	r.admin(http.MethodPut, permissionPolicies+"/configuration/Sales", `{"Identity":"Sales","PrivateCatalogAppsType":"AllowedAppList","PrivateCatalogApps":[]}`)
	says(t, r.mustHere("unblock", "app.helpdesk"), `permission policy "Kiosk"`, "Left alone", "somebody has changed it since")
	text := r.admin(http.MethodGet, permissionPolicies, "")
	if !strings.Contains(text, "00000000-aaaa-4000-8000-000000000009") || strings.Contains(text, "00000000-aaaa-4000-8000-000000000001") {
		t.Errorf("what others did is gone:\n%s", text)
	}
}

func TestBlockWithAHeldLockAndFaultyFiles(t *testing.T) {
	r := applied(t)
	lease := r.lock()
	defer func() { _ = lease.Release(context.Background()) }()
	if err := os.WriteFile(filepath.Join(r.dir, "faulty.teams.hcl"), []byte("setup_policy \"x\" {\n  no_such = 1\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	says(t, r.mustHere("block", "app.helpdesk", "--reason", "x"), "Configuration has mistakes")
	r.wantUsers()
	r.mustHere("unblock", "app.helpdesk")
}

func TestBlockDryRunAndJSON(t *testing.T) {
	r := applied(t)
	before, state := r.dump(), r.serial()
	says(t, r.mustHere("block", "app.helpdesk", "--reason", "x", "--dry-run"), "Would block", `permission policy "Global"`)
	if r.dump() != before || r.serial() != state {
		t.Error("a dry run changed something")
	}
	var doc struct {
		Format   string `json:"format_version"`
		Recorded bool
		InForce  bool `json:"in_force"`
		Holds    []struct {
			Address, Reason, By string
			Changes             []struct{ Type, Key string }
		}
	}
	if err := json.Unmarshal([]byte(r.mustHere("block", "app.helpdesk", "--reason", "x", "--json")), &doc); err != nil {
		t.Fatal(err)
	}
	if !doc.Recorded || !doc.InForce || len(doc.Holds) != 1 || len(doc.Holds[0].Changes) != 2 || doc.Holds[0].Address != "app.helpdesk" {
		t.Errorf("%+v", doc)
	}
	r.mustHere("unblock", "app.helpdesk", "--json")
}

func TestBlockRefuses(t *testing.T) {
	r := applied(t)
	for _, tc := range []struct {
		code cmd.ExitCode
		args []string
		want string
	}{
		{cmd.ExitError, []string{"block", "app.helpdesk"}, "Say why with --reason"},
		{cmd.ExitError, []string{"block", "--reason", "x"}, "Say which app"},
		{cmd.ExitError, []string{"block", "app.other", "--reason", "x"}, "They know: app.helpdesk."},
		{cmd.ExitError, []string{"block", "setup_policy.pilot", "--reason", "x"}, "is not the address of an app"},
		{cmd.ExitError, []string{"unblock", "app.helpdesk"}, "is not blocked by a hold. Nothing is."},
		{cmd.ExitError, []string{"unblock", "--all-custom-apps"}, "are not blocked"},
	} {
		code, text := r.here(tc.args...)
		if code != tc.code {
			t.Errorf("%v: exit code %d", tc.args, code)
		}
		says(t, text, tc.want)
	}
}

func TestBlockEveryCustomApp(t *testing.T) {
	r := applied(t)
	before := r.dump()
	says(t, r.mustHere("block", "--all-custom-apps", "--reason", "x"), "org-wide switch for custom apps: true -> false", "in person")
	r.wantUsers()
	says(t, r.mustHere("plan", "--detailed-exitcode"), "No changes.", "Every custom app is blocked since")
	r.mustHere("block", "app.helpdesk", "--reason", "y")
	r.mustHere("unblock", "--all-custom-apps")
	r.wantUsers()
	r.mustHere("unblock", "app.helpdesk")
	r.mustHere("apply", "--auto-approve")
	if d := cmp.Diff(before, r.dump()); d != "" {
		t.Error(d)
	}
}

// A block in the middle of an apply counts at once, wherever the apply is: it
// must not give the app to anybody any more.
func TestBlockDuringAnApply(t *testing.T) {
	at := func(method, path string) func() func(*http.Request) bool {
		return func() func(*http.Request) bool {
			return func(req *http.Request) bool { return req.Method == method && strings.Contains(req.URL.Path, path) }
		}
	}
	for name, fits := range map[string]func() func(*http.Request) bool{
		"before the policy": func() func(*http.Request) bool {
			published := false
			return func(req *http.Request) bool {
				published = published || isWrite(req)
				return published && req.Method == http.MethodGet
			}
		},
		"while it is made":    at(http.MethodPost, "/configurations/TeamsAppPermissionPolicy"),
		"after the last step": at(http.MethodPost, "/userAssignments/assign"),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, killed)
			defer r.close()
			g := r.gateOn(fits())
			p := r.start("apply", "--auto-approve", "--parallelism=1")
			<-g.reached
			says(t, r.mustHere("block", "app.helpdesk", "--reason", "leaks tickets"), `permission policy "Global"`)
			close(g.open)
			<-p.end
			r.wantUsers()
			text := p.said()
			if strings.Contains(name, "last") {
				p.ends(0)
			} else {
				p.ends(6)
				says(t, text, "held back by the block of app.helpdesk", "leaks tickets")
			}
			if len(r.holds()) != 1 {
				t.Errorf("the final write lost the hold:\n%s", text)
			}
			says(t, r.mustHere("plan", "--detailed-exitcode"), "No changes.", "leaks tickets")
			r.mustHere("unblock", "app.helpdesk")
			r.mustHere("apply", "--auto-approve")
			r.wantUsers("ana", "lee", "mia", "tom")
			r.mustHere("plan", "--detailed-exitcode")
		})
	}
}

// An app that is being published when it is blocked is found by its manifest id
// from then on; the run says what is still open.
func TestBlockWhileTheAppIsPublished(t *testing.T) {
	r := newRig(t, killed)
	defer r.close()
	g := r.gateAt(http.MethodPost, "/appCatalogs/teamsApps")
	p := r.start("apply", "--auto-approve", "--parallelism=1")
	<-g.reached
	says(t, r.mustHere("block", "app.helpdesk", "--reason", "leaks tickets"), "App is not in the catalog")
	close(g.open)
	says(t, p.ends(6), "it was being published when it was blocked, so block it again", `in create permission policy "Pilot"`)
	code, text := r.here("plan", "--detailed-exitcode")
	if code != cmd.ExitChanges {
		t.Errorf("exit code %d", code)
	}
	says(t, text, `permission_policy.~blocked["Global"]`)
	r.mustHere("block", "app.helpdesk", "--reason", "leaks tickets")
	r.wantUsers()
	r.mustHere("plan", "--detailed-exitcode")
	r.mustHere("unblock", "app.helpdesk")
	r.mustHere("apply", "--auto-approve")
	r.wantUsers("ana", "lee", "mia", "tom")
}

// A block before the app is published keeps an apply that is running from
// publishing it.
func TestBlockBeforeTheAppIsPublished(t *testing.T) {
	r := newRig(t, killed)
	defer r.close()
	stdio, out, errs := terminal("")
	stdio.In = reading(func(b []byte) (int, error) {
		r.mustHere("block", "app.helpdesk", "--reason", "leaks tickets")
		return copy(b, "yes\n"), nil
	})
	code := cmd.Run(context.Background(), []string{"-C", r.dir, "apply"}, stdio)
	if code != cmd.ExitPartial {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
	says(t, out.String(), `create app "Helpdesk": held back by the block of app.helpdesk`)
	if len(r.holds()) != 1 {
		t.Error("the hold is lost")
	}
	r.mustHere("apply", "--auto-approve") // a plan that knows of it may publish: nobody sees it afterwards
	r.wantUsers()
}

// A block that dies between the hold and the tenant is honoured by the next
// plan, and completed by the next apply or the next block.
func TestBlockDiesInTheMiddle(t *testing.T) {
	for _, next := range [][]string{{"apply", "--auto-approve"}, {"block", "app.helpdesk", "--reason", "again"}} {
		t.Run(next[0], func(t *testing.T) {
			r := applied(t)
			r.others()
			before := r.dump()
			writes := 0
			var p *process
			ready := make(chan struct{})
			r.watch(func(_ int, _ http.ResponseWriter, req *http.Request) pass {
				<-ready
				if !isWrite(req) {
					return through
				}
				if writes++; writes == 2 {
					_ = p.cmd.Process.Kill()
					return cut
				}
				return through
			})
			p = r.start("block", "app.helpdesk", "--reason", "leaks tickets")
			close(ready)
			p.ends(-1)
			r.watch(nil)
			if list := r.holds(); len(list) != 1 || len(list[0].Cuts) != 4 {
				t.Fatalf("holds after the kill: %+v", list)
			}
			code, text := r.here("plan", "--detailed-exitcode")
			if code != cmd.ExitChanges && code != cmd.ExitDrift {
				t.Errorf("exit code %d", code)
			}
			says(t, text, "leaks tickets")
			r.mustHere(next...)
			r.wantUsers()
			r.mustHere("plan", "--detailed-exitcode")
			r.mustHere("unblock", "app.helpdesk")
			r.mustHere("apply", "--auto-approve")
			if d := cmp.Diff(before, r.dump()); d != "" {
				t.Errorf("not everything came back (-before +after):\n%s", d)
			}
			r.mustHere("plan", "--detailed-exitcode")
		})
	}
}

// An identity that may not change policies records the hold and prints what
// somebody else has to do.
func TestBlockWithoutTheRight(t *testing.T) {
	r := applied(t)
	r.watch(func(_ int, w http.ResponseWriter, req *http.Request) pass {
		if !isWrite(req) {
			return through
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error":{"code":"Forbidden","message":"no role"}}`))
		return answered
	})
	code, text := r.here("block", "app.helpdesk", "--reason", "x")
	if code != cmd.ExitSignIn {
		t.Errorf("exit code %d", code)
	}
	says(t, text, "Refused", "Set-CsTeamsAppPermissionPolicy -Identity 'Pilot' -PrivateCatalogAppsType AllowedAppList -PrivateCatalogApps @()", "Not blocked everywhere")
	if len(r.holds()) != 1 {
		t.Error("the hold is not recorded")
	}
	r.watch(nil)
	r.mustHere("apply", "--auto-approve") // honours it
	r.wantUsers()
}

// app.blocked does the same by plan and apply.
func TestBlockedByTheFiles(t *testing.T) {
	r := applied(t)
	r.others()
	before := r.dump()
	r.edit("main.teams.hcl", `package = "package"`, "package = \"package\"\n  blocked = true")
	code, text := r.here("plan", "--detailed-exitcode")
	if code != cmd.ExitChanges {
		t.Errorf("exit code %d", code)
	}
	says(t, text, "app.helpdesk is blocked by the configuration", `permission_policy.~blocked["Kiosk"]`, `permission_policy.~blocked["Global"]`, `managed by the configuration "sales"`)
	r.mustHere("apply", "--auto-approve")
	r.wantUsers()
	r.mustHere("plan", "--detailed-exitcode")
	// A hold on top of it cannot be lifted under it.
	r.mustHere("block", "app.helpdesk", "--reason", "x")
	if code, text := r.here("unblock", "app.helpdesk"); code != cmd.ExitRefused {
		t.Errorf("exit code %d\n%s", code, text)
	}
	// What others do meanwhile stays theirs.
	r.admin(http.MethodPut, permissionPolicies+"/configuration/Sales", `{"Identity":"Sales","PrivateCatalogApps":[{"Id":"`+r.catalogID()+`"},{"Id":"00000000-aaaa-4000-8000-000000000003"}]}`)
	r.edit("main.teams.hcl", "blocked = true", "blocked = false")
	r.mustHere("unblock", "app.helpdesk")
	r.mustHere("apply", "--auto-approve")
	want := strings.ReplaceAll(before, "00000000-aaaa-4000-8000-000000000002", "00000000-aaaa-4000-8000-000000000003")
	if d := cmp.Diff(want, r.dump()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	r.mustHere("plan", "--detailed-exitcode")
}

// With app-centric management the app itself is blocked.
func TestBlockWithAppCentricManagement(t *testing.T) {
	from := t.TempDir()
	if err := os.CopyFS(from, os.DirFS(killed)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(from, "policy.teams.hcl")); err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, dir: from, model: emulator.ModelAppCentric}
	r.open()
	t.Cleanup(r.close)
	r.edit("main.teams.hcl", `driver = "emulated"`, "driver = \"emulated\"\n  access_model = \"app_centric\"")
	r.mustHere("apply", "--auto-approve")
	everybody := []string{"ana", "lee", "mia", "tom"}
	r.wantUsers(everybody...)
	says(t, r.mustHere("block", "app.helpdesk", "--reason", "x"), "the app itself, blocked: false -> true", "Within one to three days", "in person")
	r.wantUsers()
	says(t, r.mustHere("plan", "--detailed-exitcode"), "No changes. The tenant is as the configuration says.", "is blocked since")
	r.mustHere("unblock", "app.helpdesk")
	r.wantUsers(everybody...)
	r.mustHere("plan", "--detailed-exitcode")

	// By the files, and against somebody who unblocks by hand while a hold says no.
	r.edit("main.teams.hcl", `package = "package"`, "package = \"package\"\n  blocked = true")
	r.mustHere("apply", "--auto-approve")
	r.wantUsers()
	r.mustHere("plan", "--detailed-exitcode")
	r.edit("main.teams.hcl", "  blocked = true\n", "")
	r.mustHere("block", "app.helpdesk", "--reason", "x")
	r.mustHere("apply", "--auto-approve")
	r.wantUsers()
	r.mustHere("unblock", "app.helpdesk")
	r.mustHere("apply", "--auto-approve")
	r.wantUsers(everybody...)
	r.mustHere("plan", "--detailed-exitcode")
}

// A plan that was saved before the block may be applied after it: what it would
// give is left out.
func TestBlockBetweenAPlanAndItsApply(t *testing.T) {
	r := applied(t)
	if err := os.WriteFile(filepath.Join(r.dir, "wider.teams.hcl"), []byte("permission_policy \"wider\" {\n  name        = \"Wider\"\n  custom_apps = { allow_only = [app.helpdesk] }\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	plan := filepath.Join(t.TempDir(), "wider.plan")
	r.mustHere("plan", "--out", plan)
	r.mustHere("block", "app.helpdesk", "--reason", "leaks tickets")
	code, text := r.here("apply", "--auto-approve", plan)
	if code != cmd.ExitPartial {
		t.Errorf("exit code %d\n%s", code, text)
	}
	says(t, text, `in create permission policy "Wider": held back by the block of app.helpdesk`)
	if dump := r.dump(); strings.Count(dump, `"Wider"`) != 1 {
		t.Errorf("the rest of the plan was not applied:\n%s", dump)
	}
	r.wantUsers()
	says(t, r.mustHere("plan", "--detailed-exitcode"), "No changes.")
}

// A tenant that cannot be reached: the hold is recorded, later plans honour it.
func TestBlockWithoutATenant(t *testing.T) {
	r := applied(t)
	r.watch(func(_ int, w http.ResponseWriter, _ *http.Request) pass {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error":{"code":"Forbidden","message":"no role"}}`))
		return answered
	})
	code, text := r.here("block", "app.helpdesk", "--reason", "leaks tickets")
	if code == cmd.ExitOK {
		t.Error("it ended well")
	}
	says(t, text, "Tenant was not changed", "The hold is recorded", "Recorded, and not yet in force")
	r.watch(nil)
	if len(r.holds()) != 1 {
		t.Fatal("the hold is not recorded")
	}
	r.mustHere("apply", "--auto-approve")
	r.wantUsers()
}
