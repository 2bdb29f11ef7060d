package people_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/config/internal/people"
)

// csvOf gives a table of n people.
func csvOf(n int) []byte {
	var b strings.Builder
	b.WriteString("name,upn,department\n")
	for i := range n {
		fmt.Fprintf(&b, "Person %d,person%07d@contoso.example,Dept %d\n", i, i, i%50)
	}
	return []byte(b.String())
}

// TestRowsCostNoAllocation asserts that the allocations of reading a table do
// not grow with its rows.
func TestRowsCostNoAllocation(t *testing.T) {
	measure := func(data []byte) float64 {
		return testing.AllocsPerRun(3, func() {
			if _, diags := people.Read("x.csv", data, "upn"); len(diags) > 0 {
				t.Fatal(render(diags))
			}
		})
	}
	small, large := measure(csvOf(1000)), measure(csvOf(50_000))
	if large > small+5 || large > 40 {
		t.Errorf("1,000 rows cost %.0f allocations, 50,000 rows %.0f: they should cost the same few", small, large)
	}
}

func BenchmarkRead(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		data := csvOf(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				list, _ := people.Read("x.csv", data, "upn")
				if len(list) != n {
					b.Fatal(len(list))
				}
			}
		})
	}
}
