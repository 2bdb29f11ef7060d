package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"pgregory.net/rapid"
)

const (
	writtenAppID = "00000000-0000-4000-8000-000000000001"
	writtenChat  = "86fcd49b-61a2-4701-b771-54728cd291fb"
)

// written is a kind with an attribute of each sort that is written.
func written() *schema.Kind {
	known := map[string]string{"chat": writtenChat, "chatter": writtenChat}
	return &schema.Kind{
		Name: "setup_policy", Version: 1, Title: "setup policy", KeyAttr: "name", LabelIsKey: true,
		Attrs: []*schema.Attr{
			{Name: "name", Type: schema.String{Fold: true, MaxLen: 20}},
			{Name: "description", Type: schema.String{}, Default: ""},
			{Name: "copy_of", Input: true, Type: schema.String{}},
			{Name: "upload", Type: schema.Bool{}, Default: true},
			{Name: "rank", Type: schema.Int{Min: 1}},
			{Name: "pins", Type: schema.Apps{Ordered: true, Known: known}, Default: []any{}},
			{Name: "apps", Type: schema.AppChoice{Known: known}},
			{Name: "digest", Derived: true, Type: schema.String{}},
			{Name: "id", Late: true, Type: schema.String{}},
		},
	}
}

func writtenApp(id string) (addr.Instance, bool) { return addr.New("app", "mine"), id == writtenAppID }

func write(t *testing.T, header []string, blocks ...config.NewBlock) string {
	t.Helper()
	text, err := config.WriteBlocks(header, blocks)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(hclwrite.Format(text)), string(text)); d != "" {
		t.Errorf("not in canonical form:\n%s", d)
	}
	if _, diags := hclsyntax.ParseConfig(text, "x.teams.hcl", hcl.InitialPos); diags.HasErrors() {
		t.Errorf("%s\n%s", diags, text)
	}
	return string(text)
}

func TestDeclare(t *testing.T) {
	d := config.Declare(written(), "sales", schema.Attrs{
		"name": "Sales \"${x}\"", "description": "two\nlines", "upload": false, "rank": int64(3), "digest": "x", "id": "y", "copy_of": "z",
		"pins": []any{writtenChat, strings.ToUpper(writtenAppID), "com.example.app"},
		"apps": map[string]any{schema.AllowOnly: []any{writtenAppID}},
	}, writtenApp)
	want := `setup_policy "sales" {
  name        = "Sales \"$${x}\""
  description = "two\nlines"
  upload      = false
  rank        = 3
  pins        = ["chat", "00000000-0000-4000-8000-000000000001", "com.example.app"]
  apps        = { allow_only = [app.mine] }
}
`
	// Ids compare without case, so the block is found for both spellings.
	want = strings.Replace(want, `"00000000-0000-4000-8000-000000000001"`, "app.mine", 1)
	if diff := cmp.Diff(want, write(t, nil, d.Block)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(d.Defaults)+len(d.Untold)+len(d.Cannot) > 0 {
		t.Errorf("left out: %+v", d)
	}
}

func TestDeclareSaysWhatItLeavesOut(t *testing.T) {
	d := config.Declare(written(), "sales", schema.Attrs{
		"name": "sales", "description": "", "upload": true, "pins": []any{}, "rank": int64(0), "apps": map[string]any{schema.AllowOnly: []any{"a-b", "A-B"}},
	}, writtenApp)
	if diff := cmp.Diff("setup_policy \"sales\" {}\n", write(t, nil, d.Block)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"description", "upload", "pins"}, d.Defaults); diff != "" {
		t.Error(diff)
	}
	var cannot []string
	for _, p := range d.Cannot {
		cannot = append(cannot, p.Attr+": "+p.Summary)
	}
	if diff := cmp.Diff([]string{"rank: Value out of range", "apps: App listed twice"}, cannot); diff != "" {
		t.Error(diff)
	}
	d = config.Declare(written(), "x", schema.Attrs{"name": "much longer than twenty"}, writtenApp)
	if diff := cmp.Diff([]string{"description", "upload", "rank", "pins", "apps"}, d.Untold); diff != "" || !d.Nameless {
		t.Errorf("%s, nameless %v", diff, d.Nameless)
	}
}

