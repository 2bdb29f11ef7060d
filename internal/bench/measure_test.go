//go:build unix

package bench_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

// measureEnv makes this test binary a stopwatch: it runs its arguments and
// prints what they used. A process of its own, because the peak that Linux tells
// of a child is never below that of the process that started it.
const measureEnv = "TEAMSFORM_BENCH_MEASURE"

func TestMain(m *testing.M) {
	if os.Getenv(measureEnv) != "" {
		stopwatch(os.Args[1:])
		return
	}
	os.Exit(m.Run())
}

// used is what one run of a program took.
type used struct {
	CPU, Wall time.Duration
	Peak      int64 // bytes
	Exit      int
}

func stopwatch(args []string) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	begin := time.Now()
	err := cmd.Run()
	u := used{Wall: time.Since(begin)}
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	u.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	u.Exit = cmd.ProcessState.ExitCode()
	u.Peak = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS == "linux" {
		u.Peak *= 1024
	}
	if err := json.NewEncoder(os.Stdout).Encode(u); err != nil {
		os.Exit(1)
	}
}

// measure runs a program, which must end with the given exit code.
func measure(t *testing.T, exit int, dir string, args ...string) used {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), measureEnv+"=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var u used
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, errs.String())
	}
	if err := json.Unmarshal(out.Bytes(), &u); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, errs.String())
	}
	if u.Exit != exit {
		t.Fatalf("%v: exit code %d, want %d\n%s", args, u.Exit, exit, errs.String())
	}
	return u
}

// median runs a program several times and gives the median of each figure.
func median(t *testing.T, times, exit int, dir string, args ...string) used {
	t.Helper()
	var all []used
	for range times {
		all = append(all, measure(t, exit, dir, args...))
	}
	middle := func(f func(used) int64) int64 {
		list := make([]int64, len(all))
		for i, u := range all {
			list[i] = f(u)
		}
		slices.Sort(list)
		return list[len(list)/2]
	}
	return used{
		CPU:  time.Duration(middle(func(u used) int64 { return int64(u.CPU) })),
		Wall: time.Duration(middle(func(u used) int64 { return int64(u.Wall) })),
		Peak: middle(func(u used) int64 { return u.Peak }),
	}
}

// String gives one line of a table.
func (u used) String() string {
	return fmt.Sprintf("%8.3f s CPU %8.3f s wall %7.1f MiB", u.CPU.Seconds(), u.Wall.Seconds(), float64(u.Peak)/(1<<20))
}

// exponent is that of growth from n to m.
func exponent(n, m int, less, more used) float64 {
	return math.Log(more.CPU.Seconds()/less.CPU.Seconds()) / math.Log(float64(m)/float64(n))
}

// wanted reports whether TEAMSFORM_TESTS asks for a test. Others say so and
// pass: what takes minutes is no skipped part of the fast tests.
func wanted(t *testing.T, layers ...string) bool {
	t.Helper()
	if slices.Contains(layers, os.Getenv("TEAMSFORM_TESTS")) {
		return true
	}
	t.Logf("takes minutes; runs with TEAMSFORM_TESTS=%s", layers[0])
	return false
}

// program builds teamsform as it is released.
func program(t *testing.T) string {
	t.Helper()
	return built(t, filepath.Join("..", ".."), "./cmd/teamsform")
}

// built builds a command of the module in dir.
func built(t *testing.T, dir, pkg string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", to, pkg)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
	return to
}
