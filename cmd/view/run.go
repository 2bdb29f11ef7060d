package view

import (
	"io"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
)

// Run shows a plan or an apply while it goes on: as text, as JSON lines, or in
// both ways at once. Calls come one at a time.
type Run interface {
	applying.Sink
	// Diagnostics shows problems and warnings. files are the sources by name.
	Diagnostics(diags hcl.Diagnostics, files map[string]*hcl.File) error
	// Plan shows what an apply would do.
	Plan(p *engine.Plan, o PlanOptions) error
	// Applied ends the progress of an apply.
	Applied() error
	// Outcome shows what an apply came to.
	Outcome(p *engine.Plan, out *applying.Outcome, destroyed bool) error
	// Say shows a sentence that no program waits for, such as "Nothing was
	// changed."
	Say(text string) error
}

// Text is a [Run] for people: results go to out, diagnostics to err.
type Text struct {
	out, err           io.Writer
	outStyle, errStyle Style
	progress           *Progress
}

// NewText returns a Run that prints text.
func NewText(out, err io.Writer, outStyle, errStyle Style) *Text {
	return &Text{out: out, err: err, outStyle: outStyle, errStyle: errStyle}
}

// Event implements [applying.Sink].
func (t *Text) Event(e applying.Event) {
	if t.progress == nil {
		t.progress = NewProgress(t.out, t.outStyle)
	}
	t.progress.Event(e)
}

// Applied implements [Run].
func (t *Text) Applied() error {
	if t.progress != nil {
		t.progress.Close()
		t.progress = nil
	}
	return nil
}

// Diagnostics implements [Run].
func (t *Text) Diagnostics(diags hcl.Diagnostics, files map[string]*hcl.File) error {
	return Diagnostics(t.err, t.errStyle, diags, files)
}

// Plan implements [Run].
func (t *Text) Plan(p *engine.Plan, o PlanOptions) error { return Plan(t.out, t.outStyle, p, o) }

// Outcome implements [Run].
func (t *Text) Outcome(p *engine.Plan, out *applying.Outcome, destroyed bool) error {
	return Outcome(t.out, t.outStyle, p, out, destroyed)
}

// Say implements [Run].
func (t *Text) Say(text string) error {
	_, err := io.WriteString(t.out, text+"\n")
	return err
}

// both shows a run in two ways.
type both struct{ first, second Run }

// Both returns a Run that shows everything in two ways, in this order. An
// error of the first keeps nothing from the second.
func Both(first, second Run) Run { return both{first, second} }

func (b both) Event(e applying.Event) {
	b.first.Event(e)
	b.second.Event(e)
}

func (b both) Diagnostics(diags hcl.Diagnostics, files map[string]*hcl.File) error {
	return b.each(func(r Run) error { return r.Diagnostics(diags, files) })
}

func (b both) Plan(p *engine.Plan, o PlanOptions) error {
	return b.each(func(r Run) error { return r.Plan(p, o) })
}

func (b both) Applied() error { return b.each(Run.Applied) }

func (b both) Outcome(p *engine.Plan, out *applying.Outcome, destroyed bool) error {
	return b.each(func(r Run) error { return r.Outcome(p, out, destroyed) })
}

func (b both) Say(text string) error {
	return b.each(func(r Run) error { return r.Say(text) })
}

// each calls f for both and returns the first error.
func (b both) each(f func(Run) error) error {
	first, second := f(b.first), f(b.second)
	if first != nil {
		return first
	}
	return second
}
