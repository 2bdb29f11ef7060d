// Package packageshelf keeps published app packages beside a configuration, by
// their digest, so that the next update can be compared with what it replaces.
// The catalog gives no package back.
//
// It is a convenience, never a source of truth: what it returns has to be
// checked against the digest that was asked for, and losing it costs only the
// comparison.
//
// It imports the standard library only.
package packageshelf
