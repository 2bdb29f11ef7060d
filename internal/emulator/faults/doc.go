// Package faults says in which ways the emulated tenant can go wrong on
// purpose, and which requests a fault strikes: refusals, broken connections,
// answers that say something else than what was done, and changes that show
// late. What a fault does to a request is done by its users: the front of the
// emulated tenant and its store. Nothing goes wrong unless asked for.
//
// The same requests meet the same faults each time: what is chosen is chosen by
// counting and by a seed.
//
// It imports the standard library only.
package faults
