package httpx

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxErrorBody bounds how much of an error's body is kept; the rest is dropped.
const maxErrorBody = 1 << 20

// wire is the last station of the pipeline: it hands the signed request to the transport and logs it. It follows no
// redirect, since none of the services uses one and each would carry the token along.
type wire struct {
	rt   http.RoundTripper
	opts *Options
}

func (w *wire) Do(req *http.Request) (*http.Response, error) {
	started := w.opts.Clock()
	resp, err := w.rt.RoundTrip(req)
	if err == nil && resp == nil {
		err = errors.New("the transport gave neither an answer nor an error")
	}
	if w.opts.Logger.Enabled(req.Context(), slog.LevelDebug) {
		attrs := []slog.Attr{
			slog.String("method", req.Method),
			slog.String("path", req.URL.EscapedPath()),
			slog.String("query", redactQuery(req.URL.RawQuery)),
			slog.Any("headers", w.redactHeaders(req.Header)),
			slog.Duration("took", w.opts.Clock().Sub(started)),
		}
		if err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		} else {
			attrs = append(attrs, slog.Int("status", resp.StatusCode), slog.Any("answer", w.redactHeaders(resp.Header)))
		}
		w.opts.Logger.LogAttrs(req.Context(), slog.LevelDebug, "request", attrs...)
	}
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		// The pipeline reads such a body whole. Half of it is better than losing the status over it.
		resp.Body = &errorBody{Reader: io.LimitReader(resp.Body, maxErrorBody), Closer: resp.Body}
	}
	return resp, nil
}

// errorBody ends where reading it fails.
type errorBody struct {
	io.Reader
	io.Closer
}

func (b *errorBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil {
		err = io.EOF
	}
	return n, err
}

// readBody reads the body of resp into scratch, which grows as needed. More than limit bytes are a
// *BodyTooLargeError; a body that ends early is the error of the connection.
func readBody(scratch []byte, resp *http.Response, limit int64) ([]byte, error) {
	if resp.ContentLength > limit {
		return nil, &BodyTooLargeError{limit}
	}
	buf := bytes.NewBuffer(scratch[:0])
	if n := resp.ContentLength; n > 0 {
		buf.Grow(int(n) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, &BodyTooLargeError{limit}
	}
	return buf.Bytes(), nil
}

const redacted = "REDACTED"

// redactHeaders keeps the values of headers that are known to be harmless and hides all others.
func (w *wire) redactHeaders(h http.Header) slog.Value {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	attrs := make([]slog.Attr, 0, len(names))
	for _, name := range names {
		value := redacted
		if w.harmless(name) {
			value = strings.Join(h[name], ", ")
		}
		attrs = append(attrs, slog.String(name, value))
	}
	return slog.GroupValue(attrs...)
}

func (w *wire) harmless(name string) bool {
	switch strings.ToLower(name) {
	case "accept", "content-type", "content-length", "user-agent", "consistencylevel", "date", "retry-after", "prefer",
		"x-ms-cmdletname", "x-ms-throttle-limit-percentage", "x-ms-throttle-scope", "x-ms-resource-unit":
		return true
	}
	same := func(other string) bool { return strings.EqualFold(name, other) }
	return same(w.opts.CallIDHeader) || slices.ContainsFunc(w.opts.AnswerIDHeaders, same)
}

// redactQuery keeps the values of parameters that hold no data of the tenant.
func redactQuery(raw string) string {
	if raw == "" {
		return ""
	}
	parts := strings.Split(raw, "&")
	for i, part := range parts {
		key, _, found := strings.Cut(part, "=")
		name, err := url.QueryUnescape(key)
		if err != nil {
			name = key
		}
		switch name {
		case "$select", "$expand", "$top", "$count", "requiresReview":
		default:
			if found {
				parts[i] = key + "=" + redacted
			}
		}
	}
	return strings.Join(parts, "&")
}
