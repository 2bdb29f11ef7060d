// Package httpx is the HTTP floor under the clients of Microsoft's services: one azcore pipeline per service, with
// sign-in, request ids, a limiter shared by all goroutines, retry that knows which calls may be repeated, bounded
// bodies, redacted debug logging and a count of calls.
//
// It knows neither Graph nor the policy plane: it moves bytes and reports a status. What a status or a body means is
// the business of the packages above it (msgraph, teamsadmin).
//
// It may import the standard library and azcore, and nothing of this module.
package httpx
