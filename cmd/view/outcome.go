package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
)

// Outcome prints what an apply came to.
func Outcome(w io.Writer, s Style, p *engine.Plan, out *applying.Outcome, destroyed bool) error {
	var b strings.Builder
	problems(&b, s, out)
	left(&b, s, out)
	if n := len(out.Gone); n > 0 {
		fmt.Fprintf(&b, "\nSkipped, because they have left since the plan was made: %s (%s).\n", people(n), firstFew(out.Gone))
	}
	applied := fmt.Sprintf("%d done.", out.Done)
	if clause := becoming(waiting(&b, s, out)); clause != "" {
		applied = fmt.Sprintf("%d done (%s).", out.Done, clause)
	}
	switch {
	case out.Interrupted:
		fmt.Fprintf(&b, "\n%s\n", s.bold(fmt.Sprintf("Interrupted: %d done, %d failed, %d not started. What was done is saved; run apply again for the rest.", out.Done, out.Failed+out.Held, countOf(out.Left))))
	case out.Failed+out.Held > 0:
		fmt.Fprintf(&b, "\n%s\n", s.bold(fmt.Sprintf("Partly applied: %d done, %d failed, %d held back. What was done is saved; run apply again for the rest.", out.Done, out.Failed, out.Held)))
	case !p.Empty() && destroyed:
		fmt.Fprintf(&b, "\n%s\n", s.bold("Destroyed: "+applied))
	case !p.Empty():
		fmt.Fprintf(&b, "\n%s\n", s.bold("Applied: "+applied))
	case out.Written:
		fmt.Fprintln(&b, "\nRecorded in the state; nothing was sent.")
	}
	outputs(&b, p, out)
	_, err := io.WriteString(w, b.String())
	return err
}

// mostLeft is how many steps that were not started are named.
const mostLeft = 20

// left names what was not started, and what nobody knows the end of.
func left(b *strings.Builder, s Style, out *applying.Outcome) {
	if len(out.Left) > 0 {
		fmt.Fprintf(b, "\n%s\n", s.bold("Not started"))
	}
	for i, p := range out.Left {
		if i == mostLeft {
			fmt.Fprintf(b, "  and %d more\n", countOf(out.Left[i:]))
			break
		}
		what := p.What
		if p.Count > 1 {
			what += " (" + people(p.Count) + ")"
		}
		if !p.Addr.IsZero() {
			what = p.Addr.String() + ", " + what
		}
		fmt.Fprintf(b, "  %s %s\n", s.yellow("-"), what)
	}
	if out.InDoubt > 0 {
		fmt.Fprintf(b, "\nNobody knows what became of %s that was under way. The journal has it: the next run looks it up in the tenant.\n", steps(out.InDoubt))
	}
}

func steps(n int) string {
	if n == 1 {
		return "1 step"
	}
	return fmt.Sprintf("%d steps", n)
}

func countOf(list []applying.Problem) int {
	n := 0
	for _, p := range list {
		n += p.Count
	}
	return n
}

func problems(b *strings.Builder, s Style, out *applying.Outcome) {
	if len(out.Problems) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", s.bold("Not done"))
	list := newCapped(b)
	for _, p := range out.Problems {
		what := p.What
		if p.Count > 1 {
			what += " (" + people(p.Count) + ")"
		}
		if !p.Addr.IsZero() {
			what = p.Addr.String() + ", " + what
		}
		if p.HeldBy != "" {
			list.line("held back by "+p.HeldBy, "  %s %s: held back by %s", s.yellow("-"), what, p.HeldBy)
			continue
		}
		list.line(p.Err.Error(), "  %s %s: %s", s.red("!"), what, p.Err)
	}
	list.rest("  ", func(n int, sort string) string { return fmt.Sprintf("and %s more: %s", thousands(n), sort) })
}

func outputs(b *strings.Builder, p *engine.Plan, out *applying.Outcome) {
	if len(out.Outputs) == 0 {
		return
	}
	fmt.Fprintln(b, "\nOutputs:")
	n := newNames(p)
	for _, o := range p.Outputs {
		if raw, ok := out.Outputs[o.Name]; ok {
			fmt.Fprintf(b, "  %s = %s\n", o.Name, n.plain(raw))
		} else if o.Sensitive {
			fmt.Fprintf(b, "  %s = (sensitive value)\n", o.Name)
		}
	}
}

// plain prints JSON as it is: an id in an output is wanted as an id.
func (n names) plain(raw []byte) string { return string(raw) }

// firstFew names up to five people.
func firstFew(names []string) string {
	return few(names[:min(len(names), 5)], len(names))
}
