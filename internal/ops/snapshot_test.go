package ops_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/snapshot"
)

// mixed is a people file with what real directories have: two groups of one
// name, groups within groups, guests, disabled accounts, odd letters.
const mixed = `{
  "tenant": {"id": "77777777-7777-4777-8777-777777777777", "name": "Contoso & Søn"},
  "users": [
    {"upn": "ana@contoso.example", "name": "Ana Pereira"},
    {"upn": "raj@contoso.example", "name": "Raj Patel"},
    {"upn": "kim@contoso.example", "name": "Kim Larsen"},
    {"upn": "lee@contoso.example", "name": "Lee Novak", "enabled": false},
    {"upn": "mia@contoso.example", "name": "Mia Rossi"},
    {"upn": "tom@contoso.example", "name": "Tom Becker"},
    {"upn": "siobhan.o'neill@contoso.example", "name": "Siobhán \"Shiv\" O'Neill"},
    {"upn": "eve_partner.example#EXT#@contoso.example", "name": "Eve Martin", "guest": true}
  ],
  "groups": [
    {"name": "IT administrators", "members": ["kim@contoso.example"]},
    {"name": "Front-line staff", "members": ["lee@contoso.example", "mia@contoso.example"], "mail": "frontline@contoso.example"},
    {"name": "Twins", "id": "00000000-0000-4000-8000-00000000000a", "members": ["ana@contoso.example"]},
    {"name": "twins", "id": "00000000-0000-4000-8000-00000000000b", "members": ["siobhan.o'neill@contoso.example"]},
    {"name": "All of them", "groups": ["00000000-0000-4000-8000-00000000000b", "Front-line staff"], "members": ["tom@contoso.example"]},
    {"name": "Nobody"}
  ]
}`

// populated is the quickstart, applied to a tenant in which others have done
// things too.
func populated(t *testing.T) *world {
	t.Helper()
	dir := quickstart(t)
	writeFile(t, filepath.Join(dir, "people.json"), mixed)
	w := newWorld(t, dir)
	w.mustApply(applyOptions{adopt: true})
	const policies, people = "/Skype.Policy/configurations/", "/Skype.Policy/users/"
	w.ask("POST", policies+"TeamsAppSetupPolicy", `{"Identity":"Ana's own","Description":"for Ana Pereira","AdditionalCustomizationApps":[{"made":"up"}]}`)
	w.ask("POST", policies+"TeamsAppPermissionPolicy", `{"Identity":"Guests","PrivateCatalogAppsType":"AllowedAppList","PrivateCatalogApps":[{"Id":"99999999-0000-4000-8000-000000000001"}]}`)
	w.ask("PATCH", people+"ana@contoso.example/policies/TeamsAppSetupPolicy", `{"PolicyName":"Ana's own"}`)
	w.ask("PATCH", people+"tom@contoso.example/policies/TeamsAppPermissionPolicy", `{"PolicyName":"Guests"}`)
	w.ask("PATCH", "/Skype.Policy/groupPolicyAssignments/00000000-0000-4000-8000-00000000000b/policyTypes/TeamsAppSetupPolicy", `{"PolicyName":"FirstLineWorker","Rank":1}`)
	w.ask("PUT", "/Teams.MiddletierService/tenantWideAppsSettingsGlobal", `{"isAppsEnabled":true,"isAppsPurchaseEnabled":false,"isExternalAppsEnabledByDefault":true,
		"isLicenseBasedPinnedAppsEnabled":false,"isTenantWideAutoInstallEnabled":false,"isSideloadedAppsInteractionEnabled":true,
		"LobTextColor":"#123456","LobBackground":"#fff","LobLogo":"https://contoso.example/logo.png","LobLogomark":"","appSettingsList":[{"id":"88888888-0000-4000-8000-000000000001","state":1}]}`)
	w.ask("PATCH", "/v1.0/teamwork/teamsAppSettings", `{"allowUserRequestsForAppAccess":false}`)
	w.submit("1.5.0")
	return w
}

// ask does something in the tenant by another hand.
func (w *world) ask(method, path, body string) []byte {
	w.t.Helper()
	return w.send(method, path, "application/json", []byte(body))
}

func (w *world) send(method, path, contentType string, body []byte) []byte {
	w.t.Helper()
	at, err := url.Parse("https://tenant.invalid")
	if err != nil {
		w.t.Fatal(err)
	}
	path, query, _ := strings.Cut(path, "?")
	at.Path, at.RawQuery = path, query
	req, err := http.NewRequest(method, at.String(), bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+emulator.AdminToken(w.tenant.Info().ID))
	if len(body) > 0 {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := w.tenant.RoundTripper().RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		w.t.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, answer, err)
	}
	return answer
}

