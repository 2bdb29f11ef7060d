package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/teamsform/teamsform/internal/emulator"
)

// shutdownTime is how long a server that is stopped waits for answers that are
// under way.
const shutdownTime = 5 * time.Second

type emulateOptions struct {
	f           *factory
	tenant      tenantFlags
	listen      string
	allowRemote bool
	faults      []string
	json        bool
}

func newEmulateCmd(f *factory) *cobra.Command {
	o := &emulateOptions{f: f}
	cmd := &cobra.Command{
		Use:   "emulate",
		Short: "Serve the emulated tenant to other programs, fill it, look into it",
		Long: `Serve the emulated tenant of the configuration over plain HTTP on this machine,
until it is interrupted. It answers as Microsoft Graph and the Teams policy
service do, so any client of theirs can be pointed at it.

Other teamsform commands on the same configuration find the server and use it.
They may also change the tenant while nobody serves it: everything is in one
file that processes share.`,
		Example: "  teamsform emulate\n  teamsform emulate --listen 127.0.0.1:8080\n" +
			"  teamsform emulate --path tenant.db --people people.json\n  teamsform emulate seed --users 10000 --groups 200 --seed 1",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runEmulate(cmd.Context(), o) },
	}
	o.tenant.add(cmd)
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	cmd.Flags().BoolVar(&o.allowRemote, "allow-remote", false, "let other machines in; whoever reaches the address can read and change everything")
	cmd.Flags().StringArrayVar(&o.faults, "fault", nil, "let this go wrong while the server runs (see \"teamsform emulate faults --help\"); may be repeated")
	cmd.Flags().BoolVar(&o.json, "json", false, "print address and token as one line of JSON")
	cmd.AddCommand(newEmulateSeedCmd(f), newEmulateResetCmd(f), newEmulateDumpCmd(f), newEmulateStatusCmd(f), newEmulateFaultsCmd(f))
	return cmd
}

func runEmulate(ctx context.Context, o *emulateOptions) error {
	remote, err := checkListen(o.listen, o.allowRemote)
	if err != nil {
		return err
	}
	goesWrong, err := parseFaults(o.faults)
	if err != nil {
		return err
	}
	want, err := o.tenant.options(ctx, o.f)
	if err != nil {
		return err
	}
	want.Faults = goesWrong
	if s, err := servedBy(ctx, want.Path); err == nil {
		return fmt.Errorf("process %d serves this tenant already, at %s; use it, or stop it first", s.Health.PID, s.URL)
	}
	tenant, err := emulator.Open(ctx, want)
	if err != nil {
		return err
	}
	defer tenant.Close()
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another address with --listen", o.listen, err)
	}
	note := emulator.Serving{URL: "http://" + reachable(listener.Addr()), PID: os.Getpid(), Token: emulator.AdminToken(tenant.Info().ID)}
	if err := emulator.WriteServing(want.Path, note); err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { _ = emulator.RemoveServing(want.Path, note) }() // a note that stays is recognised as stale
	if remote {
		fmt.Fprintf(o.f.io.Err, "Warning: other machines are let in at %s. The connection is not encrypted and tokens are not\nsigned: anyone who reaches this address can read and change the tenant.\n\n", listener.Addr())
	}
	if err := o.announce(ctx, tenant, note, want.Path); err != nil {
		return errors.Join(err, listener.Close())
	}
	return o.serve(ctx, listener, &emulator.Front{Tenant: tenant, PID: note.PID, AnyHost: remote})
}

// checkListen refuses addresses that other machines reach, unless they are
// meant to.
func checkListen(address string, allowRemote bool) (remote bool, err error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false, fmt.Errorf("--listen %q is not HOST:PORT, such as 127.0.0.1:8080", address)
	}
	if host != "" && emulator.LoopbackHost(host) {
		return false, nil
	}
	if !allowRemote {
		return true, fmt.Errorf("--listen %q lets other machines in, and whoever reaches an emulated tenant can read and change everything in it; "+
			"listen on 127.0.0.1, or add --allow-remote if that is meant", address)
	}
	return true, nil
}

// reachable is the address under which this machine reaches a listener.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
}

// announcement is what --json prints.
type announcement struct {
	URL    string `json:"url"`
	Tenant string `json:"tenant"`
	Name   string `json:"name"`
	Path   string `json:"path"`
	PID    int    `json:"pid"`
	Token  string `json:"token"`
	emulator.Counts
}

func (o *emulateOptions) announce(ctx context.Context, tenant *emulator.Tenant, note emulator.Serving, path string) error {
	counts, err := tenant.Counts(ctx)
	if err != nil {
		return err
	}
	info := tenant.Info()
	if o.json {
		return json.NewEncoder(o.f.io.Out).Encode(announcement{note.URL, info.ID, info.Name, path, note.PID, note.Token, counts})
	}
	_, err = fmt.Fprintf(o.f.io.Out, `Serving %q (%s) at %s
It has %s.

To ask it something as an administrator:

  TOKEN=%s
  %s

Other teamsform commands on this tenant use the server while it runs. Stop it with Ctrl-C.
`, info.Name, info.ID, note.URL, describe(counts), note.Token, emulator.CurlExample(note.URL))
	return err
}

// describe says how much a tenant holds.
func describe(c emulator.Counts) string {
	return fmt.Sprintf("%s, %s, %s and %s", many(c.Users, "user"), many(c.Groups, "group"), many(c.Apps, "app"), manyPolicies(c.Policies))
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func manyPolicies(n int) string {
	if n == 1 {
		return "1 policy"
	}
	return fmt.Sprintf("%d policies", n)
}

// serve answers until the command is interrupted, then lets answers that are
// under way come to their end.
func (o *emulateOptions) serve(ctx context.Context, listener net.Listener, front http.Handler) error {
	server := &http.Server{
		Handler: front, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: log.New(logWriter{o.f.logger()}, "", 0),
	}
	o.f.interrupts.asUsual()
	defer o.f.interrupts.graceful()()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve the emulated tenant: %w", err)
	case <-o.f.interrupts.stop:
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(ctx, shutdownTime)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		return ignoreClosed(server.Close())
	}
	return nil
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// logWriter passes on what the HTTP server has to say.
type logWriter struct{ to *slog.Logger }

var _ io.Writer = logWriter{}

func (w logWriter) Write(p []byte) (int, error) {
	w.to.Warn("emulated tenant", "server", string(p))
	return len(p), nil
}
