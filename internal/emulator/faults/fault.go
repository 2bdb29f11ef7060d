package faults

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Name says what goes wrong.
type Name string

// The faults. Those that lag are done by the store, the others in front of the
// services.
const (
	Refuse       Name = "refuse"
	Throttle     Name = "throttle"
	Cut          Name = "cut"
	LostAnswer   Name = "lost-answer"
	NoOp         Name = "no-op"
	ErrorIn200   Name = "error-in-200"
	DoneIn400    Name = "400-but-done"
	PartialBatch Name = "partial-batch"
	Lag          Name = "lag"
	ListLag      Name = "list-lag"
	Flapping     Name = "flapping"
	SlowPublish  Name = "slow-publish"
	SlowDelete   Name = "slow-delete"
	SlowUnassign Name = "slow-unassign"
)

// Doc is one fault for people.
type Doc struct {
	Name Name
	Text string
}

// Docs lists every fault.
func Docs() []Doc {
	return []Doc{
		{Throttle, "429 instead of an answer; retry-after=SECONDS adds the header"},
		{Refuse, "status=N (503) instead of an answer; retry-after=SECONDS adds the header"},
		{Cut, "the connection breaks before the request arrives"},
		{LostAnswer, "a change is made, and the connection breaks before the answer"},
		{NoOp, "a change is answered as if it were made, and is not made"},
		{ErrorIn200, "a change is made, and answered with an error inside a 200"},
		{DoneIn400, "a change is made, and answered with a 400"},
		{PartialBatch, "every second entry of a batch of people is done, the others fail"},
		{Lag, "reads show what was before, for=TIME (10m) after a change"},
		{ListLag, "lists show what was before, reads of a single entry do not"},
		{Flapping, "reads show what was before and what is now in turn, for=TIME after a change"},
		{SlowPublish, "what is made or changed counts for=TIME later, also for people"},
		{SlowDelete, "what is deleted goes for=TIME later; until then it is listed, and counts"},
		{SlowUnassign, "a policy cannot be deleted for=TIME after its last holder has gone"},
	}
}

// Fault is one way in which a tenant goes wrong. The zero values of what limits
// it do not limit it.
type Fault struct {
	Name       Name // "" with a Status: Refuse
	Status     int  // of Refuse and Throttle
	RetryAfter int  // seconds in the Retry-After header; 0: no header

	On         []string      // parts of the tenant: "app", "setup_policy", ...
	Method     string        // only these requests
	PathPrefix string        // only these, such as "/v1.0/users"
	Times      int           // how many requests it spoils in all
	Every      int           // only every nth of those that fit
	Percent    int           // only so many in a hundred, chosen by Seed
	Seed       int           // of the choice
	For        time.Duration // how long something lags
}

// Lags reports whether the fault is one of showing changes late.
func (f Fault) Lags() bool {
	return slices.Contains([]Name{Lag, ListLag, Flapping, SlowPublish, SlowDelete, SlowUnassign}, f.Name)
}

// writesOnly reports whether the fault concerns changes alone.
func (f Fault) writesOnly() bool {
	return f.Lags() || slices.Contains([]Name{LostAnswer, NoOp, ErrorIn200, DoneIn400, PartialBatch}, f.Name)
}

// counted reports whether it matters how many requests have fitted before.
func (f Fault) counted() bool { return f.Times > 0 || f.Every > 1 || f.Percent > 0 }

func (f Fault) fits(r Asked) bool {
	return (f.Method == "" || strings.EqualFold(f.Method, r.Method)) && strings.HasPrefix(r.Path, f.PathPrefix) &&
		(len(f.On) == 0 || f.Lags() || slices.Contains(f.On, r.Part)) && (r.Write || !f.writesOnly())
}

// longest bounds times and counts: more is a slip of the keyboard.
const (
	longest = 30 * 24 * time.Hour
	most    = 1_000_000
)

