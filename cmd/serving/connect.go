package serving

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// The addresses of an emulated tenant. Nothing listens there: the in-process
// transport answers for any host.
const (
	emulatedGraph  = "https://graph.emulated.invalid"
	emulatedPolicy = "https://policies.emulated.invalid"
)

// Connector returns the function that opens the tenant of a configuration.
func Connector(rt *ops.Runtime, holder string) ops.Connect {
	return func(ctx context.Context, cfg *config.Config) (*ops.Connection, error) {
		if cfg.Tenant.Driver != config.DriverEmulated {
			return nil, unsupportedDriver{cfg.Tenant.Driver}
		}
		options, err := Options(rt, cfg, holder)
		if err != nil {
			return nil, err
		}
		server, err := Find(ctx, options)
		if err == nil {
			rt.Logger.Debug("emulated tenant is served", "url", server.URL, "process", server.Health.PID)
			return dialServed(rt, server)
		}
		rt.Logger.Debug("emulated tenant is opened", "path", options.Path, "because", err.Error())
		tenant, err := emulator.Open(ctx, options)
		if err != nil {
			return nil, err
		}
		conn, err := Dial(rt, tenant)
		if err != nil {
			_ = tenant.Close()
			return nil, err
		}
		conn.Close = tenant.Close
		return conn, nil
	}
}

// Options say which emulated tenant lies beside a configuration.
func Options(rt *ops.Runtime, cfg *config.Config, holder string) (emulator.Options, error) {
	o := emulator.Options{
		Path: beside(cfg.Dir, cfg.Tenant.Path), TenantID: cfg.Tenant.ID, AccessModel: cfg.Tenant.AccessModel,
		Clock: rt.Clock, NewID: rt.NewID, Holder: holder,
	}
	if cfg.Tenant.People != "" {
		people, err := os.ReadFile(beside(cfg.Dir, cfg.Tenant.People))
		if err != nil {
			return o, fmt.Errorf("people of the emulated tenant: %w", err)
		}
		o.People = people
	}
	return o, nil
}

func beside(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, filepath.FromSlash(path))
}

// Dial connects to an emulated tenant as its signed-in Teams administrator,
// over the same clients and the same wire as to a real one. Each wrap stands
// between the clients and the wire, the first one closest to it.
func Dial(rt *ops.Runtime, tenant *emulator.Tenant, wrap ...func(http.RoundTripper) http.RoundTripper) (*ops.Connection, error) {
	transport := tenant.RoundTripper()
	for _, w := range wrap {
		transport = w(transport)
	}
	conn, err := dial(rt, tenant.Info(), transport, emulatedGraph, emulatedPolicy)
	if err == nil {
		conn.TakesReview = tenant.TakesReview()
	}
	return conn, err
}

// dial makes the clients for a tenant behind a transport.
func dial(rt *ops.Runtime, info emulator.Info, transport http.RoundTripper, graphRoot, policyRoot string) (*ops.Connection, error) {
	agent := "teamsform/" + rt.Tool
	credential := staticToken{token: emulator.AdminToken(info.ID), clock: rt.Clock}
	graph, err := msgraph.New(msgraph.Options{
		Root: graphRoot, Credential: credential, Transport: transport, Logger: rt.Logger,
		Clock: rt.Clock, NewID: rt.NewID, UserAgent: agent, Sleep: rt.Sleep,
	})
	if err != nil {
		return nil, fmt.Errorf("graph client: %w", err)
	}
	control, err := teamsadmin.NewHTTP(teamsadmin.Options{
		Root: policyRoot, Credential: credential, Transport: transport, Logger: rt.Logger,
		Clock: rt.Clock, NewID: rt.NewID, UserAgent: agent, Sleep: rt.Sleep, AppCentric: true,
	})
	if err != nil {
		return nil, fmt.Errorf("policy client: %w", err)
	}
	return &ops.Connection{
		Graph: graph, Control: control, Reader: control.ReadOnly(),
		Info: engine.TenantInfo{
			Name: info.Name, ID: info.ID, Driver: config.DriverEmulated, AccessModel: info.AccessModel,
			ModelVerified: true, Identity: "signed-in Teams administrator",
		},
	}, nil
}

// staticToken is the sign-in of an emulated tenant.
type staticToken struct {
	token string
	clock func() time.Time
}

// GetToken implements azcore.TokenCredential.
func (s staticToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: s.token, ExpiresOn: s.clock().Add(time.Hour)}, nil
}

// unsupportedDriver says that this version cannot reach such a tenant.
type unsupportedDriver struct{ driver string }

func (e unsupportedDriver) Error() string {
	return fmt.Sprintf("this version reaches emulated tenants only, not the driver %q. Try the configuration with --emulated", e.driver)
}

// Class gives the exit class: it is a matter of sign-in.
func (e unsupportedDriver) Class() diag.Class { return diag.ClassSignIn }

// dialServed connects to a server. Tokens are not signed, so one is made for
// the tenant that was asked instead of trusting the note's.
func dialServed(rt *ops.Runtime, s *Served) (*ops.Connection, error) {
	transport := Transport()
	info := emulator.Info{ID: s.Health.Tenant, Name: s.Health.Name, AccessModel: s.Health.AccessModel}
	conn, err := dial(rt, info, transport, s.URL, s.URL)
	if err != nil {
		return nil, err
	}
	conn.TakesReview = s.Health.TakesReview
	conn.Close = func() error { transport.CloseIdleConnections(); return nil }
	return conn, nil
}
