package stream

import (
	"fmt"
	"time"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
)

type (
	pendingLine struct {
		Pending pending `json:"pending"`
	}
	// pending is something that the service accepted and does not show yet.
	pending struct {
		Address  string    `json:"address,omitempty"` // of an object
		Type     string    `json:"type,omitempty"`
		Policy   string    `json:"policy,omitempty"` // that people get
		Deletion bool      `json:"deletion"`
		Count    int       `json:"count"`
		Until    time.Time `json:"until"` // visible by then, as documented
	}
)

func (l *Lines) still(what string, p pending) {
	p.Until = p.Until.UTC()
	l.write("pending", levelInfo, fmt.Sprintf("%s: still becoming visible, by about %s", what, p.Until.Format(time.RFC3339)), pendingLine{p})
}

// pending writes what a plan met on its way.
func (l *Lines) pending(p *engine.Plan) {
	for _, s := range p.Pending {
		if s.Waiting() {
			l.still(s.Addr.String(), pending{Address: s.Addr.String(), Type: s.Kind.Name, Deletion: s.Deletion, Count: 1, Until: s.Until})
		}
	}
	for _, s := range p.PendingRows {
		if s.Waiting > 0 {
			l.still("assignments of people", pending{Type: s.Type, Policy: s.Policy, Deletion: s.Policy == "", Count: s.Waiting, Until: s.Until})
		}
	}
}

// waiting writes what an apply leaves on its way.
func (l *Lines) waiting(out *applying.Outcome) {
	for _, w := range out.Waiting {
		l.still(w.What, pending{Address: w.Addr.String(), Deletion: w.Deletion, Count: w.Count, Until: w.Until})
	}
}
