package graph

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// Page sizes of directory listings.
const (
	defaultPage = 100
	maxPage     = 999
)

// pageSize reads $top.
func pageSize(c *wire.Call) (int, error) {
	raw := c.Query.Get("$top")
	if raw == "" {
		return defaultPage, nil
	}
	n, err := strconv.Atoi(raw)
	if err != nil || n < 1 || n > maxPage {
		return 0, wire.Errorf(400, "Request_BadRequest", "Invalid page size specified: '%s'. Must be between 1 and %d inclusive.", raw, maxPage)
	}
	return n, nil
}

// position reads $skiptoken: the last object of the page before.
func position(c *wire.Call) (*store.Member, error) {
	raw := c.Query.Get("$skiptoken")
	if raw == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(raw)
	if err != nil || len(b) != 18 || b[0] != 1 {
		return nil, wire.Errorf(400, "Directory_ExpiredPageToken", "The specified page token value has expired and can no longer be included in your request.")
	}
	return &store.Member{ID: ids.ID(b[2:]), Group: b[1] == 1}, nil
}

func positionID(c *wire.Call) (*ids.ID, error) {
	p, err := position(c)
	if p == nil || err != nil {
		return nil, err
	}
	return &p.ID, nil
}

func skipToken(last store.Member) string {
	b := make([]byte, 2, 18)
	b[0] = 1
	if last.Group {
		b[1] = 1
	}
	return base64.RawURLEncoding.EncodeToString(append(b, last.ID[:]...))
}

// nextLink is the address of the page after last: the same request with
// another $skiptoken.
func nextLink(c *wire.Call, last store.Member) string {
	var b strings.Builder
	b.WriteString(c.Root + c.Request.URL.EscapedPath() + "?")
	for pair := range strings.SplitSeq(c.Request.URL.RawQuery, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if pair != "" && key != "$skiptoken" && key != "%24skiptoken" {
			b.WriteString(pair + "&")
		}
	}
	b.WriteString("$skiptoken=" + skipToken(last))
	return b.String()
}

// listing builds {"@odata.context":..,"@odata.count":..,"@odata.nextLink":..,"value":[..]}.
// The items come first because the link is only known after them.
type listing struct {
	items []byte
	n     int
	last  store.Member
	more  bool
}

// add makes room for one more element and gives the buffer to append it to.
func (l *listing) add() []byte {
	if l.n > 0 {
		l.items = append(l.items, ',')
	}
	l.n++
	return l.items
}

// write answers with the page. count is left out when negative.
func (l *listing) write(c *wire.Call, context string, count int) error {
	out := make([]byte, 0, len(l.items)+512)
	out = append(out, `{"@odata.context":`...)
	out = appendText(out, c.Root+c.Prefix+"/$metadata#"+context)
	if count >= 0 {
		out = append(out, `,"@odata.count":`...)
		out = strconv.AppendInt(out, int64(count), 10)
	}
	if l.more {
		out = append(out, `,"@odata.nextLink":`...)
		out = appendText(out, nextLink(c, l.last))
	}
	out = append(out, `,"value":[`...)
	out = append(out, l.items...)
	return c.Raw(200, append(out, "]}"...))
}

// advanced tells whether the caller asked for advanced directory queries.
func advanced(c *wire.Call) bool {
	return strings.EqualFold(c.Request.Header.Get("ConsistencyLevel"), "eventual")
}

// wantsCount tells whether the answer carries @odata.count: only with the
// ConsistencyLevel header, only on the first page; otherwise $count=true is
// ignored without a word.
func wantsCount(c *wire.Call) bool {
	return advanced(c) && strings.EqualFold(c.Query.Get("$count"), "true") && c.Query.Get("$skiptoken") == ""
}
