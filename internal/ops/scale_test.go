package ops_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/engine"
)

// pageSize is the largest page of the directory and of user configurations.
const pageSize = 999

// assignBatch is how many people one assign call takes.
const assignBatch = 100

func pages(n, size int) int { return (n + size - 1) / size }

func upn(i int) string { return fmt.Sprintf("user%06d@contoso.example", i) }

// crowded is a world whose tenant has n people, and a configuration that gives
// one policy to those of a CSV file.
func crowded(t testing.TB, n int) *world {
	t.Helper()
	dir := t.TempDir()
	var people strings.Builder
	people.WriteString(`{"users":[`)
	for i := range n {
		if i > 0 {
			people.WriteByte(',')
		}
		fmt.Fprintf(&people, `{"upn":%q}`, upn(i))
	}
	people.WriteString(`],"groups":[]}`)
	writeFile(t, filepath.Join(dir, "people.json"), people.String())
	writeFile(t, filepath.Join(dir, "main.teams.hcl"), `
tenant {
  driver = "emulated"
  people = "people.json"
}
setup_policy "pilot" { name = "Pilot" }
users "pilot" { csv = "pilot.csv" }
policy_assignment "pilot" {
  policy = setup_policy.pilot
  users  = users.pilot
}
`)
	return newWorld(t, dir)
}

// holders writes the CSV with the given people.
func (w *world) holders(from, to int, but ...int) {
	skip := map[int]bool{}
	for _, i := range but {
		skip[i] = true
	}
	var csv strings.Builder
	csv.WriteString("upn\n")
	for i := from; i < to; i++ {
		if !skip[i] {
			csv.WriteString(upn(i) + "\n")
		}
	}
	w.write("pilot.csv", csv.String())
}

// counted are the requests of the last run by method and path, pages of a
// listing as one.
func (w *world) counted() map[string]int {
	out := map[string]int{}
	for _, line := range w.fate.log {
		out[line]++
	}
	return out
}

// requests counts the last run's requests.
func (w *world) requests() int {
	n := 0
	for _, line := range w.fate.log {
		if strings.Contains(line, " /") {
			n++
		}
	}
	return n
}

const (
	listUsers   = "GET /v1.0/users"
	listConfigs = "GET /v1.0/admin/teams/userConfigurations"
	batched     = "POST /v1.0/$batch"
	assigned    = "POST /v1.0/admin/teams/policy/userAssignments/assign"
	unassigned  = "POST /v1.0/admin/teams/policy/userAssignments/unassign"
)

// wantCalls compares how often each endpoint was called; those that are not
// named may be called a few times, whatever the number of rows.
func (w *world) wantCalls(what string, most map[string]int) {
	w.t.Helper()
	counted := w.counted()
	rest := 0
	for line, n := range counted {
		limit, named := most[line]
		if !named {
			if strings.Contains(line, " /") {
				rest += n
			}
			continue
		}
		if n > limit {
			w.t.Errorf("%s: %s was called %d times, want at most %d", what, line, n, limit)
		}
	}
	if rest > 12 {
		w.t.Errorf("%s: %d other calls: %v", what, rest, counted)
	}
}

func TestCallsForManyRows(t *testing.T) {
	const people, rows = 6_000, 5_000
	w := crowded(t, people)
	w.holders(0, rows)
	listing := pages(people, pageSize)

	res := w.mustApply(applyOptions{})
	if got := res.Outcome.Done; got != rows+1 {
		t.Errorf("%d done, want %d rows and a policy", got, rows)
	}
	everybody := listing // once for what changes for people
	w.wantCalls("first apply", map[string]int{
		listUsers: listing + 1 + everybody, batched: 0,
		listConfigs: 2 * listing, // once for the plan, once to read back
		assigned:    pages(rows, assignBatch), unassigned: 0,
	})
	if n := w.counted()[assigned]; n != pages(rows, assignBatch) {
		t.Errorf("%d assign calls, want %d", n, pages(rows, assignBatch))
	}
	// One intent and one result per batch, a header, and a line when the policy
	// was seen.
	if n, most := w.counted()["append to journal"], 2+2*(pages(rows, assignBatch)+1); n > most {
		t.Errorf("%d lines of journal, want at most %d", n, most)
	}

	p := w.mustPlan(applyOptions{})
	if !p.Plan.Empty() || p.Plan.ToRecord() > 0 || p.Plan.RowsKept != rows {
		t.Errorf("second plan: %d rows kept, and\n%s", p.Plan.RowsKept, describePlan(p))
	}
	w.wantCalls("second plan", map[string]int{listUsers: listing + 1, listConfigs: listing, batched: 0})

	// Five leave and five come.
	w.holders(0, rows+5, 7, 1007, 2007, 3007, 4007)
	p = w.mustPlan(applyOptions{})
	counts := map[engine.Action]int{}
	for _, g := range p.Plan.RowGroups {
		counts[g.Action] += g.Count
	}
	if counts[engine.Create] != 5 || counts[engine.Delete] != 5 || len(counts) != 2 {
		t.Errorf("ten edits are %v, want 5 created and 5 deleted", counts)
	}
	w.mustApply(applyOptions{})
	w.wantCalls("ten edits", map[string]int{
		listUsers: listing + 1 + everybody, listConfigs: listing, assigned: 1, unassigned: 1, batched: 1,
	})
	if err := w.settled(); err != nil {
		t.Error(err)
	}
}

