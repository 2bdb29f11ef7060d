package pending

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/teamsform/teamsform/internal/table"
)

// A change is pending from the moment the service accepts it until it is known
// to be visible. The rules are those of SEMANTICS 5: inside the window both the
// old and the new value are ours; the window ends at Until, or after three
// equal reads over a minute, because replicas that converge may show the new
// value once and the old one again.

// Change is a change of one object that the service accepted and does not show
// everywhere yet. Inside the window both values are ours.
type Change struct {
	Old   json.RawMessage `json:"old,omitempty"` // nil: it did not exist
	New   json.RawMessage `json:"new,omitempty"` // nil: it is being deleted
	Since time.Time       `json:"since"`
	Until time.Time       `json:"until"`
	// Also are further values of ours that a slow read may still show: what a
	// change replaced whose own window was not over.
	Also []json.RawMessage `json:"also,omitempty"`
	// Lagged: a read has shown a former value since, so that one read that shows
	// New proves nothing.
	Lagged bool `json:"lagged,omitempty"`
	// Seen are the times of the last reads in a row that showed New.
	Seen []time.Time `json:"seen,omitempty"`
}

// Rows is one batch of assignments that the service accepted and does not show
// everywhere yet.
type Rows struct {
	Type   string     // policy type
	Policy string     // policy assigned; "" when unassigned
	Users  []table.ID // who
	Old    []string   // policy held before, per user; nil when none held any
	Since  time.Time
	Until  time.Time
	Seen   []time.Time // the last reads in a row that showed all of them as they will be
}

// SettleReads and SettleSpan say when equal reads end a window: so many of
// them, over so long at least.
const (
	SettleReads = 3
	SettleSpan  = time.Minute
)

// Over reports whether the window is past at the given time.
func (p *Change) Over(now time.Time) bool { return !now.Before(p.Until) }

// See notes a read at the given time; visible says whether it showed the new
// value. It reports whether the window ends with it: at once where no read has
// shown a former value, else when there were enough reads in a row.
func (p *Change) See(now time.Time, visible bool) bool {
	p.Seen = see(p.Seen, now, visible)
	p.Lagged = p.Lagged || !visible
	return visible && !p.Lagged || settled(p.Seen)
}

// Over reports whether the window is past at the given time.
func (p *Rows) Over(now time.Time) bool { return !now.Before(p.Until) }

// See is Change.See for a batch of rows, which is pending only if a read has
// shown what was before.
func (p *Rows) See(now time.Time, visible bool) bool {
	p.Seen = see(p.Seen, now, visible)
	return settled(p.Seen)
}

// see keeps the first and the last reads in a row: their span and number are
// all that counts.
func see(seen []time.Time, now time.Time, visible bool) []time.Time {
	if !visible {
		return nil
	}
	out := append(append([]time.Time(nil), seen...), now.UTC())
	if len(out) > SettleReads {
		out = append(out[:1], out[len(out)-SettleReads+1:]...)
	}
	return out
}

func settled(seen []time.Time) bool {
	return len(seen) >= SettleReads && seen[len(seen)-1].Sub(seen[0]) >= SettleSpan
}

// After is p as it stands behind an earlier change of the same object: where
// that one's window is not over when p begins, its values may still show.
func (p *Change) After(earlier *Change) *Change {
	if p == nil || earlier == nil || earlier.Over(p.Since) {
		return p
	}
	if earlier.Since.Equal(p.Since) && bytes.Equal(overlay(earlier.New, p.New), earlier.New) {
		c := *earlier // the same change once more, with more known of it
		c.Lagged, c.Seen = c.Lagged || p.Lagged, p.Seen
		return &c
	}
	c := *p
	c.Also = append([]json.RawMessage(nil), earlier.Also...)
	switch {
	case earlier.New == nil: // it was being deleted and is made anew
		if earlier.Old != nil {
			c.Also = append(c.Also, earlier.Old)
		}
	case earlier.Old == nil && c.Old != nil: // it may still be absent
		c.Also = append(c.Also, c.Old)
		c.Old = nil
	case earlier.Old != nil:
		c.Also = append(c.Also, earlier.Old)
	}
	if c.New != nil && earlier.New != nil {
		c.New = overlay(earlier.New, c.New)
	}
	if earlier.Until.After(c.Until) {
		c.Until = earlier.Until
	}
	return &c
}

// UTC gives p with its times in the zone that documents use.
func (p *Change) UTC() *Change {
	c := *p
	c.Since, c.Until, c.Seen = p.Since.UTC(), p.Until.UTC(), UTC(p.Seen)
	return &c
}

// UTC gives times in the zone that documents use.
func UTC(times []time.Time) []time.Time {
	var out []time.Time
	for _, t := range times {
		out = append(out, t.UTC())
	}
	return out
}

// Without returns p without the users that gone names; p itself if that is all.
func (p *Rows) Without(gone func(table.ID) bool) *Rows {
	if !slices.ContainsFunc(p.Users, gone) {
		return p
	}
	c := *p
	c.Users, c.Old = nil, nil
	for i, user := range p.Users {
		if gone(user) {
			continue
		}
		c.Users = append(c.Users, user)
		if p.Old != nil {
			c.Old = append(c.Old, p.Old[i])
		}
	}
	return &c
}

// overlay lays the fields of one JSON object over another; what is no object
// replaces.
func overlay(under, over json.RawMessage) json.RawMessage {
	var a, b map[string]json.RawMessage
	if json.Unmarshal(under, &a) != nil || json.Unmarshal(over, &b) != nil {
		return over
	}
	maps.Copy(a, b)
	raw, err := json.Marshal(a)
	if err != nil {
		return over
	}
	return raw
}
