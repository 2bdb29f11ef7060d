package emulator_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/emulator"
)

// BenchmarkOpen measures a fresh tenant with many people. A million is asked
// for with TEAMSFORM_BENCH_LARGE=1.
func BenchmarkOpen(b *testing.B) {
	for _, n := range sizes() {
		file := crowd(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				tenant := openAt(b, filepath.Join(b.TempDir(), "tenant.db"), func(o *emulator.Options) { o.People = file })
				closeTenant(b, tenant)
			}
		})
	}
}

func sizes() []int {
	if os.Getenv("TEAMSFORM_BENCH_LARGE") != "" {
		return []int{100_000, 1_000_000}
	}
	return []int{1_000, 100_000}
}

// BenchmarkListing reads all people, and all effective policies, in pages of
// 999 when a tenth hold a policy directly.
func BenchmarkListing(b *testing.B) {
	for _, n := range sizes() {
		tenant := open(b, func(o *emulator.Options) { o.People = crowd(n) })
		grantTenth(b, tenant, n)
		for name, path := range map[string]string{
			"users":   "/v1.0/users?$top=999&$select=id,userPrincipalName",
			"configs": configs + "?$top=999&$select=id,effectivePolicyAssignments",
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if got := drain(b, tenant, path); got != n {
						b.Fatalf("%d rows, want %d", got, n)
					}
				}
			})
		}
	}
}

func grantTenth(b *testing.B, tenant *emulator.Tenant, n int) {
	c := admin(b, tenant)
	createPolicy(c, setup, "Pilot", "")
	var batch []string
	for i := 0; i < n; i += 10 {
		batch = append(batch, fmt.Sprintf("user%07d@contoso.example", i))
		if len(batch) == 5000 || i+10 >= n {
			c.want(200, "POST", "/Skype.Policy/assignments/operations", map[string]any{"PolicyType": setup, "PolicyName": "Pilot", "Identities": batch})
			batch = nil
		}
	}
}

// drain follows a listing without decoding it and counts its rows.
func drain(b *testing.B, tenant *emulator.Tenant, path string) int {
	rt := tenant.RoundTripper()
	token := "Bearer " + emulator.AdminToken(tenant.Info().ID)
	rows := 0
	for next := graphRoot + path; next != ""; {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, next, nil)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", token)
		resp, err := rt.RoundTrip(req)
		if err != nil {
			b.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 200 {
			b.Fatalf("%d %v", resp.StatusCode, err)
		}
		rows += bytes.Count(body, []byte(`{"id":`))
		_, rest, more := strings.Cut(string(body[:min(len(body), 600)]), `"@odata.nextLink":"`)
		if next, _, _ = strings.Cut(rest, `"`); !more {
			next = ""
		}
	}
	return rows
}
