package table_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/teamsform/teamsform/internal/table"
)

// rowsOf makes n rows whose ids spread over so many first bits, with repeats of
// keys. Addr tells where a row stood.
func rowsOf(r *rand.Rand, n, types int, spread uint64) []table.Row {
	rows := make([]table.Row, n)
	for i := range rows {
		binary.BigEndian.PutUint64(rows[i].User[:8], r.Uint64()&spread)
		rows[i].User[15] = byte(r.IntN(3))
		rows[i].Type = table.Sym(1 + r.IntN(types))
		rows[i].Addr = table.Sym(i)
	}
	return rows
}

// TestSortAgainstStandard compares with the standard library's stable sort, on both sides of
// the sizes at which buckets begin, and with ids that do not spread.
func TestSortAgainstStandard(t *testing.T) {
	const seed = 7
	r := rand.New(rand.NewPCG(seed, seed))
	for _, n := range []int{0, 1, 2, 100, 4096, 4097, 20_000} {
		for _, types := range []int{1, 2, 16, 17} {
			for name, spread := range map[string]uint64{"random": ^uint64(0), "few": 0xff << 56, "low": 0xfff, "one": 0} {
				rows := rowsOf(r, n, types, spread)
				want := slices.Clone(rows)
				slices.SortStableFunc(want, table.CompareKey)
				table.Sort(rows)
				for i := range want {
					if rows[i] != want[i] {
						t.Fatalf("%d rows of %d types, %s ids: row %d is %v, want %v", n, types, name, i, rows[i], want[i])
					}
				}
			}
		}
	}
}

func TestSortLeavesSortedRows(t *testing.T) {
	rows := rowsOf(rand.New(rand.NewPCG(1, 2)), 10_000, 2, ^uint64(0))
	table.Sort(rows)
	if n := testing.AllocsPerRun(3, func() { table.Sort(rows) }); n != 0 {
		t.Errorf("sorting sorted rows allocates %.0f times", n)
	}
}

func BenchmarkSort(b *testing.B) {
	rows := rowsOf(rand.New(rand.NewPCG(1, 2)), 100_000, 2, ^uint64(0))
	work := make([]table.Row, len(rows))
	for b.Loop() {
		copy(work, rows)
		table.Sort(work)
	}
}
