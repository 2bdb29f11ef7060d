package planfile_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine/planfile"
	"github.com/teamsform/teamsform/internal/table"
	"github.com/teamsform/teamsform/internal/teams"
)

func read(raw string) (*planfile.File, error) {
	return planfile.Read(strings.NewReader(raw), planfile.ReadOptions{Name: "saved.json", Kinds: teams.Kinds(), Strings: table.NewStrings(teams.PolicyTypes()...)})
}

// sealed gives a document the digest that belongs to it.
func sealed(raw string) string {
	at := strings.LastIndex(raw, `"digest":`)
	sum := sha256.Sum256([]byte(raw[:at]))
	return raw[:at] + fmt.Sprintf("\"digest\":%q}\n", "sha256:"+hex.EncodeToString(sum[:]))
}

// TestReadRefuses lists what is no plan, or no whole one, each with its words.
func TestReadRefuses(t *testing.T) {
	good := string(written(t, filled(t)))
	with := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the plan has no %s", old)
		}
		return sealed(strings.Replace(good, old, new, 1))
	}
	for _, c := range []struct{ name, raw, summary, detail string }{
		{"empty", "", planfile.SummaryNotPlan, "is empty"},
		{"zip", "PK\x03\x04", planfile.SummaryNotPlan, "zip"},
		{"text", "Plan: 5 to add", planfile.SummaryNotPlan, "not JSON"},
		{"state", `{"format":1,"tool":"x"}`, planfile.SummaryNotPlan, "may be a state"},
		{"plan of Terraform", `{"format_version":"1.2","terraform_version":"1.9.0"}`, planfile.SummaryNewer, "format 1.2"},
		{"older Terraform", `{"format_version":"0.2"}`, planfile.SummaryOtherVersion, "format 0.2"},
		{"no version", `{"format_version":"one"}`, planfile.SummaryNotPlan, `"one"`},
		{"newer", with(`"format_version":"1.0"`, `"format_version":"2.0"`), planfile.SummaryNewer, "up to 1.0"},
		{"newer minor", with(`"format_version":"1.0"`, `"format_version":"1.1"`), planfile.SummaryNewer, "up to 1.0"},
		{"newer type", with(`"types":{"setup_policy":1}`, `"types":{"setup_policy":2}`), planfile.SummaryOtherVersion, "setup_policy"},
		{"unknown type", with(`"types":{"setup_policy":1}`, `"types":{"bot":1}`), planfile.SummaryOtherVersion, "bot"},
		{"changed", strings.Replace(good, `"serial":10`, `"serial":11`, 1), planfile.SummaryDigest, "not edited"},
		{"cut", good[:len(good)/2], planfile.SummaryCutOff, "ends in the middle"},
		{"no digest", good[:strings.LastIndex(good, ",\n\"digest\"")] + "}\n", planfile.SummaryDamaged, "digest"},
		{"two documents", good + good, planfile.SummaryDamaged, "follows"},
		{"field twice", with(`"serial":10,`, `"serial":10,"serial":10,`), planfile.SummaryDamaged, "stands twice"},
		{"unknown field", with(`"serial":10,`, `"serial":10,"surprise":1,`), planfile.SummaryDamaged, "surprise"},
		{"unknown inner field", with(`"copy_of"`, `"copy_off"`), planfile.SummaryDamaged, "copy_off"},
		{"wrong type of value", with(`"serial":10`, `"serial":"ten"`), planfile.SummaryDamaged, "serial"},
		{"null", with(`"serial":10`, `"serial":null`), planfile.SummaryDamaged, "null"},
		{"unknown phase", with(`"phase":"open_all"`, `"phase":"later"`), planfile.SummaryDamaged, "no such phase"},
		{"unknown action", with(`,"action":"update","address"`, `,"action":"burn","address"`), planfile.SummaryDamaged, "burn"},
		{"unknown attribute", with(`"input":{"name"`, `"input":{"nome"`), planfile.SummaryDamaged, "nome"},
		{"deep", with(`"serial":10`, `"serial":`+strings.Repeat("[", 50)+strings.Repeat("]", 50)), planfile.SummaryDamaged, "nested"},
		{"row of numbers", with("\"rows\":[\n[\"", "\"rows\":[\n[1,\""), planfile.SummaryDamaged, "texts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := read(c.raw)
			var diags hcl.Diagnostics
			if f != nil || !errors.As(err, &diags) || len(diags) != 1 {
				t.Fatalf("%v", err)
			}
			if d := diags[0]; d.Summary != c.summary || !strings.Contains(d.Detail, c.detail) || !strings.Contains(d.Detail, "saved.json") {
				t.Errorf("%s: %s; want %s: ...%s", d.Summary, d.Detail, c.summary, c.detail)
			}
		})
	}
}

