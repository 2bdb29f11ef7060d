package teamsadmin

import (
	"context"
	"net/http"
	"strings"
	"sync"
)

// routing knows the headers by which the real service finds the part of itself that holds a tenant. They are asked
// for once, when first needed; a failure is not remembered.
type routing struct {
	enabled bool

	mu    sync.Mutex
	known http.Header
}

// discovery is the answer to the question where a tenant lives.
type discovery struct {
	Endpoints struct{ AdminServiceEndpoint string }
	Headers   map[string]string
}

// header returns the routing headers, or nil when discovery is off.
func (r *routing) header(ctx context.Context, get reads) (http.Header, error) {
	if !r.enabled {
		return nil, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known != nil {
		return r.known, nil
	}
	var d discovery
	const path = "/Teams.Tenant/serviceDiscovery"
	if err := get.bare(ctx, call{url: path, template: path, cmdlet: "Connect-MicrosoftTeams"}, nil, &d); err != nil {
		return nil, err
	}
	known := http.Header{}
	if host := d.Endpoints.AdminServiceEndpoint; host != "" {
		host = strings.TrimSuffix(strings.TrimPrefix(host, "https://"), "/")
		known.Set("X-MS-Target-Uri", "https://"+host+"/")
	}
	for name, value := range d.Headers {
		if strings.EqualFold(name, "X-MS-Forest") { // no other header is let in from outside
			known.Set("X-MS-Forest", value)
		}
	}
	r.known = known
	return known, nil
}
