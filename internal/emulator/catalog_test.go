package emulator_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/teamsform/teamsform/internal/emulator"
	"github.com/teamsform/teamsform/internal/emulator/auth"
)

const (
	apps      = "/v1.0/appCatalogs/teamsApps"
	expensesI = "5f0d7a0f-6e11-4a3e-9a3a-0b0c6e1c2d0a"
)

// withBot gives a manifest a bot, an Entra application and a permission.
func withBot(m map[string]any) {
	m["bots"] = []any{map[string]any{"botId": "b0700000-0000-4000-8000-000000000001", "scopes": []any{"personal", "team"}}}
	m["webApplicationInfo"] = map[string]any{"id": "e0000000-0000-4000-8000-000000000001", "resource": "https://x.example"}
	m["authorization"] = map[string]any{"permissions": map[string]any{"resourceSpecific": []any{map[string]any{"name": "TeamsActivity.Send.User", "type": "Application"}}}}
}

func definitions(c *client, app string) []string {
	c.t.Helper()
	a := c.want(200, "GET", apps+"/"+app+"?$expand=appDefinitions", nil)
	var out []string
	for i := range a.length("appDefinitions") {
		out = append(out, a.text(fmt.Sprintf("appDefinitions/%d/version", i))+" "+a.text(fmt.Sprintf("appDefinitions/%d/publishingState", i)))
	}
	return out
}

func wantDefinitions(c *client, app string, want ...string) {
	c.t.Helper()
	if got := definitions(c, app); !slices.Equal(got, want) {
		c.t.Errorf("definitions: %q, want %q", got, want)
	}
}

// definition finds one definition's id by its version.
func definition(c *client, app, version string) string {
	c.t.Helper()
	id := c.want(200, "GET", apps+"/"+app+"/appDefinitions?$filter=version eq '"+version+"'", nil).text("value/0/id")
	if id == "" {
		c.t.Fatalf("no definition of version %s", version)
	}
	return id
}

func definitionPath(app, id string) string {
	return apps + "/" + app + "/appDefinitions/" + url.PathEscape(id)
}

func TestPublishGivesACatalogID(t *testing.T) {
	c := admin(t, open(t, nil))
	a := c.want(201, "POST", apps, pack(t, manifest(strings.ToUpper(helpdeskID), "1.0.0")))
	id := a.text("id")
	if id == "" || id == helpdeskID {
		t.Errorf("catalog id %q", id)
	}
	same(t, "externalId", a.text("externalId"), helpdeskID)
	same(t, "Location", a.header.Get("Location"), graphRoot+apps+"/"+id)
	same(t, "distributionMethod", a.text("distributionMethod"), "organization")
	if a.get("appDefinitions") != nil {
		t.Error("definitions come without $expand")
	}
	wantDefinitions(c, id, "1.0.0 published")
	raw, err := base64.StdEncoding.DecodeString(definition(c, id, "1.0.0"))
	if err != nil || string(raw) != id+"##1.0.0" {
		t.Errorf("definition id decodes to %q, %v", raw, err)
	}
}

func TestPublishRefusesWhatIsThere(t *testing.T) {
	c := admin(t, open(t, nil))
	publish(c, helpdeskID, "1.0.0")
	a := c.want(409, "POST", apps, pack(t, manifest(strings.ToUpper(helpdeskID), "2.0.0")))
	same(t, "code", a.text("error/code"), "Conflict")
	same(t, "inner code", a.text("error/innerError/code"), "AppDefinitionAlreadyExists")
	if m, ok := a.get("error/innerError/message").(string); !ok || m != "" {
		t.Errorf("inner message %v, want empty text", a.get("error/innerError/message"))
	}
	c.want(201, "POST", apps+"?requiresReview=true", pack(t, manifest(expensesI, "1.0.0")))
	c.want(409, "POST", apps, pack(t, manifest(expensesI, "1.0.0")))
	if n := c.want(200, "GET", apps, nil).length("value"); n != 2 {
		t.Errorf("%d apps, want 2", n)
	}
}

