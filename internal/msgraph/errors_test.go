package msgraph_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/httpx/httpxtest"
	"github.com/teamsform/teamsform/internal/msgraph"
)

// failure is what a client reports for an answer of that status and body.
func failure(t testing.TB, status int, body string, headers ...string) error {
	t.Helper()
	r := newRig(t, always(status, body, headers...), func(o *msgraph.Options) { o.MaxTries = 1 })
	_, err := r.TeamsAppSettings(context.Background())
	return err
}

func TestErrorBodies(t *testing.T) {
	tests := []struct {
		name string
		body string
		want msgraph.Error // Status, ids, Method and Path are filled in below
		text string
	}{
		{
			"throttled",
			`{"error":{"code":"TooManyRequests","innerError":{"code":"429","date":"2024-01-18T21:47:58","message":"Please retry after","request-id":"r","status":"429"},"message":"Please retry again later."}}`,
			msgraph.Error{Code: "TooManyRequests", InnerCode: "429", Message: "Please retry after"},
			"GET /teamwork/teamsAppSettings: 418 I'm a teapot (429): Please retry after [request-id svc-1, client-request-id 00000000-0000-4000-8000-000000000001]",
		},
		{
			"the deepest code counts, an empty message does not",
			`{"error":{"code":"Conflict","message":"Conflict","innererror":{"code":"X","innerError":{"code":"AppDefinitionAlreadyExists","message":""}}}}`,
			msgraph.Error{Code: "Conflict", InnerCode: "AppDefinitionAlreadyExists", Message: "Conflict"},
			"",
		},
		{
			"details",
			`{"error":{"code":"BadRequest","message":"name | Required","innerError":{"code":"UnableToParseTeamsAppManifest","message":"The manifest is wrong","details":[{"code":"A","message":"too short","target":"name.short"},{"code":"B","message":"missing","target":null}]}}}`,
			msgraph.Error{
				Code: "BadRequest", InnerCode: "UnableToParseTeamsAppManifest", Message: "The manifest is wrong",
				Details: []msgraph.Detail{{Code: "A", Message: "too short", Target: "name.short"}, {Code: "B", Message: "missing"}},
			},
			"GET /teamwork/teamsAppSettings: 418 I'm a teapot (UnableToParseTeamsAppManifest): The manifest is wrong; " +
				"name.short A: too short; B: missing [request-id svc-1, client-request-id 00000000-0000-4000-8000-000000000001]",
		},
		{"no inner error", `{"error":{"code":"NotFound","message":"gone"}}`, msgraph.Error{Code: "NotFound", InnerCode: "NotFound", Message: "gone"}, ""},
		{"odd types", `{"error":{"code":404,"message":{"lang":"en"},"details":"none","innerError":"none"}}`, msgraph.Error{Code: "404", InnerCode: "404"}, ""},
		{"an error that is a text", `{"error":"unauthorized_client"}`, msgraph.Error{Message: `{"error":"unauthorized_client"}`}, ""},
		{"HTML", "<html>\n<b>502</b>\x1b[31m", msgraph.Error{Message: "<html> <b>502</b> [31m"}, ""},
		{"nothing", "", msgraph.Error{}, "GET /teamwork/teamsAppSettings: 418 I'm a teapot [request-id svc-1, client-request-id 00000000-0000-4000-8000-000000000001]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := failure(t, 418, tt.body, "request-id", "svc-1")
			var got *msgraph.Error
			if !errors.As(err, &got) {
				t.Fatalf("got %v", err)
			}
			want := tt.want
			want.Status, want.Method, want.Path = 418, "GET", "/teamwork/teamsAppSettings"
			want.RequestID, want.ClientRequestID = "svc-1", "00000000-0000-4000-8000-000000000001"
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Error(diff)
			}
			if tt.text != "" && err.Error() != tt.text {
				t.Errorf("text\n%s\nwant\n%s", err, tt.text)
			}
		})
	}
}

func TestRequestIDFromTheBody(t *testing.T) {
	err := failure(t, 400, `{"error":{"code":"BadRequest","innerError":{"request-id":"from-body"}}}`)
	if !strings.Contains(err.Error(), "[request-id from-body,") {
		t.Errorf("got %v", err)
	}
}

