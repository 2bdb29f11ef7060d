package emulator

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// RoundTripper answers requests in this process, whatever host they name. The
// handler gets and gives the same bytes as over a network.
func (t *Tenant) RoundTripper() http.RoundTripper { return &roundTripper{handler: t.handler} }

type roundTripper struct{ handler http.Handler }

func (rt *roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, fmt.Errorf("read request body: %w", err)
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	in.Body = io.NopCloser(bytes.NewReader(body))
	in.ContentLength = int64(len(body))
	in.RequestURI = r.URL.RequestURI()
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	w := &memory{header: http.Header{}}
	if err := serve(rt.handler, w, in); err != nil {
		return nil, err
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.response(r), nil
}

// errCut is what a connection reports that the other side has closed.
var errCut = fmt.Errorf("the connection was closed: %w", io.ErrUnexpectedEOF)

// serve runs a handler that may break the connection, as http.Server does.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			err = errCut
		default:
			panic(p) //nolint:forbidigo // it goes on as if it had never been caught
		}
	}()
	h.ServeHTTP(w, r)
	return nil
}

// memory keeps an answer.
type memory struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

func (m *memory) Header() http.Header { return m.header }

func (m *memory) WriteHeader(status int) {
	if m.status == 0 {
		m.status, m.sent = status, m.header.Clone()
	}
}

func (m *memory) Write(b []byte) (int, error) {
	m.WriteHeader(http.StatusOK)
	return m.body.Write(b)
}

func (m *memory) response(r *http.Request) *http.Response {
	m.WriteHeader(http.StatusOK)
	if m.status != http.StatusNoContent {
		m.sent.Set("Content-Length", strconv.Itoa(m.body.Len()))
	}
	return &http.Response{
		Status: strconv.Itoa(m.status) + " " + http.StatusText(m.status), StatusCode: m.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: m.sent,
		Body: io.NopCloser(bytes.NewReader(m.body.Bytes())), ContentLength: int64(m.body.Len()), Request: r,
	}
}
