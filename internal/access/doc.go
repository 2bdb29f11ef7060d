// Package access is a model of who can do what with an organisation's apps in
// a Teams tenant, and why. It is pure: a [Snapshot] goes in, verdicts and
// their reasons come out. Nothing here reads a tenant, a file or a clock.
//
//	snapshot.go directory.go   what decides access, as plain data
//	tenant.go holding.go       the same made ready: which policy each person has
//	verdict.go                 the rules themselves
//	class.go                   people whom every rule treats alike
//	compare.go cause.go        before and after: who gains, who loses, through what
//	explain.go sentence.go     the chain of rules behind one verdict, in words
//
// The rules are those of the two access models of Teams. A person has one
// effective policy of a type: the one assigned to them, else that of the group
// with the lowest rank of which they are a direct member, else Global. Whether
// a custom app may be used is decided in this order, and the first that says
// no ends it: account, organisation-wide switch, publication, block, hold, and
// then the permission policy or the app's availability. What may not be used
// is neither installed nor pinned, whatever a setup policy says.
//
// Its unit of work is the class: all people with the same assignments. A
// million people cost one pass over their memberships and rows; everything
// after that costs what their few hundred classes cost.
//
// It imports the standard library and the leaf table.
package access