// A file that ends anywhere is no plan.
func TestReadCutAnywhere(t *testing.T) {
	good := written(t, filled(t))
	step := 1 + len(good)/80
	for n := 0; n < len(good)-2; n += step {
		if f, err := read(string(good[:n])); err == nil || f != nil {
			t.Fatalf("%d of %d bytes are read as a plan", n, len(good))
		}
	}
}

// A failed read is not a bad plan.
func TestReadFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	good := written(t, filled(t))
	r := io.MultiReader(bytes.NewReader(good[:1000]), &failing{broken})
	_, err := planfile.Read(r, planfile.ReadOptions{Kinds: teams.Kinds()})
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// FuzzRead checks that the reader takes anything without harm, and that what it
// takes as a plan is written as it was read.
func FuzzRead(f *testing.F) {
	// Small seeds: a plan with something in every field is read by the tests
	// above, and making it smaller would take a fuzzer all its time.
	small := written(f, &planfile.File{Plan: secretPlan(), Strings: table.NewStrings()})
	f.Add(small)
	f.Add(small[:len(small)/3])
	f.Add(written(f, manyRows(2)))
	f.Add([]byte(`{"format_version":"1.0","timestamp":"2026-03-04T12:00:00Z","tenant":{},"source":{},"digest":"sha256:0"}`))
	f.Add([]byte(sealed("{\"format_version\":\"1.0\",\n\"timestamp\":\"2026-03-04T12:00:00Z\",\"tenant\":{},\"source\":{},\n\"operations\":[{\"type\":\"app\"}],\n\"digest\":\"\"}")))
	f.Add([]byte(sealed("{\"format_version\":\"1.0\",\n\"timestamp\":\"2026-03-04T12:00:00Z\",\"tenant\":{},\"source\":{},\n\"row_operations\":[{\"action\":\"assign\",\"type\":\"setup_policy\",\"policy\":\"P\",\"phase\":\"wire\",\"rows\":[[\"00000000-0000-4000-8000-000000000001\"]]}],\n\"digest\":\"\"}")))
	f.Add([]byte("{\"format_version\":\"1.0\",\"serial\":[[[[[[[[[["))
	f.Add([]byte(`{"format":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		// The digest would keep a fuzzer out.
		if at := bytes.LastIndex(raw, []byte(`"digest":`)); at >= 0 {
			raw = []byte(sealed(string(raw)))
		}
		got, err := read(string(raw))
		if err != nil {
			return
		}
		var once bytes.Buffer
		if err := planfile.Write(&once, got); err != nil {
			return // a plan that no planner makes
		}
		again, err := read(once.String())
		if err != nil {
			t.Fatalf("cannot be read again: %v\n%s", err, once.String())
		}
		for _, d := range differences("plan", reflect.ValueOf(got.Plan), reflect.ValueOf(again.Plan)) {
			t.Error(d)
		}
		if _, err := planfile.Effect(got.Plan, got.Strings); err != nil {
			t.Errorf("no effect: %v", err)
		}
	})
}