func TestPublishReadsThePackage(t *testing.T) {
	c := admin(t, open(t, nil))
	for name, tc := range map[string]struct {
		body  []byte
		codes string
	}{
		"not a zip":          {[]byte("hello"), ""},
		"empty":              {[]byte{}, ""},
		"no id":              {pack(t, manifest("", "1.0.0")), "CommonAppIdIsNotGuid CommonAppIdIsRequiredField"},
		"id not a GUID":      {pack(t, manifest("helpdesk", "1.0.0")), "CommonAppIdIsNotGuid"},
		"pre-release":        {pack(t, manifest(helpdeskID, "1.1.0-preview.1")), "VersionContainsOnlyNumbersDotSeparated"},
		"no short name":      {pack(t, manifest(helpdeskID, "1.0.0", func(m map[string]any) { m["name"] = map[string]any{} })), "SchemaError_Required ShortNameIsRequiredField"},
		"missing icon":       {pack(t, manifest(helpdeskID, "1.0.0", func(m map[string]any) { m["icons"] = map[string]any{"color": "color.png", "outline": "no.png"} })), "Serialization_FileMissing"},
		"two things at once": {pack(t, manifest("x", "y")), "CommonAppIdIsNotGuid VersionContainsOnlyNumbersDotSeparated"},
	} {
		a := c.do("POST", apps, tc.body)
		if a.status != 400 || a.text("error/code") != "BadRequest" || a.text("error/innerError/code") != "UnableToParseTeamsAppManifest" {
			t.Errorf("%s: status %d: %s", name, a.status, a.body)
			continue
		}
		var codes []string
		for i := range a.length("error/innerError/details") {
			codes = append(codes, a.text(fmt.Sprintf("error/innerError/details/%d/code", i)))
		}
		if got := strings.Join(codes, " "); got == "" || tc.codes != "" && got != tc.codes {
			t.Errorf("%s: codes %q, want %q", name, got, tc.codes)
		}
	}
	c.want(415, "POST", apps, "{}")
	c.want(400, "POST", apps+"?requiresReview=maybe", pack(t, manifest(helpdeskID, "1.0.0")))
	if n := c.want(200, "GET", apps, nil).length("value"); n != 0 {
		t.Errorf("%d apps after refusals", n)
	}
}

func TestNewVersions(t *testing.T) {
	c := admin(t, open(t, nil))
	id := publish(c, helpdeskID, "1.9.0")
	post := func(status int, manifestID, version string) answer {
		t.Helper()
		return c.want(status, "POST", apps+"/"+id+"/appDefinitions", pack(t, manifest(manifestID, version, func(m map[string]any) {
			m["name"] = map[string]any{"short": "Helpdesk " + version, "full": "x"}
		})))
	}
	if a := post(204, helpdeskID, "1.10.0"); len(a.body) != 0 {
		t.Errorf("204 with a body: %s", a.body)
	}
	wantDefinitions(c, id, "1.10.0 published")
	same(t, "name follows the version", c.want(200, "GET", apps+"/"+id, nil).text("displayName"), "Helpdesk 1.10.0")
	same(t, "same version", post(409, helpdeskID, "1.10.0").text("error/innerError/code"), "AppDefinitionAlreadyExists")
	post(400, helpdeskID, "1.9.9")
	post(400, expensesI, "2.0.0")
	c.want(404, "POST", apps+"/"+expensesI+"/appDefinitions", pack(t, manifest(helpdeskID, "3.0.0")))
	c.want(204, "PUT", apps+"/"+id, pack(t, manifest(helpdeskID, "1.11.0")))
	c.want(409, "PUT", apps+"/"+id, pack(t, manifest(helpdeskID, "1.11.0")))
	wantDefinitions(c, id, "1.11.0 published")
}

