package msgraph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/teamsform/teamsform/internal/httpx"
)

// reads is the transport of a Reader. Its methods are all there is to reach the network from one: GET, batches of GET,
// and the POSTs of query that Graph defines as reads.
type reads struct{ c *httpx.Client }

// endpoint is an address and the name under which its calls are counted.
type endpoint struct {
	url      string // path below the version, escaped, with query; or an absolute address out of an answer
	template string
	header   http.Header
}

// eventual is the header for advanced directory queries. It is not part of a nextLink and must be sent with each page.
func eventual() http.Header { return http.Header{"Consistencylevel": {"eventual"}} }

// one sends a GET and decodes the answer into v.
func (r reads) one(ctx context.Context, e endpoint, v any) error {
	answer, err := r.fetch(ctx, e, nil)
	if err != nil {
		return err
	}
	return decode(e.template, answer, v)
}

// fetch sends a GET and returns the successful answer; its body may lie in scratch.
func (r reads) fetch(ctx context.Context, e endpoint, scratch []byte) (httpx.Answer, error) {
	return do(ctx, r.c, httpx.Request{
		Method: http.MethodGet, URL: e.absolute(), Template: e.template, Header: e.header, Repeatable: true, Scratch: scratch,
	})
}

func (e endpoint) absolute() string {
	if strings.HasPrefix(e.url, "/") {
		return version + e.url
	}
	return e.url
}

// query is one of the reads that Graph wants as a POST. There are no others.
type query struct{ template, url string }

func queryMemberGroups(user string) (query, error) {
	id, err := segment("user", user)
	return query{template: "/users/{id}/checkMemberGroups", url: "/users/" + id + "/checkMemberGroups"}, err
}

func queryByIDs() query {
	return query{template: "/directoryObjects/getByIds", url: "/directoryObjects/getByIds"}
}

// ask sends q and decodes the answer into v.
func (r reads) ask(ctx context.Context, q query, body, v any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encoding the body of %s: %w", q.template, err)
	}
	answer, err := do(ctx, r.c, httpx.Request{
		Method: http.MethodPost, URL: version + q.url, Template: q.template,
		Body: raw, ContentType: "application/json", Repeatable: true,
	})
	if err != nil {
		return err
	}
	return decode(q.template, answer, v)
}

// do sends r and turns every answer that reports a failure, also inside a 200, into an *Error.
func do(ctx context.Context, c *httpx.Client, r httpx.Request) (httpx.Answer, error) {
	answer, err := c.Do(ctx, r)
	if err != nil {
		return answer, err
	}
	if answer.Status < 200 || answer.Status > 299 {
		return answer, newError(r, answer)
	}
	return answer, nil
}

func decode(template string, a httpx.Answer, v any) error {
	if err := json.Unmarshal(a.Body, v); err != nil {
		return malformed(template, a, err)
	}
	return nil
}

func malformed(template string, a httpx.Answer, err error) error {
	return fmt.Errorf("%s: the answer is not what Graph documents: %w (request-id %s, client-request-id %s)",
		template, err, a.AnswerID, a.CallID)
}