func TestDeclareRefusesWhatWouldComeOutDifferent(t *testing.T) {
	for name, attrs := range map[string]schema.Attrs{
		"decomposed text":       {"description": "e\u0301"},
		"id that names another": {"pins": []any{"chat"}},
		"value of another type": {"upload": []any{}},
		"no plain data":         {"upload": 1.5},
	} {
		attrs["name"] = "x"
		d := config.Declare(written(), "x", attrs, writtenApp)
		if len(d.Cannot) != 1 || d.Cannot[0].Attr == "" || d.Cannot[0].Detail == "" || d.Nameless {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestWriteBlocks(t *testing.T) {
	long := []any{}
	for range 5 {
		long = append(long, "a text of some length")
	}
	key := addr.New("app", "x").WithKey("a\"b${c}")
	got := write(t, []string{"Header.", "", "More\nof it."},
		config.NewBlock{Type: "org_settings", Args: []config.NewArg{{Name: "on", Value: true}}},
		config.NewBlock{Comments: []string{"evil\r\n}\u2028 \x00 \xff"}, Type: "users", Label: "many", Args: []config.NewArg{
			{Name: "upns", Value: long},
			{Name: "none", Value: []any{}},
			{Name: "choice", Value: map[string]any{"allow_only": long}},
			{Name: "app", Value: schema.Ref{Addr: key}},
			{Name: "values", Value: map[string]any{"A B": "x", "c": int64(1)}},
		}},
	)
	want := `# Header.
#
# More of it.

org_settings {
  on = true
}

# evil  }    ` + "\uFFFD" + `
users "many" {
  upns = [
    "a text of some length",
    "a text of some length",
    "a text of some length",
    "a text of some length",
    "a text of some length",
  ]
  none = []
  choice = { allow_only = [
    "a text of some length",
    "a text of some length",
    "a text of some length",
    "a text of some length",
    "a text of some length",
  ] }
  app    = app.x["a\"b$${c}"]
  values = { "A B" = "x", c = 1 }
}
`
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if _, err := config.WriteBlocks(nil, []config.NewBlock{{Type: "x", Args: []config.NewArg{{Name: "y", Value: []any{map[string]any{"z": 1.5}}}}}}); err == nil {
		t.Error("a value that is no plain data was written")
	}
}

// TestTextsComeBack: whatever a tenant's texts hold, HCL reads the same.
func TestTextsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[$%{}"\\\n#a]{0,12}`)).Draw(t, "text")
		if !config.Expressible(s) {
			return
		}
		text, err := config.WriteBlocks([]string{s}, []config.NewBlock{{Comments: []string{s}, Type: "b", Label: "l", Args: []config.NewArg{{Name: "a", Value: s}}}})
		if err != nil {
			t.Fatal(err)
		}
		f, diags := hclsyntax.ParseConfig(text, "x", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("%s\n%s", diags, text)
		}
		body := f.Body.(*hclsyntax.Body)
		if len(body.Blocks) != 1 || len(body.Blocks[0].Body.Attributes) != 1 {
			t.Fatalf("another block came out of\n%s", text)
		}
		v, diags := body.Blocks[0].Body.Attributes["a"].Expr.Value(nil)
		if diags.HasErrors() || v.AsString() != s {
			t.Fatalf("%q came back as %#v (%v)", s, v, diags)
		}
	})
}

func TestLabels(t *testing.T) {
	got := config.Labels("policy", []config.Named{
		{Key: "1", Name: "Front-line staff"},
		{Key: "2", Name: "Ärzte & Pflege"},
		{Key: "3", Name: "営業部"},
		{Key: "4", Name: "3. Etage"},
		{Key: "5", Name: "!!!"},
		{Key: "6", Name: "Sales"},
		{Key: "7", Name: "sales!"},
		{Key: "8", Name: "(Sales)"},
		{Key: "9", Name: "e\u0301te\u0301"},
		{Key: "10", Name: strings.Repeat("long name ", 20)},
	})
	want := map[string]string{
		"1": "front_line_staff", "2": "ärzte_pflege", "3": "営業部", "4": "policy_3_etage", "5": "policy", "6": "sales",
		"7": "sales_790269", "8": "sales_2c6242", "9": "été", "10": "long_name_long_name_long_name_long_name_long_nam",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestLabelsAreAddresses: every label can be written, referred to and parsed,
// is its object's alone, and does not depend on the order of the objects.
func TestLabelsAreAddresses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringMatching(`[aA_ -]{0,4}`)), 0, 12).Draw(t, "names")
		var objects, reversed []config.Named
		for i, n := range names {
			objects = append(objects, config.Named{Key: string(rune('a' + i)), Name: n})
			reversed = append([]config.Named{objects[i]}, reversed...)
		}
		labels := config.Labels("thing", objects)
		if d := cmp.Diff(labels, config.Labels("thing", reversed)); d != "" {
			t.Fatalf("the order matters:\n%s", d)
		}
		seen := map[string]bool{}
		for _, o := range objects {
			l := labels[o.Key]
			a := addr.New("app", l)
			if back, err := addr.Parse(a.String()); err != nil || back != a || !hclsyntax.ValidIdentifier(l) || seen[l] {
				t.Fatalf("%q gives %q (taken: %v): %v", o.Name, l, seen[l], err)
			}
			seen[l] = true
		}
	})
}

