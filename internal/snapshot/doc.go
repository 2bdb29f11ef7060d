// Package snapshot reads a whole tenant and writes it as the file that an
// emulated tenant starts from, masked where it must not tell whose it is.
//
// It may import msgraph, teamsadmin and the leaves.
package snapshot
