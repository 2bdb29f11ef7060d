package view_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/ops/drawing"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

func TestOutputRaw(t *testing.T) {
	for raw, want := range map[string]string{
		`"text"`:              "text",
		`"two\nlines \u003c"`: "two\nlines <",
		`""`:                  "",
		`7`:                   "7",
		` true `:              "true",
		`null`:                "error",
		`[1]`:                 "error",
		`{"a":1}`:             "error",
		``:                    "error",
	} {
		var b bytes.Buffer
		err := view.OutputRaw(&b, ops.OutputValue{Name: "x", Value: json.RawMessage(raw)})
		got := b.String()
		if err != nil {
			got = "error"
			if !strings.Contains(err.Error(), "--json") {
				t.Errorf("%s: no way out in %v", raw, err)
			}
		}
		if got != want {
			t.Errorf("%s gives %q, want %q", raw, got, want)
		}
	}
}

// Numbers keep their digits, and text is not escaped twice.
func TestOutputsKeepValues(t *testing.T) {
	values := []ops.OutputValue{
		{Name: "big", Value: json.RawMessage(`12345678901234567890`)},
		{Name: "html", Value: json.RawMessage(`"\u003ca \u0026 b\u003e"`)},
		{Name: "secret", Sensitive: true},
	}
	var text, doc bytes.Buffer
	if err := view.Outputs(&text, values); err != nil {
		t.Fatal(err)
	}
	if want := "big = 12345678901234567890\nhtml = \"<a & b>\"\nsecret = (sensitive: not kept in the state)\n"; text.String() != want {
		t.Errorf("got %s", text.String())
	}
	if err := view.OutputsJSON(&doc, values); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"value": 12345678901234567890`, `"value": "<a & b>"`, `"secret": {
      "sensitive": true
    }`} {
		if !strings.Contains(doc.String(), want) {
			t.Errorf("no %s in %s", want, doc.String())
		}
	}
}

// Names may hold what the picture languages use themselves.
func TestGraphEscapes(t *testing.T) {
	odd := addr.Instance{Kind: "setup_policy", Name: `a"b\c`}
	d := &ops.Drawing{
		Nodes: []drawing.Node{{Addr: odd, Instances: 2, Each: true}, {Addr: addr.New("users", "u"), Instances: 1, Lookup: true}},
		Edges: []drawing.Edge{{From: odd, To: addr.New("users", "u"), Declared: true}},
	}
	var mermaid, dot bytes.Buffer
	if err := view.GraphMermaid(&mermaid, d); err != nil {
		t.Fatal(err)
	}
	if want := "flowchart LR\n  n1[\"setup_policy.a#quot;b\\c (2)\"]\n  n2([\"users.u\"])\n  n1 -.-> n2\n"; mermaid.String() != want {
		t.Errorf("got %s", mermaid.String())
	}
	if err := view.GraphDOT(&dot, d); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"setup_policy.a\"b\\c" [label = "setup_policy.a\"b\\c (2)"];`, `-> "users.u" [style = dashed];`} {
		if !strings.Contains(dot.String(), want) {
			t.Errorf("no %s in %s", want, dot.String())
		}
	}
}

// selection has one of everything that a state can hold.
func selection() *ops.Selection {
	names := table.NewStrings(teams.PolicyTypes()...)
	st := state.New("t", "global", "l", names)
	pilot := addr.New("setup_policy", "pilot")
	until := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	st.Objects = []*state.Object{
		{
			Addr: pilot, Kind: "setup_policy", KindVersion: 1, ID: "p", Key: "Pilot", Origin: state.Adopted, Owned: []string{"name"}, Protect: true, OnDestroy: "restore",
			Adopted: json.RawMessage(`{"name":"Old"}`), Attrs: json.RawMessage(`{"name":"Pilot"}`), Pending: &state.Pending{Since: until, Until: until},
		},
		{Addr: pilot, Kind: "setup_policy", KindVersion: 1, Key: "Older", Retiring: true, Origin: state.Created, Attrs: json.RawMessage(`{}`)},
		{Addr: addr.New("zoo", "z"), Kind: "zoo", KindVersion: 3, Origin: state.Created},
	}
	row := table.Row{Type: names.Sym("setup_policy"), Policy: names.Sym("Pilot"), Addr: names.Exact("setup_policy.middle"), Adopted: names.Sym("Global")}
	return &ops.Selection{State: st, Objects: st.Objects, Blocks: []*ops.RowBlock{
		{Addr: "app.first", Rows: []table.Row{row}}, {Addr: "tab.middle", Rows: []table.Row{row, row}}, {Addr: "zoo.zz", Rows: []table.Row{row}},
	}}
}

func TestStateListOrder(t *testing.T) {
	var b bytes.Buffer
	if err := view.StateList(&b, selection()); err != nil {
		t.Fatal(err)
	}
	if want := "app.first\nsetup_policy.pilot\nsetup_policy.pilot (retiring)\ntab.middle\nzoo.z\nzoo.zz\n"; b.String() != want {
		t.Errorf("got %s", b.String())
	}
}

func TestStateShowTellsAll(t *testing.T) {
	var text, doc bytes.Buffer
	if err := view.StateShow(&text, view.Style{}, selection(), teams.Kinds()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"setup_policy.pilot (adopted)", "# id: p", "# key: Pilot", "# managed: name", `# found when taken over: {"name":"Old"}`,
		"# protected: prevent_destroy", "# on_destroy: restore", "# still becoming visible: until 2026-03-04 12:00 UTC",
		"setup_policy.pilot (retiring) (created)", "of a type that this version does not know", `had "Global" when it was taken over`,
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	if err := view.StateShowJSON(&doc, selection()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"retiring": true`, `"prevent_destroy": true`, `"on_destroy": "restore"`, `"until": "2026-03-04T12:00:00Z"`, `"adopted": "Global"`, `"values": null`} {
		if !strings.Contains(doc.String(), want) {
			t.Errorf("no %s in\n%s", want, doc.String())
		}
	}
}