func TestReview(t *testing.T) {
	tenant := open(t, nil)
	c := admin(t, tenant)
	ada := as(t, tenant, userToken(tenant, "ada@contoso.example", "AppCatalog.Submit"))
	ada.want(403, "POST", apps, pack(t, manifest(helpdeskID, "1.0.0")))
	id := ada.want(201, "POST", apps+"?requiresReview=true", pack(t, manifest(helpdeskID, "1.0.0"))).text("id")
	wantDefinitions(c, id, "1.0.0 submitted")
	first := definition(c, id, "1.0.0")
	raw, _ := base64.StdEncoding.DecodeString(first)
	same(t, "definition id", string(raw), id+"##1.0.0##Submitted")
	a := c.want(200, "GET", definitionPath(id, first), nil)
	etag := a.text("@odata.etag")
	if etag == "" {
		t.Fatalf("no etag: %s", a.body)
	}

	approve := func(status int, definition, etag, state string) answer {
		t.Helper()
		headers := []string{"If-Match", etag}
		if etag == "" {
			headers = nil
		}
		return c.want(status, "PATCH", definitionPath(id, definition), map[string]any{"publishingState": state}, headers...)
	}
	approve(412, first, "", "published")
	approve(412, first, `"x"`, "published")
	approve(400, first, etag, "submitted")
	if a := ada.do("PATCH", definitionPath(id, first), map[string]any{"publishingState": "published"}, "If-Match", etag); a.status != 403 {
		t.Errorf("a submitter approved: %d", a.status)
	}
	done := approve(200, first, etag, "published")
	same(t, "state", done.text("publishingState"), "published")
	if done.text("id") == first || done.text("@odata.etag") == etag {
		t.Error("id and etag must change with the state")
	}
	c.want(404, "GET", definitionPath(id, first), nil)
	approve(400, done.text("id"), done.text("@odata.etag"), "rejected")

	a = c.want(201, "POST", apps+"/"+id+"/appDefinitions?requiresReview=true", pack(t, manifest(helpdeskID, "2.0.0")))
	if a.text("@odata.etag") == "" || !strings.HasPrefix(a.header.Get("Location"), graphRoot+apps+"/"+id+"/appDefinitions/") {
		t.Errorf("submission: %v %s", a.header, a.body)
	}
	wantDefinitions(c, id, "1.0.0 published", "2.0.0 submitted")
	c.want(409, "POST", apps+"/"+id+"/appDefinitions?requiresReview=true", pack(t, manifest(helpdeskID, "3.0.0")))
	approve(200, a.text("id"), a.text("@odata.etag"), "rejected")
	wantDefinitions(c, id, "1.0.0 published", "2.0.0 rejected")
	c.want(201, "POST", apps+"/"+id+"/appDefinitions?requiresReview=true", pack(t, manifest(helpdeskID, "2.0.0")))
	wantDefinitions(c, id, "1.0.0 published", "2.0.0 submitted")
	c.want(204, "POST", apps+"/"+id+"/appDefinitions", pack(t, manifest(helpdeskID, "2.5.0")))
	wantDefinitions(c, id, "2.5.0 published")
}

func TestWithdrawAndDelete(t *testing.T) {
	tenant := open(t, nil)
	c := admin(t, tenant)
	ada := as(t, tenant, userToken(tenant, "ada@contoso.example", "AppCatalog.Submit"))
	ben := as(t, tenant, userToken(tenant, "ben@contoso.example", auth.AllScopes()...))
	submit := func() string {
		t.Helper()
		return ada.want(201, "POST", apps+"?requiresReview=true", pack(t, manifest(helpdeskID, "1.0.0"))).text("id")
	}
	id := submit()
	ben.want(404, "DELETE", apps+"/"+id, nil)
	ada.want(204, "DELETE", definitionPath(id, definition(c, id, "1.0.0")), nil)
	c.want(404, "GET", apps+"/"+id, nil)
	id = submit()
	ada.want(204, "DELETE", apps+"/"+id, nil)

	id = publish(c, helpdeskID, "1.0.0")
	ada.want(403, "DELETE", apps+"/"+id, nil)
	c.want(400, "DELETE", definitionPath(id, definition(c, id, "1.0.0")), nil)
	c.want(204, "DELETE", apps+"/"+id, nil)
	a := c.want(404, "DELETE", apps+"/"+id, nil)
	if !strings.HasPrefix(a.text("error/message"), "App doesn't exist in the tenant") {
		t.Errorf("message %q", a.text("error/message"))
	}
	publish(c, helpdeskID, "1.0.0") // the manifest id is free again
}

