// Package seed invents the people and groups of an organisation of any size.
// The same numbers always give the same organisation: names, identifiers,
// guests, disabled accounts and memberships depend on nothing else.
//
// It imports the emulator's ids and people packages and the standard library
// only.
package seed
