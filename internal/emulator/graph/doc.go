// Package graph is the Microsoft Graph service of the emulated tenant:
// directory, app catalog, user policy assignments, effective policies, app
// settings and $batch, under /v1.0 and /beta.
//
// It imports apppackage and the emulator's auth, ids, store and wire packages.
package graph
