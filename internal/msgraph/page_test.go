package msgraph_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/msgraph"
)

// replies answers with the bodies in turn.
func replies(bodies ...string) handler {
	return func(n int, _ *http.Request, _ string) (*http.Response, error) {
		return httpxtest.Reply(200, bodies[min(n, len(bodies))-1])
	}
}

func users(t *testing.T, r *rig) (names []string, err error) {
	t.Helper()
	err = r.Users(context.Background(), 2, func(u msgraph.User) error {
		names = append(names, u.ID)
		return nil
	})
	return names, err
}

func TestPaging(t *testing.T) {
	// The link has an odd order, an odd escape and an own parameter, all of which have to survive.
	next := root + "/v1.0/users?$skiptoken=RFNwdAIAAQ%3d%3D&$top=2&%24select=id"
	r := newRig(t, replies(
		`{"@odata.count":3,"@odata.nextLink":"`+next+`","value":[{"id":"1"},{"id":"2"}]}`,
		`{"value":[],"@odata.nextLink":"`+next+`&page=3"}`,
		`{"value":[{"id":"3"}]}`,
	))
	names, err := users(t, r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1", "2", "3"}, names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"GET " + next, "GET " + next + "&page=3"}, r.service.Lines()[1:]); diff != "" {
		t.Error(diff)
	}
	for i, sent := range r.service.Sent() {
		if !strings.Contains(sent, "\nConsistencylevel: eventual\n") {
			t.Errorf("page %d was asked for without ConsistencyLevel", i+1)
		}
	}
	if diff := cmp.Diff(map[string]int{"GET /users": 3}, r.Calls()); diff != "" {
		t.Error(diff)
	}
}

