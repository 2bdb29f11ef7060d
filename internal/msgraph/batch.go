package msgraph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/teamsform/teamsform/internal/httpx"
)

// A batch carries up to twenty GETs in one POST. Each item is judged and throttled by itself: the batch is a 200 while
// some of its items are 429 with a Retry-After of their own. Those items, and no others, are sent again after the
// longest of these delays, during which the whole client rests, because the limit they met is the client's.

// maxBatch is Graph's limit for one batch.
const maxBatch = 20

type batchItem struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
}

type batchAnswer struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// batchGet sends a GET for each address below the version and returns the answers in the same order. Template names
// the endpoint in errors. Failed items are answers, not errors.
func (r reads) batchGet(ctx context.Context, template string, urls []string) ([]httpx.Answer, error) {
	answers := make([]httpx.Answer, len(urls))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Workers are bounded here and not by the limiter alone, so that a large batch does not stand in line ahead of
	// everything else.
	slots := make(chan struct{}, r.c.Parallelism())
	var wg sync.WaitGroup
	start := 0
	for chunk := range slices.Chunk(urls, maxBatch) {
		into := answers[start : start+len(chunk)]
		start += len(chunk)
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := r.batch(ctx, chunk, into); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("batch of GET %s: %w", template, err)
	}
	return answers, nil
}

// batch fills into with the answers to at most maxBatch addresses.
func (r reads) batch(ctx context.Context, urls []string, into []httpx.Answer) error {
	todo := make([]int, len(urls))
	for i := range todo {
		todo[i] = i
	}
	for try := 1; ; try++ {
		if err := r.sendBatch(ctx, urls, todo, into); err != nil {
			return err
		}
		var again []int
		delay := time.Duration(0)
		for _, i := range todo {
			if mayPass(into[i].Status) {
				again = append(again, i)
				delay = max(delay, into[i].RetryAfter)
			}
		}
		if len(again) == 0 || try == r.c.MaxTries() {
			return nil
		}
		if delay == 0 {
			delay = r.c.BackOff(into[again[0]].CallID, try)
		}
		if !r.c.Pause(delay) {
			return nil
		}
		todo = again
	}
}

func mayPass(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// sendBatch sends the addresses whose indices are in todo and stores their answers.
func (r reads) sendBatch(ctx context.Context, urls []string, todo []int, into []httpx.Answer) error {
	items := make([]batchItem, len(todo))
	for i, index := range todo {
		items[i] = batchItem{ID: strconv.Itoa(index + 1), Method: http.MethodGet, URL: urls[index]}
	}
	body, err := json.Marshal(struct {
		Requests []batchItem `json:"requests"`
	}{items})
	if err != nil {
		return err
	}
	answer, err := do(ctx, r.c, httpx.Request{
		Method: http.MethodPost, URL: version + "/$batch", Template: "/$batch", Repeatable: true,
		Body: body, ContentType: "application/json", Cost: len(items),
	})
	if err != nil {
		return err
	}
	var page struct {
		Responses []batchAnswer `json:"responses"`
	}
	if err := decode("/$batch", answer, &page); err != nil {
		return err
	}
	return r.sortBatch(answer, page.Responses, todo, into)
}

// sortBatch stores each answer under the index its id names; each of todo must be answered exactly once.
func (r reads) sortBatch(outer httpx.Answer, got []batchAnswer, todo []int, into []httpx.Answer) error {
	open := make(map[string]int, len(todo))
	for _, index := range todo {
		open[strconv.Itoa(index+1)] = index
	}
	for _, item := range got {
		index, ok := open[item.ID]
		if !ok {
			return fmt.Errorf("/$batch: an answer with the id %q, which was not asked or was answered twice (request id %s)",
				httpx.Plain(item.ID), outer.AnswerID)
		}
		delete(open, item.ID)
		header := http.Header{}
		for name, value := range item.Headers {
			header.Set(name, value)
		}
		id := header.Get("request-id")
		if id == "" {
			id = outer.AnswerID
		}
		into[index] = httpx.Answer{
			Status: item.Status, Header: header, Body: item.Body, CallID: outer.CallID, AnswerID: id,
			RetryAfter: r.c.RetryAfter(header),
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("/$batch: %d of %d requests were left without an answer (request id %s)",
			len(open), len(todo), outer.AnswerID)
	}
	return nil
}

// each decodes one answer of a batch into v, or reports that what it asked for does not exist.
func each(template string, a httpx.Answer, v any) (found bool, err error) {
	found, err = succeeded(template, a)
	if !found || err != nil {
		return false, err
	}
	return true, decode(template, a, v)
}

// succeeded reports whether an answer of a batch is what was asked for; that it does not exist is no error.
func succeeded(template string, a httpx.Answer) (found bool, err error) {
	switch a.Status {
	case http.StatusOK:
		return true, nil
	case http.StatusNotFound:
		return false, nil
	}
	return false, newError(httpx.Request{Method: http.MethodGet, Template: template, Repeatable: true}, a)
}
