package emulator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/store"
)

// HealthPath is where a tenant that is served tells who it is.
const HealthPath = "/_emulated/health"

// Health is what stands at HealthPath. A client compares it with what it
// wants before it trusts an address that it found in a file: another process
// may listen there by now.
type Health struct {
	Tenant      string `json:"tenant"`
	Name        string `json:"name"`
	AccessModel string `json:"access_model"`
	People      string `json:"people"` // digest of the people file that was applied last
	Path        string `json:"path"`   // PathDigest of the database
	PID         int    `json:"pid"`
	TakesReview bool   `json:"takes_review"` // apps in review can be restricted
}

// Front is a tenant with a door to a network: the services, the health check,
// and a page for people who look at it with a browser.
type Front struct {
	Tenant *Tenant
	PID    int
	// AnyHost answers requests for any host name. Without it only those for
	// this machine itself are answered, so that no web page can lead a browser
	// here under a name of its own.
	AnyHost bool
}

// ServeHTTP answers a request.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.AnyHost && !LoopbackHost(r.Host) {
		http.Error(w, fmt.Sprintf("This tenant answers for this machine only, not for the host %q.", r.Host), http.StatusForbidden)
		return
	}
	if r.URL.Path == FaultsPath {
		f.faults(w, r)
		return
	}
	if r.URL.Path != "/" && r.URL.Path != HealthPath {
		f.Tenant.handler.ServeHTTP(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This page can only be read.", http.StatusMethodNotAllowed)
		return
	}
	if r.URL.Path == "/" {
		f.page(w, r)
		return
	}
	h, err := f.Tenant.Health(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	h.PID = f.PID
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(h) // the client has gone; nobody is left to tell
}

func (f *Front) page(w http.ResponseWriter, r *http.Request) {
	users := 0
	err := f.Tenant.store.View(r.Context(), func(tx *store.Tx) error {
		users = tx.CountUsers()
		return nil
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	info := f.Tenant.Info()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, `%s (%s), an emulated Microsoft Teams tenant with %d people.

It speaks as the real services do:

  /v1.0, /beta                 Microsoft Graph: organisation, people, groups, app catalog,
                               policies of people, $batch
  /Skype.Policy                policy definitions and policies of groups
  /Teams.MiddletierService     organisation-wide app settings
  /M365.Apps                   whom apps are available to, with app-centric management
  %-28s which tenant this is (no sign-in)
  %-28s what is to go wrong: GET lists, POST of one fault a line adds, DELETE clears

Every call but this page and the health check takes a bearer token. Tokens are
not signed: whoever reaches this address can be anybody. As an administrator:

  TOKEN=%s
  %s
`, info.Name, info.ID, users, HealthPath, FaultsPath, AdminToken(info.ID), CurlExample("http://"+r.Host))
}

// CurlExample is a command line that asks the tenant at a root for some people,
// with a token that the shell has in TOKEN.
func CurlExample(root string) string {
	return fmt.Sprintf(`curl -H "Authorization: Bearer $TOKEN" '%s/v1.0/users?$top=3'`, root)
}

// Health tells which tenant this is, as its file says now; PID is left out.
func (t *Tenant) Health(ctx context.Context) (Health, error) {
	h := Health{TakesReview: t.review}
	err := t.store.View(ctx, func(tx *store.Tx) error {
		info, err := tx.Current()
		h.Tenant, h.Name, h.AccessModel, h.People = info.ID, info.Name, info.AccessModel, tx.DirectoryDigest()
		return err
	})
	if err != nil {
		return h, err
	}
	h.Path, err = PathDigest(t.store.Path())
	return h, err
}

// PathDigest stands for the path of a database without telling it.
func PathDigest(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("path of the emulated tenant: %w", err)
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		abs = filepath.Join(dir, filepath.Base(abs))
	}
	sum := sha256.Sum256([]byte(abs))
	return hex.EncodeToString(sum[:]), nil
}

// PeopleDigest stands for the content of a people file, as Health has it.
func PeopleDigest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// LoopbackHost tells whether a host, with or without a port, is this machine
// as seen from itself.
func LoopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
