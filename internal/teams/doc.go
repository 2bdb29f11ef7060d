// Package teams knows the kinds of object that a Microsoft Teams tenant has:
// one file per kind, with its schema and its collection. It maps between the
// configuration's words and the services' shapes; how the services are reached
// is msgraph's and teamsadmin's business, what follows from a difference is
// engine's.
//
// It may import engine, apppackage, msgraph, teamsadmin, config and the leaves.
package teams
