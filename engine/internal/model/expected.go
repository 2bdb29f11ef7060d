package model

import "github.com/teamsform/teamsform/internal/addr"

// Expected is one expect block held against the planned result.
type Expected struct {
	Name     string // what is expected, as the block is labelled
	Addr     addr.Instance
	User     string // sign-in name
	App      string // what people call it; "" when only upload is expected
	File     string
	Line     int
	Failures []string // what is otherwise, as sentences with the reason; none: it holds
}

// OK reports whether the expectation holds.
func (e Expected) OK() bool { return len(e.Failures) == 0 }
