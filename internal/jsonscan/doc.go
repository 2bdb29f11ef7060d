// Package jsonscan reads JSON documents as a stream, keeping digest and line
// numbers on the way, and has the string primitives that hand-written readers
// and writers of rows need.
//
// It imports the standard library only.
package jsonscan