// Parse reads a fault from text: NAME, or NAME:KEY=VALUE,KEY=VALUE. parts are the
// parts of a tenant that on= may name, joined by "+".
func Parse(text string, parts []string) (Fault, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), ":")
	f := Fault{Name: Name(name)}
	if !slices.ContainsFunc(Docs(), func(d Doc) bool { return d.Name == f.Name }) {
		var names []string
		for _, d := range Docs() {
			names = append(names, string(d.Name))
		}
		return f, fmt.Errorf("there is no fault %q; there are %s", name, strings.Join(names, ", "))
	}
	for pair := range strings.SplitSeq(rest, ",") {
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if err := f.set(key, value, parts); err != nil {
			return f, fmt.Errorf("fault %q: %w", text, err)
		}
	}
	return f.complete()
}

func (f *Fault) set(key, value string, parts []string) error {
	number := func(to *int, least int) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < least || n > most {
			return fmt.Errorf("%s=%q is no number from %d to %d", key, value, least, most)
		}
		*to = n
		return nil
	}
	switch key {
	case "on":
		f.On = strings.Split(value, "+")
		for _, p := range f.On {
			if !slices.Contains(parts, p) {
				return fmt.Errorf("on=%q is none of %s", p, strings.Join(parts, ", "))
			}
		}
	case "method":
		f.Method = strings.ToUpper(value)
		if !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, f.Method) {
			return fmt.Errorf("method=%q is none of GET, POST, PUT, PATCH, DELETE", value)
		}
	case "path":
		if !strings.HasPrefix(value, "/") {
			return fmt.Errorf("path=%q does not begin with a slash", value)
		}
		f.PathPrefix = value
	case "times":
		return number(&f.Times, 1)
	case "every":
		return number(&f.Every, 1)
	case "percent":
		return number(&f.Percent, 1)
	case "seed":
		return number(&f.Seed, 0)
	case "status":
		return number(&f.Status, 400)
	case "retry-after":
		return number(&f.RetryAfter, 1)
	case "for":
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 || d > longest {
			return fmt.Errorf("for=%q is no time such as 90s or 2h, of at most 30 days", value)
		}
		f.For = d
	default:
		return fmt.Errorf("%q means nothing; there are on, method, path, times, every, percent, seed, status, retry-after, for", key)
	}
	return nil
}

// complete fills in what was left out and refuses what does not go together.
func (f Fault) complete() (Fault, error) {
	if f.Name == "" {
		f.Name = Refuse
	}
	if f.Name == Throttle && f.Status <= 599 {
		f.Status = http.StatusTooManyRequests
	}
	if f.Name == Refuse && f.Status == 0 {
		f.Status = http.StatusServiceUnavailable
	}
	refuses := f.Name == Refuse || f.Name == Throttle
	switch {
	case !refuses && (f.Status != 0 || f.RetryAfter != 0):
		return f, fmt.Errorf("fault %s has no status and no retry-after", f.Name)
	case f.Status > 599:
		return f, fmt.Errorf("status=%d is no status of a failure", f.Status)
	case !f.Lags() && f.For != 0:
		return f, fmt.Errorf("fault %s lasts no time; for= belongs to what lags", f.Name)
	case f.Percent > 100:
		return f, fmt.Errorf("percent=%d is more than all", f.Percent)
	}
	if f.Lags() && f.For == 0 {
		f.For = 10 * time.Minute
	}
	return f, nil
}

// String writes the fault as Parse reads it.
func (f Fault) String() string {
	var parts []string
	add := func(key, value string, is bool) {
		if is {
			parts = append(parts, key+"="+value)
		}
	}
	add("on", strings.Join(f.On, "+"), len(f.On) > 0)
	add("method", f.Method, f.Method != "")
	add("path", f.PathPrefix, f.PathPrefix != "")
	add("status", strconv.Itoa(f.Status), f.Name == Refuse)
	add("retry-after", strconv.Itoa(f.RetryAfter), f.RetryAfter > 0)
	add("times", strconv.Itoa(f.Times), f.Times > 0)
	add("every", strconv.Itoa(f.Every), f.Every > 1)
	add("percent", strconv.Itoa(f.Percent), f.Percent > 0)
	add("seed", strconv.Itoa(f.Seed), f.Seed > 0)
	add("for", f.For.String(), f.For > 0)
	if len(parts) == 0 {
		return string(f.Name)
	}
	return string(f.Name) + ":" + strings.Join(parts, ",")
}
