package ops_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/msgraph"
	"github.com/teamsform/teamsform/internal/teamsadmin"
	"pgregory.net/rapid"
)

func appCentric() emulator.Options { return emulator.Options{AccessModel: emulator.ModelAppCentric} }

// genNestedPeople is genPeople with groups inside groups: each may hold the one
// before it.
func genNestedPeople(t *rapid.T) string {
	var users, groups []string
	for i := range genUsers {
		guest := ""
		if i == 0 {
			guest = `,"guest":true`
		}
		users = append(users, fmt.Sprintf(`{"upn":%q%s}`, genUser(i), guest))
	}
	for g := range genGroups {
		var members []string
		for i := range genUsers {
			if rapid.Bool().Draw(t, fmt.Sprintf("user %d in group %d", i, g)) {
				members = append(members, fmt.Sprintf("%q", genUser(i)))
			}
		}
		inner := ""
		if g > 0 && rapid.Bool().Draw(t, "nested") {
			inner = fmt.Sprintf("%q", genGroup(g-1))
		}
		groups = append(groups, fmt.Sprintf(`{"name":%q,"members":[%s],"groups":[%s]}`, genGroup(g), strings.Join(members, ","), inner))
	}
	return fmt.Sprintf(`{"users":[%s],"groups":[%s]}`, strings.Join(users, ","), strings.Join(groups, ","))
}

// genAppCentric draws a whole configuration of an app-centric tenant.
func genAppCentric(t *rapid.T, p *packages) string {
	g := &generator{t: t}
	g.line("tenant {\n  driver = \"emulated\"\n  access_model = \"app_centric\"\n  people = \"people.json\"\n}")
	if g.some("org_settings") {
		g.line("org_settings {")
		g.sometimes("custom_app_interaction", g.boolean)
		g.sometimes("custom_apps_default", func() string { return rapid.SampledFrom([]string{`"everyone"`, `"no_one"`}).Draw(t, "default") })
		g.line("}")
	}
	for i := range genApps {
		if !g.some(fmt.Sprintf("app %d", i)) {
			continue
		}
		g.apps = append(g.apps, fmt.Sprintf("app.a%d", i))
		g.line("app \"a%d\" {\n  package = \"packages/app%d\"", i, i)
		g.sometimes("blocked", g.boolean)
		g.line("}")
		if rapid.IntRange(0, 3).Draw(t, "new version") == 0 {
			p.raise(i)
		}
	}
	for i := range genUsers {
		g.line("users \"u%d\" { upns = [%q] }", i, genUser(i))
	}
	for i := range genGroups {
		g.line("group \"g%d\" { name = %q }", i, genGroup(i))
	}
	for i, app := range append(slices.Clone(g.apps), `"chat"`) {
		if !g.some("availability") {
			continue
		}
		to, in := g.some("available_to"), g.flip("installed_for")
		g.line("app_availability \"x%d\" {\n  app = %s", i, app)
		if to || !in {
			g.line("  available_to = %s", g.audience())
		}
		if in {
			g.line("  installed_for = %s", g.audience())
		}
		g.line("}")
	}
	g.policies("setup_policy", []string{"Global", "P1", "P2"}, 2, func() { g.sometimes("pinned_apps", g.appList) })
	return g.b.String()
}

// audience draws whom an app is for.
func (g *generator) audience() string {
	switch rapid.IntRange(0, 5).Draw(g.t, "audience") {
	case 0:
		return `"everyone"`
	case 1:
		return `"no_one"`
	}
	var all []string
	for i := range genUsers {
		all = append(all, fmt.Sprintf("users.u%d", i))
	}
	for i := range genGroups {
		all = append(all, fmt.Sprintf("group.g%d", i))
	}
	n := rapid.IntRange(0, 4).Draw(g.t, "size")
	return "[" + strings.Join(rapid.Permutation(all).Draw(g.t, "who")[:n], ", ") + "]"
}

