package msgraph

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/httpx"
)

// AmbiguousError says that a write was sent and its answer lost: it may have happened, so read back.
type AmbiguousError = httpx.AmbiguousError

// SignInError says that no token could be had; nothing was sent.
type SignInError = httpx.SignInError

// ForeignURLError says that an answer linked to another host; the link was not followed.
type ForeignURLError = httpx.ForeignURLError

// BodyTooLargeError says that an answer was longer than Options.MaxBody.
type BodyTooLargeError = httpx.BodyTooLargeError

// Error is a failure that Graph reported.
type Error struct {
	Status int // HTTP status; 200 when the failure came inside a success
	// Code is the outermost code; InnerCode the deepest one, which says most. They are equal when there is but one.
	Code, InnerCode string
	// Message is for people, never for decisions: the deepest one that is not empty.
	Message string
	// Details list what is wrong with an app package, one entry per rule.
	Details []Detail
	// RequestID is Graph's, ClientRequestID ours; support asks for both.
	RequestID, ClientRequestID string
	Method, Path               string // Path is the endpoint without ids
	// RetryAfter is what a throttled answer asked for, when it was too long to wait for or the tries were used up.
	RetryAfter time.Duration
	// MayHaveHappened is set for a write that the service may have carried out in spite of this answer: a server error
	// without a promise, a 200 that carries BadGateway, a 400 to an upload of a new version.
	MayHaveHappened bool
}

// Detail is one entry of Error.Details.
type Detail struct{ Code, Message, Target string }

// Error puts everything on one line: endpoint, status, codes, message, details, ids.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: ", e.Method, e.Path)
	if e.Status < 300 {
		fmt.Fprintf(&b, "failed inside a %d", e.Status)
	} else {
		fmt.Fprintf(&b, "%d", e.Status)
		if text := http.StatusText(e.Status); text != "" {
			b.WriteString(" " + text)
		}
	}
	if e.InnerCode != "" {
		fmt.Fprintf(&b, " (%s)", e.InnerCode)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	for _, d := range e.Details {
		fmt.Fprintf(&b, "; %s: %s", strings.Join(notEmpty(d.Target, d.Code), " "), d.Message)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, "; asked to come back after %s", e.RetryAfter)
	}
	fmt.Fprintf(&b, " [request-id %s, client-request-id %s]", e.RequestID, e.ClientRequestID)
	return b.String()
}

func notEmpty(list ...string) []string {
	kept := list[:0]
	for _, s := range list {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

// NotFoundError says that Graph answered and what was asked for is not there.
type NotFoundError struct{ What string }

func (e *NotFoundError) Error() string { return e.What + " does not exist" }

// IsNotFound reports whether what was named does not exist, or is not visible to the signed-in identity.
func IsNotFound(err error) bool {
	var absent *NotFoundError
	return errors.As(err, &absent) || hasStatus(err, http.StatusNotFound)
}

// IsAlreadyExists reports whether an app with this manifest id, or this version of it, is in the catalog already,
// perhaps out of this identity's sight. Search for it again.
func IsAlreadyExists(err error) bool { return hasCode(err, "AppDefinitionAlreadyExists") }

// IsInvalidPackage reports whether the service refused the app package itself; Error.Details say why.
func IsInvalidPackage(err error) bool {
	return hasCode(err, "UnableToParseTeamsAppManifest")
}

// IsForbidden reports whether the identity lacks a right: a role, a permission, or a person behind it.
func IsForbidden(err error) bool {
	return hasStatus(err, http.StatusForbidden) || hasStatus(err, http.StatusUnauthorized)
}

// IsConflict reports whether the object has changed since it was read, or is being changed: read again, then decide. A
// 412 to an upload is known to be such a passing state; nothing was changed.
func IsConflict(err error) bool {
	return hasStatus(err, http.StatusPreconditionFailed) || hasCode(err, "PreconditionFailed") ||
		hasCode(err, "Directory_ConcurrencyViolation")
}

// IsThrottled reports whether the service refused for lack of capacity after all tries; nothing was changed.
func IsThrottled(err error) bool { return hasStatus(err, http.StatusTooManyRequests) }

// IsAmbiguous reports whether a write that failed may have happened all the same: read back before doing anything.
func IsAmbiguous(err error) bool {
	var lost *AmbiguousError
	if errors.As(err, &lost) {
		return true
	}
	var e *Error
	return errors.As(err, &e) && e.MayHaveHappened
}

func hasStatus(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == status
}

func hasCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && (strings.EqualFold(e.InnerCode, code) || strings.EqualFold(e.Code, code))
}
