package cmd

import (
	"net/http"

	"github.com/teamsform/teamsform/cmd/serving"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/ops"
)

// Dial connects to an emulated tenant as its signed-in Teams administrator. Each
// wrap stands between the clients and the wire, the first one closest to it.
func Dial(rt *ops.Runtime, tenant *emulator.Tenant, wrap ...func(http.RoundTripper) http.RoundTripper) (*ops.Connection, error) {
	return serving.Dial(rt, tenant, wrap...)
}
