//go:build unix

package cmd_test

import (
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The state file is lost in mid-life. The tenant's own answers are asked at
// every request of the run that finds it gone: nobody may do less than before.
func TestLostState(t *testing.T) {
	for _, withBackup := range []bool{false, true} {
		r := applied(t)
		before, may := r.dump(), r.users()
		if len(may) == 0 {
			t.Fatal("nobody may use the app: the test shows nothing")
		}
		if err := os.Remove(r.statePath()); err != nil {
			t.Fatal(err)
		}
		if !withBackup {
			_ = os.Remove(r.statePath() + ".backup")
		}
		writes := 0
		r.watch(func(_ int, _ http.ResponseWriter, req *http.Request) pass {
			if isWrite(req) {
				writes++
			}
			for _, name := range may {
				if !slices.Contains(r.users(), name) {
					t.Errorf("before %s %s %s may not use the app any more", req.Method, req.URL.Path, name)
				}
			}
			return through
		})
		r.mustHere("apply", "--auto-approve")
		r.watch(nil)
		if d := cmp.Diff(before, r.dump()); d != "" || writes > 0 {
			t.Errorf("%d writes (-before +after):\n%s", writes, d)
		}
		r.mustHere("plan", "--detailed-exitcode")
		r.wantUsers(may...)
	}
}

// The same while a person of another administrator's holds one of the policies,
// and while the last run was killed: the journal alone is left.
func TestLostStateWithAJournal(t *testing.T) {
	r := newRig(t, killed)
	defer r.close()
	g := r.gateAt(http.MethodPost, "/userAssignments/assign")
	p := r.start("apply", "--auto-approve")
	<-g.reached
	_ = p.cmd.Process.Kill()
	p.ends(-1)
	close(g.open)
	r.watch(nil)
	may := r.users()
	if _, err := os.Stat(r.statePath()); err == nil {
		t.Fatal("there is a state already")
	}
	r.mustHere("apply", "--auto-approve")
	r.wantUsers(may...)
	r.mustHere("plan", "--detailed-exitcode")
}
