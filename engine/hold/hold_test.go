package hold_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/engine/hold"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/state"
)

func one() *hold.Hold {
	return &hold.Hold{
		App: addr.New("app", "helpdesk"), ManifestID: "M-1", CatalogID: "c-1", Name: "Helpdesk", Reason: "leaks", By: "ann@laptop",
		Since: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC),
		Cuts: []hold.Cut{{
			Kind: "permission_policy", Key: "Kiosk", ID: "Kiosk", Attr: "custom_apps",
			Before: map[string]any{"allow_only": []any{"c-1"}}, After: map[string]any{"allow_only": []any{}}, Done: true, Root: "sales",
		}},
	}
}

func blank() *state.State {
	s := state.New("tenant", "global", "lineage", table.NewStrings())
	s.Serial = 1
	return s
}

// written passes a state through its document.
func written(t *testing.T, s *state.State) *state.State {
	t.Helper()
	var doc bytes.Buffer
	if _, err := state.Encode(&doc, s); err != nil {
		t.Fatal(err)
	}
	back, err := state.Decode(&doc, table.NewStrings())
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func holds(t *testing.T, s *state.State) []*hold.Hold {
	t.Helper()
	list, err := hold.Of(s)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestHoldsComeBackFromTheDocument(t *testing.T) {
	s := blank()
	all := &hold.Hold{All: true, Reason: "everything", By: "bob@desk", Since: time.Date(2026, 3, 5, 1, 2, 3, 0, time.UTC)}
	for _, h := range []*hold.Hold{one(), all, one()} { // the second of one app replaces the first
		if err := h.Put(s); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]*hold.Hold{all, one()}, holds(t, written(t, s))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	one().Remove(s)
	if d := cmp.Diff([]*hold.Hold{all}, holds(t, s)); d != "" {
		t.Errorf("after removing one (-want +got):\n%s", d)
	}
}

func TestAddresses(t *testing.T) {
	for want, h := range map[string]*hold.Hold{
		`hold.~app["M-1"]`:      one(),
		"hold.~all_custom_apps": {All: true},
	} {
		got := h.Addr()
		if got.String() != want {
			t.Errorf("address %s, want %s", got, want)
		}
		if back, err := addr.Parse(got.String()); err != nil || back != got {
			t.Errorf("%s comes back as %v, %v", got, back, err)
		}
	}
}

func TestTitles(t *testing.T) {
	nameless := one()
	nameless.Name = ""
	for want, h := range map[string]*hold.Hold{
		`app.helpdesk "Helpdesk"`: one(),
		"app.helpdesk":            nameless,
		"every custom app":        {All: true},
	} {
		if got := h.Title(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWhatANewerVersionWrote(t *testing.T) {
	s := blank()
	if err := one().Put(s); err != nil {
		t.Fatal(err)
	}
	s.Objects[0].KindVersion = hold.Version + 1
	if _, err := hold.Of(s); err == nil || !strings.Contains(err.Error(), "newer teamsform") {
		t.Errorf("error %v", err)
	}
	s.Objects[0].KindVersion, s.Objects[0].Attrs = hold.Version, json.RawMessage(`{"cuts":7}`)
	if _, err := hold.Of(s); err == nil || !strings.Contains(err.Error(), `hold.~app["M-1"]`) {
		t.Errorf("error %v", err)
	}
}

// Carry brings the holds of another document over, and leaves the rest alone.
func TestCarry(t *testing.T) {
	from, to := blank(), blank()
	if err := one().Put(from); err != nil {
		t.Fatal(err)
	}
	gone := &hold.Hold{All: true, Reason: "lifted meanwhile"}
	if err := gone.Put(to); err != nil {
		t.Fatal(err)
	}
	kept := &state.Object{Addr: addr.New("app", "helpdesk"), Kind: "app", KindVersion: 1, Key: "M-1", Origin: state.Created, Attrs: json.RawMessage(`{}`)}
	to.Objects = append(to.Objects, kept)
	to.Sort()
	if hold.Alone(to) || !hold.Alone(from) || !hold.Alone(blank()) {
		t.Error("Alone is wrong")
	}
	hold.Carry(from, to)
	if d := cmp.Diff([]*hold.Hold{one()}, holds(t, written(t, to))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if to.Object(kept.Addr) == nil {
		t.Error("the app is gone")
	}
}

func TestHeld(t *testing.T) {
	unknown := &hold.Hold{App: addr.New("app", "new"), ManifestID: "m-2"}
	ref := schema.Ref{Addr: addr.New("app", "new"), Attr: schema.CatalogID}
	for _, tc := range []struct {
		name  string
		holds []*hold.Hold
		find  func(string) any
		want  schema.Held
	}{
		{"none", nil, nil, schema.Held{Model: "policies"}},
		{"one", []*hold.Hold{one()}, nil, schema.Held{Model: "policies", Apps: []any{"c-1"}}},
		{"all", []*hold.Hold{{All: true}, one()}, nil, schema.Held{Model: "policies", All: true, Apps: []any{"c-1"}}},
		{"not published", []*hold.Hold{unknown}, nil, schema.Held{Model: "policies"}},
		{"not published, found", []*hold.Hold{unknown}, func(id string) any {
			if id == "m-2" {
				return ref
			}
			return nil
		}, schema.Held{Model: "policies", Apps: []any{ref}}},
	} {
		got := hold.Held(tc.holds, "policies", tc.find)
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, d)
		}
		if got.Any() != (len(tc.want.Apps) > 0 || tc.want.All) {
			t.Errorf("%s: Any is %v", tc.name, got.Any())
		}
	}
}

// FuzzOf reads what may stand in a state: it gives holds or an error.
func FuzzOf(f *testing.F) {
	raw, err := json.Marshal(one())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"app":"app.x","since":"yesterday"}`))
	f.Add([]byte(`{"cuts":[{"before":{"allow_only":[1,{}]}}]}`))
	f.Fuzz(func(t *testing.T, attrs []byte) {
		s := blank()
		s.Objects = []*state.Object{{Addr: addr.New(hold.Kind, "~app").WithKey("x"), Kind: hold.Kind, KindVersion: hold.Version, Attrs: attrs}}
		list, err := hold.Of(s)
		if err != nil {
			return
		}
		h := list[0]
		if err := h.Put(s); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := hold.Of(s)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		_ = hold.Held(again, "policies", nil)
		_ = h.Title()
	})
}
