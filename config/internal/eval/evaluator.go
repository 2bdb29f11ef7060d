package eval

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/problem"
)

// Evaluator checks bodies and evaluates expressions, and collects what is
// wrong with them. The zero Evaluator is ready.
type Evaluator struct {
	problem.Log

	// Missing explains a reference to something that is not there, or returns
	// nil to leave the words of the language library as they are.
	Missing func(expr hclsyntax.Expression, d *hcl.Diagnostic) *hcl.Diagnostic
}
