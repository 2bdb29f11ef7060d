package emulator_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/emulator"
)

func TestOverTheNetwork(t *testing.T) {
	tenant := open(t, nil)
	server := httptest.NewServer(tenant.Handler())
	defer server.Close()
	c := &client{t: t, http: server.Client(), token: emulator.AdminToken(tenant.Info().ID)}
	a := c.want(200, "GET", server.URL+"/v1.0/users?$top=5", nil)
	next := a.text("@odata.nextLink")
	if !strings.HasPrefix(next, server.URL+"/v1.0/users?") || !strings.HasPrefix(a.text("@odata.context"), server.URL) {
		t.Errorf("links lead elsewhere: %s", a.body[:200])
	}
	if n := c.want(200, "GET", next, nil).length("value"); n != 5 {
		t.Errorf("second page has %d users", n)
	}
	a = c.want(201, "POST", server.URL+apps, pack(t, manifest(helpdeskID, "1.0.0")))
	if !strings.HasPrefix(a.header.Get("Location"), server.URL) {
		t.Errorf("Location %s", a.header.Get("Location"))
	}
	b := c.want(200, "POST", server.URL+"/v1.0/$batch", `{"requests":[{"id":"1","method":"GET","url":"/users?$top=1"}]}`)
	if !strings.HasPrefix(b.text("responses/0/body/@odata.nextLink"), server.URL) {
		t.Errorf("batch: %s", b.body)
	}
	c.want(200, "GET", server.URL+"/Skype.Policy/configurations/"+setup, nil)
}

func TestTheRoundTripperGivesWhatANetworkGives(t *testing.T) {
	tenant := open(t, nil)
	server := httptest.NewServer(tenant.Handler())
	defer server.Close()
	token := emulator.AdminToken(tenant.Info().ID)
	there := &client{t: t, http: server.Client(), token: token}
	here := &client{t: t, http: httpClient(tenant), token: token}
	for _, path := range []string{"/v1.0/users?$select=id", "/v1.0/users/nobody@x.example", "/v1.0/nowhere", "/Skype.Policy/groupPolicyAssignments"} {
		a, b := there.do("GET", server.URL+path, nil), here.do("GET", server.URL+path, nil)
		if a.status != b.status || len(a.body) != len(b.body) || a.header.Get("Content-Type") != b.header.Get("Content-Type") || a.header.Get("Content-Length") != b.header.Get("Content-Length") {
			t.Errorf("%s:\nthere %d %v %s\nhere  %d %v %s", path, a.status, a.header, a.body, b.status, b.header, b.body)
		}
	}
}

func TestTheRoundTripperHeedsTheContext(t *testing.T) {
	tenant := open(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, graphRoot+"/v1.0/users", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tenant.RoundTripper().RoundTrip(req); !errors.Is(err, context.Canceled) {
		t.Errorf("round trip: %v", err)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	c := admin(t, open(t, nil))
	c.want(413, "POST", assignPath, `{"value":[`+strings.Repeat(" ", 9<<20)+`]}`)
	c.want(415, "POST", assignPath, []byte("zip"))
}
