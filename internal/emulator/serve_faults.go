package emulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/faults"
)

// FaultsPath is where the faults of a tenant that is served are switched.
const FaultsPath = "/_emulated/faults"

// maxFaultsBody bounds what is posted there.
const maxFaultsBody = 64 << 10

// FaultState is one standing fault, as FaultsPath lists it.
type FaultState struct {
	Fault  string `json:"fault"`            // as ParseFault reads it
	Struck int    `json:"struck,omitempty"` // how often it struck, where that is counted
}

// States describes standing faults.
func States(list []faults.Armed) []FaultState {
	out := make([]FaultState, len(list))
	for i, a := range list {
		out[i] = FaultState{a.String(), a.Struck}
	}
	return out
}

// faults lists, adds and clears standing faults. A change needs the token of an
// administrator, as everything does that a browser must not be led to.
func (f *Front) faults(w http.ResponseWriter, r *http.Request) {
	identity, err := f.Tenant.identify(r.Context(), r.Header.Get("Authorization"))
	if err != nil || !identity.TeamsAdmin() {
		http.Error(w, "This takes the token of an administrator: Authorization: Bearer TOKEN.", http.StatusUnauthorized)
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodDelete:
		err = f.Tenant.ClearFaults(r.Context())
	case http.MethodPost:
		var add []faults.Fault
		if add, err = readFaults(http.MaxBytesReader(w, r.Body, maxFaultsBody)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		err = f.Tenant.AddFaults(r.Context(), add...)
	default:
		w.Header().Set("Allow", "DELETE, GET, HEAD, POST")
		http.Error(w, "Faults are listed with GET, added with POST and cleared with DELETE.", http.StatusMethodNotAllowed)
		return
	}
	list, listErr := f.Tenant.StandingFaults(r.Context())
	if err == nil {
		err = listErr
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(States(list)) // the client has gone; nobody is left to tell
}

// readFaults reads one fault a line.
func readFaults(body io.Reader) ([]faults.Fault, error) {
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("read the faults: %w", err)
	}
	var out []faults.Fault
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		f, err := ParseFault(line)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}
