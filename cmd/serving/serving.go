package serving

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/emulator"
)

// How commands find a tenant that `teamsform emulate` serves.
//
// The server leaves a note beside the database (emulator.Serving). The note is
// only a hint: it may be left over from a process that was killed, and another
// one may listen at its address by now. So the address is asked who it is
// first, and used only when it is on this machine, works on this very file, is
// the tenant that is wanted, and has applied the people file as it is now.
// Otherwise the file is opened as if nobody served it, which is safe: several
// processes may share it.

// healthTimeout bounds the question. The server is on this machine.
const healthTimeout = 2 * time.Second

// maxHealth bounds its answer.
const maxHealth = 64 << 10

// Served is a server that may be used for a tenant.
type Served struct {
	URL, Token string // as the note has them
	Health     emulator.Health
}

// ErrNotServed says why no server is used.
var ErrNotServed = errors.New("the tenant is not served")

func notServed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotServed, fmt.Sprintf(format, args...))
}

// Find looks for a server of the tenant that is wanted. Every reason not
// to use one is an ErrNotServed.
func Find(ctx context.Context, want emulator.Options) (*Served, error) {
	note, err := emulator.ReadServing(want.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notServed("no server has left a note")
	}
	if err != nil {
		return nil, notServed("%v", err)
	}
	root, err := url.Parse(note.URL)
	if err != nil || root.Scheme != "http" || !emulator.LoopbackHost(root.Host) {
		return nil, notServed("%q is not an address of this machine", note.URL)
	}
	health, err := askHealth(ctx, note.URL)
	if err != nil {
		return nil, notServed("nobody answers as expected at %s: %v", note.URL, err)
	}
	if err := fits(health, want); err != nil {
		return nil, err
	}
	return &Served{note.URL, note.Token, health}, nil
}

// fits compares the tenant that is served with the one that is wanted.
func fits(have emulator.Health, want emulator.Options) error {
	path, err := emulator.PathDigest(want.Path)
	switch {
	case err != nil:
		return notServed("%v", err)
	case have.Path != path:
		return notServed("another database is served there")
	case want.TenantID != "" && !strings.EqualFold(have.Tenant, want.TenantID):
		return notServed("tenant %s is served, not %s", have.Tenant, want.TenantID)
	case want.AccessModel != "" && have.AccessModel != want.AccessModel:
		return notServed("its access model is %s, not %s", have.AccessModel, want.AccessModel)
	case want.People != nil && have.People != emulator.PeopleDigest(want.People):
		return notServed("the people file has changed since")
	}
	return nil
}

func askHealth(ctx context.Context, root string) (emulator.Health, error) {
	var h emulator.Health
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, root+emulator.HealthPath, nil)
	if err != nil {
		return h, err
	}
	transport := Transport()
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req) // follows no redirect
	if err != nil {
		return h, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxHealth))
	if err != nil {
		return h, err
	}
	if res.StatusCode != http.StatusOK {
		return h, fmt.Errorf("status %d", res.StatusCode)
	}
	return h, json.Unmarshal(body, &h)
}

// Transport reaches this machine and goes through no proxy.
func Transport() *http.Transport {
	return &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second}
}
