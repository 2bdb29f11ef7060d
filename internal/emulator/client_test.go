package emulator_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teamsform/teamsform/examples"
	"github.com/teamsform/teamsform/internal/emulator"
)

// open opens a tenant for a test and closes it afterwards.
func open(t testing.TB, change func(*emulator.Options)) *emulator.Tenant {
	t.Helper()
	o := options(filepath.Join(t.TempDir(), "tenant.db"))
	if change != nil {
		change(&o)
	}
	tenant, err := emulator.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := tenant.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return tenant
}

func options(path string) emulator.Options {
	var n atomic.Int64
	return emulator.Options{
		Path:   path,
		Clock:  func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) },
		NewID:  func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", n.Add(1)) },
		NoSync: true,
	}
}

// answer is a response with its body read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// get finds a value in a JSON body: keys and list positions joined by "/".
func (a answer) get(path string) any {
	var v any
	if json.Unmarshal(a.body, &v) != nil {
		return nil
	}
	for key := range strings.SplitSeq(path, "/") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			var i int
			if _, err := fmt.Sscan(key, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (a answer) text(path string) string {
	s, _ := a.get(path).(string)
	return s
}

// length is the number of elements of a list, -1 if there is none.
func (a answer) length(path string) int {
	l, ok := a.get(path).([]any)
	if !ok {
		return -1
	}
	return len(l)
}

// client speaks to a tenant as one identity.
type client struct {
	t     testing.TB
	http  *http.Client
	token string
	check func(method, url string, header http.Header, body []byte, a answer)
}

func admin(t testing.TB, tenant *emulator.Tenant) *client {
	return as(t, tenant, emulator.AdminToken(tenant.Info().ID))
}

func as(t testing.TB, tenant *emulator.Tenant, token string) *client {
	return &client{t: t, http: httpClient(tenant), token: token, check: validator(t)}
}

const (
	graphRoot  = "https://graph.microsoft.com"
	policyRoot = "https://api.interfaces.records.teams.microsoft.com"
)

// do sends a request. A path that begins with /v1.0 or /beta goes to Graph. A
// body is JSON unless it is []byte, which is a package. Headers come in pairs.
func (c *client) do(method, path string, body any, headers ...string) answer {
	c.t.Helper()
	root := policyRoot
	if strings.HasPrefix(path, "/v1.0") || strings.HasPrefix(path, "/beta") {
		root = graphRoot
	}
	if !strings.HasPrefix(path, "http") {
		path = root + strings.ReplaceAll(path, " ", "%20")
	}
	var raw []byte
	contentType := ""
	switch b := body.(type) {
	case nil:
	case []byte:
		raw, contentType = b, "application/zip"
	case string:
		raw, contentType = []byte(b), "application/json"
	default:
		raw, _ = json.Marshal(b)
		contentType = "application/json"
	}
	req, err := http.NewRequest(method, path, bytes.NewReader(raw))
	if err != nil {
		c.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := answer{resp.StatusCode, resp.Header, content}
	if c.check != nil {
		c.check(method, path, req.Header, raw, a)
	}
	return a
}

// want sends a request and insists on a status.
func (c *client) want(status int, method, path string, body any, headers ...string) answer {
	c.t.Helper()
	a := c.do(method, path, body, headers...)
	if a.status != status {
		c.t.Fatalf("%s %s: status %d, want %d\n%s", method, path, a.status, status, a.body)
	}
	return a
}

// picture returns an icon that the service takes.
func picture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := examples.FS.ReadFile("quickstart/packages/helpdesk/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pack makes an app package.
func pack(t testing.TB, manifest map[string]any) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	raw, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{"manifest.json", raw}, {"color.png", picture(t, "color.png")}, {"outline.png", picture(t, "outline.png")}} {
		out, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write(f.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// manifest is a small manifest; change may alter it.
func manifest(id, version string, change ...func(map[string]any)) map[string]any {
	m := map[string]any{
		"$schema":         "https://developer.microsoft.com/json-schemas/teams/v1.16/MicrosoftTeams.schema.json",
		"manifestVersion": "1.16", "id": id, "version": version,
		"name":        map[string]any{"short": "Helpdesk", "full": "The helpdesk"},
		"description": map[string]any{"short": "Ask", "full": "Ask the helpdesk"},
		"developer":   map[string]any{"name": "Contoso", "websiteUrl": "https://contoso.example", "privacyUrl": "https://contoso.example/p", "termsOfUseUrl": "https://contoso.example/t"},
		"icons":       map[string]any{"color": "color.png", "outline": "outline.png"},
		"accentColor": "#FFFFFF",
	}
	for _, f := range change {
		f(m)
	}
	return m
}

func httpClient(tenant *emulator.Tenant) *http.Client {
	return &http.Client{Transport: tenant.RoundTripper()}
}
