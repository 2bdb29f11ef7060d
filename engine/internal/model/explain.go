package model

import (
	"context"

	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
)

// Explainer is an optional ability of a Collection: it tells what changes of
// its objects mean beyond their attributes, such as what an update does to the
// content of an app and whether people are asked to consent again. It is asked
// once, on the complete plan.
type Explainer interface {
	Explain(ctx context.Context, asked []Explicable) ([]Explanation, error)
}

// Explicable is one configured object, with what happens to it.
type Explicable struct {
	Change  *Change // nil: nothing happens to it
	Desired *Desired
	Actual  *Object // nil: it is not in the tenant yet
	// Prior are the attributes as last applied; nil when state does not know it.
	Prior schema.Attrs
}

// Explanation is what an Explainer says of one object.
type Explanation struct {
	Addr    addr.Instance
	Details []string // sentences that belong below the change
	// Consent are rules that surely ask people again and that nobody accepted;
	// Accepted those that somebody did, and acceptances without an object.
	Consent, Accepted []Finding
	Attention         []string
	Refusals          []string // reasons why an apply must not make the change
}
