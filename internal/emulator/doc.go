// Package emulator is a Microsoft Teams tenant on one's own machine: an HTTP
// server over a small database on disk that speaks the wire shapes of
// Microsoft Graph and of the Teams policy service. It opens real app packages,
// keeps data, enforces permissions and the services' rules, and answers
// questions about its people (Effective, MayUpload) from its own data, without
// the program's own model of access.
//
// What is in it:
//
//	ids, people   identifiers; the file that says who works here
//	store         everything on disk, and the rules between the parts
//	auth          bearer tokens
//	wire          what the services share on the HTTP side
//	graph         /v1.0 and /beta
//	policies      /Skype.Policy, /Teams.MiddletierService, /Teams.Tenant
//	faults        what is to go wrong on request: refusals, lost answers, lag
//
// It imports apppackage and its own subpackages; never teams, access or
// engine. Only cmd, ops and tests import it.
package emulator
