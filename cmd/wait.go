package cmd

import (
	"errors"
	"fmt"
	"time"
)

// waitToTheEnd is the value of --wait that stands alone.
const waitToTheEnd = "to-the-end"

// waitFlag is --wait[=DURATION].
type waitFlag struct {
	on   bool
	most time.Duration // 0: as long as it may take
}

// String implements pflag.Value.
func (w *waitFlag) String() string {
	switch {
	case !w.on:
		return ""
	case w.most == 0:
		return waitToTheEnd
	}
	return w.most.String()
}

// Set implements pflag.Value.
func (w *waitFlag) Set(s string) error {
	if s == waitToTheEnd {
		*w = waitFlag{on: true}
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is no time such as 30m or 2h", s)
	}
	if d <= 0 {
		return errors.New("the time must be longer than nothing; without --wait nothing is waited for")
	}
	*w = waitFlag{on: true, most: d}
	return nil
}

// Type implements pflag.Value.
func (w *waitFlag) Type() string { return "duration" }
