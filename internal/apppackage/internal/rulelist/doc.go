// Package rulelist lists the rules of app packages that are not those of the
// JSON schemas: who holds them, how severe they are, what they want.
//
// It may import the standard library only.
package rulelist
