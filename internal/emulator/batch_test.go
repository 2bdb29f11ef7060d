package emulator_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/teamsform/teamsform/internal/emulator/faults"
)

type batchItem struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers,omitempty"`
	Body      any               `json:"body,omitempty"`
	DependsOn []string          `json:"dependsOn,omitempty"`
}

type batchAnswer struct {
	Status  int
	Headers map[string]string
	Body    json.RawMessage
}

// batch sends items in one request and gives the answers by id.
func batch(c *client, items ...batchItem) map[string]batchAnswer {
	c.t.Helper()
	a := c.want(200, "POST", "/v1.0/$batch", map[string]any{"requests": items})
	var body struct {
		Responses []struct {
			ID string
			batchAnswer
		}
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		c.t.Fatal(err)
	}
	out := map[string]batchAnswer{}
	for _, r := range body.Responses {
		out[r.ID] = r.batchAnswer
		for _, item := range items {
			if item.ID == r.ID && c.check != nil {
				raw, _ := json.Marshal(item.Body)
				if item.Body == nil {
					raw = nil
				}
				h, answered := http.Header{}, http.Header{}
				for k, v := range item.Headers {
					h.Set(k, v)
				}
				for k, v := range r.Headers {
					answered.Set(k, v)
				}
				c.check(item.Method, graphRoot+"/v1.0"+item.URL, h, raw, answer{r.Status, answered, r.Body})
			}
		}
	}
	return out
}

func TestBatchAnswersEachRequest(t *testing.T) {
	tenant := open(t, nil)
	c := admin(t, tenant)
	got := batch(c,
		batchItem{ID: "1", Method: "GET", URL: "/users/ada@contoso.example?$select=id"},
		batchItem{ID: "2", Method: "GET", URL: "/users/nobody@contoso.example"},
		batchItem{ID: "3", Method: "GET", URL: "/groups", DependsOn: []string{"1"}},
		batchItem{ID: "4", Method: "GET", URL: "/groups", DependsOn: []string{"2"}},
		batchItem{
			ID: "5", Method: "POST", URL: "/directoryObjects/getByIds", Headers: map[string]string{"Content-Type": "application/json"},
			Body: map[string]any{"ids": []string{userID(c, "ben@contoso.example")}},
		},
		batchItem{
			ID: "6", Method: "POST", URL: "/appCatalogs/teamsApps", Headers: map[string]string{"Content-Type": "application/zip"},
			Body: base64.StdEncoding.EncodeToString(pack(t, manifest(helpdeskID, "1.0.0"))),
		},
		batchItem{ID: "7", Method: "GET", URL: "/users/$count", Headers: map[string]string{"ConsistencyLevel": "eventual"}},
	)
	for id, status := range map[string]int{"1": 200, "2": 404, "3": 200, "4": 424, "5": 200, "6": 201, "7": 200} {
		if got[id].Status != status {
			t.Errorf("request %s: status %d, want %d: %s", id, got[id].Status, status, got[id].Body)
		}
	}
	if got["1"].Headers["Request-Id"] == "" || got["6"].Headers["Location"] == "" {
		t.Errorf("headers: %v, %v", got["1"].Headers, got["6"].Headers)
	}
	same(t, "bare number", string(got["7"].Body), "11")
	if publishedAs := c.want(200, "GET", "/v1.0/appCatalogs/teamsApps", nil).length("value"); publishedAs != 1 {
		t.Errorf("%d apps after a batch that published one", publishedAs)
	}
}

func TestMalformedBatchesAreRefused(t *testing.T) {
	c := admin(t, open(t, nil))
	get := func(id string) batchItem { return batchItem{ID: id, Method: "GET", URL: "/users"} }
	var tooMany []batchItem
	for i := range 21 {
		tooMany = append(tooMany, get(fmt.Sprint(i)))
	}
	batch(c, tooMany[:20]...)
	for name, items := range map[string][]batchItem{
		"none":               {},
		"21":                 tooMany,
		"same id":            {get("1"), get("1")},
		"no id":              {get("")},
		"absolute url":       {{ID: "1", Method: "GET", URL: "https://graph.microsoft.com/v1.0/users"}},
		"no method":          {{ID: "1", URL: "/users"}},
		"no content type":    {{ID: "1", Method: "POST", URL: "/x", Body: 1}},
		"batch in a batch":   {{ID: "1", Method: "POST", URL: "/$batch"}},
		"unknown dependency": {{ID: "1", Method: "GET", URL: "/users", DependsOn: []string{"2"}}},
	} {
		if a := c.do("POST", "/v1.0/$batch", map[string]any{"requests": items}); a.status != 400 {
			t.Errorf("%s: status %d, want 400", name, a.status)
		}
	}
}

func TestBatchRunsUnderTheCallersToken(t *testing.T) {
	tenant := open(t, nil)
	c := as(t, tenant, appToken(tenant, "User.Read.All"))
	got := batch(c, batchItem{ID: "1", Method: "GET", URL: "/users"}, batchItem{ID: "2", Method: "GET", URL: "/groups"})
	if got["1"].Status != 200 || got["2"].Status != 403 {
		t.Errorf("status %d and %d, want 200 and 403", got["1"].Status, got["2"].Status)
	}
}

func TestBatchItemsAreThrottledOneByOne(t *testing.T) {
	tenant := open(t, nil)
	tenant.Faults().Add(faults.Fault{Status: 429, RetryAfter: 7, Times: 1, PathPrefix: "/v1.0/users"})
	got := batch(admin(t, tenant), batchItem{ID: "1", Method: "GET", URL: "/users"}, batchItem{ID: "2", Method: "GET", URL: "/users"})
	if got["1"].Status != 429 || got["1"].Headers["Retry-After"] != "7" || got["2"].Status != 200 {
		t.Errorf("got %d %v and %d", got["1"].Status, got["1"].Headers, got["2"].Status)
	}
}
