package view

import (
	"fmt"
	"io"
	"sync"

	"github.com/teamsform/teamsform/engine/applying"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Progress shows an apply as it goes: a bar on a terminal, one plain line per
// step elsewhere.
type Progress struct {
	w     io.Writer
	style Style

	mu   sync.Mutex
	bars *mpb.Progress
	bar  *mpb.Bar
	last string

	// Rows of one policy come in many batches; off a terminal they are added
	// up, so that a log of 100,000 people stays readable.
	rows  string // what the open line is about
	added int    // people since the last line
	all   int    // people so far

	waited int // what the last line about waiting counted
}

// rowsPerLine is how many people one line of progress stands for.
const rowsPerLine = 5000

// NewProgress returns the progress view of one apply.
func NewProgress(w io.Writer, s Style) *Progress { return &Progress{w: w, style: s} }

// Event implements applying.Sink.
func (p *Progress) Event(e applying.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.style.Terminal {
		p.onTerminal(e)
	}
	if e.Type == applying.EventDone && e.Count > 1 {
		p.addRows(e)
		return
	}
	if e.Type != applying.EventStart {
		p.flushRows()
	}
	switch e.Type {
	case applying.EventDone:
		p.print("  %s %s", p.style.green("done"), e.What)
	case applying.EventFailed:
		p.print("  %s %s%s: %s", p.style.red("failed"), e.What, counted(e), e.Err)
	case applying.EventHeld:
		p.print("  %s %s%s", p.style.yellow("held back"), e.What, counted(e))
	case applying.EventPending:
		p.print("  %s %s%s: accepted, not to be seen yet", p.style.yellow("waits"), e.What, counted(e))
	case applying.EventWait:
		if e.Count != p.waited {
			p.print("  %s for %d to become visible", p.style.yellow("waiting"), e.Count)
		}
		p.waited = e.Count
	case applying.EventStart, applying.EventCheck:
	}
}

// addRows adds a batch of people to the open line.
func (p *Progress) addRows(e applying.Event) {
	if p.rows != e.What {
		p.flushRows()
		p.rows, p.all = e.What, 0
	}
	p.added += e.Count
	p.all += e.Count
	if p.added >= rowsPerLine {
		p.flushRows()
	}
}

func (p *Progress) flushRows() {
	if p.added == 0 {
		return
	}
	p.added = 0
	p.print("  %s %s (%s)", p.style.green("done"), p.rows, people(p.all))
}

// print writes a line. Above a bar it goes through the bar's own writer.
func (p *Progress) print(format string, args ...any) {
	line := fmt.Sprintf(format, args...) + "\n"
	if p.bars != nil {
		_, _ = p.bars.Write([]byte(line))
		return
	}
	_, _ = io.WriteString(p.w, line)
}

func counted(e applying.Event) string {
	if e.Count > 1 {
		return " (" + people(e.Count) + ")"
	}
	return ""
}

func (p *Progress) onTerminal(e applying.Event) {
	if p.bars == nil {
		p.bars = mpb.New(mpb.WithOutput(p.w), mpb.WithWidth(40))
		p.bar = p.bars.AddBar(int64(e.Total),
			mpb.PrependDecorators(decor.CountersNoUnit("  %d of %d ")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + p.label() })),
			mpb.BarRemoveOnComplete(),
		)
	}
	switch e.Type {
	case applying.EventStart:
		p.last = e.What
	case applying.EventCheck:
		p.last = "reading back " + e.What
	case applying.EventPending:
	case applying.EventWait:
		p.last = fmt.Sprintf("waiting for %d to become visible", e.Count)
	case applying.EventDone, applying.EventFailed, applying.EventHeld:
		p.bar.IncrBy(e.Count)
	}
}

// label is read by the bar's own goroutine while an event may hold the lock;
// a torn moment shows the previous step.
func (p *Progress) label() string {
	if !p.mu.TryLock() {
		return ""
	}
	defer p.mu.Unlock()
	return p.last
}

// Close ends the bar.
func (p *Progress) Close() {
	p.mu.Lock()
	p.flushRows()
	bars, bar := p.bars, p.bar
	p.mu.Unlock()
	if bars == nil {
		return
	}
	if !bar.Completed() {
		bar.Abort(true)
	}
	bars.Wait()
}
