// Package serving connects runs to emulated tenants: the one beside a
// configuration, the one that the command "emulate" of another process serves,
// or one made from a snapshot for a single run.
//
// It may import the emulated tenant, the clients and ops.
package serving
