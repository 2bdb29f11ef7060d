package emulator_test

import (
	"archive/zip"
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

const helpdeskID = "0b0c6e1c-2d0a-4a3e-9a3a-5f0d7a0f6e11"

// publish puts an app into the catalog and gives its catalog id.
func publish(c *client, manifestID, version string) string {
	c.t.Helper()
	return c.want(201, "POST", "/v1.0/appCatalogs/teamsApps", pack(c.t, manifest(manifestID, version))).text("id")
}

func userID(c *client, upn string) string {
	c.t.Helper()
	return c.want(200, "GET", "/v1.0/users/"+url.PathEscape(upn), nil).text("id")
}

func groupID(c *client, name string) string {
	c.t.Helper()
	id := c.want(200, "GET", "/v1.0/groups?$filter=displayName eq '"+name+"'", nil).text("value/0/id")
	if id == "" {
		c.t.Fatalf("no group %s", name)
	}
	return id
}

func policyID(c *client, kind, name string) string {
	c.t.Helper()
	return c.want(200, "GET", "/v1.0/admin/teams/policy/getPolicyId(type='"+kind+"',name='"+url.PathEscape(name)+"')", nil).text("value/0/policyId")
}

// createPolicy makes a policy; properties is the rest of the JSON object.
func createPolicy(c *client, kind, name, properties string) {
	c.t.Helper()
	body := `{"Identity":"` + name + `"`
	if properties != "" {
		body += "," + properties
	}
	c.want(201, "POST", "/Skype.Policy/configurations/"+kind, body+"}")
}

const (
	setup      = "TeamsAppSetupPolicy"
	permission = "TeamsAppPermissionPolicy"
)

// same fails a test when two texts differ.
func same(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// realPackages are the folders of the package corpus.
func realPackages(t testing.TB) []string {
	t.Helper()
	root := filepath.Dir(sharedFile("packages/index.tsv"))
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, filepath.Join(root, e.Name()))
		}
	}
	return out
}

func zipFolder(t testing.TB, folder string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	if err := w.AddFS(os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