func TestPredicates(t *testing.T) {
	body := func(outer, inner string) string {
		return fmt.Sprintf(`{"error":{"code":%q,"innerError":{"code":%q}}}`, outer, inner)
	}
	predicates := []struct {
		name string
		is   func(error) bool
	}{
		{"not found", msgraph.IsNotFound},
		{"already exists", msgraph.IsAlreadyExists},
		{"invalid package", msgraph.IsInvalidPackage},
		{"forbidden", msgraph.IsForbidden},
		{"conflict", msgraph.IsConflict},
		{"throttled", msgraph.IsThrottled},
		{"ambiguous", msgraph.IsAmbiguous},
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{failure(t, 404, ""), "not found"},
		{failure(t, 409, body("Conflict", "AppDefinitionAlreadyExists")), "already exists"},
		{failure(t, 400, body("BadRequest", "UnableToParseTeamsAppManifest")), "invalid package"},
		{failure(t, 403, ""), "forbidden"},
		{failure(t, 401, ""), "forbidden"},
		{failure(t, 412, ""), "conflict"},
		{failure(t, 409, body("Directory_ConcurrencyViolation", "")), "conflict"},
		{failure(t, 429, ""), "throttled"},
		{&msgraph.NotFoundError{What: "x"}, "not found"},
		{&msgraph.AmbiguousError{}, "ambiguous"},
		{failure(t, 500, ""), ""}, // of a read
		{errors.New("other"), ""},
		{nil, ""},
	} {
		for _, p := range predicates {
			err := tt.err
			if err != nil {
				err = fmt.Errorf("wrapped: %w", err)
			}
			if got := p.is(err); got != (p.name == tt.want) {
				t.Errorf("%v is %s: %v", tt.err, p.name, got)
			}
		}
	}
}

func TestThrottledForTooLongSaysSo(t *testing.T) {
	r := newRig(t, always(429, "", "Retry-After", "7200"))
	_, err := r.TeamsAppSettings(context.Background())
	if !msgraph.IsThrottled(err) || !strings.Contains(err.Error(), "2h0m0s") || len(r.service.Sent()) != 1 {
		t.Errorf("got %v after %d requests", err, len(r.service.Sent()))
	}
}

func TestSignInError(t *testing.T) {
	r := newRig(t, always(200, "{}"))
	r.cred.Err = errors.New("secret expired")
	_, err := r.TeamsAppSettings(context.Background())
	var signIn *msgraph.SignInError
	if !errors.As(err, &signIn) || !strings.Contains(err.Error(), "secret expired") {
		t.Errorf("got %v", err)
	}
}

func TestNewWantsWhatItNeeds(t *testing.T) {
	if _, err := msgraph.New(msgraph.Options{Root: root, Credential: &httpxtest.Credential{}}); err == nil {
		t.Error("a client without a clock was made")
	}
	if _, err := msgraph.New(msgraph.Options{Root: "graph.test"}); err == nil {
		t.Error("a client without an address was made")
	}
}

// Whatever a service or a proxy answers, the error is printable, bounded and keeps the status.
func FuzzErrorBody(f *testing.F) {
	f.Add([]byte(`{"error":{"code":"Conflict","innerError":{"code":"AppDefinitionAlreadyExists","details":[{"code":1}]}}}`))
	f.Add([]byte(`{"error":{"innererror":{"innererror":{"code":"deep"}}}}`))
	f.Add([]byte(`{"error":{"code":["x"],"message":"\u001b[31m","details":[[]]}}`))
	f.Add([]byte(`<html>` + strings.Repeat("x", 5000)))
	f.Add([]byte(strings.Repeat(`{"error":`, 200)))
	f.Add([]byte("\xff\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		err := failure(t, http.StatusConflict, string(body))
		var e *msgraph.Error
		if !errors.As(err, &e) || e.Status != http.StatusConflict {
			t.Fatalf("got %v", err)
		}
		if text := err.Error(); len(text) > 700_000 || strings.ContainsAny(text, "\n\r\x1b\x00") {
			t.Errorf("%d bytes: %.200q", len(text), text)
		}
		if raw, err := json.Marshal(e); err != nil || len(raw) == 0 {
			t.Error(err)
		}
	})
}
