package msgraph_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/msgraph"
)

// Two listings are decoded by hand. What comes out has to be what encoding/json makes of the same page, or the same
// refusal, for any page at all.

// pages are seeds that each take another turn through the scanner.
var pages = []string{
	userConfigPage(0, 2, ""),
	`{"value":[]}`,
	`{}`,
	` { "value" : [ { "id" : "a" , "effectivePolicyAssignments" : [ ] } , { } ] } `,
	`{"@odata.count":12,"value":[{"id":"1","userPrincipalName":"a@b","displayName":"A","accountEnabled":true,"userType":"Member"}]}`,
	`{"@odata.count":"12","value":[{"accountEnabled":false},{"accountEnabled":null},{"accountEnabled":"yes"}]}`,
	`{"@odata.count":01,"value":[]}`,
	`{"value":[{"id":"\u00e9\"\\","displayName":"é","userType":"G\u0075est"}]}`,
	`{"value":[{"ID":"upper","UserPrincipalName":"x"}]}`,
	`{"value":[{"\u0069d":"escaped name"}]}`,
	`{"value":[{"id":null,"displayName":null,"effectivePolicyAssignments":null}]}`,
	`{"value":[{"id":"a","id":null,"id":"b"}]}`,
	`{"value":[{"id":1}]}`,
	`{"value":[{"id":"a"}],"value":[{"displayName":"b"}]}`,
	`{"value":[{"effectivePolicyAssignments":[{"policyType":"T","policyAssignment":null}]}]}`,
	`{"value":[{"effectivePolicyAssignments":[{"policyAssignment":{"groupId":"g"},"policyAssignment":{"policyId":"p"}}]}]}`,
	`{"value":[{"effectivePolicyAssignments":[{"policyType":"T"}],"effectivePolicyAssignments":[{}]}]}`,
	`{"value":[{"tenantId":"t","featureTypes":["a",{"b":[1,2.5e3,true]}],"x":-1,"y":"}]"}]}`,
	`{"value":[{"x":01}]}`,
	`{"value":[{"x":}]}`,
	`{"value":[{"x":[}]}]}`,
	`{"value":[{"id":"a"},]}`,
	`{"value":[{,}]}`,
	`{"value":[{"id":"a"} {"id":"b"}]}`,
	`{"value":[{"id":"cut`,
	`{"value":[]} trailing`,
	`{"value":null}`,
	`{"value":{}}`,
	`[]`,
	`null`,
	``,
	"{\"value\":[{\"id\":\"control\x01\"}]}",
	"{\"value\":[{\"id\":\"bad\xff\"}]}",
}

// reference is what encoding/json makes of a page.
type reference[T any] struct {
	Count *int64 `json:"@odata.count"`
	Next  string `json:"@odata.nextLink"`
	Value []T    `json:"value"`
}

// check compares a listing of the one page with the reference.
func check[T any](t *testing.T, page string, list func(r *rig, yield func(T) error) error) {
	t.Helper()
	var want reference[T]
	refused := json.Unmarshal([]byte(page), &want)
	r := newRig(t, func(n int, _ *http.Request, _ string) (*http.Response, error) {
		if n == 1 {
			return httpxtest.Reply(200, page)
		}
		return httpxtest.Reply(200, `{"value":[]}`)
	})
	var got []T
	err := list(r, func(item T) error {
		got = append(got, item)
		return nil
	})
	if refused != nil {
		if err == nil || len(got) != 0 {
			t.Errorf("accepted, got %+v, although %v:\n%s", got, refused, page)
		}
		return
	}
	if err != nil && want.Next == "" { // with a link, the error may be about where it leads
		t.Errorf("refused: %v:\n%s", err, page)
	}
	if diff := cmp.Diff(want.Value, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s\n%s", page, diff)
	}
	if want.Next != "" && err == nil && len(r.service.Sent()) != 2 {
		t.Errorf("the link %q was not followed:\n%s", want.Next, page)
	}
}

