package msgraph_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/msgraph"
)

func TestCatalogApps(t *testing.T) {
	r := newRig(t, always(200, `{"value":[{"id":"c1","externalId":"m1","displayName":"Time off","distributionMethod":"Organization","unknown":[1],
		"appDefinitions":[
			{"@odata.etag":"InFtSSI=","id":"YzEjIzEuMC4w","teamsAppId":"c1","displayName":"Time off","version":"1.0.0","publishingState":"Published",
			 "lastModifiedDateTime":"2020-02-10 22:48:33.841","createdBy":null,"authorization":{"clientAppId":"e1","requiredPermissionSet":
			 {"resourceSpecificPermissions":[{"permissionValue":"TeamsActivity.Send.User","permissionType":"application"}]}}},
			{"id":"d2","version":"1.1.0","publishingState":"submitted","lastModifiedDateTime":null,"authorization":null}]}]}`))
	var got []msgraph.CatalogApp
	err := r.CatalogApps(context.Background(), func(a msgraph.CatalogApp) error {
		got = append(got, a)
		return nil
	})
	auth := &msgraph.Authorization{ClientAppID: "e1"}
	auth.PermissionSet.Permissions = []msgraph.ResourcePermission{{Value: "TeamsActivity.Send.User", Type: "application"}}
	want := []msgraph.CatalogApp{{
		ID: "c1", ExternalID: "m1", DisplayName: "Time off", DistributionMethod: "Organization",
		Definitions: []msgraph.AppDefinition{
			{
				ID: "YzEjIzEuMC4w", ETag: "InFtSSI=", TeamsAppID: "c1", DisplayName: "Time off", Version: "1.0.0",
				PublishingState: "Published", LastModified: "2020-02-10 22:48:33.841", Authorization: auth,
			},
			{ID: "d2", Version: "1.1.0", PublishingState: "submitted"},
		},
	}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Fatalf("error %v\n%s", err, diff)
	}
	if !got[0].IsOrganization() || !got[0].Definitions[0].PublishingState.Is(msgraph.Published) ||
		got[0].Definitions[1].PublishingState.Is(msgraph.Published) {
		t.Error("enum values are not compared without regard to case")
	}
}

func TestPublishApp(t *testing.T) {
	inside := func(code, inner string) string {
		return `{"error":{"code":"` + code + `","message":"m","innerError":{"code":"` + inner + `"}}}`
	}
	tests := []struct {
		name   string
		status int
		body   string
		is     func(error) bool // nil: no error
	}{
		{"published", 201, `{"id":"c1","externalId":"m1","distributionMethod":"organization"}`, nil},
		{"published with a 200", 200, `{"id":"c1"}`, nil},
		{"invalid manifest inside a 200", 200, inside("BadRequest", "UnableToParseTeamsAppManifest"), msgraph.IsInvalidPackage},
		{"invalid manifest with a 400", 400, inside("BadRequest", "UnableToParseTeamsAppManifest"), msgraph.IsInvalidPackage},
		{"there already, inside a 200", 200, inside("Conflict", "AppDefinitionAlreadyExists"), msgraph.IsAlreadyExists},
		{"there already", 409, inside("Conflict", "AppDefinitionAlreadyExists"), msgraph.IsAlreadyExists},
		{"gateway inside a 200", 200, inside("BadGateway", ""), msgraph.IsAmbiguous},
		{"gateway", 502, "", msgraph.IsAmbiguous},
		{"timed out", 504, "", msgraph.IsAmbiguous},
		{"no app in the answer", 201, `{}`, msgraph.IsAmbiguous},
		{"no JSON in the answer", 201, `<html>`, msgraph.IsAmbiguous},
		{"a race of the service", 412, inside("PreconditionFailed", ""), msgraph.IsConflict},
		{"no administrator", 403, inside("Forbidden", ""), msgraph.IsForbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, always(tt.status, tt.body))
			app, err := r.PublishApp(context.Background(), []byte("PK"), false)
			if tt.is == nil && (err != nil || app.ID != "c1") || tt.is != nil && (err == nil || !tt.is(err)) {
				t.Errorf("app %+v, error %v", app, err)
			}
			for _, predicate := range []func(error) bool{msgraph.IsInvalidPackage, msgraph.IsAlreadyExists} {
				if predicate(err) && msgraph.IsAmbiguous(err) {
					t.Errorf("a plain refusal is called ambiguous: %v", err)
				}
			}
			if n := len(r.service.Sent()); n != 1 {
				t.Errorf("sent %d times", n)
			}
		})
	}
}

