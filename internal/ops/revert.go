package ops

import (
	"context"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/applying"
	"github.com/teamsform/teamsform/engine/planfile"
)

// SummaryNotApplied says that a plan which is to be taken back was not applied.
const SummaryNotApplied = "Plan was not applied"

// revert plans to take an applied plan back: from the values that it found.
func (s *session) revert(ctx context.Context, path string) *engine.Plan {
	if !s.ok() {
		return nil
	}
	f, diags := planfile.Open(path, s.kinds, s.strings)
	if s.diags = append(s.diags, diags...); !s.ok() {
		return nil
	}
	if s.readState(ctx); !s.ok() {
		return nil
	}
	if len(s.inDoubt) > 0 || journalOf(s.loaded) != "" {
		s.wrong("Earlier run was interrupted", "What it did is not settled. Run teamsform apply first, and then take the plan back.")
		return nil
	}
	if _, applied := applying.Applied(s.prior, f.Digest); !applied {
		s.wrong(SummaryNotApplied, "The state does not know that %s was applied, so there is nothing to take back. It remembers the last ten plan files.", path)
		return nil
	}
	if s.connect(ctx); !s.ok() {
		return nil
	}
	if s.checkTenant(f); !s.ok() {
		return nil
	}
	in := s.input()
	in.Revert, in.RevertOf = f.Plan, f.Digest
	plan, diags := engine.BuildPlan(ctx, in)
	s.diags = append(s.diags, diags...)
	return plan
}