func TestWhoSeesWhat(t *testing.T) {
	tenant := open(t, nil)
	c := admin(t, tenant)
	ada := as(t, tenant, userToken(tenant, "ada@contoso.example", "AppCatalog.Submit"))
	ben := as(t, tenant, userToken(tenant, "ben@contoso.example", "AppCatalog.Read.All"))
	app := as(t, tenant, appToken(tenant, "AppCatalog.Read.All"))
	open := publish(c, helpdeskID, "1.0.0")
	pending := ada.want(201, "POST", apps+"?requiresReview=true", pack(t, manifest(expensesI, "1.0.0"))).text("id")
	ada.want(201, "POST", apps+"/"+open+"/appDefinitions?requiresReview=true", pack(t, manifest(helpdeskID, "2.0.0")))
	count := func(c *client) string {
		t.Helper()
		a := c.want(200, "GET", apps+"?$expand=appDefinitions", nil)
		var out []string
		for i := range a.length("value") {
			out = append(out, fmt.Sprint(a.length(fmt.Sprintf("value/%d/appDefinitions", i))))
		}
		return strings.Join(out, "+")
	}
	same(t, "administrator", count(c), "2+1")
	same(t, "application", count(app), "1")
	same(t, "application with a role", count(as(t, tenant, appToken(tenant, "AppCatalog.Read.All", emulator.RoleTeamsAdministrator))), "1")
	same(t, "submitter", count(ada), "2+1")
	same(t, "somebody else", count(ben), "1")
	app.want(404, "GET", apps+"/"+pending, nil)
	ben.want(404, "GET", apps+"/"+pending, nil)
	app.want(200, "GET", apps+"/"+open, nil)

	c.want(200, "PUT", "/Skype.Policy/configurations/"+permission+"/configuration/Global",
		`{"PrivateCatalogAppsType":"AllowedAppList","PrivateCatalogApps":[]}`)
	same(t, "administrator, restricted", count(c), "2+1")
	same(t, "application, restricted", count(app), "1")
	same(t, "somebody else, restricted", count(ben), "")
	ben.want(404, "GET", apps+"/"+open, nil)
	same(t, "submitter, restricted", count(ada), "1+1")
}

func TestCatalogFilters(t *testing.T) {
	c := admin(t, open(t, nil))
	first := publish(c, helpdeskID, "1.0.0")
	c.want(201, "POST", apps+"?requiresReview=true", pack(t, manifest(expensesI, "1.0.0", withBot, func(m map[string]any) {
		m["name"] = map[string]any{"short": "Bob's expenses", "full": "x"}
	})))
	for _, tc := range []struct {
		filter string
		found  int // -1: refused
	}{
		{"distributionMethod eq 'organization'", 2},
		{"distributionMethod eq 'Organization'", 2},
		{"distributionMethod ne 'organization'", 0},
		{"externalId eq '" + strings.ToUpper(helpdeskID) + "'", 1},
		{"id eq '" + first + "'", 1},
		{"displayName eq 'Bob''s expenses'", 1},
		{"not(displayName eq 'Helpdesk')", 1},
		{"not displayName eq 'Helpdesk' and not (id eq '" + first + "')", 1},
		{"displayName eq 'Helpdesk' or displayName eq 'Bob''s expenses' and id eq 'x'", 1},
		{"(displayName eq 'Helpdesk' or displayName eq 'Bob''s expenses') and id eq 'x'", 0},
		{"displayName in ('Helpdesk','x')", 1},
		{"appDefinitions/any(a:a/bot ne null)", 1},
		{"appDefinitions/any(a:a/publishingState eq 'submitted')", 1},
		{"appDefinitions/any(a: not (a/publishingState eq 'submitted' or a/version eq '7'))", 1},
		{"displayName eq null", 0},
		{"colour eq 'red'", -1},
		{"displayName eq", -1},
		{"displayName eq 'x", -1},
		{"displayName gt 'x'", -1},
		{"(displayName eq 'x'", -1},
		{"displayName eq 'x' displayName", -1},
		{"appDefinitions/any(a:a/colour ne null)", -1},
		{"teams/any(a:a/bot ne null)", -1},
		{strings.Repeat("not ", 100) + "id eq 'x'", -1},
	} {
		a := c.do("GET", apps+"?$filter="+url.QueryEscape(tc.filter), nil)
		if tc.found < 0 && a.status != 400 || tc.found >= 0 && a.length("value") != tc.found {
			t.Errorf("%s: status %d, %d apps, want %d", tc.filter, a.status, a.length("value"), tc.found)
		}
	}
}

