package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/auth"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// service has routes that answer with their pattern and parameters.
func service(refuse func(*wire.Call, wire.Route) *wire.Error) *wire.Service {
	echo := func(pattern string) func(*wire.Call) error {
		return func(c *wire.Call) error {
			return c.JSON(200, map[string]any{"pattern": pattern, "params": c.Params, "root": c.Root, "query": c.Query})
		}
	}
	var routes []wire.Route
	for _, r := range []string{"GET /users", "GET /users/$count", "GET /users/{id}", "POST /users/{id}/check", "GET /policy/{function}", "GET /a/{x}/b/{y}"} {
		method, pattern, _ := strings.Cut(r, " ")
		routes = append(routes, wire.Route{Method: method, Pattern: pattern, Handle: echo(pattern)})
	}
	routes = append(routes,
		wire.Route{Method: "GET", Pattern: "/boom", Handle: func(*wire.Call) error { return errors.New("boom") }},
		wire.Route{Method: "GET", Pattern: "/known", Handle: func(*wire.Call) error { return context.Canceled }},
		wire.Route{Method: "POST", Pattern: "/body", Handle: func(c *wire.Call) error {
			var v struct{ A int }
			if err := c.DecodeJSON(&v, c.Query.Get("strict") != ""); err != nil {
				return err
			}
			return c.JSON(200, v)
		}},
	)
	router := wire.NewRouter(routes)
	router.Planned = []string{"/users/{id}/later"}
	return &wire.Service{
		Router: router, ContentType: "application/json", Clock: func() time.Time { return time.Unix(0, 0) }, NewID: func() string { return "id" },
		Identify: func(context.Context, string) (auth.Identity, error) { return auth.Identity{}, nil },
		Refuse:   refuse,
		WriteError: func(c *wire.Call, e *wire.Error) {
			c.Writer.WriteHeader(e.Status)
			_, _ = c.Writer.Write([]byte(e.Message))
		},
		Translate: func(err error) *wire.Error {
			if errors.Is(err, context.Canceled) {
				return wire.Errorf(503, "x", "translated")
			}
			return nil
		},
	}
}

func ask(method, target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	service(func(*wire.Call, wire.Route) *wire.Error { return nil }).Serve(w, r, "/v1.0")
	return w
}

func TestRouting(t *testing.T) {
	for _, tc := range []struct {
		method, path, want string
		status             int
	}{
		{"GET", "/users", `"pattern":"/users"`, 200},
		{"GET", "/users/", `"pattern":"/users"`, 200},
		{"GET", "/USERS", `"pattern":"/users"`, 200},
		{"GET", "/users/$count", `"pattern":"/users/$count"`, 200},
		{"GET", "/users/ada%40x.example", `"id":"ada@x.example"`, 200},
		{"GET", "/users/a%2Fb", `"id":"a/b"`, 200},
		{"GET", "/users/kim%23EXT%23@x", `"id":"kim#EXT#@x"`, 200},
		{"GET", "/users('$x@y')", `"id":"$x@y"`, 200},
		{"GET", "/users('o''neil')", `"id":"o'neil"`, 200},
		{"POST", "/users('ada')/check", `"pattern":"/users/{id}/check"`, 200},
		{"GET", "/policy/get(type='a',name='b')", `"function":"get(type='a',name='b')"`, 200},
		{"GET", "/policy/get(name='(''x'')')", `"function":"get(name='(''x'')')"`, 200},
		{"GET", "/a/1/b/2", `"params":{"x":"1","y":"2"}`, 200},
		{"GET", "/a//b/2", "", 404},
		{"GET", "/nowhere", "", 404},
		{"GET", "/users/x/later/too", "", 501},
		{"POST", "/users/x/later", "", 501},
		{"DELETE", "/users/x", "", 405},
		{"GET", "/users?$top=%zz", "", 400},
		{"GET", "/boom", "boom", 500},
		{"GET", "/known", "translated", 503},
	} {
		w := ask(tc.method, "/v1.0"+tc.path, "")
		if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.want) {
			t.Errorf("%s %s: status %d: %s", tc.method, tc.path, w.Code, w.Body)
		}
		if w.Header().Get("request-id") != "id" || w.Header().Get("Date") == "" {
			t.Errorf("%s %s: headers %v", tc.method, tc.path, w.Header())
		}
	}
	if allow := ask("DELETE", "/v1.0/users/x", "").Header().Get("Allow"); allow != "GET" {
		t.Errorf("Allow: %q", allow)
	}
}

func TestRefusalsComeBeforeTheHandler(t *testing.T) {
	w := httptest.NewRecorder()
	s := service(func(_ *wire.Call, r wire.Route) *wire.Error { return wire.Forbidden("not %s", r.Pattern) })
	s.Serve(w, httptest.NewRequest(http.MethodGet, "/v1.0/boom", nil), "/v1.0")
	if w.Code != 403 || w.Body.String() != "not /boom" {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestQueriesKeepSemicolons(t *testing.T) {
	var body struct {
		Query map[string][]string
		Root  string
	}
	w := ask("GET", "https://graph.example/v1.0/users?$expand=a($select=b;$expand=c)&x=1&x=2&%24top=5&flag&&q=a+b%26c", "")
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"$expand": "a($select=b;$expand=c)", "x": "1|2", "$top": "5", "flag": "", "q": "a b&c"} {
		if got := strings.Join(body.Query[key], "|"); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if body.Root != "https://graph.example" {
		t.Errorf("root %q", body.Root)
	}
}

func TestBodies(t *testing.T) {
	for _, tc := range []struct {
		path, body string
		status     int
	}{
		{"/body", `{"A":1}`, 200},
		{"/body", `{"A":1,"B":2}`, 200},
		{"/body?strict=1", `{"A":1,"B":2}`, 400},
		{"/body", `{"A":"x"}`, 400},
		{"/body", `{"A":1}{}`, 400},
		{"/body", `{`, 400},
		{"/body", ` `, 400},
		{"/body", strings.Repeat(" ", wire.MaxJSON+1), 413},
	} {
		if w := ask("POST", "/v1.0"+tc.path, tc.body); w.Code != tc.status {
			t.Errorf("%.30q: status %d, want %d: %s", tc.body, w.Code, tc.status, w.Body)
		}
	}
}
