package wire

import (
	"fmt"
	"net/http"
)

// Error is an answer that is not a success. Services write it in their own
// shape: Graph nests innerError, the policy plane does not.
type Error struct {
	Status  int
	Code    string
	Message string
	Inner   *Inner            // Graph only
	Headers map[string]string // for example Retry-After, Allow
}

// Inner is the second level of a Graph error.
type Inner struct {
	Code    string   `json:"code,omitempty"`
	Message *string  `json:"message,omitempty"`
	Details []Detail `json:"details,omitempty"`
	Status  string   `json:"status,omitempty"`
}

// Detail is one finding about a request body.
type Detail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Target  string `json:"target"`
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// Errorf makes an error with a formatted message.
func Errorf(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// BadRequest is the Teams services' 400.
func BadRequest(format string, args ...any) *Error {
	return Errorf(http.StatusBadRequest, "BadRequest", format, args...)
}

// NotFound is the Teams services' 404.
func NotFound(format string, args ...any) *Error {
	return Errorf(http.StatusNotFound, "NotFound", format, args...)
}

// Forbidden is the Teams services' 403.
func Forbidden(format string, args ...any) *Error {
	return Errorf(http.StatusForbidden, "Forbidden", format, args...)
}

// Conflict is the Teams services' 409.
func Conflict(format string, args ...any) *Error {
	return Errorf(http.StatusConflict, "Conflict", format, args...)
}
