package teamsadmin_test

import (
	"net/http"
	"testing"

	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

const root = "https://policy.test"

type handler = func(n int, r *http.Request, body string) (*http.Response, error)

type rig struct {
	*teamsadmin.HTTP
	clock   *httpxtest.Clock
	service *httpxtest.Service
	cred    *httpxtest.Credential
}

func newRig(t testing.TB, handle handler, change ...func(*teamsadmin.Options)) *rig {
	t.Helper()
	r := &rig{
		clock:   httpxtest.NewClock(),
		service: &httpxtest.Service{Handle: handle},
		cred:    &httpxtest.Credential{Token: "s3cret"},
	}
	o := teamsadmin.Options{
		Root: root, Credential: r.cred, Transport: r.service, Clock: r.clock.Now, Sleep: r.clock.Sleep,
		NewID: httpxtest.IDs(), UserAgent: "teamsform/test", AppCentric: true,
	}
	for _, f := range change {
		f(&o)
	}
	h, err := teamsadmin.NewHTTP(o)
	if err != nil {
		t.Fatal(err)
	}
	r.HTTP = h
	return r
}

func always(status int, body string, headers ...string) handler {
	return func(int, *http.Request, string) (*http.Response, error) {
		return httpxtest.Reply(status, body, headers...)
	}
}