// Few names in a large tenant are looked up by name, not by listing everybody a
// second time.
func TestFewNamesInALargeTenant(t *testing.T) {
	w := crowded(t, 3_000)
	w.holders(0, 15)
	w.mustPlan(applyOptions{})
	everybody := pages(3_000, pageSize) // once for what changes for people
	w.wantCalls("15 names", map[string]int{batched: 1, listUsers: everybody, listConfigs: pages(3_000, pageSize)})
	w.holders(0, 40) // 2 batches against 4 pages, but the number of pages is only known from the first
	w.mustPlan(applyOptions{})
	w.wantCalls("40 names", map[string]int{batched: 2, listUsers: 1 + everybody, listConfigs: pages(3_000, pageSize)})
}

// The number of calls grows with people, not with rows, and twice the rows are
// about twice the work.
func TestWorkGrowsWithRows(t *testing.T) {
	allocated := func(rows int) (bytes uint64, calls int) {
		w := crowded(t, 4_000)
		defer w.close()
		w.holders(0, rows)
		w.mustApply(applyOptions{})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		w.mustPlan(applyOptions{})
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc, w.requests()
	}
	less, callsLess := allocated(2_000)
	more, callsMore := allocated(4_000)
	if callsLess != callsMore {
		t.Errorf("%d calls for 2,000 rows and %d for 4,000", callsLess, callsMore)
	}
	if ratio := float64(more) / float64(less); ratio > 2.2 {
		t.Errorf("a plan of 4,000 rows allocates %.1f times what one of 2,000 does", ratio)
	}
}

// benchSizes are the numbers of rows of the benchmarks; the largest takes a
// minute to set up.
func benchSizes() []int {
	sizes := []int{1_000, 10_000, 100_000}
	if os.Getenv("TEAMSFORM_BENCH_LARGE") != "" {
		sizes = append(sizes, 1_000_000)
	}
	return sizes
}

// BenchmarkNoChangePlan plans when nothing has changed, the tenant in the same
// process.
func BenchmarkNoChangePlan(b *testing.B) {
	for _, n := range benchSizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := crowded(b, n+n/5)
			w.holders(0, n)
			w.mustApply(applyOptions{parallelism: 4})
			measureRows(b, n, func() int {
				if p := w.mustPlan(applyOptions{}); !p.Plan.Empty() {
					b.Fatal("the plan is not empty")
				}
				return w.requests()
			})
		})
	}
}

// BenchmarkFirstApply gives a policy to everybody of a file.
func BenchmarkFirstApply(b *testing.B) {
	for _, n := range benchSizes()[:2] {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := crowded(b, n+n/5)
			w.holders(0, n)
			w.mustApply(applyOptions{parallelism: 4})
			measureRows(b, n, func() int {
				b.StopTimer()
				w.mustApply(applyOptions{destroy: true})
				b.StartTimer()
				w.mustApply(applyOptions{parallelism: 4})
				return w.requests()
			})
		})
	}
}

// measureRows reports calls per run, and time and memory per row.
func measureRows(b *testing.B, rows int, run func() (calls int)) {
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.ResetTimer()
	calls := 0
	for range b.N {
		calls = run()
	}
	b.StopTimer()
	runtime.ReadMemStats(&after)
	per := float64(b.N) * float64(rows)
	b.ReportMetric(float64(calls), "calls")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/per, "ns/row")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/per, "B/row")
}
