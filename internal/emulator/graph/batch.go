package graph

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// maxBatch is the number of requests that one batch may hold.
const maxBatch = 20

func (s *Server) batchRoutes() []wire.Route {
	return []wire.Route{{Method: "POST", Pattern: "/$batch", Handle: s.batch}}
}

type batchItem struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

type batchAnswer struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

// batch answers up to 20 requests in one. Each is answered, and may fail, on
// its own; one that depends on a failed one answers 424.
func (s *Server) batch(c *wire.Call) error {
	var body struct {
		Requests []batchItem `json:"requests"`
	}
	if err := c.DecodeJSON(&body, false); err != nil {
		return err
	}
	if err := checkBatch(body.Requests); err != nil {
		return err
	}
	answers := make([]batchAnswer, 0, len(body.Requests))
	status := map[string]int{}
	for _, item := range body.Requests {
		a := batchAnswer{ID: item.ID, Status: http.StatusFailedDependency}
		if failed := failedDependency(item, status); failed == "" {
			a = s.batchItem(c, item)
		} else {
			a = refusedItem(item.ID, a.Status, "FailedDependency", "Not executed: request '"+failed+"' failed.")
		}
		status[item.ID] = a.Status
		answers = append(answers, a)
	}
	return c.JSON(http.StatusOK, map[string]any{"responses": answers})
}

// refusedItem is the answer to a request that was not sent on.
func refusedItem(id string, status int, code, message string) batchAnswer {
	body, _ := json.Marshal(map[string]any{"error": map[string]string{"code": code, "message": message}}) // plain strings cannot fail
	return batchAnswer{ID: id, Status: status, Headers: map[string]string{"Content-Type": "application/json"}, Body: body}
}

func checkBatch(items []batchItem) error {
	if len(items) == 0 || len(items) > maxBatch {
		return wire.BadRequest("Number of batch request steps must be between 1 and %d; there are %d.", maxBatch, len(items))
	}
	seen := map[string]bool{}
	for _, item := range items {
		switch {
		case item.ID == "":
			return wire.BadRequest("Every request of a batch needs an id.")
		case seen[item.ID]:
			return wire.BadRequest("Request Id %s has to be unique in a batch.", item.ID)
		case item.Method == "" || !strings.HasPrefix(item.URL, "/"):
			return wire.BadRequest("Request %s needs a method and a url that begins with '/' and is relative to the version.", item.ID)
		case len(item.Body) > 0 && !hasHeader(item.Headers, "Content-Type"):
			return wire.BadRequest("Request %s has a body and needs a Content-Type header.", item.ID)
		case strings.HasPrefix(item.URL, "/$batch"):
			return wire.BadRequest("Request %s is a batch within a batch.", item.ID)
		}
		for _, d := range item.DependsOn {
			if !seen[d] {
				return wire.BadRequest("Request %s depends on %s, which does not stand before it.", item.ID, d)
			}
		}
		seen[item.ID] = true
	}
	return nil
}

func hasHeader(h map[string]string, name string) bool {
	for k := range h {
		if strings.EqualFold(k, name) {
			return true
		}
	}
	return false
}

func failedDependency(item batchItem, status map[string]int) string {
	for _, d := range item.DependsOn {
		if status[d] >= 400 {
			return d
		}
	}
	return ""
}

// batchItem answers one request under the identity of the batch.
func (s *Server) batchItem(c *wire.Call, item batchItem) batchAnswer {
	body, err := itemBody(item)
	if err == nil {
		var r *http.Request
		if r, err = http.NewRequestWithContext(c.Request.Context(), strings.ToUpper(item.Method), c.Root+c.Prefix+item.URL, bytes.NewReader(body)); err == nil {
			for k, v := range item.Headers {
				r.Header.Set(k, v)
			}
			r.Header.Set("Authorization", c.Request.Header.Get("Authorization"))
			rec := newRecorder()
			s.opt.Items(rec, r)
			return rec.answer(item.ID)
		}
	}
	return refusedItem(item.ID, http.StatusBadRequest, "BadRequest", err.Error())
}

// itemBody gives the bytes of an item's body: JSON as it stands, anything else
// from base64 text.
func itemBody(item batchItem) ([]byte, error) {
	for k, v := range item.Headers {
		if strings.EqualFold(k, "Content-Type") && !strings.HasPrefix(strings.ToLower(v), "application/json") {
			var raw []byte
			if len(item.Body) == 0 {
				return nil, nil
			}
			err := json.Unmarshal(item.Body, &raw) // []byte is base64 in JSON
			return raw, err
		}
	}
	return item.Body, nil
}

// recorder keeps one answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder { return &recorder{header: http.Header{}} }

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

func (r *recorder) answer(id string) batchAnswer {
	a := batchAnswer{ID: id, Status: max(r.status, http.StatusOK), Headers: map[string]string{}}
	for k, v := range r.header {
		a.Headers[k] = strings.Join(v, ",")
	}
	if raw := r.body.Bytes(); json.Valid(raw) {
		a.Body = raw
	} else if len(raw) > 0 {
		a.Body, _ = json.Marshal(raw) // bytes become base64
	}
	return a
}
