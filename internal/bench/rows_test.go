//go:build unix

package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The goals for rows. The factor to the floor is of processor time, at a
// million rows and in the same run.
const (
	mostExponent = 1.10
	mostPeak     = 600 << 20
	mostFloor    = 2.0
)

// TestRows plans when nothing has changed, with 10,000, 100,000 and 1,000,000
// people who hold one of ten policies.
func TestRows(t *testing.T) {
	if !wanted(t, "rows", "hand") {
		return
	}
	teamsform := program(t)
	sizes := []int{10_000, 100_000, 1_000_000}
	var table strings.Builder
	runs := make([]used, len(sizes))
	for i, n := range sizes {
		dir := configuration(t, n)
		serve(t, teamsform, dir, n).assigned(n)
		adopt := measure(t, 0, dir, teamsform, "apply", "--auto-approve", "--adopt")
		runs[i] = median(t, 3, 0, dir, teamsform, "plan", "--detailed-exitcode")
		fmt.Fprintf(&table, "%9d  record what is there  %s\n", n, adopt)
		fmt.Fprintf(&table, "%9d  plan, no changes      %s\n", n, runs[i])
	}
	floor, have := floors(t, sizes[len(sizes)-1])
	if have {
		fmt.Fprintf(&table, "%9d  the tuned floor       %s\n", sizes[len(sizes)-1], floor)
	}
	last := len(sizes) - 1
	for i := range last {
		fmt.Fprintf(&table, "exponent from %d to %d: %.2f\n", sizes[i], sizes[i+1], exponent(sizes[i], sizes[i+1], runs[i], runs[i+1]))
	}
	all := exponent(sizes[0], sizes[last], runs[0], runs[last])
	fmt.Fprintf(&table, "exponent over all: %.2f\n", all)
	t.Logf("\n%s", table.String())
	if all > mostExponent {
		missed(t, "a plan grows with the power of %.2f, at most %.2f", all, mostExponent)
	}
	if runs[last].Peak > mostPeak {
		t.Errorf("a plan of %d rows takes %d MiB, at most %d", sizes[last], runs[last].Peak>>20, mostPeak>>20)
	}
	if factor := runs[last].CPU.Seconds() / floor.CPU.Seconds(); have && factor > mostFloor {
		missed(t, "a plan of %d rows takes %.2f times what the floor does, at most %.1f", sizes[last], factor, mostFloor)
	}
}

// missed reports a goal of speed that was not reached. Times depend on what else
// the machine does, so it fails only where somebody measures by hand.
func missed(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("TEAMSFORM_TESTS") == "hand" {
		t.Errorf(format, args...)
		return
	}
	t.Logf("GOAL MISSED: "+format, args...)
}

// floors measures what reading and comparing the same number of rows costs at
// least, with a program that does nothing else.
func floors(t *testing.T, n int) (used, bool) {
	t.Helper()
	source, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "perf"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(source, "floor")); err != nil {
		t.Logf("no floor to compare with: %v", err)
		return used{}, false
	}
	floor, dir := built(t, source, "./floor"), t.TempDir()
	measure(t, 0, dir, floor, "gen", fmt.Sprint(n), dir)
	return median(t, 3, 0, dir, floor, "tuned", dir, "live"), true
}

// TestFirstApply gives policies to people who hold none.
func TestFirstApply(t *testing.T) {
	if !wanted(t, "hand") {
		return
	}
	teamsform := program(t)
	sizes := []int{10_000, 100_000}
	if os.Getenv("TEAMSFORM_BENCH_LARGE") != "" {
		sizes = append(sizes, 1_000_000)
	}
	var table strings.Builder
	runs := make([]used, len(sizes))
	for i, n := range sizes {
		dir := configuration(t, n)
		serve(t, teamsform, dir, n)
		fmt.Fprintf(&table, "%9d  plan, first    %s\n", n, measure(t, 0, dir, teamsform, "plan"))
		runs[i] = measure(t, 0, dir, teamsform, "apply", "--auto-approve")
		fmt.Fprintf(&table, "%9d  apply, first   %s\n", n, runs[i])
	}
	last := len(sizes) - 1
	all := exponent(sizes[0], sizes[last], runs[0], runs[last])
	fmt.Fprintf(&table, "exponent over all: %.2f\n", all)
	t.Logf("\n%s", table.String())
	if all > mostExponent {
		missed(t, "an apply grows with the power of %.2f, at most %.2f", all, mostExponent)
	}
}
