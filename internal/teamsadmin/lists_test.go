package teamsadmin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// A list that is written comes back as the same apps in the same order, whatever order the service puts them in.
func TestListsSurviveTheService(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ids := rapid.SliceOfDistinct(rapid.StringMatching(`[a-z<>&"\\é.-]{1,12}`), rapid.ID[string]).Draw(rt, "ids")
		var elements []json.RawMessage
		if err := json.Unmarshal(teamsadmin.AppsValue(ids, true), &elements); err != nil {
			rt.Fatal(err)
		}
		elements = rapid.Permutation(elements).Draw(rt, "as the service has it")
		raw, err := json.Marshal(elements)
		if err != nil {
			rt.Fatal(err)
		}
		p := teamsadmin.Policy{Properties: map[string]json.RawMessage{"PinnedAppBarApps": raw}}
		apps, known := p.Apps("PinnedAppBarApps")
		if !known || len(apps) != len(ids) {
			rt.Fatalf("%d apps of %d, known %v", len(apps), len(ids), known)
		}
		for i, app := range apps {
			if app.ID != ids[i] || app.Order != i+1 {
				rt.Errorf("place %d: %+v, want %q", i+1, app, ids[i])
			}
		}
		// What was read, in the service's order, goes back in the order that counts.
		r := newRig(t, always(200, ``))
		if err := r.UpdatePolicy(context.Background(), teamsadmin.SetupPolicy, "P", p.Properties); err != nil {
			rt.Fatal(err)
		}
		var sent struct{ PinnedAppBarApps []teamsadmin.AppRef }
		_, body, _ := strings.Cut(r.service.Sent()[0], "\n\n")
		if err := json.Unmarshal([]byte(body), &sent); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(apps, sent.PinnedAppBarApps, cmpopts.EquateEmpty()); diff != "" {
			rt.Error(diff)
		}
	})
}

func TestPropertiesOfTheCallerStayAsTheyAre(t *testing.T) {
	props := map[string]json.RawMessage{"PinnedAppBarApps": json.RawMessage(`[{"Id":"a","Order":9}]`)}
	p := teamsadmin.Policy{Name: "P", Properties: props}
	r := newRig(t, always(200, ``))
	ctx := context.Background()
	if err := r.CreatePolicy(ctx, teamsadmin.SetupPolicy, p); err != nil {
		t.Fatal(err)
	}
	if err := r.UpdatePolicy(ctx, teamsadmin.SetupPolicy, "P", props); err != nil {
		t.Fatal(err)
	}
	want := map[string]json.RawMessage{"PinnedAppBarApps": json.RawMessage(`[{"Id":"a","Order":9}]`)}
	if diff := cmp.Diff(want, props); diff != "" {
		t.Error(diff)
	}
}

func TestIsAppList(t *testing.T) {
	for name, want := range map[string][2]bool{
		"PinnedAppBarApps": {true, true}, "pinnedmessagebarapps": {true, true}, "PinnedCallingBarApps": {true, true},
		"AppPresetList": {true, false}, "AppPresetMeetingList": {true, false}, "AdditionalCustomizationApps": {true, false},
		"DefaultCatalogApps": {true, false}, "GlobalCatalogApps": {true, false}, "PrivateCatalogApps": {true, false},
		"PrivateCatalogAppsType": {false, false}, "Description": {false, false},
	} {
		list, ordered := teamsadmin.IsAppList(name)
		if [2]bool{list, ordered} != want {
			t.Errorf("%s: list %v, ordered %v", name, list, ordered)
		}
	}
}

func TestDiscoveryIsAskedOnceByMany(t *testing.T) {
	r := newRig(t, func(_ int, r *http.Request, _ string) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/serviceDiscovery") {
			return httpxtest.Reply(200, `{"Endpoints":{},"Headers":null}`)
		}
		return httpxtest.Reply(200, `[]`)
	}, func(o *teamsadmin.Options) { o.Discover = true })
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := r.GroupAssignments(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := r.Calls()["GET /Teams.Tenant/serviceDiscovery"]; n != 1 {
		t.Errorf("asked %d times", n)
	}
	for _, sent := range r.service.Sent() {
		if strings.Contains(sent, "X-Ms-Target-Uri") || strings.Contains(sent, "X-Ms-Forest") {
			t.Errorf("a routing header without a value:\n%s", sent)
		}
	}
}

// Whatever comes as a listing of policies is either read whole or refused.
func FuzzPolicies(f *testing.F) {
	f.Add(livePolicies)
	f.Add(`[{"Identity":"Global","identity":"Tag:Other"}]`)
	f.Add(`{"Identity":"Tag:X","PinnedAppBarApps":{"Id":"a","Order":"1"}}`)
	f.Add(`[{"Identity":"X","AppPresetList":[null]}]`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, body string) {
		r := newRig(t, always(200, body))
		policies, err := r.SetupPolicies(context.Background())
		if err != nil {
			return
		}
		if !json.Valid([]byte(body)) {
			t.Fatalf("read from what is no JSON: %q", body)
		}
		for _, p := range policies {
			if p.Name == "" || strings.HasPrefix(p.Name, "Tag:") && !strings.Contains(strings.ToLower(body), "tag:tag:") {
				t.Errorf("name %q", p.Name)
			}
			for name := range p.Properties {
				_, _ = p.Apps(name)
				_, _ = p.Bool(name)
				_, _ = p.Text(name)
			}
			_ = fmt.Sprint(p)
		}
	})
}
