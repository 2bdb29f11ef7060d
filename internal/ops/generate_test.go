package ops_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The configurations of the property tests: a small vocabulary, so that
// successive ones overlap, rename, move and clash with what others do.

const (
	genUsers  = 6
	genGroups = 3
	genApps   = 2
)

func genUser(i int) string  { return fmt.Sprintf("u%d@contoso.example", i) }
func genGroup(i int) string { return fmt.Sprintf("Group %d", i) }

// genPeople is the directory: who is in which group.
func genPeople(t *rapid.T) string {
	var users, groups []string
	for i := range genUsers {
		users = append(users, fmt.Sprintf(`{"upn":%q}`, genUser(i)))
	}
	for g := range genGroups {
		var members []string
		for i := range genUsers {
			if rapid.Bool().Draw(t, fmt.Sprintf("user %d in group %d", i, g)) {
				members = append(members, fmt.Sprintf("%q", genUser(i)))
			}
		}
		groups = append(groups, fmt.Sprintf(`{"name":%q,"members":[%s]}`, genGroup(g), strings.Join(members, ",")))
	}
	return fmt.Sprintf(`{"users":[%s],"groups":[%s]}`, strings.Join(users, ","), strings.Join(groups, ","))
}

// packages are the apps of one case. A package only changes with its version.
type packages struct {
	world    *world
	manifest string
	version  [genApps]int
}

func newPackages(w *world) *packages {
	raw, err := os.ReadFile(filepath.Join("..", "..", "examples", "quickstart", "packages", "helpdesk", "manifest.json"))
	if err != nil {
		w.t.Fatal(err)
	}
	p := &packages{world: w, manifest: string(raw)}
	for i := range genApps {
		p.raise(i)
	}
	return p
}

// raise publishes a new version of a package's files.
func (p *packages) raise(i int) {
	p.version[i]++
	p.world.write(fmt.Sprintf("packages/app%d/manifest.json", i), strings.NewReplacer(
		`"1.0.0"`, fmt.Sprintf(`"1.%d.0"`, p.version[i]),
		"6d3f0d5e-8a4b-4f6e-9c1d-2b7a51e0c8f4", fmt.Sprintf("6d3f0d5e-8a4b-4f6e-9c1d-2b7a51e0c8f%d", i),
	).Replace(p.manifest))
}

// icons copies the icons into a folder that many cases use.
func icons(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"color.png", "outline.png"} {
		raw, err := os.ReadFile(filepath.Join("..", "..", "examples", "quickstart", "packages", "helpdesk", name))
		if err != nil {
			t.Fatal(err)
		}
		for i := range genApps {
			writeFile(t, filepath.Join(dir, "packages", fmt.Sprintf("app%d", i), name), string(raw))
		}
	}
}

// genConfig draws a whole configuration.
func genConfig(t *rapid.T, p *packages) string {
	g := &generator{t: t}
	g.line("tenant {\n  driver = \"emulated\"\n  people = \"people.json\"\n}")
	g.org()
	for i := range genApps {
		if g.flip(fmt.Sprintf("app %d", i)) {
			g.apps = append(g.apps, fmt.Sprintf("app.a%d", i))
			g.line("app \"a%d\" { package = \"packages/app%d\" }", i, i)
			if rapid.IntRange(0, 3).Draw(t, "new version") == 0 {
				p.raise(i)
			}
		}
	}
	setups := g.policies("setup_policy", []string{"Global", "P1", "P2", "P3", "P4", "P5"}, 4, g.setup)
	permissions := g.policies("permission_policy", []string{"Global", "Q1", "Q2", "Q3"}, 2, g.permission)
	for i := range genGroups {
		g.line("group \"g%d\" { name = %q }", i, genGroup(i))
	}
	g.people("setup", setups)
	g.people("permission", permissions)
	g.groups(setups)
	if len(g.apps) > 0 && g.flip("output") {
		g.line("output \"id\" { value = %s.catalog_id }", g.apps[0])
	}
	return g.b.String()
}

type generator struct {
	t    *rapid.T
	b    strings.Builder
	apps []string // addresses of apps in the configuration
}

func (g *generator) line(format string, args ...any) { fmt.Fprintf(&g.b, format+"\n", args...) }

func (g *generator) flip(what string) bool { return rapid.Bool().Draw(g.t, what) }

// some says whether an attribute is there: three times of four.
func (g *generator) some(what string) bool { return rapid.IntRange(0, 3).Draw(g.t, what) > 0 }

