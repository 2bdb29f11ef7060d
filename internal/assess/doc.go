// Package assess tells what a plan changes for people, and what people can do
// in a tenant: it reads what the model of internal/access needs, lays planned
// operations over it, and puts the model's answers into words.
//
//	read.go build.go    a tenant, as read or as planned, to an access.Snapshot
//	assess.go impact.go the engine's Assessor: before, after, who gains and loses
//	warn.go             what administrators are caught out by
//	list.go             every person concerned, for --impact-into
//	expect.go           expect blocks
//
// It may import engine, teams, access, config and the leaves.
package assess
