// Package version reads release numbers and the conditions that a
// configuration's required_version puts on them.
//
// It imports the standard library only.
package version
