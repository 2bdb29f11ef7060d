package model_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teamsform/teamsform/engine/internal/model"
)

func TestAudiences(t *testing.T) {
	blocks := map[string]*model.AudienceRecord{
		"policy_assignment.a": {Policy: "setup_policy/pilot", Digest: "2-ff", Missing: []string{"lee@contoso.example"}},
		"policy_assignment.b": {Policy: "setup_policy/pilot", Digest: "0-00"},
	}
	raw, err := model.EncodeAudiences(blocks)
	if err != nil {
		t.Fatal(err)
	}
	got, err := model.DecodeAudiences(raw)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(blocks, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if got, err := model.DecodeAudiences(nil); got != nil || err != nil {
		t.Errorf("of nothing: %v, %v", got, err)
	}
	for text, want := range map[string]string{`{"version":2}`: "use a newer teamsform", `[]`: "audiences in the state"} {
		if _, err := model.DecodeAudiences(json.RawMessage(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
