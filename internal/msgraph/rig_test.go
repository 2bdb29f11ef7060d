package msgraph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/msgraph"
)

const root = "https://graph.test"

type handler = func(n int, r *http.Request, body string) (*http.Response, error)

type rig struct {
	*msgraph.Client
	clock   *httpxtest.Clock
	service *httpxtest.Service
	cred    *httpxtest.Credential
}

func newRig(t testing.TB, handle handler, change ...func(*msgraph.Options)) *rig {
	t.Helper()
	r := &rig{
		clock:   httpxtest.NewClock(),
		service: &httpxtest.Service{Handle: handle},
		cred:    &httpxtest.Credential{Token: "s3cret"},
	}
	o := msgraph.Options{
		Root: root, Credential: r.cred, Transport: r.service, Clock: r.clock.Now, Sleep: r.clock.Sleep,
		NewID: httpxtest.IDs(), UserAgent: "teamsform/test",
	}
	for _, f := range change {
		f(&o)
	}
	c, err := msgraph.New(o)
	if err != nil {
		t.Fatal(err)
	}
	r.Client = c
	return r
}

// always answers everything with the same.
func always(status int, body string, headers ...string) handler {
	return func(int, *http.Request, string) (*http.Response, error) {
		return httpxtest.Reply(status, body, headers...)
	}
}

// userConfigPage is one page of user configurations as the service writes it, users from .. to-1.
func userConfigPage(from, to int, next string) string {
	var b strings.Builder
	b.WriteString(`{"@odata.context":"https://graph.test/v1.0/$metadata#admin/teams/userConfigurations",`)
	if next != "" {
		fmt.Fprintf(&b, `"@odata.nextLink":%q,`, next)
	}
	b.WriteString(`"value":[`)
	for i := from; i < to; i++ {
		if i > from {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"%08x-1111-4222-8333-444455556666","userPrincipalName":"user%d@contoso.test",`+
			`"effectivePolicyAssignments":[{"policyType":"TeamsAppSetupPolicy","policyAssignment":`+
			`{"displayName":"Policy %d","assignmentType":"direct","policyId":"VnMAaN3X2X1B9tEHx1CJWfC76PSaKEzA4NoUuqIMR%02d","groupId":null}},`+
			`{"policyType":"TeamsMeetingPolicy","policyAssignment":`+
			`{"displayName":"AllOn","assignmentType":"group","policyId":"VnMAaN3X2X1B9tEHx1CJWfC76PSaKEzA4NoUuqIMRUo",`+
			`"groupId":"566b8d39-5c5c-4aaa-bc07-4f36278a1b38"}}]}`, i, i, i%10, i%10)
	}
	b.WriteString(`]}`)
	return b.String()
}

type options = msgraph.Options
