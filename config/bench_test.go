package config_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/config"
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

// blocksOf gives n blocks of three attributes, each with one reference.
func blocksOf(n int) string {
	var b strings.Builder
	b.WriteString("-- main.teams.hcl --\nvariable \"d\" { default = \"from a variable\" }\napp \"a\" { manifest_id = \"x\" }\n")
	for i := range n {
		fmt.Fprintf(&b, "setup_policy \"p%d\" {\n  description = var.d\n  upload_custom_apps = false\n  pinned_apps = [\"chat\", app.a]\n}\n", i)
	}
	return b.String()
}

// keysOf gives one block with n keys, and one that refers to each of them.
func keysOf(n int) string {
	return one(fmt.Sprintf(`
locals { all = { for i in jsondecode("[%s]") : "k${i}" => i } }
app "many" {
  for_each    = local.all
  manifest_id = each.key
}
setup_policy "many" {
  for_each    = local.all
  name        = each.key
  description = app.many[each.key].manifest_id
  pinned_apps = [app.many[each.key]]
}`, numbers(n)))
}

// TestBlocksCostGrowsInStep asserts that twice the blocks cost about twice the
// allocations: no block may look at all others.
func TestBlocksCostGrowsInStep(t *testing.T) {
	for name, archive := range map[string]func(int) string{"blocks": blocksOf, "keys": keysOf} {
		measure := func(n int) float64 {
			opts := config.Options{Dir: folder(t, archive(n)), Kinds: testKinds()}
			return testing.AllocsPerRun(1, func() {
				if _, diags := config.Load(context.Background(), opts); len(diags) > 0 {
					t.Fatal(render(diags))
				}
			})
		}
		small, large := measure(300), measure(1200)
		if large > 4.3*small {
			t.Errorf("%s: 300 cost %.0f allocations, 1,200 cost %.0f: more than four times", name, small, large)
		}
	}
}

func BenchmarkUsers(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		opts := config.Options{Dir: folder(b, one(`users "u" { csv = "u.csv" }`)+"-- u.csv --\n"+string(csvOf(n)))}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, diags := config.Load(context.Background(), opts); len(diags) > 0 {
					b.Fatal(render(diags))
				}
			}
		})
	}
}

func BenchmarkBlocks(b *testing.B) {
	for name, archive := range map[string]func(int) string{"blocks": blocksOf, "keys": keysOf} {
		opts := config.Options{Dir: folder(b, archive(10_000)), Kinds: testKinds()}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, diags := config.Load(context.Background(), opts); len(diags) > 0 {
					b.Fatal(render(diags))
				}
			}
		})
	}
}

// numbers gives 0,1,2 and so on, n of them.
func numbers(n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint(i)
	}
	return strings.Join(out, ",")
}
