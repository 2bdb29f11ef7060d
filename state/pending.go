package state

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// A change is pending from the moment the service accepts it until it is known
// to be visible. The rules are those of SEMANTICS 5: inside the window both the
// old and the new value are ours; the window ends at Until, or after three
// equal reads over a minute, because replicas that converge may show the new
// value once and the old one again.

// SettleReads and SettleSpan say when equal reads end a window: so many of
// them, over so long at least.
const (
	SettleReads = 3
	SettleSpan  = time.Minute
)

// Over reports whether the window is past at the given time.
func (p *Pending) Over(now time.Time) bool { return !now.Before(p.Until) }

// See notes a read at the given time; visible says whether it showed the new
// value. It reports whether the window ends with it: at once where no read has
// shown a former value, else when there were enough reads in a row.
func (p *Pending) See(now time.Time, visible bool) bool {
	p.Seen = see(p.Seen, now, visible)
	p.Lagged = p.Lagged || !visible
	return visible && !p.Lagged || settled(p.Seen)
}

// Over reports whether the window is past at the given time.
func (p *PendingRows) Over(now time.Time) bool { return !now.Before(p.Until) }

// See is Pending.See for a batch of rows, which is pending only if a read has
// shown what was before.
func (p *PendingRows) See(now time.Time, visible bool) bool {
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

// after is p as it stands behind an earlier change of the same object: where
// that one's window is not over when p begins, its values may still show.
func (p *Pending) after(earlier *Pending) *Pending {
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

// Visible ends what is pending for a record of the fold: what was deleted goes.
func (f *Fold) Visible(o *Object) {
	if o.Pending != nil && o.Pending.New == nil {
		f.records.remove(o)
		f.dirty = true
	}
	o.Pending = nil
}

// VisibleRows ends a pending batch of rows.
func (f *Fold) VisibleRows(p *PendingRows) {
	f.st.PendingRows = slices.DeleteFunc(slices.Clone(f.st.PendingRows), func(x *PendingRows) bool { return x == p })
	if len(f.st.PendingRows) == 0 {
		f.st.PendingRows = nil
	}
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
