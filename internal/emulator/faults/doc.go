// Package faults stands in front of the services of the emulated tenant and
// spoils answers on purpose: throttling and outages for the next requests.
// Nothing is spoiled unless asked for.
//
// It imports the standard library only.
package faults