// submit brings a version of the example's app for review.
func (w *world) submit(version string) {
	w.t.Helper()
	manifest := filepath.Join(w.dir, "packages", "helpdesk", "manifest.json")
	before, err := os.ReadFile(manifest)
	if err != nil {
		w.t.Fatal(err)
	}
	defer writeFile(w.t, manifest, string(before))
	writeFile(w.t, manifest, strings.Replace(string(before), `"version": "1.0.0"`, `"version": "`+version+`"`, 1))
	pkg, err := apppackage.Open(filepath.Dir(manifest), apppackage.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	zip, err := pkg.Zip()
	if err != nil {
		w.t.Fatal(err)
	}
	var apps struct{ Value []struct{ ID string } }
	if err := json.Unmarshal(w.ask("GET", "/v1.0/appCatalogs/teamsApps", ""), &apps); err != nil || len(apps.Value) != 1 {
		w.t.Fatalf("%+v %v", apps, err)
	}
	w.send("POST", "/v1.0/appCatalogs/teamsApps/"+apps.Value[0].ID+"/appDefinitions?requiresReview=true", "application/zip", zip)
}

// snapshot reads the tenant of a world into bytes.
func (w *world) snapshot(mask bool) string {
	w.t.Helper()
	w.fate = forever()
	res := (&ops.Snapshot{Runtime: w.runtime(), Source: w.source(), Mask: mask}).Run(context.Background())
	if len(res.Diags) > 0 {
		w.t.Fatalf("snapshot: %s", text(res.Diags))
	}
	var out bytes.Buffer
	n, err := res.Tenant.WriteTo(&out)
	if err != nil || n != int64(out.Len()) {
		w.t.Fatalf("write: %d of %d bytes, %v", n, out.Len(), err)
	}
	return out.String()
}

func TestATenantFromASnapshotGivesTheSameSnapshot(t *testing.T) {
	for name, mask := range map[string]bool{"plain": false, "masked": true} {
		t.Run(name, func(t *testing.T) {
			w := populated(t)
			first := w.snapshot(mask)
			w.close()
			w.open([]byte(first))
			second := w.snapshot(false)
			if mask {
				// Masked people come in the order of their real names.
				first, second = sortedLines(first), sortedLines(second)
			}
			if diff := cmp.Diff(first, second); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// sortedLines compares files whose order is not of interest.
func sortedLines(s string) string {
	s = regexp.MustCompile(`"(members|users|groups)":\[[^\]]*\]`).ReplaceAllStringFunc(s, func(list string) string {
		head, rest, _ := strings.Cut(list, "[")
		parts := strings.Split(strings.TrimSuffix(rest, "]"), ",")
		slices.Sort(parts)
		return head + "[" + strings.Join(parts, ",") + "]"
	})
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], ",")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestATenantFromASnapshotIsTheSame(t *testing.T) {
	w := populated(t)
	before, uploaders := w.dump(), w.uploaders()
	file := w.snapshot(false)
	if w.dump() != before {
		t.Error("reading the tenant changed it")
	}
	w.close()
	w.open([]byte(file))
	digests := regexp.MustCompile(`"digest": "[^"]*"`)
	after := digests.ReplaceAllString(w.dump(), `"digest": ""`)
	if diff := cmp.Diff(digests.ReplaceAllString(before, `"digest": ""`), after); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(uploaders, w.uploaders()); diff != "" {
		t.Errorf("who may upload: %s", diff)
	}
}

func TestTheConfigurationFitsATenantFromItsSnapshot(t *testing.T) {
	dir := quickstart(t)
	w := newWorld(t, dir)
	w.mustApply(applyOptions{adopt: true})
	file := w.snapshot(false)
	w.close()
	w.open([]byte(file))
	if err := w.settled(); err != nil {
		t.Error(err)
	}

	// A new version can be published though the old one's package is not there.
	w.edit("packages/helpdesk/manifest.json", `"version": "1.0.0"`, `"version": "1.1.0"`)
	w.mustApply(applyOptions{})
	if err := w.settled(); err != nil {
		t.Error(err)
	}
	if got := w.snapshot(false); !strings.Contains(got, `"version":"1.1.0"`) || strings.Contains(got, `"version":"1.0.0"`) {
		t.Errorf("the new version was not published:\n%s", got)
	}

	// Without the state everything is taken over but the app's content, which nobody can compare.
	w.close()
	w.open([]byte(file))
	w.disk = &disk{}
	p := w.mustPlan(applyOptions{adopt: true})
	var touched []string
	for _, c := range p.Plan.Changes {
		touched = append(touched, c.Addr.String())
	}
	if diff := cmp.Diff([]string{"app.helpdesk"}, touched); diff != "" {
		t.Errorf("plan:\n%s\n%s", describePlan(p), diff)
	}
}

func TestASnapshotMeetsATenantThatIsNotNew(t *testing.T) {
	w := populated(t)
	file := w.snapshot(false)
	w.ask("PATCH", "/Skype.Policy/users/ana@contoso.example/policies/TeamsAppSetupPolicy", `{"PolicyName":null}`)
	w.ask("DELETE", "/Skype.Policy/groupPolicyAssignments/00000000-0000-4000-8000-00000000000b/policyTypes/TeamsAppSetupPolicy", "")
	before := w.dump()
	w.close()
	tenant, err := emulator.Open(context.Background(), emulator.Options{
		Path: filepath.Join(w.dir, ".teamsform", "tenant.db"), People: []byte(file), Clock: w.clock, NewID: w.newID, NoSync: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.tenant = tenant
	if diff := cmp.Diff(before, w.dump()); diff != "" {
		t.Errorf("a snapshot changed a tenant that had a life of its own: %s", diff)
	}
}

func TestAMaskedSnapshotTellsNothing(t *testing.T) {
	w := populated(t)
	plain, masked := w.snapshot(false), w.snapshot(true)
	if again := w.snapshot(true); again != masked {
		t.Error("pseudonyms change from one snapshot to the next")
	}
	for _, secret := range regexp.MustCompile(`"(upn|name|id|mail|manifest_id|group|policy)":"([^"]+)"`).FindAllStringSubmatch(plain, -1) {
		if secret[2] == "Global" || secret[2] == "FirstLineWorker" {
			continue
		}
		if strings.Contains(strings.ToLower(masked), strings.ToLower(secret[2])) {
			t.Errorf("%s %q stands in the masked file", secret[1], secret[2])
		}
	}
	for _, secret := range []string{"contoso", "partner.example", "99999999-0000", "88888888-0000", "Pereira", "logo.png", "teamsform:local", "made\":\"up"} {
		if strings.Contains(masked, secret) {
			t.Errorf("%q stands in the masked file", secret)
		}
	}
	for _, kept := range []string{"86fcd49b-61a2-4701-b771-54728cd291fb", `"1.5.0"`, `"submitted"`, "#123456", "AllowedAppList", `"guest":true`, `"enabled":false`, `"rank":3`} {
		if !strings.Contains(masked, kept) || !strings.Contains(plain, kept) {
			t.Errorf("%s is not in both files", kept)
		}
	}
	before := len(w.uploaders())
	w.close()
	w.open([]byte(masked))
	if got := len(w.uploaders()); got != before {
		t.Errorf("%d people may upload in the masked tenant, %d in the real one", got, before)
	}
}

// partial is a tenant that hides things from whoever reads it.
type partial struct {
	next http.RoundTripper
}

func (p partial) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/teamsAppSettings") {
		return &http.Response{
			StatusCode: 403, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
			Body: io.NopCloser(strings.NewReader(`{"error":{"code":"Forbidden","message":"no"}}`)),
		}, nil
	}
	res, err := p.next.RoundTrip(r)
	if err != nil || r.URL.Path != "/v1.0/users" {
		return res, err
	}
	var page map[string]any
	if err := json.NewDecoder(res.Body).Decode(&page); err != nil {
		return nil, err
	}
	page["value"] = slices.DeleteFunc(page["value"].([]any), func(u any) bool {
		return u.(map[string]any)["userPrincipalName"] == "ana@contoso.example"
	})
	raw, err := json.Marshal(page)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	res.Header.Del("Content-Length")
	return res, err
}

func TestASnapshotSaysWhatIsMissing(t *testing.T) {
	w := populated(t)
	rt := w.runtime()
	rt.Connect = func(context.Context, *config.Config) (*ops.Connection, error) {
		return cmd.Dial(rt, w.tenant, func(next http.RoundTripper) http.RoundTripper { return partial{next} })
	}
	res := (&ops.Snapshot{Runtime: rt, Source: w.source()}).Run(context.Background())
	got := text(res.Diags)
	for _, want := range []string{"1 members of groups", "1 assignments to people", "may not read it"} {
		if !strings.Contains(got, want) || res.Diags.HasErrors() {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	var file bytes.Buffer
	if _, err := res.Tenant.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	w.close()
	w.open(file.Bytes())
	if c := res.Tenant.Counts(); c.Users != 7 || c.UserAssignments != 2 {
		t.Errorf("%+v", c)
	}
}

func TestASnapshotOnlyReads(t *testing.T) {
	w := populated(t)
	var mu sync.Mutex // requests go out side by side
	calls := map[string]int{}
	w.see = func(r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		calls[r.Method]++
	}
	w.snapshot(false)
	if calls["GET"] == 0 || len(calls) != 1 {
		t.Errorf("calls: %v", calls)
	}
}

func TestTheFileOfASnapshot(t *testing.T) {
	w := populated(t)
	res := (&ops.Snapshot{Runtime: w.runtime(), Source: w.source()}).Run(context.Background())
	path := filepath.Join(t.TempDir(), "out.json")
	if err := res.Tenant.WriteFile(path, false); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	writeFile(t, path, "mine")
	if err := res.Tenant.WriteFile(path, false); !errors.Is(err, snapshot.ErrFileExists) {
		t.Errorf("an existing file: %v", err)
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != "mine" {
		t.Errorf("the file was touched: %q, %v", raw, err)
	}
	if err := res.Tenant.WriteFile(path, true); err != nil {
		t.Errorf("with force: %v", err)
	}
	if err := snapshot.MayWrite(filepath.Dir(path), true); err == nil {
		t.Error("a folder would be overwritten")
	}
	if err := res.Tenant.WriteFile(filepath.Join(filepath.Dir(path), "no", "such", "folder"), false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
