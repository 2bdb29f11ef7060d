package guarding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/internal/plain"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

// topicOf says where the verdict of a guard stands.
func topicOf(guard string) engine.Topic {
	switch guard {
	case "delete_app":
		return engine.TopicIrreversible
	case "deletions", "membership_changes":
		return engine.TopicDeletions
	case "org_switch", "upload_for_all", "reset_global":
		return engine.TopicOrgWide
	case "people_losing_access", "lock_out":
		return engine.TopicAccess
	case "publish_open":
		return engine.TopicWindows
	case "takeover", "adopt":
		return engine.TopicAdoptions
	case "consent":
		return engine.TopicAcceptances
	}
	return engine.TopicUnchecked
}

// attend completes what needs attention, and puts it in order.
func (j *judging) attend() {
	for _, text := range j.loosened() {
		j.note(engine.TopicLoosened, "", addr.Instance{}, "%s", text)
	}
	for _, c := range j.Plan.Changes {
		j.attendTo(c)
	}
	j.attendToImpact()
	j.attendToMissing()
	for i := range j.Plan.Guards {
		v := &j.Plan.Guards[i]
		said := slices.ContainsFunc(j.Plan.Attention, func(n engine.Note) bool { return n.Rule == v.Guard && n.Apart == v.Apart })
		if v.Tripped && !said {
			j.Plan.Attention = append(j.Plan.Attention, engine.Note{Topic: topicOf(v.Guard), Rule: v.Guard, Apart: v.Apart, Text: v.Text})
		}
	}
	slices.SortStableFunc(j.Plan.Attention, func(x, y engine.Note) int { return cmp.Compare(last(x.Topic), last(y.Topic)) })
}

func last(t engine.Topic) engine.Topic {
	if t == 0 {
		return engine.TopicUnchecked + 1
	}
	return t
}

// note puts a sentence under "needs attention".
func (j *judging) note(topic engine.Topic, rule string, at addr.Instance, format string, args ...any) {
	j.Plan.Attention = append(j.Plan.Attention, engine.Note{Topic: topic, Rule: rule, Addr: at, Text: fmt.Sprintf(format, args...)})
}

// attendTo says of one change what its lines do not.
func (j *judging) attendTo(c *engine.Change) {
	lost := c.Kind.Lost
	switch {
	case lost != nil && (c.Action == engine.Delete || c.Reason == engine.ReasonReplaced):
		j.note(engine.TopicIrreversible, lost.Guard, c.Addr, "%s", j.lostWith(c))
	case lost != nil && c.Action == engine.Create && c.Reason == engine.ReasonGone:
		j.note(engine.TopicIrreversible, "", c.Addr, "%s was removed from %s by someone else: made again it gets a new %s. What the former one had outside these files (%s, entries in policies) does not come back.",
			c.Addr, lost.From, lost.ID, strings.TrimPrefix(lost.And, "its "))
	}
	if c.Action == engine.Delete && c.Drifted {
		j.note(engine.TopicDeletions, "", c.Addr, "%s was changed by someone else since the last apply, and is removed.", c.Addr)
	}
	if c.Kind.IsReserved(c.Key) {
		j.note(engine.TopicOrgWide, "", c.Addr, "%s", widely(c))
	}
}

// widely says whom the change of something that every tenant has concerns.
func widely(c *engine.Change) string {
	if c.Kind.Unlabeled {
		return fmt.Sprintf("The change of %s concerns the whole organisation.", c.Addr)
	}
	return fmt.Sprintf("The change of %s concerns everybody who has no other %s.", c.Addr, c.Kind.Title)
}

// lostWith says what goes for ever with an object that is deleted.
func (j *judging) lostWith(c *engine.Change) string {
	lost := c.Kind.Lost
	text := fmt.Sprintf("%s is deleted from %s. Lost for ever: its %s, %s", c.Addr, lost.From, lost.ID, lost.And)
	if by := j.namedBy(c.ID); len(by) > 0 {
		return text + ", and its entries in " + plain.Sample(by) + "."
	}
	return text + ", and its entries in policies."
}

// namedBy lists the objects of the tenant that name an id, as far as they were
// read, by kind and key.
func (j *judging) namedBy(id string) []string {
	var out []string
	for _, k := range j.Input.Kinds.Kinds() {
		for _, o := range j.Objects[k.Name] {
			if !strings.EqualFold(o.ID, id) && mentions(map[string]any(o.Attrs), id) {
				out = append(out, engine.Named(k, &o))
			}
		}
	}
	return out
}

// mentions reports whether plain data holds a text, at any depth.
func mentions(v any, text string) bool {
	switch v := v.(type) {
	case string:
		return text != "" && strings.EqualFold(v, text)
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return mentions(e, text) })
	case schema.Attrs:
		return mentions(map[string]any(v), text)
	case map[string]any:
		for _, e := range v {
			if mentions(e, text) {
				return true
			}
		}
	}
	return false
}

// attendToImpact says what an assessor found and no guard counts.
func (j *judging) attendToImpact() {
	i := j.Plan.Impact
	if i == nil {
		return
	}
	if n := i.LosingByHold.People; n > 0 {
		j.note(engine.TopicAccess, "", addr.Instance{}, "%s the use of an app by a halt, a step back or a block: %s.", plain.Count(n, "person loses", "people lose"), sampleOf(i.LosingByHold.Samples, n))
	}
	for _, f := range i.Accepted {
		j.note(engine.TopicAcceptances, "", f.Addr, "%s", f.Text)
	}
	for _, f := range i.Warnings {
		j.note(f.Topic, "", f.Addr, "%s", f.Text)
	}
	for _, text := range i.Unknown {
		j.note(engine.TopicUnchecked, "", addr.Instance{}, "%s", text)
	}
}
