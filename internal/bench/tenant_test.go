//go:build unix

package bench_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// policies is over how many policies the rows are spread.
const policies = 10

func policy(i int) string { return fmt.Sprintf("Policy %d", i) }

// member is the sign-in name of somebody whom `emulate seed` makes, from 1.
func member(i int) string { return fmt.Sprintf("user%07d@contoso.example", i) }

// configuration writes a folder in which n people get one of ten policies, by
// CSV files.
func configuration(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	var hcl strings.Builder
	hcl.WriteString("tenant {\n  driver = \"emulated\"\n}\n")
	for p := range policies {
		fmt.Fprintf(&hcl, "setup_policy \"p%d\" {\n  name = %q\n}\nusers \"p%d\" {\n  csv = \"p%d.csv\"\n}\n", p, policy(p), p, p)
		fmt.Fprintf(&hcl, "policy_assignment \"p%d\" {\n  policy = setup_policy.p%d\n  users  = users.p%d\n}\n", p, p, p)
		writeLines(t, filepath.Join(dir, fmt.Sprintf("p%d.csv", p)), func(w io.Writer) {
			fmt.Fprintln(w, "upn,department")
			for i := p; i < n; i += policies {
				fmt.Fprintf(w, "%s,Department %d\n", member(i+1), i%7)
			}
		})
	}
	writeLines(t, filepath.Join(dir, "main.teams.hcl"), func(w io.Writer) { io.WriteString(w, hcl.String()) })
	return dir
}

func writeLines(t *testing.T, name string, write func(io.Writer)) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	write(w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// tenant is an emulated tenant that another process serves.
type tenant struct {
	t          *testing.T
	url, token string
}

// serve fills the tenant of a folder with people, n of them members, and serves
// it until the test ends.
func serve(t *testing.T, teamsform, dir string, n int) *tenant {
	t.Helper()
	users := n + n/40 + 50 // one in fifty is a guest
	if out, err := exec.Command(teamsform, "-C", dir, "emulate", "seed", "--users", fmt.Sprint(users)).CombinedOutput(); err != nil {
		t.Fatalf("seed: %v\n%s", err, out)
	}
	cmd := exec.Command(teamsform, "-C", dir, "emulate", "--json")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	var at struct{ URL, Token string }
	if err := json.NewDecoder(out).Decode(&at); err != nil {
		t.Fatalf("emulate says no address: %v", err)
	}
	return &tenant{t, at.URL, at.Token}
}

// do sends a request and decodes the answer into v.
func (n *tenant) do(method, at string, body, v any) {
	n.t.Helper()
	var sent io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			n.t.Fatal(err)
		}
		sent = bytes.NewReader(raw)
	}
	if !strings.HasPrefix(at, "http") {
		at = n.url + at
	}
	req, err := http.NewRequest(method, at, sent)
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+n.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		n.t.Fatalf("%s %s: %d %s %v", method, at, res.StatusCode, answer, err)
	}
	if v != nil {
		if err := json.Unmarshal(answer, v); err != nil {
			n.t.Fatalf("%s %s: %v", method, at, err)
		}
	}
}

// assigned gives the first n members the policies that the configuration of
// [configuration] wants, by another hand and in large batches.
func (n *tenant) assigned(rows int) {
	n.t.Helper()
	ids := make([]string, policies)
	for i := range ids {
		n.do(http.MethodPost, "/Skype.Policy/configurations/TeamsAppSetupPolicy", map[string]any{"Identity": policy(i)}, nil)
		var found struct{ Value []struct{ PolicyID string } }
		n.do(http.MethodGet, "/v1.0/admin/teams/policy/getPolicyId(type='TeamsAppSetupPolicy',name='"+url.PathEscape(policy(i))+"')", nil, &found)
		ids[i] = found.Value[0].PolicyID
	}
	type assignment struct {
		UserID     string `json:"userId"`
		PolicyType string `json:"policyType"`
		PolicyID   string `json:"policyId"`
	}
	const size = 1000
	var batch []assignment
	send := func() {
		if len(batch) > 0 {
			n.do(http.MethodPost, "/v1.0/admin/teams/policy/userAssignments/assign", map[string]any{"value": batch}, nil)
		}
		batch = batch[:0]
	}
	next := "/v1.0/users?$select=id,userPrincipalName&$top=999"
	for next != "" {
		var page struct {
			Value []struct{ ID, UserPrincipalName string }
			Next  string `json:"@odata.nextLink"`
		}
		n.do(http.MethodGet, next, nil, &page)
		for _, u := range page.Value {
			var i int
			if _, err := fmt.Sscanf(u.UserPrincipalName, "user%d@", &i); err != nil || i > rows {
				continue
			}
			if batch = append(batch, assignment{u.ID, "TeamsAppSetupPolicy", ids[(i-1)%policies]}); len(batch) == size {
				send()
			}
		}
		next = page.Next
	}
	send()
}