// meddleAppCentric is what others do to the tenant between two runs.
func (w *world) meddleAppCentric(rt *rapid.T) {
	ctx := context.Background()
	conn := w.foreign()
	rows, err := conn.Control.AppAvailabilities(ctx)
	if err != nil {
		rt.Fatal(err)
	}
	ids := []string{"86fcd49b-61a2-4701-b771-54728cd291fb"}
	err = conn.Graph.CatalogApps(ctx, func(a msgraph.CatalogApp) error { ids = append(ids, a.ID); return nil })
	if err != nil || len(rows) == 0 {
		rt.Fatal(err)
	}
	slices.Sort(ids)
	for range rapid.IntRange(0, 3).Draw(rt, "foreign changes") {
		id := rapid.SampledFrom(ids).Draw(rt, "app")
		of := rapid.SampledFrom([]teamsadmin.AudienceOf{teamsadmin.Available, teamsadmin.Installed}).Draw(rt, "of")
		user, err := w.tenant.Effective(ctx, genUser(rapid.IntRange(0, genUsers-1).Draw(rt, "user")))
		if err != nil {
			rt.Fatal(err)
		}
		switch rapid.IntRange(0, 5).Draw(rt, "foreign change") {
		case 0:
			_ = conn.Control.SetAudience(ctx, id, of, rapid.SampledFrom([]teamsadmin.AudienceType{teamsadmin.Everyone, teamsadmin.Noone}).Draw(rt, "type"))
		case 1:
			_ = conn.Control.AddToAudience(ctx, id, of, []string{user.UserID}, nil)
		case 2:
			_ = conn.Control.RemoveFromAudience(ctx, id, of, []string{user.UserID}, nil)
		case 3:
			_ = conn.Control.BlockApp(ctx, id, rapid.Bool().Draw(rt, "blocked"))
		case 4:
			_ = conn.Control.SetCustomAppsDefault(ctx, rapid.Bool().Draw(rt, "open"))
		case 5:
			_ = conn.Control.SetCustomAppInteraction(ctx, rapid.Bool().Draw(rt, "on"))
		}
	}
}

// using is who may use which app now, as "app person".
func (w *world) using() map[string]bool {
	out := map[string]bool{}
	apps := []string{"86fcd49b-61a2-4701-b771-54728cd291fb"}
	raw, err := w.tenant.Dump(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, a := range parseDump(w.t, raw).Apps {
		apps = append(apps, a.ManifestID)
	}
	for _, app := range apps {
		err := w.tenant.MayUse(context.Background(), app, func(upn string) bool { out[app[len(app)-2:]+" "+upn] = true; return true })
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return out
}

// watchUse looks, after every single write, at who may use what. check then
// says that nobody who is outside what was wanted has got anything, and nobody
// who had it and keeps it was ever without.
func (w *world) watchUse() (check func()) {
	start := w.using()
	type moment struct {
		what string
		use  map[string]bool
	}
	var seen []moment
	w.see = func(r *http.Request) {
		if isWrite(r) {
			seen = append(seen, moment{r.Method + " " + r.URL.Path, w.using()})
		}
	}
	return func() {
		w.t.Helper()
		w.see = nil
		end := w.using()
		for _, m := range seen {
			for who := range m.use {
				if !start[who] && !end[who] {
					w.t.Fatalf("after %s %s in passing", m.what, who)
				}
			}
			for who := range end {
				if start[who] && !m.use[who] {
					w.t.Fatalf("after %s %s not any more, though it keeps it", m.what, who)
				}
			}
		}
	}
}

// genAppCentricWorld is a fresh app-centric tenant with people.
func genAppCentricWorld(rt *rapid.T, dir string) (*world, *packages) {
	writeFile(rt, dir+"/people.json", genNestedPeople(rt))
	w := newWorldLike(rt, dir, appCentric())
	return w, newPackages(w)
}

// After every single write of an apply nobody outside the wanted audience has
// an app, and nobody inside has lost it; afterwards the plan is empty.
func TestAppCentricApplies(t *testing.T) {
	checks(t, 60)
	dir := t.TempDir()
	icons(t, dir)
	rapid.Check(t, func(rt *rapid.T) {
		w, p := genAppCentricWorld(rt, dir)
		defer w.close()
		for range rapid.IntRange(2, 4).Draw(rt, "steps") {
			w.write("main.teams.hcl", genAppCentric(rt, p))
			_ = w.sleep(context.Background(), 2*time.Hour) // reads of the settings do not go back and forth any more
			w.meddleAppCentric(rt)
			check := w.watchUse()
			w.convergeWith(rt)
			check()
		}
	})
}

// convergeWith is converge, with the configuration in the message.
func (w *world) convergeWith(rt *rapid.T) {
	rt.Helper()
	w.fate = forever()
	res := w.apply(applyOptions{adopt: true})
	raw, _ := os.ReadFile(w.dir + "/main.teams.hcl")
	if err := clean(res); err != nil {
		rt.Fatalf("apply: %v\n%s", err, raw)
	}
	see := w.see
	w.see = nil
	if err := w.settled(); err != nil {
		rt.Fatalf("%v\n%s", err, raw)
	}
	w.see = see
}
