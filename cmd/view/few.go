package view

import (
	"fmt"
	"io"
	"strings"
)

// Long lists are cut, with the count of the rest: a text that scrolls away is
// not read. What is cut stands whole in the output for programs. What an apply
// would change on objects is never cut, because that is what is reviewed.

// mostLines is how many lines of one sort a section shows: the same note, step
// that failed, or record of the state, for one object after the other.
const mostLines = 20

// few names what was sampled of total, and counts the rest.
func few(samples []string, total int) string {
	who := strings.Join(samples, ", ")
	if more := total - len(samples); more > 0 {
		who += fmt.Sprintf(" and %s more", thousands(more))
	}
	return who
}

// capped prints the first lines of each sort and counts the rest of it.
type capped struct {
	w     io.Writer
	shown map[string]int
	order []string
}

func newCapped(w io.Writer) *capped { return &capped{w: w, shown: map[string]int{}} }

// line prints a line of a sort, unless there were enough of it. The sort "" is
// never cut.
func (c *capped) line(sort, format string, args ...any) {
	if sort != "" {
		if c.shown[sort]++; c.shown[sort] == mostLines+1 {
			c.order = append(c.order, sort)
		}
		if c.shown[sort] > mostLines {
			return
		}
	}
	fmt.Fprintf(c.w, format+"\n", args...)
}

// rest says how many lines of each sort were left out; what words it.
func (c *capped) rest(indent string, what func(n int, sort string) string) {
	for _, sort := range c.order {
		fmt.Fprintf(c.w, "%s%s\n", indent, what(c.shown[sort]-mostLines, sort))
	}
}
