package teams

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/table"
)

// audience notes whom a block names, as it is written.
func (c *compilation) audience(block table.Sym, p engine.Policy, refs []addr.Instance) {
	a := engine.Audience{Block: block, Policy: p}
	var sum namesSum
	type missing struct{ name, list string }
	var lost []missing
	for _, ref := range refs {
		u := c.in.Config.Users[ref]
		if u == nil {
			continue
		}
		for i := range u.Names {
			sum.add(nameOf(&u.Names[i]))
		}
		for _, name := range c.lost[ref] {
			lost = append(lost, missing{name, ref.String()})
		}
	}
	slices.SortFunc(lost, func(x, y missing) int { return strings.Compare(x.name, y.name) })
	for _, m := range lost {
		a.Missing, a.Lists = append(a.Missing, m.name), append(a.Lists, m.list)
	}
	a.Digest = sum.String()
	c.out.Audiences = append(c.out.Audiences, a)
}

// namesSum is a digest of names in any order: the sums of two hashes of each
// name (FNV-1a, 64 bits) in lower case, and their number. It costs no
// allocation per name, of which there may be a million.
type namesSum struct {
	n, a, b uint64
}

func (s *namesSum) add(name string) {
	const prime = 1099511628211
	a, b := uint64(14695981039346656037), uint64(0x9e3779b97f4a7c15)
	for i := range len(name) {
		ch := name[i]
		if ch >= 'A' && ch <= 'Z' {
			ch += 'a' - 'A'
		}
		a = (a ^ uint64(ch)) * prime
		b = (b ^ uint64(ch)) * prime
	}
	s.n++
	s.a += a
	s.b += b ^ b>>29
}

func (s *namesSum) String() string { return fmt.Sprintf("%d-%016x%016x", s.n, s.a, s.b) }
