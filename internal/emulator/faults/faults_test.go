package faults_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/teamsform/teamsform/internal/emulator/faults"
)

func wrap(i *faults.Injector) http.Handler {
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })
	return i.Wrap(ok, func(w http.ResponseWriter, _ *http.Request, f faults.Fault) { w.WriteHeader(f.Status) })
}

func status(h http.Handler, method, path string) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w.Code
}

func TestFaultsComeInOrderAndEnd(t *testing.T) {
	var i faults.Injector
	h := wrap(&i)
	i.Add(faults.Fault{Status: 429, Times: 2})
	i.Add(faults.Fault{Status: 503, Times: 1})
	i.Add(faults.Fault{Status: 500, Times: 0})
	for n, want := range []int{429, 429, 503, 200, 200} {
		if got := status(h, "GET", "/x"); got != want {
			t.Errorf("request %d: %d, want %d", n, got, want)
		}
	}
}

func TestFaultsFitRequests(t *testing.T) {
	var i faults.Injector
	h := wrap(&i)
	i.Add(faults.Fault{Status: 503, Times: 1, Method: "POST", PathPrefix: "/v1.0/app"})
	i.Add(faults.Fault{Status: 429, Times: 1, PathPrefix: "/v1.0"})
	for n, tc := range []struct {
		method, path string
		want         int
	}{
		{"POST", "/other", 200},
		{"GET", "/v1.0/apps", 429},
		{"GET", "/v1.0/apps", 200},
		{"POST", "/v1.0/apps", 503},
		{"POST", "/v1.0/apps", 200},
	} {
		if got := status(h, tc.method, tc.path); got != tc.want {
			t.Errorf("request %d: %d, want %d", n, got, tc.want)
		}
	}
	if i.Spoiled() != 2 {
		t.Errorf("%d spoiled, want 2", i.Spoiled())
	}
}

func TestEachFaultIsTakenOnce(t *testing.T) {
	var i faults.Injector
	h := wrap(&i)
	i.Add(faults.Fault{Status: 429, Times: 50})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				status(h, "GET", "/")
			}
		})
	}
	wg.Wait()
	if i.Spoiled() != 50 || status(h, "GET", "/") != 200 {
		t.Errorf("%d requests were spoiled, want 50", i.Spoiled())
	}
}
