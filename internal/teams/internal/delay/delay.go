// Package delay holds how long the services take to show what they accepted.
//
// It may import the leaves.
package delay

import (
	"time"

	"github.com/teamsform/teamsform/internal/schema"
)

// How long the services take to show what they have accepted. The numbers are
// the documented ones where there are any; "a few hours" is taken as six. Inside
// such a window a read that still shows the former value is no drift. It is
// long enough for the slowest replica, and the first three equal reads over a
// minute end it sooner, so a number that is too large costs little: a change
// back to exactly the former value, by another hand, goes unnoticed until then.

// Policy: "a few hours" for an edit of a setup or permission policy, also
// for taking one back (policy-plane facts 2.5, from "Manage app setup policies").
func Policy(why string) schema.Delay {
	return schema.Delay{Window: 6 * time.Hour, Why: "a changed policy takes a few hours", Lost: why}
}

// App: an app that was published may be missing from the list for 24 to 48
// hours (graph facts 2.3, from "Publish teamsApp").
func App() schema.Delay {
	return schema.Delay{Window: 48 * time.Hour, Why: "the catalog shows a change after one or two days at the latest"}
}

// Org: after a write of the org-wide switch reads answer with the old and
// the new value in turn for more than a minute (policy-plane facts 2.5, seen by
// another client). No source says when it ends; an hour is taken.
func Org() schema.Delay {
	return schema.Delay{Window: time.Hour, Why: "reads of the org-wide settings go back and forth for a while after a change", Flaps: true}
}

// Group: minutes, and 24 hours or more for large groups, until members
// have what their group got (policy-plane facts 2.5).
func Group() schema.Delay {
	return schema.Delay{Window: 24 * time.Hour, Why: "a policy of a group takes up to a day or more for large groups"}
}

// Person: a few hours until an assignment counts; a read was seen to show
// it after 30 to 45 seconds (policy-plane facts 2.5).
func Person() schema.Delay {
	return schema.Delay{Window: 6 * time.Hour, Why: "an assignment takes a few hours"}
}

// Availability: 24 to 72 hours until people's clients show a change, in
// rare cases up to six days (policy-plane facts 2.5, from "App centric
// management"). What administrators read is not known to lag.
func Availability() schema.Delay {
	return schema.Delay{Window: 72 * time.Hour, Why: "people see a change of an app's availability after one to three days"}
}
