// Package ids holds the 16-byte identifiers of the emulated directory and
// catalog: compact keys for the store, GUID text on the wire.
//
// It imports the standard library only.
package ids
