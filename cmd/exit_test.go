package cmd_test

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/cmd"
	"github.com/teamsform/teamsform/internal/diag"
)

// TestExitCodePrecedence goes through every combination of what may hold at the
// end of a run: the first of 130, 1, 4, 6, 5, 2, 3, 0 counts.
func TestExitCodePrecedence(t *testing.T) {
	classes := []diag.Class{diag.ClassError, diag.ClassSignIn, diag.ClassPartial, diag.ClassRefused}
	const bits = 10
	seen := map[cmd.ExitCode]int{}
	for n := range 1 << bits {
		on := func(bit int) bool { return n>>bit&1 == 1 }
		diags := hcl.Diagnostics{diag.WithClass(diag.Warning(nil, "S", "d"), diag.ClassSignIn)} // warnings never count
		for i, class := range classes {
			if on(i) {
				diags = append(diags, diag.WithClass(diag.Error(nil, "S", "d"), class))
			}
		}
		if on(9) { // the order in which problems are found plays no part
			for i, j := 0, len(diags)-1; i < j; i, j = i+1, j-1 {
				diags[i], diags[j] = diags[j], diags[i]
			}
		}
		interrupted, partial, differs, driftOnly, detailed := on(4), on(5), on(6), on(7), on(8)
		var want cmd.ExitCode
		switch {
		case interrupted:
			want = 130
		case on(0):
			want = 1
		case on(1):
			want = 4
		case on(2) || partial:
			want = 6
		case on(3):
			want = 5
		case detailed && differs && !driftOnly:
			want = 2
		case detailed && driftOnly:
			want = 3
		}
		seen[want]++
		if got := cmd.CodeOf(interrupted, partial, differs, driftOnly, detailed, diags); got != want {
			t.Errorf("interrupted %t, partial %t, differs %t, drift only %t, detailed %t, %v: exit code %d, want %d",
				interrupted, partial, differs, driftOnly, detailed, diags, got, want)
		}
	}
	for _, code := range []cmd.ExitCode{0, 1, 2, 3, 4, 5, 6, 130} {
		if seen[code] == 0 {
			t.Errorf("no combination leads to %d", code)
		}
	}
}