func TestUsersInTwoSteps(t *testing.T) {
	r := newRig(t, replies(
		`{"@odata.count":3,"@odata.nextLink":"`+root+`/v1.0/users?p=2","value":[{"id":"1"},{"id":"2"}]}`,
		`{"value":[{"id":"3"}]}`,
	))
	first, err := r.UsersFirstPage(context.Background(), 2)
	if err != nil || first.Total != 3 || len(first.Users) != 2 {
		t.Fatalf("%+v, error %v", first, err)
	}
	var rest []string
	err = r.UsersAfter(context.Background(), first, func(u msgraph.User) error {
		rest = append(rest, u.ID)
		return nil
	})
	if diff := cmp.Diff([]string{"3"}, rest); err != nil || diff != "" {
		t.Errorf("error %v\n%s", err, diff)
	}
	if n := len(r.service.Sent()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
	r = newRig(t, replies(`{"value":[]}`))
	if first, err = r.UsersFirstPage(context.Background(), 2); err != nil || first.Total != -1 {
		t.Errorf("total %d, error %v", first.Total, err)
	}
	if err := r.UsersAfter(context.Background(), first, ignore[msgraph.User]); err != nil || len(r.service.Sent()) != 1 {
		t.Errorf("a page that does not exist was asked for; error %v", err)
	}
}

func TestForeignNextLink(t *testing.T) {
	r := newRig(t, replies(`{"@odata.nextLink":"https://evil.test/v1.0/users","value":[{"id":"1"}]}`))
	_, err := users(t, r)
	var foreign *msgraph.ForeignURLError
	if !errors.As(err, &foreign) || len(r.service.Sent()) != 1 {
		t.Errorf("got %v after %d requests", err, len(r.service.Sent()))
	}
}

func TestPagesInACircle(t *testing.T) {
	r := newRig(t, func(n int, _ *http.Request, _ string) (*http.Response, error) {
		if n > 10 {
			return httpxtest.Reply(400, "")
		}
		return httpxtest.Reply(200, `{"@odata.nextLink":"`+root+`/v1.0/users?p=`+string(rune('a'+n%2))+`","value":[]}`)
	})
	if _, err := users(t, r); err == nil || len(r.service.Sent()) != 3 {
		t.Errorf("got %v after %d requests", err, len(r.service.Sent()))
	}
}

func TestPageCutInTheMiddleIsAskedForAgain(t *testing.T) {
	r := newRig(t, func(n int, _ *http.Request, _ string) (*http.Response, error) {
		if n == 1 {
			return httpxtest.ReplyReader(200, httpxtest.CutOff(`{"value":[{"id":"1"},`)), nil
		}
		return httpxtest.Reply(200, `{"value":[{"id":"1"},{"id":"2"}]}`)
	})
	names, err := users(t, r)
	if diff := cmp.Diff([]string{"1", "2"}, names); err != nil || diff != "" {
		t.Errorf("error %v\n%s", err, diff)
	}
}

func TestYieldErrorStopsTheListing(t *testing.T) {
	stop := errors.New("enough")
	r := newRig(t, replies(`{"@odata.nextLink":"`+root+`/v1.0/users?p=2","value":[{"id":"1"},{"id":"2"}]}`))
	seen := 0
	err := r.Users(context.Background(), 0, func(msgraph.User) error { seen++; return stop })
	if !errors.Is(err, stop) || seen != 1 || len(r.service.Sent()) != 1 {
		t.Errorf("got %v after %d users and %d requests", err, seen, len(r.service.Sent()))
	}
}

func TestAnswerThatIsNoJSON(t *testing.T) {
	r := newRig(t, always(200, "<html>sign in to the hotel network</html>", "request-id", "svc-1"))
	_, err := users(t, r)
	if err == nil || !strings.Contains(err.Error(), "svc-1") || !strings.Contains(err.Error(), "000000000001") {
		t.Errorf("got %v, want an error with both request ids", err)
	}
}

// The buffer of a page is used for the next one; what was handed on must not change under its owner.
func TestItemsOutliveTheirPage(t *testing.T) {
	r := newRig(t, replies(userConfigPage(0, 3, root+"/v1.0/x?p=2"), userConfigPage(500, 503, "")))
	var kept []msgraph.UserConfiguration
	err := r.UserConfigurations(context.Background(), 0, func(c msgraph.UserConfiguration) error {
		c.Policies = append([]msgraph.EffectivePolicy(nil), c.Policies...)
		kept = append(kept, c)
		return nil
	})
	if err != nil || len(kept) != 6 {
		t.Fatalf("%d items, error %v", len(kept), err)
	}
	first := kept[0]
	want := msgraph.UserConfiguration{
		ID: "00000000-1111-4222-8333-444455556666", UserPrincipalName: "user0@contoso.test",
		Policies: []msgraph.EffectivePolicy{
			{PolicyType: "TeamsAppSetupPolicy", Assignment: msgraph.PolicyAssignment{
				DisplayName: "Policy 0", AssignmentType: "direct", PolicyID: "VnMAaN3X2X1B9tEHx1CJWfC76PSaKEzA4NoUuqIMR00",
			}},
			{PolicyType: "TeamsMeetingPolicy", Assignment: msgraph.PolicyAssignment{
				DisplayName: "AllOn", AssignmentType: "group", PolicyID: "VnMAaN3X2X1B9tEHx1CJWfC76PSaKEzA4NoUuqIMRUo",
				GroupID: groupID,
			}},
		},
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Error(diff)
	}
	if kept[3].UserPrincipalName != "user500@contoso.test" {
		t.Errorf("the second page begins with %q", kept[3].UserPrincipalName)
	}
}

// The items of a page are decoded into those of the page before; what a later one lacks must not show through.
func TestItemsDoNotInheritFromThePageBefore(t *testing.T) {
	link := `"@odata.nextLink":"` + root + `/v1.0/x?p=2",`
	full := `{"id":"1","userPrincipalName":"a","displayName":"A","accountEnabled":true,"userType":"Guest",` +
		`"effectivePolicyAssignments":[{"policyType":"T","policyAssignment":{"policyId":"p"}}]}`
	bodies := []string{`{` + link + `"value":[` + full + `]}`, `{"value":[{"id":"2"}]}`}
	ctx := context.Background()
	var last msgraph.User
	if err := newRig(t, replies(bodies...)).Users(ctx, 0, func(u msgraph.User) error { last = u; return nil }); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(msgraph.User{ID: "2"}, last); diff != "" {
		t.Error(diff)
	}
	err := newRig(t, replies(bodies...)).UserConfigurations(ctx, 0, func(c msgraph.UserConfiguration) error {
		if c.ID == "2" && (c.UserPrincipalName != "" || len(c.Policies) != 0) {
			t.Errorf("%+v", c)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
