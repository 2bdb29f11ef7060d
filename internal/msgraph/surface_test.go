package msgraph_test

import (
	"context"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/msgraph"
)

func ignore[T any](T) error { return nil }

func TestRequests(t *testing.T) {
	for _, tt := range calls {
		t.Run(tt.method, func(t *testing.T) {
			status := http.StatusOK
			if tt.reply == "" {
				status = http.StatusNoContent
			}
			r := newRig(t, always(status, tt.reply))
			if err := tt.call(context.Background(), r.Client); err != nil {
				t.Fatal(err)
			}
			sent := r.service.Sent()
			if len(sent) != 1 {
				t.Fatalf("sent %d requests", len(sent))
			}
			if diff := cmp.Diff(tt.want, essence(sent[0])); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{root + "/.default"}, r.cred.Scopes); diff != "" {
				t.Error(diff)
			}
			if !strings.Contains(sent[0], "\nAuthorization: Bearer s3cret\n") ||
				!strings.Contains(sent[0], "\nClient-Request-Id: 00000000-0000-4000-8000-000000000001\n") ||
				!strings.Contains(sent[0], "\nUser-Agent: teamsform/test\n") {
				t.Errorf("a header is missing:\n%s", sent[0])
			}
		})
	}
}

// The plan reports how often it called what, by names without ids.
func TestCallsAreCountedByEndpoint(t *testing.T) {
	set := map[string]bool{}
	for _, tt := range calls {
		r := newRig(t, always(200, tt.reply))
		_ = tt.call(context.Background(), r.Client)
		for name, n := range r.Calls() {
			if set[name] = true; n != 1 {
				t.Errorf("%s: %s was counted %d times", tt.method, name, n)
			}
		}
	}
	want := []string{
		"DELETE /appCatalogs/teamsApps/{id}",
		"DELETE /appCatalogs/teamsApps/{id}/appDefinitions/{id}",
		"GET /admin/teams/policy/getPolicyId",
		"GET /admin/teams/userConfigurations",
		"GET /appCatalogs/teamsApps",
		"GET /appCatalogs/teamsApps/{id}",
		"GET /groups",
		"GET /groups/{id}",
		"GET /groups/{id}/members",
		"GET /groups/{id}/transitiveMembers",
		"GET /organization",
		"GET /teamwork/teamsAppSettings",
		"GET /users",
		"PATCH /appCatalogs/teamsApps/{id}/appDefinitions/{id}",
		"PATCH /teamwork/teamsAppSettings",
		"POST /$batch",
		"POST /admin/teams/policy/userAssignments/assign",
		"POST /admin/teams/policy/userAssignments/unassign",
		"POST /appCatalogs/teamsApps",
		"POST /appCatalogs/teamsApps/{id}/appDefinitions",
		"POST /directoryObjects/getByIds",
		"POST /users/{id}/checkMemberGroups",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(set))); diff != "" {
		t.Error(diff)
	}
}

// essence leaves of a request what differs from call to call.
func essence(sent string) string {
	head, body, _ := strings.Cut(sent, "\n\n")
	lines := strings.Split(head, "\n")
	kept := []string{strings.Replace(lines[0], root, "", 1)}
	for _, line := range lines[1:] {
		switch name, value, _ := strings.Cut(line, ": "); name {
		case "Consistencylevel":
			kept = append(kept, "ConsistencyLevel: "+value)
		case "If-Match":
			kept = append(kept, line)
		case "Content-Type":
			if value != "application/json" {
				kept = append(kept, line)
			}
		}
	}
	if body != "" {
		kept = append(kept, body)
	}
	return strings.Join(kept, "\n")
}

