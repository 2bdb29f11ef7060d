package cmd

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// An interrupt (Ctrl-C, SIGTERM, a terminal that closes) means two things. A
// run that only reads, waits for a lock or for an answer has nothing to finish:
// it stops at once. One that changes a tenant starts nothing new, finishes what
// is under way and saves; a second interrupt stops it at once too, and the
// journal makes that harmless.

// interruptGrace is how long a run that is stopped at once may take to come to
// its end before the process ends without it.
const interruptGrace = 5 * time.Second

// interrupts is what a run knows of the signals it got.
type interrupts struct {
	stop chan struct{} // closed on the first one

	mu       sync.Mutex
	count    int
	changing int  // sections under way that must come to an end of their own
	usual    bool // an interrupt is how this command ends
}

func newInterrupts() *interrupts { return &interrupts{stop: make(chan struct{})} }

// graceful begins a section that the first interrupt must not cut short. The
// caller ends it by calling the result. A reader of the output that goes away
// does not end the process meanwhile.
func (i *interrupts) graceful() (end func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.changing++
	signal.Ignore(syscall.SIGPIPE)
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.changing--; i.changing == 0 {
			signal.Reset(syscall.SIGPIPE)
		}
	}
}

// asUsual says that an interrupt is how the command ends: no failure.
func (i *interrupts) asUsual() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.usual = true
}

// came reports whether the run was interrupted and ought not to have been.
func (i *interrupts) came() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.count > 0 && !i.usual
}

// next counts an interrupt and says what follows.
func (i *interrupts) next() (n int, graceful bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.count++
	if i.count == 1 {
		close(i.stop)
	}
	return i.count, i.changing > 0
}

// watch follows the signals until the run has ended.
func (f *factory) watch(ctx context.Context, cancel context.CancelFunc) {
	stopping := false
	for {
		select {
		case <-ctx.Done():
			if !stopping {
				return
			}
			f.awaitEnd()
			return
		case <-f.io.Signals:
		}
		switch n, graceful := f.interrupts.next(); {
		case n == 1 && graceful:
			fmt.Fprintln(f.io.Err, "\nInterrupted: finishing what is under way and saving. Interrupt again to stop at once.")
			continue
		case n == 1:
			fmt.Fprintln(f.io.Err, "\nInterrupted.")
		case graceful:
			fmt.Fprintln(f.io.Err, "\nStopping at once. What was under way is in the journal; the next run looks it up.")
		}
		stopping = true
		cancel()
	}
}

// awaitEnd ends the process when the run does not come to its end by itself,
// or with the next interrupt.
func (f *factory) awaitEnd() {
	if f.io.Abort == nil {
		return
	}
	select {
	case <-f.ended:
		return
	case <-f.io.Signals:
	case <-time.After(interruptGrace):
	}
	f.io.Abort(ExitInterrupted)
}

// signals are those that ask a run to end.
func signals() <-chan os.Signal {
	c := make(chan os.Signal, 3)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	return c
}
