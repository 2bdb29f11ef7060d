package model

// Topic orders what a plan says under "needs attention": what takes protection
// away comes first, what could not be checked comes last.
type Topic int

// The topics of SEMANTICS 12, in order. A note without one comes last.
const (
	TopicLoosened     Topic = 1 + iota // protection that is taken away
	TopicIrreversible                  // what cannot be undone
	TopicDeletions
	TopicOrgWide     // what concerns everybody
	TopicAccess      // people who lose something
	TopicWindows     // what is open for a moment
	TopicAdoptions   // what existed and is managed from now on
	TopicAcceptances // of consent, in force or stale
	TopicHolds
	TopicExpiries
	TopicNotFound // people whom the directory does not know
	TopicDirect   // people whose own assignment defeats that of a group
	TopicRanks    // groups of others that change their place
	TopicUnchecked
)
