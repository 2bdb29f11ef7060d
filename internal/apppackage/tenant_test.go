package apppackage_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/emulator"
)

// publisher publishes packages to an emulated tenant.
type publisher struct {
	t      *testing.T
	tenant *emulator.Tenant
}

func newPublisher(t *testing.T) *publisher {
	t.Helper()
	n := 0
	tenant, err := emulator.Open(context.Background(), emulator.Options{
		Path: filepath.Join(t.TempDir(), "tenant.db"), NoSync: true, Holder: "test",
		Clock: func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) },
		NewID: func() string { n++; return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tenant.Close() })
	return &publisher{t, tenant}
}

func (p *publisher) do(method, path string, body []byte, into any) int {
	p.t.Helper()
	req, err := http.NewRequest(method, "https://graph.microsoft.com/v1.0/appCatalogs/teamsApps"+path, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+emulator.AdminToken(p.tenant.Info().ID))
	if body != nil {
		req.Header.Set("Content-Type", "application/zip")
	}
	res, err := p.tenant.RoundTripper().RoundTrip(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && into != nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		p.t.Fatalf("%v: %s", err, text)
	}
	return res.StatusCode
}

// publish returns the codes for which the tenant refuses, nil when it takes the
// package, which is taken out again.
func (p *publisher) publish(zip []byte) []string {
	p.t.Helper()
	var answer struct {
		ID    string `json:"id"`
		Error struct {
			Code       string `json:"code"`
			InnerError struct {
				Code    string `json:"code"`
				Details []struct {
					Code, Message, Target string
				} `json:"details"`
			} `json:"innerError"`
		} `json:"error"`
	}
	status := p.do("POST", "", zip, &answer)
	switch {
	case status == 201:
		if status := p.do("DELETE", "/"+answer.ID, nil, nil); status != 204 {
			p.t.Fatalf("DELETE: %d", status)
		}
		return nil
	case status != 400 || answer.Error.Code != "BadRequest" || answer.Error.InnerError.Code != "UnableToParseTeamsAppManifest":
		p.t.Fatalf("status %d: %+v", status, answer)
	}
	var codes []string
	for _, d := range answer.Error.InnerError.Details {
		if d.Message == "" || d.Target == "" {
			p.t.Errorf("incomplete: %+v", d)
		}
		codes = append(codes, d.Code)
	}
	slices.Sort(codes)
	if codes == nil {
		p.t.Error("refused without a reason")
	}
	return codes
}

// zipOf packs files as they are, whether they make a package or not.
func zipOf(t *testing.T, fsys fstest.MapFS) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if err := w.AddFS(fsys); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lighten takes a small picture in place of a large one, of which the service
// has no rule.
func lighten(fsys fstest.MapFS) {
	if fsys["icons/preview.png"] != nil {
		fsys["icons/preview.png"] = &fstest.MapFile{Data: []byte(picture(8, 8, brown))}
	}
}

// expected are the codes of what the validator calls errors of the service.
func expected(t *testing.T, zip []byte) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "package.zip")
	if err := os.WriteFile(path, zip, 0o644); err != nil {
		t.Fatal(err)
	}
	_, findings, err := apppackage.Check(path, apppackage.Options{}, apppackage.ValidateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, f := range apppackage.OfService(findings) {
		codes = append(codes, f.Rule)
	}
	slices.Sort(codes)
	return codes
}

// The emulated tenant refuses a package exactly when the validator finds an
// error of the service, and for the same reasons: over every fixture of every
// rule, broken and nearly so, and the real packages.
func TestTenantAgrees(t *testing.T) {
	p := newPublisher(t)
	refused, taken := 0, 0
	agree := func(name string, zip []byte) {
		t.Helper()
		want, got := expected(t, zip), p.publish(zip)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-validator +tenant):\n%s", name, diff)
		}
		if got == nil {
			taken++
		} else {
			refused++
		}
	}
	for i, c := range ruleCases() {
		for j, edits := range [][]edit{c.bad, c.near} {
			if edits == nil {
				continue
			}
			fsys, file := fixture(t, c.on), c.file
			if file == "" {
				file = "manifest.json"
			}
			lighten(fsys)
			change(t, fsys, file, edits...)
			agree(fmt.Sprintf("%s/%d/%d", c.rule, i, j), zipOf(t, fsys))
		}
	}
	for name, files := range map[string]map[string]string{
		"colored outline": {"icons/outline.png": picture(32, 32, brown)},
		"small color":     {"icons/color.png": picture(96, 96, brown)},
		"no PNG":          {"icons/color.png": "GIF89a"},
		"broken language": {"loc/fr.json": "{"},
		"trailing comma":  {"manifest.json": `{"id":1,}`},
		"no object":       {"manifest.json": `[]`},
		"surplus":         {"readme.md": "x"},
		"empty":           {"manifest.json": `{}`},
		"unknown version": {"manifest.json": `{"manifestVersion":"1.18"}`},
	} {
		fsys := fixture(t, "bot")
		lighten(fsys)
		for file, text := range files {
			fsys[file] = &fstest.MapFile{Data: []byte(text)}
		}
		agree(name, zipOf(t, fsys))
	}
	if refused < 80 || taken < 60 {
		t.Errorf("%d refused, %d taken", refused, taken)
	}
	t.Logf("%d refused, %d taken", refused, taken)
}

func TestTenantAgreesOnRealPackages(t *testing.T) {
	root := shared(t, "packages")
	p := newPublisher(t)
	folders, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range folders {
		if !d.IsDir() {
			continue
		}
		fsys := fstest.MapFS{}
		err := filepath.WalkDir(filepath.Join(root, d.Name()), func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			rel, _ := filepath.Rel(filepath.Join(root, d.Name()), path)
			fsys[filepath.ToSlash(rel)] = &fstest.MapFile{Data: data}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		zip := zipOf(t, fsys)
		if diff := cmp.Diff(expected(t, zip), p.publish(zip)); diff != "" {
			t.Errorf("%s (-validator +tenant):\n%s", d.Name(), diff)
		}
	}
}

// What only this program refuses, the tenant refuses too, under our name.
func TestTenantRefusesWhatCannotBeRead(t *testing.T) {
	p := newPublisher(t)
	for want, manifest := range map[string]string{
		"DuplicateKey": `{"id":1,"id":2}`,
		"NotUtf8":      "\xff\xfe{\x00}\x00",
	} {
		fsys := fixture(t, "bot")
		fsys["manifest.json"] = &fstest.MapFile{Data: []byte(manifest)}
		if got := p.publish(zipOf(t, fsys)); !slices.Contains(got, want) {
			t.Errorf("%s: %v", want, got)
		}
	}
	if got := p.publish([]byte("PK")); len(got) != 1 || got[0] != "NotAZip" {
		t.Errorf("%v", got)
	}
}
