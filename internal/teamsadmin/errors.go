package teamsadmin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/teamsform/teamsform/internal/httpx"
)

// AmbiguousError says that a write was sent and its answer lost: it may have happened, so read back.
type AmbiguousError = httpx.AmbiguousError

// SignInError says that no token could be had; nothing was sent.
type SignInError = httpx.SignInError

// Error is a failure that the policy plane reported.
type Error struct {
	Status        int // HTTP status
	Code, Message string
	CorrelationID string // ours, or the service's if it names one
	Method, Path  string // Path is the endpoint without ids
	// MayHaveHappened is set for a write that the service may have carried out in spite of this answer.
	MayHaveHappened bool
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d", e.Method, e.Path, e.Status)
	if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " (%s)", e.Code)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	fmt.Fprintf(&b, " [correlation id %s]", e.CorrelationID)
	return b.String()
}

// IsNotFound reports whether what was named does not exist.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsForbidden reports whether the identity lacks a right, most often an administrator's role in the directory.
func IsForbidden(err error) bool {
	return hasStatus(err, http.StatusForbidden) || hasStatus(err, http.StatusUnauthorized)
}

// IsThrottled reports whether the service refused for lack of capacity after all tries; nothing was changed.
func IsThrottled(err error) bool { return hasStatus(err, http.StatusTooManyRequests) }

// IsAmbiguous reports whether a write that failed may have happened all the same: read back before doing anything.
func IsAmbiguous(err error) bool {
	var lost *AmbiguousError
	if errors.As(err, &lost) || isPartly(err) {
		return true
	}
	var e *Error
	return errors.As(err, &e) && e.MayHaveHappened
}

func hasStatus(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == status
}

func newError(r httpx.Request, a httpx.Answer) *Error {
	e := &Error{Status: a.Status, CorrelationID: a.CallID, Method: r.Method, Path: r.Template}
	e.Code, e.Message = decodeError(a.Body)
	if a.AnswerID != "" {
		e.CorrelationID = a.AnswerID
	}
	refused := a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") != ""
	e.MayHaveHappened = !r.Repeatable && !refused && (a.Status == http.StatusRequestTimeout || a.Status >= 500)
	return e
}

// decodeError reads the three shapes an error has here, and falls back on the httpx.Text itself:
// {"error":{"code","message"}}, {"Message"}, {"errorCode","message"}.
func decodeError(body []byte) (code, message string) {
	var shape struct {
		Error     json.RawMessage `json:"error"`
		Code      httpx.Text      `json:"code"`
		ErrorCode httpx.Text      `json:"errorCode"`
		Message   httpx.Text      `json:"message"` // Message too: names are compared without regard to case
	}
	if json.Unmarshal(body, &shape) != nil {
		return "", httpx.Plain(string(body))
	}
	var inner struct {
		Code    httpx.Text `json:"code"`
		Message httpx.Text `json:"message"`
	}
	if httpx.IsObject(shape.Error) && json.Unmarshal(shape.Error, &inner) == nil {
		return string(inner.Code), string(inner.Message)
	}
	code, message = string(shape.ErrorCode), string(shape.Message)
	if code == "" {
		code = string(shape.Code)
	}
	if code == "" && message == "" {
		message = httpx.Plain(string(body))
	}
	return code, message
}
