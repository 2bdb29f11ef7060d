package membership_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/engine/internal/membership"
	"github.com/teamsform/teamsform/engine/internal/model"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/table"
)

// world is a list with two people, and what the last apply recorded of it.
type world struct {
	t     *testing.T
	names *table.Strings
	upns  map[table.ID]string
}

func newWorld(t *testing.T) *world {
	return &world{t, table.NewStrings(), map[table.ID]string{{1}: "Ana@contoso.example", {2}: "ben@contoso.example"}}
}

func (w *world) audience(policy, digest string, missing ...string) model.Audience {
	return model.Audience{
		Block: w.names.Exact("policy_assignment.x"), Policy: model.Policy{Type: w.names.Sym("setup_policy"), Name: w.names.Sym(policy)},
		Digest: digest, Missing: missing,
	}
}

func (w *world) read(recorded json.RawMessage, now ...model.Audience) *membership.Book {
	w.t.Helper()
	b, err := membership.Read(membership.Input{Strings: w.names, Name: func(id table.ID) string { return w.upns[id] }, Audiences: now, Recorded: recorded})
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *world) row(user byte) table.Row {
	return table.Row{User: table.ID{user}, Type: w.names.Sym("setup_policy"), Policy: w.names.Sym("Pilot"), Addr: w.names.Exact("policy_assignment.x")}
}

func TestJoinedAndLeft(t *testing.T) {
	w := newWorld(t)
	before := w.read(nil, w.audience("Pilot", "d1", "ana@contoso.example")).Remember(false)
	for name, c := range map[string]struct {
		recorded  json.RawMessage
		now       model.Audience
		ana, ben  bool
		wantsLeft bool
	}{
		"as it was":                 {recorded: before, now: w.audience("Pilot", "d1"), ana: true, ben: true, wantsLeft: true},
		"edited":                    {recorded: before, now: w.audience("Pilot", "d2"), ana: true},
		"another policy":            {recorded: before, now: w.audience("Kiosk", "d1")},
		"spelled otherwise":         {recorded: before, now: w.audience("PILOT", "d1"), ana: true, ben: true, wantsLeft: true},
		"nothing recorded":          {now: w.audience("Pilot", "d1")},
		"a block without recording": {recorded: json.RawMessage(`{"version":1,"blocks":{"policy_assignment.y":{"digest":"d1"}}}`), now: w.audience("Pilot", "d1")},
	} {
		t.Run(name, func(t *testing.T) {
			b := w.read(c.recorded, c.now)
			if b.Joined(w.row(1)) != c.ana || b.Joined(w.row(2)) != c.ben || b.Left(w.row(2)) != c.wantsLeft {
				t.Errorf("ana joined %v, ben joined %v, ben left %v", b.Joined(w.row(1)), b.Joined(w.row(2)), b.Left(w.row(2)))
			}
		})
	}
}

// A run of what the directory has caused leaves the record of an edited block,
// less the names that somebody has by now; an apply of everything renews it.
func TestRemember(t *testing.T) {
	w := newWorld(t)
	before := w.read(nil, w.audience("Pilot", "d1", "ana@contoso.example", "lee@contoso.example")).Remember(false)
	edited := w.read(before, w.audience("Pilot", "d2", "lee@contoso.example", "new@contoso.example"))
	for membershipOnly, want := range map[bool]*model.AudienceRecord{
		true:  {Policy: "setup_policy/pilot", Digest: "d1", Missing: []string{"lee@contoso.example"}},
		false: {Policy: "setup_policy/pilot", Digest: "d2", Missing: []string{"lee@contoso.example", "new@contoso.example"}},
	} {
		got, err := model.DecodeAudiences(edited.Remember(membershipOnly))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(map[string]*model.AudienceRecord{"policy_assignment.x": want}, got); d != "" {
			t.Errorf("membership only %v: -want +got:\n%s", membershipOnly, d)
		}
	}
}

func TestMovedBlocksAndSizes(t *testing.T) {
	w := newWorld(t)
	recorded := json.RawMessage(`{"version":1,"blocks":{"policy_assignment.old":{"policy":"setup_policy/pilot","digest":"d1"}}}`)
	b, err := membership.Read(membership.Input{
		Strings: w.names, Name: table.ID.String, Audiences: []model.Audience{w.audience("Pilot", "d1")}, Recorded: recorded,
		Moved: func(a addr.Instance) addr.Instance { return addr.New(a.Kind, "x") },
	})
	if err != nil || !b.Joined(w.row(1)) {
		t.Errorf("a block that moved is forgotten: %v", err)
	}
	b.Count([]table.Row{w.row(1), w.row(2)}, []table.Row{w.row(2)})
	if n := b.Sizes()["policy_assignment.x"]; n != 2 {
		t.Errorf("%d people, want 2", n)
	}
	_, err = membership.Read(membership.Input{Strings: w.names, Recorded: json.RawMessage(`{"version":7}`)})
	if err == nil || !strings.Contains(err.Error(), "newer teamsform") {
		t.Errorf("a newer record: %v", err)
	}
}
