package msgraph_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/msgraph"
)

// BenchmarkUserConfigurations lists 100,000 users in pages of 999, each with two policies.
func BenchmarkUserConfigurations(b *testing.B) {
	const users = 100_000
	var pages []string
	size := 0
	for from := 0; from < users; from += 999 {
		next := ""
		if from+999 < users {
			next = fmt.Sprintf("%s/v1.0/admin/teams/userConfigurations?$skiptoken=%d", root, from+999)
		}
		pages = append(pages, userConfigPage(from, min(from+999, users), next))
		size += len(pages[len(pages)-1])
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		r := newRig(b, func(n int, _ *http.Request, _ string) (*http.Response, error) {
			return httpxtest.Reply(200, pages[n-1])
		})
		count := 0
		err := r.UserConfigurations(context.Background(), 0, func(c msgraph.UserConfiguration) error {
			count += len(c.Policies)
			return nil
		})
		if err != nil || count != 2*users {
			b.Fatalf("%d policies, error %v", count, err)
		}
	}
}
