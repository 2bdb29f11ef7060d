// Package guarding completes a plan with what needs the whole of it: it has
// what changes for people assessed, judges the guards, and says what needs
// attention, in order. It is pure: what it knows of a tenant is what planning
// has read, and the schemas say which attributes and kinds a guard counts.
//
//	limits.go     the limits in force: of the files, and as last applied
//	count.go      what each guard counts
//	forall.go     what is permitted to everybody
//	membership.go people who join and leave
//	world.go      the tenant before and after, for an assessor
//	attention.go  what needs attention
//
// It may import engine, config, state and the leaves.
package guarding