func TestUpdateApp(t *testing.T) {
	tests := []struct {
		name      string
		status    int
		body      string
		def       *msgraph.AppDefinition
		failed    bool
		ambiguous bool
	}{
		{"updated", 204, "", nil, false, false},
		{"submitted", 201, `{"@odata.etag":"e","id":"d","publishingState":"submitted"}`, &msgraph.AppDefinition{ID: "d", ETag: "e", PublishingState: "submitted"}, false, false},
		{"refused, perhaps", 400, `{"error":{"code":"BadRequest"}}`, nil, true, true},
		{"refused", 409, `{"error":{"code":"Conflict"}}`, nil, true, false},
		{"unreadable", 201, `<`, nil, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, always(tt.status, tt.body))
			def, err := r.UpdateApp(context.Background(), appID, []byte("PK"), true)
			if diff := cmp.Diff(tt.def, def); diff != "" {
				t.Error(diff)
			}
			if (err != nil) != tt.failed || msgraph.IsAmbiguous(err) != tt.ambiguous {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestLostAnswersToWrites(t *testing.T) {
	for _, tt := range calls {
		if _, reader := methodsOfReader()[tt.method]; reader {
			continue
		}
		r := newRig(t, func(int, *http.Request, string) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
		err := tt.call(context.Background(), r.Client)
		if !msgraph.IsAmbiguous(err) || !errors.Is(err, io.ErrUnexpectedEOF) || len(r.service.Sent()) != 1 {
			t.Errorf("%s: got %v after %d requests", tt.method, err, len(r.service.Sent()))
		}
	}
}

func TestLostAnswersToReads(t *testing.T) {
	for _, tt := range calls {
		if _, reader := methodsOfReader()[tt.method]; !reader {
			continue
		}
		r := newRig(t, func(n int, _ *http.Request, _ string) (*http.Response, error) {
			if n == 1 {
				return nil, io.ErrUnexpectedEOF
			}
			return httpxtest.Reply(200, tt.reply)
		})
		if err := tt.call(context.Background(), r.Client); err != nil || len(r.service.Sent()) != 2 {
			t.Errorf("%s: got %v after %d requests", tt.method, err, len(r.service.Sent()))
		}
	}
}

// The service answers concurrent writes to the catalog with a 400, so they take turns.
func TestCatalogWritesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now atomic.Int64
		gate := make(chan struct{})
		r := newRig(t, func(int, *http.Request, string) (*http.Response, error) {
			now.Add(1)
			<-gate
			now.Add(-1)
			return httpxtest.Reply(200, `{"id":"x"}`)
		}, func(o *msgraph.Options) { o.Parallelism = 8 })
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { _ = r.DeleteApp(t.Context(), appID) })
			wg.Go(func() { _, _ = r.PublishApp(t.Context(), []byte("PK"), false) })
			wg.Go(func() { _ = r.SetPublishingState(t.Context(), appID, defID, "", msgraph.Published) })
		}
		for range 9 {
			synctest.Wait() // until everybody is stuck
			if n := now.Load(); n != 1 {
				t.Errorf("%d writes are in flight", n)
			}
			gate <- struct{}{}
		}
		wg.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.DeleteApp(ctx, appID); !errors.Is(err, context.Canceled) || msgraph.IsAmbiguous(err) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestPolicyID(t *testing.T) {
	const two = `{"value":[{"name":"Tag:Pilot 2","policyId":"second"},{"name":"Tag:Pilot","policyId":"first"}]}`
	for _, tt := range []struct{ body, name, want string }{
		{two, "Pilot", "first"},
		{two, "tag:pilot 2", "second"},
		{two, "Pil", ""},
		{`{"value":[]}`, "Pilot", ""},
		{`{"value":[{"name":"Global","policyId":"g"}]}`, "Global", "g"},
	} {
		r := newRig(t, always(200, tt.body))
		got, err := r.PolicyID(context.Background(), msgraph.SetupPolicyType, tt.name)
		if got != tt.want || msgraph.IsNotFound(err) != (tt.want == "") {
			t.Errorf("%s: got %q, error %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestPolicyIDs(t *testing.T) {
	b := &batchService{answer: func(url string, _ int) item {
		switch {
		case strings.Contains(url, "name='Pilot'"):
			return item{Status: 200, Body: json.RawMessage(`{"value":[{"name":"Tag:pilot","policyId":"p1"}]}`)}
		case strings.Contains(url, "name='Gone'"):
			return item{Status: 404}
		}
		return item{Status: 200, Body: json.RawMessage(`{"value":[]}`)}
	}}
	got, err := newRig(t, b.handle).PolicyIDs(context.Background(), msgraph.SetupPolicyType, []string{"Gone", "Pilot", "Empty"})
	if diff := cmp.Diff([]string{"", "p1", ""}, got); err != nil || diff != "" {
		t.Errorf("error %v\n%s", err, diff)
	}
	r := newRig(t, (&batchService{answer: func(string, int) item { return item{Status: 403} }}).handle)
	if _, err := r.PolicyIDs(context.Background(), msgraph.SetupPolicyType, []string{"Pilot"}); !msgraph.IsForbidden(err) {
		t.Errorf("got %v", err)
	}
}

func TestResolveGroups(t *testing.T) {
	ctx := context.Background()
	b := &batchService{answer: func(url string, _ int) item {
		switch {
		case strings.HasPrefix(url, "/groups/here?"):
			return item{Status: 200, Body: json.RawMessage(`{"id":"here"}`)}
		case strings.HasPrefix(url, "/groups/gone?"):
			return item{Status: 404}
		case strings.Contains(url, "displayName%20eq"):
			return item{Status: 200, Body: json.RawMessage(`{"value":[{"id":"1"},{"id":"2"}]}`)}
		}
		return item{Status: 200, Body: json.RawMessage(`{"value":[]}`)}
	}}
	r := newRig(t, b.handle)
	got, err := r.ResolveGroups(ctx, []msgraph.GroupQuery{{ID: "gone"}, {Name: "Twins"}, {ID: "here"}, {Mail: "x@contoso.test"}})
	want := [][]msgraph.Group{nil, {{ID: "1"}, {ID: "2"}}, {{ID: "here"}}, {}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v\n%s", err, diff)
	}
	for _, q := range []msgraph.GroupQuery{{}, {ID: "a", Name: "b"}, {Name: "a", Mail: "b"}, {ID: ".."}} {
		if _, err := r.ResolveGroups(ctx, []msgraph.GroupQuery{q}); err == nil {
			t.Errorf("%+v was looked up", q)
		}
	}
	r = newRig(t, (&batchService{answer: func(string, int) item { return item{Status: 403} }}).handle)
	if _, err := r.ResolveGroups(ctx, []msgraph.GroupQuery{{Name: "Secret"}}); !msgraph.IsForbidden(err) || !strings.Contains(err.Error(), "Secret") {
		t.Errorf("got %v", err)
	}
}

func TestOrganizationAndGroups(t *testing.T) {
	ctx := context.Background()
	r := newRig(t, always(200, `{"value":[{"id":"t","displayName":"Contoso"}]}`))
	if org, err := r.Organization(ctx); err != nil || org != (msgraph.Organization{ID: "t", DisplayName: "Contoso"}) {
		t.Errorf("%+v, error %v", org, err)
	}
	r = newRig(t, always(200, `{"value":[]}`))
	if _, err := r.Organization(ctx); !msgraph.IsNotFound(err) {
		t.Errorf("error %v", err)
	}
	if groups, err := r.GroupByName(ctx, "x"); err != nil || len(groups) != 0 {
		t.Errorf("%v, error %v", groups, err)
	}
	r = newRig(t, always(404, `{"error":{"code":"Request_ResourceNotFound"}}`))
	if groups, err := r.GroupByID(ctx, "x"); err != nil || len(groups) != 0 {
		t.Errorf("%v, error %v", groups, err)
	}
	r = newRig(t, always(200, `{"value":[{"id":"1","groupTypes":["Unified"]},{"id":"2","mail":null}]}`))
	groups, err := r.GroupByMail(ctx, "x@contoso.test")
	want := []msgraph.Group{{ID: "1", GroupTypes: []string{"Unified"}}, {ID: "2"}}
	if diff := cmp.Diff(want, groups); err != nil || diff != "" {
		t.Errorf("error %v\n%s", err, diff)
	}
}

func TestGroupMembers(t *testing.T) {
	r := newRig(t, always(200, `{"value":[{"@odata.type":"#microsoft.graph.user","id":"u","accountEnabled":false},
		{"@odata.type":"#microsoft.graph.group","id":"g"},{"@odata.type":"#microsoft.graph.device","id":"d"}]}`))
	var users, groups, all int
	err := r.GroupMembers(context.Background(), groupID, true, func(o msgraph.DirectoryObject) error {
		all++
		if o.IsUser() {
			users++
			if o.AccountEnabled == nil || *o.AccountEnabled {
				t.Errorf("%+v", o)
			}
		}
		if o.IsGroup() {
			groups++
		}
		return nil
	})
	if err != nil || users != 1 || groups != 1 || all != 3 {
		t.Errorf("%d users, %d groups, %d in all, error %v", users, groups, all, err)
	}
}
