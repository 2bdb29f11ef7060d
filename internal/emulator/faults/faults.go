package faults

import (
	"hash/fnv"
	"strconv"
	"sync"
)

// Asked is what a fault looks at of a request.
type Asked struct {
	Method, Path string
	Part         string // of the tenant; "" for what belongs to none
	Write        bool
}

// Armed is a fault that is switched on, with how often a request has fitted it
// and how often it struck.
type Armed struct {
	Fault
	Fitted int
	Struck int
}

// Strike finds the faults of a list that spoil a request, and counts. Of those
// that refuse, or break the connection, only the first strikes: an answer can be
// given but once. changed says that a count matters and has changed.
func Strike(list []*Armed, r Asked) (hit []Fault, changed bool) {
	answered := false
	for _, a := range list {
		if !a.fits(r) || a.Times > 0 && a.Struck >= a.Times {
			continue
		}
		ends := !a.Lags()
		if ends && answered {
			continue
		}
		a.Fitted++
		changed = changed || a.counted()
		if !a.chosen() {
			continue
		}
		a.Struck++
		answered = answered || ends
		hit = append(hit, a.Fault)
	}
	return hit, changed
}

// chosen decides about the request that fitted last: by its number alone, so
// that the same requests meet the same faults each time.
func (a *Armed) chosen() bool {
	if a.Every > 1 && a.Fitted%a.Every != 0 {
		return false
	}
	if a.Percent == 0 {
		return true
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(string(a.Name) + "/" + strconv.Itoa(a.Seed) + "/" + strconv.Itoa(a.Fitted)))
	return int(h.Sum32()%100) < a.Percent
}

// Injector holds the faults of one process. Its zero value spoils nothing. It
// may be used from several goroutines.
type Injector struct {
	mu      sync.Mutex
	armed   []*Armed
	spoiled int
}

// Add switches a fault on. A fault that is not whole is left out.
func (i *Injector) Add(f Fault) {
	f, err := f.complete()
	if err != nil || f.Name == Refuse && f.Times <= 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.armed = append(i.armed, &Armed{Fault: f})
}

// Arm switches faults on for good, or for as often as they say.
func (i *Injector) Arm(list ...Fault) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, f := range list {
		i.armed = append(i.armed, &Armed{Fault: f})
	}
}

// Clear switches all faults off.
func (i *Injector) Clear() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.armed = nil
}

// Spoiled is the number of requests that faults have answered, or spoiled the
// answer of; those that only show changes late do not count.
func (i *Injector) Spoiled() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.spoiled
}

// Strike finds the faults that spoil a request.
func (i *Injector) Strike(r Asked) []Fault {
	i.mu.Lock()
	defer i.mu.Unlock()
	hit, _ := Strike(i.armed, r)
	for _, f := range hit {
		if !f.Lags() {
			i.spoiled++
		}
	}
	return hit
}
