package schema_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"pgregory.net/rapid"
)

func policy() *schema.Kind {
	return &schema.Kind{
		Name: "setup_policy", Version: 2, Rank: schema.RankSetupPolicy, KeyAttr: "name",
		Reserved: func(key string) bool { return schema.FoldKey(key) == "global" },
		Attrs: []*schema.Attr{
			{Name: "name", Type: schema.String{Fold: true}},
			{Name: "upload", Type: schema.Bool{}},
			{Name: "rank", Type: schema.Int{}},
			{Name: "pinned", Type: schema.Apps{Ordered: true}},
			{Name: "source", Type: schema.String{}, Input: true},
			{Name: "digest", Type: schema.String{}, Derived: true},
			{Name: "id", Type: schema.String{}, Late: true},
		},
		Upgrade: func(from int, raw json.RawMessage) (json.RawMessage, error) {
			if from != 1 {
				return nil, errors.New("too old")
			}
			return json.RawMessage(strings.Replace(string(raw), `"pins"`, `"pinned"`, 1)), nil
		},
	}
}

func TestFoldKey(t *testing.T) {
	for in, want := range map[string]string{
		"Frontline": "frontline", "Tag:Frontline": "frontline", "tag:Global": "global", " TAG: Two Words ": "two words",
		"Tag": "tag", "tag:": "", "": "", "Tagged:x": "tagged:x", "ÄÖ": "äö",
	} {
		if got := schema.FoldKey(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringMatching(`[A-Za-zÄö :0-9]{0,12}`).Draw(t, "key")
		once := schema.FoldKey(key)
		if again := schema.FoldKey("Tag:" + key); !strings.EqualFold(strings.TrimSpace(key), key) && again != once {
			t.Fatalf("%q and its tagged form differ: %q, %q", key, once, again)
		}
	})
}

func TestKindAttributes(t *testing.T) {
	k := policy()
	if k.Attr("upload") == nil || k.Attr("uploads") != nil {
		t.Error("Attr")
	}
	if d := cmp.Diff([]string{"name", "upload", "rank", "pinned", "digest"}, k.Managed()); d != "" {
		t.Errorf("managed (-want +got):\n%s", d)
	}
	if !k.IsReserved("Tag:Global") || k.IsReserved("Frontline") || !(&schema.Kind{Unlabeled: true}).IsReserved("") || (&schema.Kind{}).IsReserved("Global") {
		t.Error("IsReserved")
	}
}

func TestEncodeDecode(t *testing.T) {
	k := policy()
	attrs := schema.Attrs{"name": "Frontline", "upload": false, "rank": int64(3), "pinned": []any{"b", schema.Ref{Addr: addr.New("app", "x"), Attr: "catalog_id"}}}
	raw, err := k.Encode(attrs)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"name":"Frontline","pinned":["b",{"late":"app.x","attr":"catalog_id"}],"rank":3,"upload":false}`
	if string(raw) != want {
		t.Errorf("got %s", raw)
	}
	back, extra, err := k.Decode(2, raw)
	if err != nil || len(extra) != 0 {
		t.Fatal(extra, err)
	}
	if d := cmp.Diff(attrs, back); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if raw, err := k.Encode(nil); err != nil || string(raw) != "{}" {
		t.Errorf("%s, %v", raw, err)
	}
	if _, err := k.Encode(schema.Attrs{"name": func() {}}); err == nil {
		t.Error("a function was encoded")
	}
}

func TestDecodeKeepsWhatItDoesNotKnow(t *testing.T) {
	attrs, extra, err := policy().Decode(2, json.RawMessage(`{"name":"x","future":{"a":[1, 2]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(schema.Attrs{"name": "x"}, attrs); d != "" || string(extra["future"]) != `{"a":[1, 2]}` || len(extra) != 1 {
		t.Errorf("extra %s (-want +got):\n%s", extra, d)
	}
}

func TestDecodeVersions(t *testing.T) {
	k := policy()
	attrs, _, err := k.Decode(1, json.RawMessage(`{"pins":["a"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(schema.Attrs{"pinned": []any{"a"}}, attrs); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	tests := []struct {
		version int
		raw     string
		says    string
	}{
		{3, `{}`, "use a newer teamsform"},
		{0, `{}`, "too old"},
		{2, `[]`, "setup_policy record"},
		{2, `{"upload":"x"}`, "attribute upload"},
	}
	for _, tt := range tests {
		if _, _, err := k.Decode(tt.version, json.RawMessage(tt.raw)); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("version %d, %s: %v", tt.version, tt.raw, err)
		}
	}
	k.Upgrade = nil
	if _, _, err := k.Decode(1, json.RawMessage(`{}`)); err == nil || !strings.Contains(err.Error(), "no upgrade to 2") {
		t.Error(err)
	}
}

func TestRegistry(t *testing.T) {
	r := schema.NewRegistry(
		&schema.Kind{Name: "setup_policy", Rank: schema.RankSetupPolicy}, &schema.Kind{Name: "app", Rank: schema.RankApp},
		&schema.Kind{Name: "org_settings", Rank: schema.RankOrgSettings}, &schema.Kind{Name: "another", Rank: schema.RankApp},
	)
	var got []string
	for _, k := range r.Kinds() {
		got = append(got, k.Name)
	}
	if d := cmp.Diff([]string{"org_settings", "another", "app", "setup_policy"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if r.Kind("app") == nil || r.Kind("nothing") != nil || schema.NewRegistry().Kind("app") != nil {
		t.Error("Kind")
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{}`, `{"name":"x","pinned":["a",{"late":"app.x"}]}`, `{"pinned":[[]]}`, `{"rank":1e3}`, `{"pinned":{"late":"["}}`, `null`, `{"name":null}`} {
		f.Add([]byte(s))
	}
	k := policy()
	f.Fuzz(func(t *testing.T, raw []byte) {
		attrs, _, err := k.Decode(2, raw)
		if err != nil {
			return
		}
		out, err := k.Encode(attrs)
		if err != nil {
			t.Fatalf("%s was read and cannot be written: %v", raw, err)
		}
		back, _, err := k.Decode(2, out)
		if err != nil {
			t.Fatalf("%s was written as %s, which cannot be read: %v", raw, out, err)
		}
		if d := cmp.Diff(attrs, back); d != "" {
			t.Fatalf("%s: (-first +second):\n%s", raw, d)
		}
	})
}
