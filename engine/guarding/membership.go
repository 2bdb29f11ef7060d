package guarding

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/internal/plain"
)

// countMembership counts, by block, people who join and leave because the
// directory changed, of the people of the block.
func (j *judging) countMembership() []tally {
	byBlock := map[string]*tally{}
	joined, left := map[string]int{}, map[string]int{}
	add := func(g *engine.RowGroup, to map[string]int) {
		t := byBlock[g.Addr]
		if t == nil {
			t = &tally{apart: g.Addr, base: j.Audiences[g.Addr], from: shareFrom}
			byBlock[g.Addr] = t
		}
		to[g.Addr] += g.Count
		t.count += g.Count
		t.samples = append(t.samples, g.Samples...)
	}
	for _, g := range slices.Concat(j.Plan.RowGroups, j.Plan.RowsNoted) {
		switch g.Reason {
		case engine.ReasonJoined:
			add(g, joined)
		case engine.ReasonLeft:
			add(g, left)
		default: // an edit
		}
	}
	var out []tally
	for block, t := range byBlock {
		t.base = max(t.base, t.count)
		t.samples = t.samples[:min(len(t.samples), 5)]
		t.text = fmt.Sprintf("The directory changed: of %d people of %s, %s and %s: %s.", t.base, block,
			plain.Count(joined[block], "has joined", "have joined"), plain.Count(left[block], "has left", "have left"), sampleOf(t.samples, t.count))
		out = append(out, *t)
	}
	slices.SortFunc(out, func(x, y tally) int { return strings.Compare(x.apart, y.apart) })
	return out
}

// attendToMissing names people whom the directory does not know, by list.
func (j *judging) attendToMissing() {
	byList := map[string][]string{}
	for _, a := range j.NotFound {
		for i, name := range a.Missing {
			if i < len(a.Lists) && !slices.Contains(byList[a.Lists[i]], name) {
				byList[a.Lists[i]] = append(byList[a.Lists[i]], name)
			}
		}
	}
	var lists []string
	for list := range byList {
		lists = append(lists, list)
	}
	slices.Sort(lists)
	for _, list := range lists {
		names := byList[list]
		slices.Sort(names)
		j.Plan.Attention = append(j.Plan.Attention, engine.Note{Topic: engine.TopicNotFound, Text: fmt.Sprintf(
			"%s of %s not in the directory, and skipped: %s.", plain.Count(len(names), "name", "names"), list+" "+plain.OneOrMany(len(names), "is", "are"), plain.Sample(names))})
	}
}