func TestExpandAndSelect(t *testing.T) {
	c := admin(t, open(t, nil))
	id := c.want(201, "POST", apps, pack(t, manifest(helpdeskID, "1.0.0", withBot))).text("id")
	a := c.want(200, "GET", apps+"/"+id+"?$select=id&$expand=appDefinitions($select=version,authorization;$expand=bot)", nil)
	same(t, "expanded", string(a.body), `{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#appCatalogs/teamsApps/$entity","id":"`+id+`",`+
		`"appDefinitions":[{"version":"1.0.0","authorization":{"clientAppId":"e0000000-0000-4000-8000-000000000001","requiredPermissionSet":`+
		`{"resourceSpecificPermissions":[{"permissionValue":"TeamsActivity.Send.User","permissionType":"application"}]}},"bot":{"id":"b0700000-0000-4000-8000-000000000001"}}]}`)
	def := definition(c, id, "1.0.0")
	same(t, "bot", c.want(200, "GET", definitionPath(id, def)+"/bot", nil).text("id"), "b0700000-0000-4000-8000-000000000001")

	plain := publish(c, expensesI, "1.0.0")
	c.want(404, "GET", definitionPath(plain, definition(c, plain, "1.0.0"))+"/bot", nil)
	for _, bad := range []string{"?$select=colour", "?$filter=colour eq 1", "?$filter=version eq", "?$expand=bot("} {
		c.want(400, "GET", apps+"/"+id+"/appDefinitions"+bad, nil)
	}
	c.want(404, "GET", definitionPath(id, "bm9wZQ=="), nil)
	c.want(400, "GET", definitionPath(id, def)+"?$select=colour", nil)
	c.want(400, "GET", definitionPath(id, def)+"?$expand=bot(", nil)
	c.want(400, "GET", apps+"/not-a-guid", nil)
	same(t, "bot within a definition", c.want(200, "GET", definitionPath(id, def)+"?$expand=bot&$select=id", nil).text("bot/id"), "b0700000-0000-4000-8000-000000000001")
	v1 := c.want(200, "GET", definitionPath(id, def), nil)
	beta := c.want(200, "GET", strings.Replace(definitionPath(id, def), "/v1.0", "/beta", 1), nil)
	if v1.text("shortDescription") != "Ask" || v1.get("shortdescription") != nil || beta.text("shortdescription") != "Ask" || beta.get("shortDescription") != nil {
		t.Errorf("v1.0: %s\nbeta: %s", v1.body, beta.body)
	}
	same(t, "beta's Entra application", beta.text("azureADAppId"), "e0000000-0000-4000-8000-000000000001")
	same(t, "beta's scopes", beta.text("allowedInstallationScopes"), "team,personal")
	for _, bad := range []string{"?$select=colour", "?$expand=colour", "?$expand=appDefinitions($expand=colour)", "?$expand=appDefinitions($top=1)", "?$expand=appDefinitions("} {
		c.want(400, "GET", apps+bad, nil)
	}
}

func TestRealPackages(t *testing.T) {
	if sharedFile("packages/index.tsv") == "" {
		t.Skip("the package corpus is not here")
	}
	c := admin(t, open(t, nil))
	n := 0
	for _, folder := range realPackages(t) {
		a := c.do("POST", apps, zipFolder(t, folder))
		if a.status != 201 && a.text("error/innerError/code") != "UnableToParseTeamsAppManifest" && a.status != 409 {
			t.Errorf("%s: status %d: %s", folder, a.status, a.body)
		}
		if a.status == 201 {
			n++
		}
	}
	if got := c.want(200, "GET", apps, nil).length("value"); n == 0 || got != n {
		t.Errorf("%d apps in the catalog after %d were published", got, n)
	}
}