func (g *generator) org() {
	if !g.some("org_settings") {
		return
	}
	g.line("org_settings {")
	g.sometimes("custom_app_interaction", g.boolean)
	g.sometimes("user_requests_for_apps", g.boolean)
	g.line("}")
}

func (g *generator) sometimes(name string, value func() string) {
	if g.some(name) {
		g.line("  %s = %s", name, value())
	}
}

func (g *generator) boolean() string { return fmt.Sprint(g.flip("value")) }

// policies draws blocks of one kind: labels and names are drawn apart, so that
// the next configuration renames, moves and exchanges them.
func (g *generator) policies(kind string, names []string, most int, attrs func()) (addrs []string) {
	n := rapid.IntRange(0, most).Draw(g.t, kind)
	labels := rapid.Permutation([]string{"a", "b", "c", "d"}).Draw(g.t, "labels")[:n]
	names = rapid.Permutation(names).Draw(g.t, "names")[:n]
	for i, label := range labels {
		g.line("%s %q {\n  name = %q", kind, label, names[i])
		attrs()
		g.line("}")
		addrs = append(addrs, kind+"."+label)
	}
	return addrs
}

func (g *generator) setup() {
	g.sometimes("description", func() string {
		return fmt.Sprintf("%q", rapid.SampledFrom([]string{"", "one", "two [x]"}).Draw(g.t, "text"))
	})
	g.sometimes("upload_custom_apps", g.boolean)
	g.sometimes("user_pinning", g.boolean)
	g.sometimes("pinned_apps", g.appList)
	g.sometimes("installed_apps", g.appList)
	g.sometimes("messaging_pins", g.appList)
	g.sometimes("meeting_apps", g.appList)
}

func (g *generator) appList() string {
	all := append([]string{`"activity"`, `"chat"`, `"teams"`}, g.apps...)
	n := rapid.IntRange(0, len(all)).Draw(g.t, "apps")
	return "[" + strings.Join(rapid.Permutation(all).Draw(g.t, "order")[:n], ", ") + "]"
}

func (g *generator) permission() {
	choice := func(all []string) func() string {
		return func() string {
			n := rapid.IntRange(0, len(all)).Draw(g.t, "apps")
			list := strings.Join(rapid.Permutation(all).Draw(g.t, "order")[:n], ", ")
			return fmt.Sprintf("{ %s = [%s] }", rapid.SampledFrom([]string{"allow_only", "allow_all_but"}).Draw(g.t, "choice"), list)
		}
	}
	g.sometimes("custom_apps", choice(slices.Clone(g.apps)))
	g.sometimes("microsoft_apps", choice([]string{`"activity"`, `"chat"`}))
}

// people gives each user at most one of the policies.
func (g *generator) people(prefix string, policies []string) {
	if len(policies) == 0 {
		return
	}
	lists := map[string][]string{}
	for i := range genUsers {
		if p := rapid.SampledFrom(append([]string{""}, policies...)).Draw(g.t, "policy of a user"); p != "" {
			lists[p] = append(lists[p], fmt.Sprintf("%q", genUser(i)))
		}
	}
	for i, p := range policies {
		if len(lists[p]) == 0 || strings.Contains(g.b.String(), "name = \"Global\"") && g.isGlobal(p) {
			continue
		}
		g.line("users \"%s%d\" { upns = [%s] }", prefix, i, strings.Join(lists[p], ", "))
		g.line("policy_assignment \"%s%d\" {\n  policy = %s\n  users  = users.%s%d", prefix, i, p, prefix, i)
		if g.flip("at least") {
			g.line("  rows   = \"at_least\"")
		}
		g.line("}")
	}
}

// isGlobal reports whether the block at addr is the org-wide default, which
// nobody holds directly.
func (g *generator) isGlobal(addr string) bool {
	kind, label, _ := strings.Cut(addr, ".")
	return strings.Contains(g.b.String(), fmt.Sprintf("%s %q {\n  name = \"Global\"", kind, label))
}

// groups gives some groups a setup policy each, with ranks in any order.
func (g *generator) groups(policies []string) {
	policies = slices.DeleteFunc(slices.Clone(policies), g.isGlobal)
	if len(policies) == 0 {
		return
	}
	ranks := rapid.Permutation([]int{1, 2, 3, 7}).Draw(g.t, "ranks")
	for i := range genGroups {
		if g.flip("group has a policy") {
			g.line("policy_assignment \"g%d\" {\n  policy = %s\n  group  = group.g%d\n  rank   = %d\n}",
				i, rapid.SampledFrom(policies).Draw(g.t, "policy of a group"), i, ranks[i])
		}
	}
}
