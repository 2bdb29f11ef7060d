package httpx

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// AmbiguousError says that a call which must not be sent twice was sent and its answer was lost: it may or may not
// have been carried out. The caller has to read back.
type AmbiguousError struct {
	Method, Path string // Path is the endpoint without ids
	CallID       string
	Err          error // what cut the answer off
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s %s: the answer was lost, the change may have happened: %v (request id %s)",
		e.Method, e.Path, e.Err, e.CallID)
}

func (e *AmbiguousError) Unwrap() error { return e.Err }

// SignInError says that no token could be had; nothing was sent.
type SignInError struct{ Err error }

func (e *SignInError) Error() string { return "sign-in failed: " + e.Err.Error() }

func (e *SignInError) Unwrap() error { return e.Err }

// ForeignURLError says that an answer pointed to another host, which must not get the token.
type ForeignURLError struct{ Host, Want string }

func (e *ForeignURLError) Error() string {
	return fmt.Sprintf("the service pointed to another host, %q instead of %q; not followed", e.Host, e.Want)
}

// BodyTooLargeError says that an answer was longer than the client is prepared to hold.
type BodyTooLargeError struct{ Limit int64 }

func (e *BodyTooLargeError) Error() string {
	return fmt.Sprintf("the answer is longer than %d bytes", e.Limit)
}

// unsentError marks a failure before the first byte left.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return e.err.Error() }

func (e *unsentError) Unwrap() error { return e.err }

// signIn marks what the credential reports, so that it is told from a broken connection.
type signIn struct{ azcore.TokenCredential }

func (s signIn) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, err := s.TokenCredential.GetToken(ctx, o)
	if err != nil {
		return token, &SignInError{err}
	}
	return token, nil
}

// explain gives err its final form for the caller of Do.
func (c *Client) explain(r Request, id string, err error) error {
	if err == nil {
		return nil
	}
	var ambiguous *AmbiguousError
	if errors.As(err, &ambiguous) {
		return err
	}
	if !r.Repeatable && maySent(err) {
		return &AmbiguousError{Method: r.Method, Path: r.Template, CallID: id, Err: err}
	}
	return fmt.Errorf("%s %s: %w (request id %s)", r.Method, r.Template, err, id)
}

// maySent reports whether the request may have reached the service before err. Only errors that name an earlier
// moment say no; anything unknown says yes.
func maySent(err error) bool {
	var (
		unsent *unsentError
		signIn *SignInError
		dns    *net.DNSError
		op     *net.OpError
	)
	switch {
	case errors.As(err, &unsent), errors.As(err, &signIn), errors.As(err, &dns), isTLSRefusal(err):
		return false
	case errors.As(err, &op) && op.Op == "dial":
		return false
	}
	return true
}

// isTLSRefusal reports whether the connection failed because the other side is not who it should be.
func isTLSRefusal(err error) bool {
	var (
		cert   *tls.CertificateVerificationError
		record tls.RecordHeaderError
	)
	return errors.As(err, &cert) || errors.As(err, &record)
}