func checkUsers(t *testing.T, page string) {
	check(t, page, func(r *rig, yield func(msgraph.User) error) error {
		return r.Users(context.Background(), 0, yield)
	})
}

func checkUserConfigurations(t *testing.T, page string) {
	check(t, page, func(r *rig, yield func(msgraph.UserConfiguration) error) error {
		return r.UserConfigurations(context.Background(), 0, func(c msgraph.UserConfiguration) error {
			c.Policies = append([]msgraph.EffectivePolicy(nil), c.Policies...)
			return yield(c)
		})
	})
}

func TestScanAgreesWithEncodingJSON(t *testing.T) {
	for _, page := range pages {
		checkUsers(t, page)
		checkUserConfigurations(t, page)
	}
}

// Random pages that are valid most of the time, which bytes of a fuzzer seldom are.
func TestScanRandomPages(t *testing.T) {
	text := rapid.SampledFrom([]string{`"a"`, `""`, `"é\n"`, `null`, `"Tag:Pilot"`, `"x\\"`, `1`, `{}`})
	blank := rapid.SampledFrom([]string{"", " ", "\n\t"})
	fields := func(t *rapid.T, names []string, value func(*rapid.T, string) string) string {
		var parts []string
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 6).Draw(t, "names") {
			b := blank.Draw(t, "blank")
			parts = append(parts, b+`"`+name+`"`+b+`:`+b+value(t, name)+b)
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	list := func(t *rapid.T, item func(*rapid.T) string) string {
		return "[" + strings.Join(rapid.SliceOfN(rapid.Custom(item), 0, 4).Draw(t, "list"), ",") + "]"
	}
	assignment := func(t *rapid.T, _ string) string {
		return fields(t, []string{"displayName", "policyId", "groupId", "assignmentType", "other", "DisplayName"},
			func(t *rapid.T, _ string) string { return text.Draw(t, "text") })
	}
	policy := func(t *rapid.T) string {
		return fields(t, []string{"policyType", "policyAssignment", "other"}, func(t *rapid.T, name string) string {
			if name == "policyAssignment" {
				return assignment(t, name)
			}
			return text.Draw(t, "text")
		})
	}
	user := func(t *rapid.T) string {
		names := []string{"id", "userPrincipalName", "displayName", "accountEnabled", "effectivePolicyAssignments", "x", "Id"}
		return fields(t, names, func(t *rapid.T, name string) string {
			switch name {
			case "effectivePolicyAssignments":
				return list(t, policy)
			case "accountEnabled":
				return rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "flag")
			}
			return text.Draw(t, "text")
		})
	}
	rapid.Check(t, func(rt *rapid.T) {
		page := `{"value":` + list(rt, user) + `}`
		checkUsers(t, page)
		checkUserConfigurations(t, page)
		if t.Failed() {
			rt.Fatalf("page %s", page)
		}
	})
}

func FuzzPage(f *testing.F) {
	for _, page := range pages {
		f.Add(page)
	}
	f.Fuzz(func(t *testing.T, page string) {
		checkUsers(t, page)
		checkUserConfigurations(t, page)
	})
}

// Listing people must not cost an allocation per policy: texts that repeat are shared, slices used again.
func TestUserConfigurationsAllocations(t *testing.T) {
	const pages = 20
	page, last := userConfigPage(0, 999, root+"/v1.0/x?p="), userConfigPage(0, 999, "")
	n := 0
	r := newRig(t, func(int, *http.Request, string) (*http.Response, error) {
		if n++; n%pages == 0 {
			return httpxtest.Reply(200, last)
		}
		return httpxtest.Reply(200, strings.Replace(page, "?p=", "?p="+string(rune('a'+n%pages)), 1))
	})
	total := testing.AllocsPerRun(1, func() {
		if err := r.UserConfigurations(context.Background(), 0, ignore[msgraph.UserConfiguration]); err != nil {
			t.Fatal(err)
		}
	})
	if perUser := total / (pages * 999); perUser > 2.5 {
		t.Errorf("%.2f allocations per user with two policies, want 2 and little more", perUser)
	}
}
