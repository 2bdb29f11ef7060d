// Package table holds many small facts of one shape: who has which policy
// directly. A row is 36 bytes: a 16-byte id and interned names, so that a
// million rows fit where a million cty objects would not, and comparing two
// sorted tables is a merge without a map.
//
// It is a leaf: it imports the standard library only.
package table
