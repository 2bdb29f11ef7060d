package faults_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/emulator/faults"
)

var parts = []string{"app", "setup_policy"}

func read(path string) faults.Asked { return faults.Asked{Method: "GET", Path: path} }

func write(path string) faults.Asked { return faults.Asked{Method: "POST", Path: path, Write: true} }

// struck names what strikes a request.
func struck(i *faults.Injector, r faults.Asked) string {
	var names []string
	for _, f := range i.Strike(r) {
		name := string(f.Name)
		if f.Name == faults.Refuse {
			name = fmt.Sprint(f.Status)
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func TestFaultsComeInOrderAndEnd(t *testing.T) {
	var i faults.Injector
	i.Add(faults.Fault{Status: 429, Times: 2})
	i.Add(faults.Fault{Status: 503, Times: 1})
	i.Add(faults.Fault{Status: 500, Times: 0})
	for n, want := range []string{"429", "429", "503", "", ""} {
		if got := struck(&i, read("/x")); got != want {
			t.Errorf("request %d: %q, want %q", n, got, want)
		}
	}
}

func TestFaultsFitRequests(t *testing.T) {
	var i faults.Injector
	i.Add(faults.Fault{Status: 503, Times: 1, Method: "POST", PathPrefix: "/v1.0/app"})
	i.Add(faults.Fault{Status: 429, Times: 1, PathPrefix: "/v1.0"})
	for n, tc := range []struct {
		asked faults.Asked
		want  string
	}{
		{write("/other"), ""},
		{read("/v1.0/apps"), "429"},
		{read("/v1.0/apps"), ""},
		{write("/v1.0/apps"), "503"},
		{write("/v1.0/apps"), ""},
	} {
		if got := struck(&i, tc.asked); got != tc.want {
			t.Errorf("request %d: %q, want %q", n, got, tc.want)
		}
	}
	if i.Spoiled() != 2 {
		t.Errorf("%d spoiled, want 2", i.Spoiled())
	}
}

// An answer can be given but once; showing a change late goes with any answer.
func TestWhatGoesTogether(t *testing.T) {
	var i faults.Injector
	i.Arm(faults.Fault{Name: faults.Lag, For: time.Minute}, faults.Fault{Name: faults.LostAnswer, On: []string{"app"}}, faults.Fault{Name: faults.NoOp})
	app := write("/apps")
	app.Part = "app"
	if got := struck(&i, app); got != "lag lost-answer" {
		t.Errorf("an app: %q", got)
	}
	if got := struck(&i, write("/policies")); got != "lag no-op" {
		t.Errorf("a policy: %q", got)
	}
	if got := struck(&i, read("/policies")); got != "" {
		t.Errorf("a reading: %q", got)
	}
	i.Clear()
	if got := struck(&i, app); got != "" {
		t.Errorf("cleared: %q", got)
	}
}

// The same requests meet the same faults each time.
func TestChosenRequestsAreTheSameEachTime(t *testing.T) {
	run := func(f faults.Fault) string {
		var i faults.Injector
		i.Arm(f)
		var b strings.Builder
		for range 200 {
			if struck(&i, read("/x")) != "" {
				b.WriteByte('x')
			} else {
				b.WriteByte('.')
			}
		}
		return b.String()
	}
	if got := run(faults.Fault{Name: faults.Cut, Every: 3}); !strings.HasPrefix(got, "..x..x..x") {
		t.Errorf("every third: %s", got)
	}
	third := faults.Fault{Name: faults.Cut, Percent: 30, Seed: 1}
	first := run(third)
	if again := run(third); again != first {
		t.Errorf("30 percent: %s, then %s", first, again)
	}
	if n := strings.Count(first, "x"); n < 30 || n > 90 { // fixed by the seed
		t.Errorf("30 percent of 200 are %d", n)
	}
	third.Seed = 2
	if run(third) == first {
		t.Error("another seed chooses the same")
	}
}

func TestEachFaultIsTakenOnce(t *testing.T) {
	var i faults.Injector
	i.Add(faults.Fault{Status: 429, Times: 50})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				i.Strike(read("/"))
			}
		})
	}
	wg.Wait()
	if i.Spoiled() != 50 || struck(&i, read("/")) != "" {
		t.Errorf("%d requests were spoiled, want 50", i.Spoiled())
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]faults.Fault{
		"throttle":                             {Name: faults.Throttle, Status: 429},
		"refuse":                               {Name: faults.Refuse, Status: 503},
		"refuse:status=502,times=3,on=app":     {Name: faults.Refuse, Status: 502, Times: 3, On: []string{"app"}},
		"throttle:retry-after=2,every=3":       {Name: faults.Throttle, Status: 429, RetryAfter: 2, Every: 3},
		"lag":                                  {Name: faults.Lag, For: 10 * time.Minute},
		"flapping:on=app+setup_policy,for=90s": {Name: faults.Flapping, On: parts, For: 90 * time.Second},
		"cut:method=get,path=/v1.0,percent=5,seed=9": {Name: faults.Cut, Method: "GET", PathPrefix: "/v1.0", Percent: 5, Seed: 9},
		" slow-delete:for=2h ":                       {Name: faults.SlowDelete, For: 2 * time.Hour},
	} {
		f, err := faults.Parse(text, parts)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if d := cmp.Diff(want, f); d != "" {
			t.Errorf("%s (-want +got):\n%s", text, d)
		}
		if again, err := faults.Parse(f.String(), parts); err != nil || cmp.Diff(f, again) != "" {
			t.Errorf("%s is written as %s, which reads as %+v, %v", text, f, again, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "there is no fault",
		"lagg":                   "there are throttle, refuse",
		"lag:for=never":          "no time such as 90s",
		"lag:for=9000h":          "at most 30 days",
		"lag:status=500":         "no status",
		"cut:for=1m":             "lasts no time",
		"throttle:times=0":       "no number from 1",
		"throttle:status=700":    "no status of a failure",
		"refuse:percent=101":     "more than all",
		"refuse:on=nothing":      "none of app, setup_policy",
		"refuse:colour=red":      "means nothing",
		"throttle:retry-after=x": "no number",
	} {
		if _, err := faults.Parse(text, parts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// What is read from the command line, a header or a body is written back as it
// was understood, or refused.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"throttle:retry-after=2,every=3", "lag:on=app,for=90s", "refuse:status=502", "x:y=z", ":", "lag:,,for=1m", "cut:path=a:b=c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := faults.Parse(text, parts)
		if err != nil {
			return
		}
		again, err := faults.Parse(got.String(), parts)
		if err != nil || got.String() != again.String() {
			t.Fatalf("%q is written as %q: %v", text, got, err)
		}
	})
}
