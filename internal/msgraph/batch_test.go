package msgraph_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/msgraph"
)

type item struct {
	ID      string            `json:"id"`
	URL     string            `json:"url,omitempty"`
	Status  int               `json:"status,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    any               `json:"body,omitempty"`
}

// batchService answers each item of a batch by answer, in reverse order, and remembers the size of each batch.
type batchService struct {
	answer func(url string, try int) item

	mu    sync.Mutex
	tries map[string]int
	sizes []int
}

func (b *batchService) handle(_ int, r *http.Request, body string) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/$batch") {
		return httpxtest.Reply(404, "")
	}
	var in struct{ Requests []item }
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		return httpxtest.Reply(400, "")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sizes = append(b.sizes, len(in.Requests))
	if b.tries == nil {
		b.tries = map[string]int{}
	}
	var out struct {
		Responses []item `json:"responses"`
	}
	for _, q := range slices.Backward(in.Requests) {
		b.tries[q.URL]++
		a := b.answer(q.URL, b.tries[q.URL])
		a.ID = q.ID
		out.Responses = append(out.Responses, a)
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	return httpxtest.Reply(200, string(raw), "request-id", "outer")
}

func found(url string) item {
	name := strings.TrimPrefix(strings.Split(url, "?")[0], "/users/")
	return item{Status: 200, Body: map[string]any{"id": "id of " + name, "userPrincipalName": name, "accountEnabled": true}}
}

func names(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("user%d@contoso.test", i)
	}
	return list
}

func TestResolveUsers(t *testing.T) {
	for _, n := range []int{0, 1, 19, 20, 21, 45, 500} {
		b := &batchService{answer: func(url string, _ int) item {
			if strings.HasPrefix(url, "/users/user7@") {
				return item{Status: 404, Body: map[string]any{"error": map[string]any{"code": "Request_ResourceNotFound"}}}
			}
			return found(url)
		}}
		r := newRig(t, b.handle)
		got, err := r.ResolveUsers(context.Background(), names(n))
		if err != nil || len(got) != n {
			t.Fatalf("%d names: %d answers, error %v", n, len(got), err)
		}
		for i, res := range got {
			want := fmt.Sprintf("user%d@contoso.test", i)
			if res.Name != want || res.Found != (i != 7) || res.Found && res.User.ID != "id of "+want {
				t.Errorf("name %d: %+v", i, res)
			}
		}
		if calls := r.Calls()["POST /$batch"]; calls != (n+19)/20 {
			t.Errorf("%d names took %d calls", n, calls)
		}
		if n > 0 && slices.Max(b.sizes) > 20 {
			t.Errorf("batches of %v", b.sizes)
		}
	}
}

func TestBatchRepeatsOnlyThrottledItems(t *testing.T) {
	b := &batchService{answer: func(url string, try int) item {
		switch {
		case strings.Contains(url, "user3@") && try == 1:
			return item{Status: 429, Headers: map[string]string{"retry-after": "90"}}
		case strings.Contains(url, "user4@") && try <= 2:
			return item{Status: 503, Headers: map[string]string{"Retry-After": "5"}}
		}
		return found(url)
	}}
	r := newRig(t, b.handle)
	got, err := r.ResolveUsers(context.Background(), names(10))
	if err != nil {
		t.Fatal(err)
	}
	for i, res := range got {
		if !res.Found || res.User.UserPrincipalName != fmt.Sprintf("user%d@contoso.test", i) {
			t.Errorf("name %d: %+v", i, res)
		}
	}
	if diff := cmp.Diff([]int{10, 2, 1}, b.sizes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]time.Duration{90 * time.Second, 5 * time.Second}, r.clock.Slept()); diff != "" {
		t.Error(diff)
	}
}

func TestBatchGivesUpOnAnItem(t *testing.T) {
	for name, tt := range map[string]struct {
		answer item
		calls  int
	}{
		"for ever throttled": {item{Status: 429, Headers: map[string]string{"Retry-After": "1"}}, 6},
		"throttled for long": {item{Status: 429, Headers: map[string]string{"Retry-After": "86400"}}, 1},
		"broken":             {item{Status: 500}, 6},
		"refused": {item{
			Status: 403, Headers: map[string]string{"request-id": "inner"},
			Body: map[string]any{"error": map[string]any{"code": "Authorization_RequestDenied"}},
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := &batchService{answer: func(string, int) item { return tt.answer }}
			r := newRig(t, b.handle)
			_, err := r.ResolveUsers(context.Background(), names(2))
			var e *msgraph.Error
			if !errors.As(err, &e) || e.Status != tt.answer.Status || e.Path != "/users/{id}" || e.MayHaveHappened {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(err.Error(), "user0@contoso.test") {
				t.Errorf("the error does not name whom: %v", err)
			}
			if id := tt.answer.Headers["request-id"]; id != "" && e.RequestID != id || id == "" && e.RequestID != "outer" {
				t.Errorf("request id %q", e.RequestID)
			}
			if len(b.sizes) != tt.calls {
				t.Errorf("%d calls, want %d", len(b.sizes), tt.calls)
			}
		})
	}
}

func TestBatchWithWrongAnswers(t *testing.T) {
	r := newRig(t, always(200, `{"responses":[{"id":"1","status":200,"body":{}}]}`))
	if _, err := r.ResolveUsers(context.Background(), names(2)); err == nil || !strings.Contains(err.Error(), "1 of 2") {
		t.Errorf("one missing: %v", err)
	}
	for name, body := range map[string]string{
		"one missing":    `{"responses":[{"id":"1","status":200,"body":{}}]}`,
		"one twice":      `{"responses":[{"id":"1","status":200,"body":{}},{"id":"1","status":200,"body":{}}]}`,
		"one unasked":    `{"responses":[{"id":"1","status":200,"body":{}},{"id":"9","status":200,"body":{}}]}`,
		"none":           `{}`,
		"not JSON":       `oops`,
		"body of a kind": `{"responses":[{"id":"1","status":200,"body":"text"},{"id":"2","status":200,"body":{}}]}`,
	} {
		r := newRig(t, always(200, body))
		if _, err := r.ResolveUsers(context.Background(), names(2)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestBatchStopsAtTheFirstFailure(t *testing.T) {
	r := newRig(t, always(403, `{"error":{"code":"Forbidden"}}`), func(o *msgraph.Options) { o.Parallelism = 1 })
	_, err := r.ResolveUsers(context.Background(), names(200))
	if !msgraph.IsForbidden(err) {
		t.Errorf("got %v", err)
	}
	if n := len(r.service.Sent()); n > 2 {
		t.Errorf("%d batches were sent after the first was refused", n)
	}
}

func TestBatchAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := newRig(t, always(200, `{}`))
	if _, err := r.ResolveUsers(ctx, names(50)); !errors.Is(err, context.Canceled) || len(r.service.Sent()) != 0 {
		t.Errorf("got %v after %d requests", err, len(r.service.Sent()))
	}
}

func TestUserConfigurationsByID(t *testing.T) {
	b := &batchService{answer: func(url string, _ int) item {
		if strings.Contains(url, "/gone?") {
			return item{Status: 404}
		}
		return item{Status: 200, Body: json.RawMessage(`{"id":"here","effectivePolicyAssignments":[{"policyType":"TeamsAppSetupPolicy",` +
			`"policyAssignment":{"displayName":"Tag:Pilot","assignmentType":"group","groupId":"g"}}]}`)}
	}}
	r := newRig(t, b.handle)
	got, err := r.UserConfigurationsByID(context.Background(), []string{"here", "gone"})
	want := []msgraph.UserConfiguration{{ID: "here", Policies: []msgraph.EffectivePolicy{{
		PolicyType: "TeamsAppSetupPolicy",
		Assignment: msgraph.PolicyAssignment{DisplayName: "Tag:Pilot", AssignmentType: "group", GroupID: "g"},
	}}}, {}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v\n%s", err, diff)
	}
}

// Chunks of other reads respect Graph's limits as well.
func TestChunks(t *testing.T) {
	r := newRig(t, always(200, `{"value":[]}`))
	if _, err := r.GetByIDs(context.Background(), names(2001)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.CheckMemberGroups(context.Background(), userID, names(41)); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"POST /directoryObjects/getByIds": 3, "POST /users/{id}/checkMemberGroups": 3}
	if diff := cmp.Diff(want, r.Calls()); diff != "" {
		t.Error(diff)
	}
}

// The service counts the items of a batch one by one, and so does the limiter.
func TestBatchesKeepTheRate(t *testing.T) {
	b := &batchService{answer: func(url string, _ int) item { return found(url) }}
	r := newRig(t, b.handle, func(o *msgraph.Options) { o.Rate, o.Parallelism = 20, 1 })
	start := r.clock.Now()
	if _, err := r.ResolveUsers(context.Background(), names(100)); err != nil {
		t.Fatal(err)
	}
	// The burst of a second lets the first batch out at once, and all of the second but one item.
	if took, want := r.clock.Now().Sub(start), 80*50*time.Millisecond-950*time.Millisecond; took != want {
		t.Errorf("took %s, want %s", took, want)
	}
}
