package emulator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// catalogModel is what a catalog with one app should hold: versions are plain
// numbers, 0 is none.
type catalogModel struct {
	published, submitted, rejected int
}

func (m catalogModel) exists() bool { return m != catalogModel{} }

func (m catalogModel) definitions() []string {
	var out []string
	for _, d := range []struct {
		version int
		state   string
	}{{m.published, "published"}, {m.submitted, "submitted"}, {m.rejected, "rejected"}} {
		if d.version > 0 {
			out = append(out, fmt.Sprintf("%d.0.0 %s", d.version, d.state))
		}
	}
	return out
}

// bring tells what becomes of a package that is uploaded; status is that of
// POST .../appDefinitions.
func (m catalogModel) bring(version int, review bool) (catalogModel, int) {
	switch {
	case review && m.submitted > 0, version == m.published, version == m.submitted:
		return m, 409
	case version < m.published:
		return m, 400
	case review:
		return catalogModel{m.published, version, 0}, 201
	}
	next := catalogModel{published: version}
	if m.submitted > version {
		next.submitted = m.submitted
	}
	if m.rejected > version {
		next.rejected = m.rejected
	}
	return next, 204
}

// TestCatalogAgainstAModel walks one app through random uploads, reviews and
// removals.
func TestCatalogAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tenant := open(t, nil)
		c, app := admin(t, tenant), as(t, tenant, appToken(tenant, "AppCatalog.Read.All"))
		var m catalogModel
		id := ""
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			version := rapid.IntRange(1, 4).Draw(rt, "version")
			review := rapid.Bool().Draw(rt, "review")
			query := ""
			if review {
				query = "?requiresReview=true"
			}
			zip := pack(t, manifest(helpdeskID, fmt.Sprintf("%d.0.0", version)))
			switch step := rapid.SampledFrom([]string{"bring", "bring", "approve", "reject", "withdraw", "delete"}).Draw(rt, "step"); {
			case step == "bring" && !m.exists():
				id = c.want(201, "POST", apps+query, zip).text("id")
				m, _ = m.bring(version, review)
			case step == "bring":
				next, status := m.bring(version, review)
				c.want(status, "POST", apps+"/"+id+"/appDefinitions"+query, zip)
				c.want(409, "POST", apps+query, zip)
				m = next
			case (step == "approve" || step == "reject") && m.submitted > 0:
				def := definition(c, id, fmt.Sprintf("%d.0.0", m.submitted))
				etag := c.want(200, "GET", definitionPath(id, def), nil).text("@odata.etag")
				state := map[string]string{"approve": "published", "reject": "rejected"}[step]
				c.want(200, "PATCH", definitionPath(id, def), map[string]any{"publishingState": state}, "If-Match", etag)
				if step == "approve" {
					m = catalogModel{published: m.submitted}
				} else {
					m = catalogModel{published: m.published, rejected: m.submitted}
				}
			case step == "withdraw" && m.submitted > 0:
				c.want(204, "DELETE", definitionPath(id, definition(c, id, fmt.Sprintf("%d.0.0", m.submitted))), nil)
				m.submitted = 0
			case step == "delete" && m.exists():
				c.want(204, "DELETE", apps+"/"+id, nil)
				m = catalogModel{}
			}
			m.compare(rt, c, app, id)
		}
	})
}

// compare looks at the catalog as an administrator and as an application.
func (m catalogModel) compare(rt *rapid.T, c, app *client, id string) {
	if !m.exists() {
		if n := c.want(200, "GET", apps, nil).length("value"); n != 0 {
			rt.Fatalf("%d apps, want none", n)
		}
		return
	}
	if got := definitions(c, id); !slices.Equal(got, m.definitions()) {
		rt.Fatalf("definitions %q, want %q", got, m.definitions())
	}
	a := app.want(200, "GET", apps+"?$expand=appDefinitions", nil)
	if (a.length("value") == 1) != (m.published > 0) || m.published > 0 && a.length("value/0/appDefinitions") != 1 {
		rt.Fatalf("an application sees %s, want published version %d", a.body, m.published)
	}
}

// TestPolicyUpdatesAgainstAModel sends random parts of a policy and compares
// with a map to which the parts were added.
func TestPolicyUpdatesAgainstAModel(t *testing.T) {
	tenant := open(t, nil)
	c := admin(t, tenant)
	lists := []string{"PinnedAppBarApps", "PinnedMessageBarApps", "PinnedCallingBarApps", "AppPresetList", "AppPresetMeetingList"}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		name := fmt.Sprintf("P%d", n)
		createPolicy(c, setup, name, "")
		model := readPolicy(c, name)
		for range rapid.IntRange(0, 6).Draw(rt, "updates") {
			body := map[string]any{}
			for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(append(lists, "Description", "AllowSideLoading", "AllowUserPinning")), 0, 4, rapid.ID).Draw(rt, "keys") {
				switch {
				case key == "Description":
					body[key] = rapid.SampledFrom([]any{nil, "", "text", "Grüße \"x\" <&>"}).Draw(rt, key)
				case strings.HasPrefix(key, "Allow"):
					body[key] = rapid.Bool().Draw(rt, key)
				default:
					body[key] = appList(rt, key)
				}
			}
			casing := rapid.SampledFrom([]string{name, strings.ToLower(name), "tag:" + name}).Draw(rt, "name")
			answer := c.want(200, "PUT", policyPath(setup, casing), body)
			maps.Copy(model, plain(body))
			var got map[string]any
			if err := json.Unmarshal(answer.body, &got); err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(model, got); diff != "" {
				rt.Fatalf("answer to the update (-want +got):\n%s", diff)
			}
		}
		if diff := cmp.Diff(model, readPolicy(c, name)); diff != "" {
			rt.Fatalf("policy (-want +got):\n%s", diff)
		}
	})
}

// appList draws a list of the form that a property has.
func appList(rt *rapid.T, key string) []any {
	list := []any{}
	for i, id := range rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "com.microsoft.x"}), 0, 3).Draw(rt, key) {
		e := map[string]any{"Id": id}
		if strings.HasPrefix(key, "Pinned") {
			e["Order"] = i + 1
		}
		list = append(list, e)
	}
	return list
}

func readPolicy(c *client, name string) map[string]any {
	c.t.Helper()
	var v map[string]any
	if err := json.Unmarshal(c.want(200, "GET", policyPath(setup, name), nil).body, &v); err != nil {
		c.t.Fatal(err)
	}
	return v
}

// plain gives a value as it is after a trip through JSON.
func plain(v map[string]any) map[string]any {
	raw, _ := json.Marshal(v)
	var out map[string]any
	_ = json.Unmarshal(raw, &out)
	return out
}
