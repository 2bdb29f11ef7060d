package state

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"

	"github.com/teamsform/teamsform/internal/jsonscan"
)

// The summaries of what can be wrong with a state document or a journal.
const (
	SummaryNotJSON    = "State is not JSON"
	SummaryUTF16      = "State is not UTF-8"
	SummaryCutOff     = "State is cut off"
	SummaryDigest     = "State does not match its digest"
	SummaryNewer      = "State was made by a newer teamsform"
	SummaryDuplicate  = "Duplicate entry in state"
	SummaryDamaged    = "State is damaged"
	SummaryNotState   = "Not a state document"
	SummaryBadJournal = "Journal is damaged"
	SummaryNewJournal = "Journal was made by a newer teamsform"
)

// wayOut ends the message about a document that cannot be used as it is.
const wayOut = "Put back a good copy with \"teamsform state restore\" (the backup beside the file) or from version control."

// problem is an error of this package about the content of a file: a
// diagnostic with file and line, so that it prints like any other.
func problem(file string, line int, summary, format string, args ...any) error {
	rng := &hcl.Range{
		Filename: file,
		Start:    hcl.Pos{Line: max(line, 1), Column: 1},
		End:      hcl.Pos{Line: max(line, 1), Column: 1},
	}
	return hcl.Diagnostics{diag.Error(rng, summary, "%s", fmt.Sprintf(format, args...))}
}

// explain words an error of the scanner for people, and gives the place of an
// error in reading.
func explain(file string, err error) error {
	var wrong *jsonscan.Error
	var diags hcl.Diagnostics
	switch {
	case errors.As(err, &diags):
		return err
	case !errors.As(err, &wrong):
		return fmt.Errorf("read %s: %w", file, err)
	case wrong.CutOff:
		return problem(file, wrong.Line, SummaryCutOff, "%s ends in the middle. %s", file, wayOut)
	}
	return problem(file, wrong.Line, SummaryNotJSON, "%s is not the JSON that teamsform writes: %s. %s", file, wrong.What, wayOut)
}
