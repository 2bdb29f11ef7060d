package view_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
	"github.com/teamsform/teamsform/internal/ops"
)

func exported() *ops.Exported {
	return &ops.Exported{
		Tenant:  engine.TenantInfo{Name: "Contoso", ID: "t-1", Driver: "emulated", AccessModel: "policies", ModelVerified: true, Identity: "somebody"},
		Into:    "my folder",
		Written: []string{"tenant.teams.hcl"},
		Counts:  []ops.ExportCount{{Count: 1, One: "app", Many: "apps"}, {Count: 12345, One: "person", Many: "people"}},
		Defaults: []ops.ExportNote{
			{What: "setup_policy.x", Attrs: []string{"description", "upload_custom_apps"}},
		},
		Skipped: []ops.ExportNote{{What: "setup policy \"a\nb\"", Why: "built in"}},
		Cannot:  []ops.ExportNote{{What: "setup_policy.y", Attrs: []string{"pinned_apps"}, Why: "the service\ndoes not tell"}},
		Unknown: []ops.UnknownValue{
			{Kind: "setup_policy", Key: "Y", Addr: "setup_policy.y", Property: "Future", JSON: `"` + strings.Repeat("ä", 200) + `"`},
			{Kind: "setup_policy", Key: "Theirs", Property: "Future", JSON: "true"},
		},
		UnknownOf: []ops.ExportNote{{What: "setup policies", Attrs: []string{"A", "B"}, Why: "empty in all of them"}},
	}
}

func TestExport(t *testing.T) {
	var b strings.Builder
	if err := view.Export(&b, view.Style{}, exported()); err != nil {
		t.Fatal(err)
	}
	want := `Tenant "Contoso" (t-1), emulated, access by policies, as somebody

Wrote 1 file into my folder
  tenant.teams.hcl

What the tenant has
      1 app
  12,345 people

Left out, because they have Microsoft's default; they are not managed
  setup_policy.x: description, upload_custom_apps

Skipped
  setup policy "a b": built in

Could not be expressed
  setup_policy.y: pinned_apps (the service does not tell)

Properties of the service that no attribute stands for; they stay as they are
  setup_policy.y: Future = "` + strings.Repeat("ä", 119) + `...
  setup_policy "Theirs": Future = true
  setup policies: A, B (empty in all of them)

Next: teamsform -C "my folder" plan
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestExportAdopted(t *testing.T) {
	for name, tt := range map[string]struct {
		adopted *ops.Applied
		ends    string
	}{
		"recorded": {&ops.Applied{Planned: ops.Planned{Plan: &engine.Plan{RowsRecorded: 7}}, Outcome: &applying.Outcome{Written: true}}, "Recorded in the state: 7; nothing was sent.\n\nNext: teamsform plan\n"},
		"refused":  {&ops.Applied{}, "tenant.teams.hcl\n"},
	} {
		e := &ops.Exported{Into: ".", Written: []string{"tenant.teams.hcl"}, Adopted: tt.adopted}
		var b strings.Builder
		if err := view.Export(&b, view.Style{}, e); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(b.String(), tt.ends) || strings.Contains(b.String(), "What the tenant has") {
			t.Errorf("%s:\n%s", name, b.String())
		}
	}
}

func TestExportJSON(t *testing.T) {
	e := exported()
	e.Adopted = &ops.Applied{Planned: ops.Planned{Plan: &engine.Plan{RowsRecorded: 7}}, Outcome: &applying.Outcome{Written: true}}
	var b strings.Builder
	if err := view.ExportJSON(&b, view.Style{}, e); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal([]byte(b.String()), &doc); err != nil {
		t.Fatal(err)
	}
	unknown, _ := doc["unknown_properties"].([]any)
	if len(unknown) != 2 || unknown[1].(map[string]any)["value"] != "true" {
		t.Errorf("unknown properties: %v", unknown)
	}
	delete(doc, "unknown_properties")
	note := func(what string, attrs []any, reason string) []any {
		n := map[string]any{"what": what}
		if attrs != nil {
			n["attributes"] = attrs
		}
		if reason != "" {
			n["reason"] = reason
		}
		return []any{n}
	}
	want := map[string]any{
		"format_version": "1.0", "tenant_id": "t-1", "into": "my folder", "written": []any{"tenant.teams.hcl"}, "recorded": 7.0,
		"counts":                   []any{map[string]any{"what": "apps", "count": 1.0}, map[string]any{"what": "people", "count": 12345.0}},
		"left_at_default":          note("setup_policy.x", []any{"description", "upload_custom_apps"}, ""),
		"skipped":                  note("setup policy \"a\nb\"", nil, "built in"),
		"not_expressed":            note("setup_policy.y", []any{"pinned_apps"}, "the service\ndoes not tell"),
		"unknown_empty_properties": note("setup policies", []any{"A", "B"}, "empty in all of them"),
	}
	if d := cmp.Diff(want, doc); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	// Nothing to say is an empty list, never null.
	b.Reset()
	if err := view.ExportJSON(&b, view.Style{}, &ops.Exported{Written: []string{"x"}}); err != nil || strings.Contains(b.String(), "null") {
		t.Errorf("%v\n%s", err, b.String())
	}
}
