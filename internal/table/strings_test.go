package table_test

import (
	"testing"

	"github.com/teamsform/teamsform/internal/table"
)

func TestStringsFoldNamesAndKeepAddressesApart(t *testing.T) {
	s := table.NewStrings("permission_policy", "setup_policy")
	if a, b := s.Sym("permission_policy"), s.Sym("setup_policy"); a >= b {
		t.Errorf("the first names sort as %d and %d", a, b)
	}
	if s.Sym("Trusted") != s.Sym("tRUSTED") || s.Name(s.Sym("TRUSTED")) != "Trusted" {
		t.Error("a policy name is not folded, or its first spelling is lost")
	}
	upper, lower := s.Exact(`policy_assignment.x["A"]`), s.Exact(`policy_assignment.x["a"]`)
	if upper == lower || s.Name(upper) != `policy_assignment.x["A"]` || s.Name(lower) != `policy_assignment.x["a"]` {
		t.Error("addresses that differ in case are one")
	}
	if s.Exact(`policy_assignment.x["A"]`) != upper {
		t.Error("an address has two symbols")
	}
	if s.Exact("trusted") == s.Sym("trusted") {
		t.Error("an address and a policy share a symbol")
	}
	if s.Exact("") != 0 || s.Sym("") != 0 {
		t.Error("no name is not 0")
	}
}
