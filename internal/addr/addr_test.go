package addr_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/internal/addr"
	"pgregory.net/rapid"
)

func TestString(t *testing.T) {
	in := addr.New("app", "helpdesk")
	inModule := in
	inModule.Module = "net.inner"
	tests := []struct {
		addr addr.Instance
		want string
	}{
		{in, "app.helpdesk"},
		{in.WithKey("k"), `app.helpdesk["k"]`},
		{in.WithKey(""), `app.helpdesk[""]`},
		{in.WithKey(`a"b]`), `app.helpdesk["a\"b]"]`},
		{addr.New("org_settings", ""), "org_settings"},
		{inModule, "module.net.module.inner.app.helpdesk"},
		{addr.New("permission_policy", "~rollout").WithKey("x"), `permission_policy.~rollout["x"]`},
	}
	for _, tt := range tests {
		if got := tt.addr.String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
		if back, err := addr.Parse(tt.want); err != nil || back != tt.addr {
			t.Errorf("%s reads back as %+v, %v", tt.want, back, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ in, says string }{
		{"", "KIND.NAME"},
		{".", "KIND.NAME"},
		{"app.", "KIND.NAME"},
		{".x", "KIND.NAME"},
		{"app.x.y", "KIND.NAME"},
		{"app.1x", "KIND.NAME"},
		{"~app.x", "KIND.NAME"},
		{"app.~", "KIND.NAME"},
		{"app x", "KIND.NAME"},
		{"module", ""},
		{"module.", "after module.NAME"},
		{"module.x", "after module.NAME"},
		{"module.1.app.x", "after module.NAME"},
		{"module.x.app.", "KIND.NAME"},
		{`app.x[`, "not closed"},
		{`app.x["k"`, "not closed"},
		{`app.x[]`, "quoted string"},
		{`app.x[k]`, "quoted string"},
		{`app.x['k']`, "quoted string"},
		{"app.x[`k`]", "quoted string"},
		{`app.x["k"]["l"]`, "quoted string"},
		{`app.x[0]`, "quoted string"},
	}
	for _, tt := range tests {
		a, err := addr.Parse(tt.in)
		if tt.says == "" { // "module" alone is a kind without a label
			if err != nil {
				t.Errorf("%q: %v", tt.in, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.says) || !a.IsZero() {
			t.Errorf("%q gives %+v, %v; want an error with %q", tt.in, a, err, tt.says)
		}
	}
}

func TestBlockAndKey(t *testing.T) {
	a := addr.New("app", "x")
	if a.WithKey("k").Block() != a {
		t.Error("Block does not undo WithKey")
	}
	if a.WithKey("") == a {
		t.Error("the empty key is no key")
	}
	if !(addr.Instance{}).IsZero() || a.IsZero() {
		t.Error("IsZero")
	}
}

func TestCompareOrders(t *testing.T) {
	inModule := addr.New("app", "a")
	inModule.Module = "m"
	want := []addr.Instance{
		addr.New("app", "a"),
		addr.New("app", "a").WithKey(""),
		addr.New("app", "a").WithKey("k"),
		addr.New("app", "a").WithKey("l"),
		addr.New("app", "b"),
		addr.New("org_settings", ""),
		inModule,
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, addr.Compare)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestJSON(t *testing.T) {
	type record struct {
		A addr.Instance
		M map[string]addr.Instance
	}
	in := record{A: addr.New("app", "x").WithKey("k"), M: map[string]addr.Instance{"zero": {}}}
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"A":"app.x[\"k\"]","M":{"zero":""}}`; string(raw) != want {
		t.Errorf("got %s, want %s", raw, want)
	}
	var out record
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(in, out); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if err := json.Unmarshal([]byte(`{"A":"no address["}`), &out); err == nil {
		t.Error("a broken address was read")
	}
}

// instances draws addresses as configurations and rollouts make them.
func instances() *rapid.Generator[addr.Instance] {
	name := rapid.StringMatching(`[a-zA-Z_äλ][a-zA-Z0-9_äλ-]{0,6}`)
	return rapid.Custom(func(t *rapid.T) addr.Instance {
		a := addr.New(name.Draw(t, "kind"), "")
		for a.Kind == "module" { // with a label it would read as a module path
			a.Kind = name.Draw(t, "kind")
		}
		if rapid.Bool().Draw(t, "labeled") {
			a.Name = rapid.SampledFrom([]string{"", "~"}).Draw(t, "made") + name.Draw(t, "name")
		}
		for range rapid.IntRange(0, 2).Draw(t, "depth") {
			a.Module = strings.TrimPrefix(a.Module+"."+name.Draw(t, "module"), ".")
		}
		if rapid.Bool().Draw(t, "keyed") {
			a = a.WithKey(rapid.String().Draw(t, "key"))
		}
		return a
	})
}

func TestRoundTripProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := instances().Draw(t, "address")
		back, err := addr.Parse(a.String())
		if err != nil || back != a {
			t.Fatalf("%s reads back as %+v, %v; want %+v", a, back, err, a)
		}
	})
}

func TestCompareIsAnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := instances().Draw(t, "a"), instances().Draw(t, "b"), instances().Draw(t, "c")
		if (addr.Compare(a, b) == 0) != (a == b) || addr.Compare(a, b) != -addr.Compare(b, a) {
			t.Fatalf("%s and %s compare as %d and %d", a, b, addr.Compare(a, b), addr.Compare(b, a))
		}
		if addr.Compare(a, b) <= 0 && addr.Compare(b, c) <= 0 && addr.Compare(a, c) > 0 {
			t.Fatalf("%s, %s and %s have no order", a, b, c)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"app.x", `app.x["k"]`, "module.a.module.b.app.x", "org_settings", `a.~b["\x00\""]`, "module.", `x["`, "app.x[`k`]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := addr.Parse(s)
		if err != nil {
			if !a.IsZero() {
				t.Fatalf("an error and an address: %+v, %v", a, err)
			}
			return
		}
		back, err := addr.Parse(a.String())
		if err != nil || back != a {
			t.Fatalf("%q is %+v, written as %s, read back as %+v, %v", s, a, a, back, err)
		}
	})
}
