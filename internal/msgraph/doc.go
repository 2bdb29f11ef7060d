// Package msgraph speaks to Microsoft Graph over HTTP: the organisation's app catalog, people and groups, per-user
// Teams policies and the tenant's app settings. It knows the wire and its quirks, nothing of kinds, plans or state.
//
// A Reader can only read; it is what a plan is built with. A Client is a Reader that can also write.
//
// The shapes follow Graph v1.0's metadata; where real answers are known to differ from the documentation (enum casing,
// dates, errors inside a 200) the decoder accepts both.
//
// It may import the standard library, azcore and internal/httpx, and nothing else of this module.
package msgraph
