// Package directory resolves the names of people and groups, and remembers the
// names of the ids that it met, for display.
//
// It may import msgraph and the leaves.
package directory
