// Package pending holds the rules of the time between "accepted" and "to be
// seen": what the state keeps of a change that a service has accepted, how a
// reading in that time is to be understood, and when it is over.
//
// It is a leaf: it imports the standard library and the leaves schema and table.
package pending