// The read-only transport is what a plan is built with. A method that joins this list has to be a read.
func TestReaderOnlyReads(t *testing.T) {
	want := []string{
		"Calls", "CatalogApp", "CatalogAppByManifestID", "CatalogAppWithBots", "CatalogApps", "CheckMemberGroups", "GetByIDs", "GroupByID",
		"GroupByMail", "GroupByName", "GroupMembers", "Groups", "Organization", "PolicyID", "PolicyIDs", "ResolveGroups",
		"ResolveUsers", "Root",
		"TeamsAppSettings", "UserConfigurations", "UserConfigurationsByID", "Users", "UsersAfter", "UsersFirstPage",
	}
	if diff := cmp.Diff(want, methods(reflect.TypeFor[*msgraph.Reader]())); diff != "" {
		t.Error(diff)
	}
	writes := []string{
		"AssignPolicy", "DeleteApp", "PatchTeamsAppSettings", "PublishApp", "SetPublishingState", "UnassignPolicy",
		"UpdateApp", "WithdrawDefinition",
	}
	all := append(slices.Concat(want, writes), "Reader")
	slices.Sort(all)
	if diff := cmp.Diff(all, methods(reflect.TypeFor[*msgraph.Client]())); diff != "" {
		t.Error(diff)
	}
	if n := reflect.TypeFor[msgraph.Reader]().NumField(); n != 1 {
		t.Errorf("a Reader has %d fields; look again at what it can reach", n)
	}
	for _, name := range all {
		covered := slices.ContainsFunc(calls, func(c apiCall) bool { return c.method == name })
		if !covered && !slices.Contains([]string{"Calls", "Root", "Reader", "UsersAfter"}, name) {
			t.Errorf("%s has no case in calls", name)
		}
	}
}

// What a Reader sends is a GET or one of the three POSTs that Graph defines as reads.
func TestReaderSendsNoWrite(t *testing.T) {
	for _, tt := range calls {
		r := newRig(t, always(200, tt.reply))
		_ = tt.call(context.Background(), r.Client)
		line := strings.Fields(r.service.Lines()[0])
		path := strings.TrimPrefix(line[1], root+"/v1.0")
		isRead := line[0] == "GET" || path == "/$batch" || path == "/directoryObjects/getByIds" || strings.HasSuffix(path, "/checkMemberGroups")
		_, reader := reflect.TypeFor[*msgraph.Reader]().MethodByName(tt.method)
		if isRead != reader {
			t.Errorf("%s sends %v; a method of Reader: %v", tt.method, line, reader)
		}
	}
}

func methods(typ reflect.Type) []string {
	names := make([]string, typ.NumMethod())
	for i := range names {
		names[i] = typ.Method(i).Name
	}
	return names
}

func TestIDsThatWouldChangeThePath(t *testing.T) {
	ctx := context.Background()
	for _, id := range []string{"", ".", ".."} {
		r := newRig(t, always(200, `{}`))
		_, err1 := r.CatalogApp(ctx, id)
		_, err2 := r.GroupByID(ctx, id)
		_, err3 := r.ResolveUsers(ctx, []string{id})
		_, err4 := r.UserConfigurationsByID(ctx, []string{id})
		_, err5 := r.UpdateApp(ctx, id, nil, false)
		_, err6 := r.CheckMemberGroups(ctx, id, []string{groupID})
		err7 := r.DeleteApp(ctx, id)
		err8 := r.SetPublishingState(ctx, appID, id, "", msgraph.Rejected)
		err9 := r.GroupMembers(ctx, id, false, ignore[msgraph.DirectoryObject])
		for i, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8, err9} {
			if err == nil {
				t.Errorf("id %q: call %d was made", id, i+1)
			}
		}
		if n := len(r.service.Sent()); n != 0 {
			t.Errorf("id %q: %d requests were sent", id, n)
		}
	}
}

func TestNothingToAssignSendsNothing(t *testing.T) {
	r := newRig(t, always(204, ""))
	if err := r.AssignPolicy(context.Background(), nil); err != nil || len(r.service.Sent()) != 0 {
		t.Errorf("error %v, %d requests", err, len(r.service.Sent()))
	}
}

func methodsOfReader() map[string]bool {
	set := map[string]bool{}
	for _, name := range methods(reflect.TypeFor[*msgraph.Reader]()) {
		set[name] = true
	}
	return set
}
