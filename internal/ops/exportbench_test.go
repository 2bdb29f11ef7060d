package ops_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// BenchmarkExport writes down a large tenant and plans what was written: 1,000
// apps, 300 policies, 100,000 assignments. By hand; setting it up takes longer
// than the benchmark.
func BenchmarkExport(b *testing.B) {
	const apps, policies, people = 1_000, 300, 100_000
	w := crowded(b, people)
	conn := w.foreign()
	largeCatalog(b, conn, apps)
	names := largePolicies(b, conn, policies)
	largeAssignments(b, conn, names, people)
	w.holders(0, 1) // a configuration that names the tenant
	source := ops.Source{Dir: w.dir}
	b.ResetTimer()
	for range b.N {
		into := filepath.Join(b.TempDir(), "out")
		e := &ops.Export{Runtime: w.runtime(), Source: source, Into: into}
		if res := e.Run(context.Background()); res.Diags.HasErrors() {
			b.Fatal(text(res.Diags))
		}
		p := &ops.Plan{Runtime: w.runtime(), Source: ops.Source{Dir: into}}
		res := p.Run(context.Background())
		if res.Diags.HasErrors() || !res.Plan.Empty() {
			b.Fatalf("the exported folder does not plan empty: %s", text(res.Diags))
		}
		b.ReportMetric(float64(res.Plan.ToRecord()), "recorded")
	}
}

func largeCatalog(b *testing.B, conn *ops.Connection, n int) {
	b.Helper()
	from := filepath.Join("..", "..", "examples", "quickstart", "packages", "helpdesk")
	raw, err := os.ReadFile(filepath.Join(from, "manifest.json"))
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		b.Fatal(err)
	}
	for i := range n {
		manifest := bytes.ReplaceAll(raw, []byte("6d3f0d5e-8a4b-4f6e-9c1d-2b7a51e0c8f4"), fmt.Appendf(nil, "6d3f0d5e-8a4b-4f6e-9c1d-%012d", i))
		if err := os.WriteFile(filepath.Join(dir, "manifest.json"), manifest, 0o644); err != nil {
			b.Fatal(err)
		}
		pkg, err := apppackage.Open(dir, apppackage.Options{})
		if err != nil {
			b.Fatal(err)
		}
		zip, err := pkg.Zip()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := conn.Graph.PublishApp(context.Background(), zip, false); err != nil {
			b.Fatal(err)
		}
	}
}

func largePolicies(b *testing.B, conn *ops.Connection, n int) []string {
	b.Helper()
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("Policy %03d", i)
		err := conn.Control.CreatePolicy(context.Background(), teamsadmin.SetupPolicy, teamsadmin.Policy{Name: names[i]})
		if err != nil {
			b.Fatal(err)
		}
	}
	return names
}

func largeAssignments(b *testing.B, conn *ops.Connection, names []string, n int) {
	b.Helper()
	ctx := context.Background()
	ids, err := conn.Graph.PolicyIDs(ctx, msgraph.SetupPolicyType, names)
	if err != nil {
		b.Fatal(err)
	}
	var batch []msgraph.Assignment
	send := func() {
		if err := conn.Graph.AssignPolicy(ctx, batch); err != nil {
			b.Fatal(err)
		}
		batch = batch[:0]
	}
	i := 0
	err = conn.Graph.Users(ctx, 0, func(u msgraph.User) error {
		if i < n && !strings.Contains(u.UserPrincipalName, "#EXT#") {
			batch = append(batch, msgraph.Assignment{UserID: u.ID, PolicyType: msgraph.SetupPolicyType, PolicyID: ids[i%len(ids)]})
		}
		if i++; len(batch) == 1000 {
			send()
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	if len(batch) > 0 {
		send()
	}
}
