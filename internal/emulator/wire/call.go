package wire

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/teamsform/teamsform/internal/emulator/auth"
)

// MaxJSON bounds a JSON request body, MaxPackage an uploaded app package.
const (
	MaxJSON    = 8 << 20
	MaxPackage = 64 << 20
)

// Call is one request on its way through a service.
type Call struct {
	Writer          http.ResponseWriter
	Request         *http.Request
	Identity        auth.Identity
	RequestID       string
	ClientRequestID string // as sent, may be empty
	Now             time.Time
	Root            string // scheme and host that the caller used, for links
	Prefix          string // path before the routed part: "/v1.0"
	Query           url.Values
	Params          map[string]string
	ContentType     string // of JSON answers
}

// Param gives a decoded path parameter.
func (c *Call) Param(name string) string { return c.Params[name] }

// Beta tells whether the call came in under /beta.
func (c *Call) Beta() bool { return c.Prefix == "/beta" }

// JSON answers with an encoded value.
func (c *Call) JSON(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.Raw(status, body)
}

// Raw answers with JSON that is encoded already.
func (c *Call) Raw(status int, body []byte) error {
	c.Writer.Header().Set("Content-Type", c.ContentType)
	c.Writer.WriteHeader(status)
	_, err := c.Writer.Write(body)
	return err
}

// NoContent answers 204.
func (c *Call) NoContent() error {
	c.Writer.WriteHeader(http.StatusNoContent)
	return nil
}

// Body reads the request body up to limit bytes.
func (c *Call) Body(limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return nil, Errorf(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request body is larger than %d bytes.", limit)
	}
	if err != nil {
		return nil, BadRequest("The request body could not be read: %v", err)
	}
	return body, nil
}

// DecodeJSON reads a JSON body into v. Unknown properties are refused when
// strict.
func (c *Call) DecodeJSON(v any, strict bool) error {
	if ct := c.Request.Header.Get("Content-Type"); ct != "" && !strings.HasPrefix(strings.ToLower(ct), "application/json") {
		return Errorf(http.StatusUnsupportedMediaType, "UnsupportedMediaType", "Content-Type %q is not supported here; send application/json.", ct)
	}
	body, err := c.Body(MaxJSON)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(strings.NewReader(string(body)))
	if strict {
		dec.DisallowUnknownFields()
	}
	if err := dec.Decode(v); err != nil {
		return BadRequest("Unable to read JSON request payload: %v", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return BadRequest("Unable to read JSON request payload: more than one value.")
	}
	return nil
}

// ParseQuery reads a query string. Unlike net/url it keeps semicolons, which
// $expand uses between nested options.
func ParseQuery(raw string) (url.Values, error) {
	values := url.Values{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		k, err := url.QueryUnescape(key)
		if err != nil {
			return nil, BadRequest("Malformed query string: %v", err)
		}
		v, err := url.QueryUnescape(value)
		if err != nil {
			return nil, BadRequest("Malformed query string: %v", err)
		}
		values[k] = append(values[k], v)
	}
	return values, nil
}
