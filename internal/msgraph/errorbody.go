package msgraph

import (
	"encoding/json"
	"net/http"

	"github.com/teamsform/teamsform/internal/httpx"
)

// An error's body is {"error": {code, message, details, innerError}} where innerError has the same shape again, to any
// depth, and is spelled innererror by some services. The deepest code says most. Everything in it is optional, and a
// proxy on the way answers in HTML, so nothing here fails: what cannot be read is left empty.

// maxErrorDepth bounds how deep innerError is followed, maxDetails how many details are kept.
const (
	maxErrorDepth = 16
	maxDetails    = 100
)

type errorNode struct {
	Code            httpx.Text      `json:"code"`
	Message         httpx.Text      `json:"message"`
	Details         json.RawMessage `json:"details"`
	RequestID       httpx.Text      `json:"request-id"`
	ClientRequestID httpx.Text      `json:"client-request-id"`
	// Inner matches innererror as well: encoding/json compares names without regard to case.
	Inner json.RawMessage `json:"innerError"`
}

type errorDetail struct {
	Code    httpx.Text `json:"code"`
	Message httpx.Text `json:"message"`
	Target  httpx.Text `json:"target"`
}

// newError makes an Error of an answer that reports a failure.
func newError(r httpx.Request, a httpx.Answer) *Error {
	e := decodeError(a.Body)
	e.Status, e.Method, e.Path, e.RetryAfter = a.Status, r.Method, r.Template, a.RetryAfter
	if a.AnswerID != "" {
		e.RequestID = a.AnswerID
	}
	e.ClientRequestID = a.CallID
	e.MayHaveHappened = !r.Repeatable && mayHaveHappened(a)
	return e
}

func mayHaveHappened(a httpx.Answer) bool {
	if a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") != "" {
		return false
	}
	return a.Status == http.StatusRequestTimeout || a.Status >= 500
}

// errorInside returns the failure that the body of a success carries, or nil.
func errorInside(r httpx.Request, a httpx.Answer) *Error {
	var body struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(a.Body, &body) != nil || !httpx.IsObject(body.Error) {
		return nil
	}
	e := newError(r, a)
	// Seen on publishing: the gateway gives up on the answer, the app is there.
	e.MayHaveHappened = e.MayHaveHappened || hasCode(e, "BadGateway")
	return e
}

// decodeError reads what body says, from any text at all.
func decodeError(body []byte) *Error {
	var outer struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &outer) != nil || !httpx.IsObject(outer.Error) {
		return &Error{Message: httpx.Plain(string(body))}
	}
	e := &Error{}
	node := outer.Error
	for depth := 0; depth < maxErrorDepth && httpx.IsObject(node); depth++ {
		var n errorNode
		if json.Unmarshal(node, &n) != nil {
			break
		}
		e.take(n, depth)
		node = n.Inner
	}
	return e
}

// take adds what the next deeper node says.
func (e *Error) take(n errorNode, depth int) {
	if depth == 0 {
		e.Code = string(n.Code)
	}
	keep := func(into *string, v httpx.Text) {
		if v != "" {
			*into = string(v)
		}
	}
	keep(&e.InnerCode, n.Code)
	keep(&e.Message, n.Message)
	keep(&e.RequestID, n.RequestID)
	keep(&e.ClientRequestID, n.ClientRequestID)
	var details []errorDetail
	if json.Unmarshal(n.Details, &details) != nil || len(details) == 0 {
		return
	}
	e.Details = nil
	for _, d := range details[:min(len(details), maxDetails)] {
		e.Details = append(e.Details, Detail{Code: string(d.Code), Message: string(d.Message), Target: string(d.Target)})
	}
}
