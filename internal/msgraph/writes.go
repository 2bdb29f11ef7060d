package msgraph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/teamsform/teamsform/internal/httpx"
)

// writes is the transport of a Client's changes. Nothing it sends is sent twice unless the service said that it did
// not carry the first one out.
type writes struct{ c *httpx.Client }

// send sends a change with a JSON body, or none when body is nil.
func (w writes) send(ctx context.Context, method string, e endpoint, body any) (httpx.Answer, error) {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return httpx.Answer{}, fmt.Errorf("encoding the body of %s %s: %w", method, e.template, err)
		}
	}
	return w.raw(ctx, method, e, raw, "application/json")
}

// upload posts an app package. A failure inside a success is an *Error like any other.
func (w writes) upload(ctx context.Context, e endpoint, zip []byte) (httpx.Answer, error) {
	return w.raw(ctx, http.MethodPost, e, zip, "application/zip")
}

func (w writes) raw(ctx context.Context, method string, e endpoint, body []byte, contentType string) (httpx.Answer, error) {
	r := httpx.Request{
		Method: method, URL: e.absolute(), Template: e.template, Header: e.header, Body: body, ContentType: contentType,
	}
	answer, err := do(ctx, w.c, r)
	if err != nil {
		return answer, err
	}
	if inside := errorInside(r, answer); inside != nil {
		return answer, inside
	}
	return answer, nil
}
