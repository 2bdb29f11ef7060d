package msgraph

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/teamsform/teamsform/internal/httpx"
)

// A listing is read page by page and each item is handed on before the next page is asked for. The body of a page is
// read whole first, so that a page cut in the middle can be asked for again, into one buffer that all pages share.

// pages follows @odata.nextLink from e until there is none. It calls page with each answer, whose body is overwritten
// afterwards, and page returns the link to the next.
func (r reads) pages(ctx context.Context, e endpoint, page func(httpx.Answer) (next string, err error)) error {
	var scratch []byte
	seen := map[string]bool{}
	for {
		answer, err := r.fetch(ctx, e, scratch)
		if err != nil {
			return err
		}
		next, err := page(answer)
		if err != nil || next == "" {
			return err
		}
		if seen[next] {
			return fmt.Errorf("GET %s: the service links its pages in a circle (request id %s)", e.template, answer.AnswerID)
		}
		seen[next] = true
		e.url, scratch = next, answer.Body
	}
}

// collection is one page of a listing.
type collection[T any] struct {
	Count *int64 `json:"@odata.count"`
	Next  string `json:"@odata.nextLink"`
	Value []T    `json:"value"`
}

// list reads every item of the listing at e.
func list[T any](ctx context.Context, r reads, e endpoint, yield func(T) error) error {
	return listWith(ctx, r, e, &pageDecoder[T]{}, yield)
}

// listWith is list with a decoder of the caller's.
func listWith[T any](ctx context.Context, r reads, e endpoint, d *pageDecoder[T], yield func(T) error) error {
	return r.pages(ctx, e, func(a httpx.Answer) (string, error) {
		page, err := d.decode(a.Body)
		if err != nil {
			return "", malformed(e.template, a, err)
		}
		for _, item := range page.Value {
			if err := yield(item); err != nil {
				return "", err
			}
		}
		return page.Next, nil
	})
}

// segment escapes the id of a what as one segment of a path. An id that would make it another path is refused.
func segment(what, id string) (string, error) {
	switch id {
	case "", ".", "..":
		return "", fmt.Errorf("%q is no id of a %s", id, what)
	}
	return url.PathEscape(id), nil
}

// literal quotes s as an OData string.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// pathLiteral quotes s as an OData string within a path.
func pathLiteral(s string) string {
	return "'" + url.PathEscape(strings.ReplaceAll(s, "'", "''")) + "'"
}

// params builds a query: names as they are, values escaped, a blank as %20, commas kept.
func params(pairs ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		if i == 0 {
			b.WriteByte('?')
		} else {
			b.WriteByte('&')
		}
		b.WriteString(pairs[i])
		b.WriteByte('=')
		b.WriteString(strings.NewReplacer("+", "%20", "%2C", ",").Replace(url.QueryEscape(pairs[i+1])))
	}
	return b.String()
}

// pageSize is $top of directory listings; zero and anything above Graph's limit mean the limit.
func pageSize(top int) string {
	if top <= 0 || top > 999 {
		top = 999
	}
	return strconv.Itoa(top)
}
