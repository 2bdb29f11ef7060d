// Package auth understands the bearer tokens of the emulated tenant. They have
// the shape and the claims of Microsoft Entra access tokens (tid, oid, upn,
// scp, roles, wids, idtyp, exp) but carry no signature: whoever can reach the
// emulated tenant may be anybody in it.
//
// It imports the emulator's ids package and the standard library only.
package auth
