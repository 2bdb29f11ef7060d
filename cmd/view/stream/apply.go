package stream

import (
	"encoding/json"
	"fmt"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
)

type (
	stepLine struct {
		Step     step     `json:"step"`
		Progress progress `json:"progress"`
	}
	// step is one operation on an object, or one batch of people.
	step struct {
		Address string `json:"address,omitempty"`
		Type    string `json:"type,omitempty"`   // of the object, or of the policy that people get
		Policy  string `json:"policy,omitempty"` // people: the policy
		Action  string `json:"action,omitempty"` // create, update, delete, reset; people: assign, unassign
		Phase   string `json:"phase,omitempty"`
		Count   int    `json:"count"`
		Error   string `json:"error,omitempty"`
	}
	// progress counts objects and people.
	progress struct {
		Done  int `json:"done"`
		Total int `json:"total"`
	}
)

func phase(p engine.Phase) string {
	switch p {
	case engine.Tighten:
		return "tighten"
	case engine.Make:
		return "create"
	case engine.Wire:
		return "update"
	case engine.MoveRows:
		return "move_rows"
	case engine.Loosen:
		return "loosen"
	case engine.Remove:
		return "delete"
	case engine.OpenAll:
		return "open_organisation"
	}
	return ""
}

// Event implements applying.Sink.
func (l *Lines) Event(e applying.Event) {
	s := step{Address: e.Addr.String(), Type: e.Kind, Policy: e.Policy, Action: e.Action, Phase: phase(e.Phase), Count: e.Count}
	level, typ, message := levelInfo, "", ""
	switch e.Type {
	case applying.EventStart:
		typ, message = "apply_start", e.What
	case applying.EventDone:
		typ, message = "apply_complete", "done: "+e.What
	case applying.EventCheck:
		typ, message = "apply_progress", "reading back "+e.What
	case applying.EventPending:
		typ, message = "apply_pending", "accepted, not to be seen yet: "+e.What
	case applying.EventWait:
		typ, message = "apply_progress", fmt.Sprintf("waiting for what is still becoming visible: %d", e.Count)
	case applying.EventHeld:
		typ, message, level = "apply_held", "held back: "+e.What, levelWarn
	case applying.EventFailed:
		typ, message, level = "apply_errored", "failed: "+e.What, levelError
	default:
		return
	}
	switch e.Type {
	case applying.EventDone, applying.EventFailed, applying.EventHeld:
		l.done += e.Count
	case applying.EventStart, applying.EventCheck, applying.EventPending, applying.EventWait:
	}
	if e.Err != nil {
		s.Error = e.Err.Error()
		message += ": " + s.Error
	}
	l.write(typ, level, message, stepLine{s, progress{min(l.done, e.Total), e.Total}})
}

// Applied implements view.Run.
func (l *Lines) Applied() error { return l.err }

// Outcome implements view.Run.
func (l *Lines) Outcome(p *engine.Plan, out *applying.Outcome, destroyed bool) error {
	s := sums(p)
	s.Operation = "apply"
	if destroyed {
		s.Operation = "destroy"
	}
	s.Pending = pendSum{}
	for _, w := range out.Waiting {
		if w.Deletion {
			s.Pending.Deletions += w.Count
		} else {
			s.Pending.Changes += w.Count
		}
	}
	skipped := len(out.Gone)
	s.Done, s.Failed, s.Held, s.Skipped, s.Interrupted = &out.Done, &out.Failed, &out.Held, &skipped, &out.Interrupted
	level := levelInfo
	if out.Failed+out.Held > 0 || out.Interrupted {
		level = levelError
	}
	l.write("change_summary", level, fmt.Sprintf("%d done, %d failed, %d held back", out.Done, out.Failed, out.Held), summaryLine{s})
	l.waiting(out)
	line := outputsLine{map[string]output{}}
	for _, o := range p.Outputs {
		raw, known := out.Outputs[o.Name]
		switch {
		case o.Sensitive:
			line.Outputs[o.Name] = output{Sensitive: true}
		case known:
			line.Outputs[o.Name] = output{Value: json.RawMessage(raw)}
		}
	}
	if len(line.Outputs) > 0 {
		l.write("outputs", levelInfo, fmt.Sprintf("Outputs: %d", len(line.Outputs)), line)
	}
	return l.err
}
