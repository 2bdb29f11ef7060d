// Package appcentric is the service of the emulated tenant behind app-centric
// management: whom each app is available to and installed for, blocks, and the
// organisation's defaults, under /M365.Apps.
//
// Of the real service only the commands of Microsoft's PowerShell module are
// known: their parameters and what they print. Objects here have the names and
// shapes that the commands print; the paths and methods are our own, and no
// real tenant answers them. Where a rule is inferred, the comment says so.
//
// It imports the emulator's auth, ids, store and wire packages.
package appcentric