func TestPeopleComeBack(t *testing.T) {
	names := []string{
		config.PersonName("jörg@contoso.example", "id"), config.PersonName(`x,"y";z@contoso.example`, "id"),
		config.PersonName("not a name", "22222222-0000-4000-8000-000000000001"), config.PersonName("e\u0301@contoso.example", "22222222-0000-4000-8000-000000000002"),
	}
	data, err := config.WritePeople(names)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeTestFile(t, filepath.Join(dir, "list.csv"), string(data))
	writeTestFile(t, filepath.Join(dir, "x.teams.hcl"), write(t, nil,
		config.UsersBlock("filed", "list.csv", names), config.UsersBlock("listed", "", names),
		config.GroupBlock("a", "22222222-0000-4000-8000-000000000003", "Sales", true),
		config.GroupBlock("b", "22222222-0000-4000-8000-000000000003", "Sales", false),
		config.GroupBlock("c", "22222222-0000-4000-8000-000000000003", "e\u0301", true)))
	cfg, diags := config.Load(t.Context(), config.Options{Dir: dir})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for _, block := range []string{"filed", "listed"} {
		var got []string
		for _, n := range cfg.Users[addr.New("users", block)].Names {
			got = append(got, n.String())
		}
		if d := cmp.Diff(names, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", block, d)
		}
	}
	byID := cfg.Groups[addr.New("group", "b")].ID
	if cfg.Groups[addr.New("group", "a")].Name != "Sales" || byID == "" || cfg.Groups[addr.New("group", "c")].ID != byID {
		t.Errorf("groups: %+v", cfg.Groups)
	}
}

func TestSettingsComeBack(t *testing.T) {
	for name, source := range map[string]string{
		"nothing":  "locals {}\n",
		"emulated": "teamsform {\n  root = \"mine\"\n}\ntenant {\n  access_model = \"app_centric\"\n  path = \"elsewhere.db\"\n}\n",
		"real": "teamsform {\n  root = \"mine\"\n}\ntenant {\n  driver = \"microsoft365\"\n  id = \"11111111-2222-4333-8444-555555555555\"\n" +
			"  access_model = \"policies\"\n  cloud = \"gcc_high\"\n  ca_file = \"ca.pem\"\n  policy_transport = \"config_api\"\n}\n",
	} {
		dir, again := t.TempDir(), t.TempDir()
		for _, d := range []string{dir, again} {
			writeTestFile(t, filepath.Join(d, "ca.pem"), "x")
		}
		writeTestFile(t, filepath.Join(dir, "x.teams.hcl"), source)
		first, diags := config.Load(t.Context(), config.Options{Dir: dir})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		writeTestFile(t, filepath.Join(again, "x.teams.hcl"), write(t, nil, first.SettingsBlocks()...))
		second, diags := config.Load(t.Context(), config.Options{Dir: again})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		want, got := first.Tenant, second.Tenant
		want.Range, got.Range = hcl.Range{}, hcl.Range{}
		want.Path = config.DefaultTenantPath
		if d := cmp.Diff(want, got); d != "" || first.Settings.Root != second.Settings.Root {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if name == "nothing" {
			absent := config.Absent(dir)
			want.Path = config.DefaultTenantPath
			if d := cmp.Diff(want, absent.Tenant); d != "" || absent.Settings.Root != first.Settings.Root || absent.Settings.State.Path != first.Settings.State.Path {
				t.Errorf("Absent (-want +got):\n%s", d)
			}
		}
	}
}

func writeTestFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
