package emulator_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// sharedFile finds a file of the background data beside the module, "" if
// there is none.
func sharedFile(name string) string {
	dir, err := filepath.Abs(".")
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			path := filepath.Join(dir, "..", "shared", filepath.FromSlash(name))
			if _, err := os.Stat(path); err != nil {
				return ""
			}
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// description loads an API description once per run; nil if it is absent.
func description(name string) func() (routers.Router, error) {
	return sync.OnceValues(func() (routers.Router, error) {
		path := sharedFile(name)
		if path == "" {
			return nil, nil
		}
		doc, err := openapi3.NewLoader().LoadFromFile(path)
		if err != nil {
			return nil, err
		}
		return gorillamux.NewRouter(doc)
	})
}

var descriptions = map[string]func() (routers.Router, error){
	"/v1.0/": description("graph/openapi-subset.yaml"),
	"/beta/": description("graph/openapi-subset-beta.yaml"),
}

// validator checks every Graph answer, and every request that was accepted,
// against the description of the API, if that is there.
func validator(t testing.TB) func(method, url string, header http.Header, body []byte, a answer) {
	return func(method, url string, header http.Header, body []byte, a answer) {
		t.Helper()
		rest, ok := strings.CutPrefix(url, graphRoot)
		if !ok {
			return
		}
		for prefix, load := range descriptions {
			if !strings.HasPrefix(rest, prefix) {
				continue
			}
			router, err := load()
			if err != nil {
				t.Fatalf("API description: %v", err)
			}
			if router != nil {
				validate(t, router, method, url, header, body, a)
			}
		}
	}
}

func validate(t testing.TB, router routers.Router, method, url string, header http.Header, body []byte, a answer) {
	t.Helper()
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	route, params, err := router.FindRoute(req)
	if err != nil || strings.HasSuffix(req.URL.Path, "/$count") {
		return // not described, or a bare number, which the library takes for text
	}
	described.Store(route.Method+" "+route.Path, true)
	in := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
			ExcludeRequestBody: header.Get("Content-Type") == "application/zip",
		},
	}
	if a.status < 400 {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			t.Errorf("%s %s: request: %v", method, url, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.status, Header: a.header, Options: in.Options}
	if a.status == http.StatusNoContent {
		return
	}
	if err := openapi3filter.ValidateResponse(context.Background(), out.SetBodyBytes(a.body)); err != nil {
		t.Errorf("%s %s: status %d: answer: %v\n%s", method, url, a.status, err, a.body)
	}
}

// described collects the operations that were checked.
var described sync.Map

func TestEveryDescribedOperationIsChecked(t *testing.T) {
	if sharedFile("graph/openapi-subset.yaml") == "" {
		t.Skip("the API description is not here")
	}
	tenant := open(t, nil)
	c := admin(t, tenant)
	app := publish(c, helpdeskID, "1.0.0")
	group := groupID(c, "Support")
	ada := userID(c, "ada@contoso.example")
	for _, path := range []string{
		"/appCatalogs/teamsApps", "/appCatalogs/teamsApps/" + app, "/appCatalogs/teamsApps/" + app + "/appDefinitions",
		"/appCatalogs/teamsApps?$expand=appDefinitions($expand=bot)",
		"/teamwork/teamsAppSettings", "/admin/teams/userConfigurations", "/admin/teams/userConfigurations/" + ada,
		"/admin/teams/userConfigurations/" + ada + "/user", "/admin/teams/policy/getPolicyId(type='TeamsAppSetupPolicy',name='Global')",
		"/users", "/users/" + ada, "/groups", "/groups/" + group, "/groups/" + group + "/members",
		"/groups/" + group + "/members/microsoft.graph.user", "/groups/" + group + "/transitiveMembers",
		"/groups/" + group + "/transitiveMembers/microsoft.graph.user", "/organization",
	} {
		c.want(200, "GET", "/v1.0"+path, nil)
	}
	for _, want := range []string{
		"GET /appCatalogs/teamsApps", "POST /appCatalogs/teamsApps", "GET /appCatalogs/teamsApps/{teamsApp-id}",
		"GET /teamwork/teamsAppSettings", "GET /admin/teams/userConfigurations",
		"GET /admin/teams/policy/getPolicyId(type='{type}',name='{name}')",
		"GET /users/{user-id}", "GET /groups/{group-id}/transitiveMembers/microsoft.graph.user", "GET /organization",
	} {
		if _, ok := described.Load(want); !ok {
			t.Errorf("no answer of %s was checked", want)
		}
	}
}
