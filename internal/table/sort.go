package table

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Sort orders rows by key. Rows with one key keep their order, and rows already
// in order cost one pass.
//
// A million rows come in the order in which a file or the service has them,
// which says nothing of the order of ids. But ids are random, so they fall
// evenly into buckets by their first bits: sorting is two passes over the rows
// and short sorts inside the buckets.
func Sort(rows []Row) {
	if slices.IsSortedFunc(rows, CompareKey) {
		return
	}
	if types := typesOf(rows); len(rows) > fewRows && len(types) <= fewTypes {
		sortByUser(rows)
		gather(rows, types)
		return
	}
	slices.SortStableFunc(rows, CompareKey)
}

// Below so many rows, and above so many types, buckets are not worth it.
const (
	fewRows  = 4096
	fewTypes = 16
)

// typesOf lists the types of rows in their order; more than fewTypes of them
// are not listed all.
func typesOf(rows []Row) []Sym {
	var types []Sym
	var last Sym
	for i := range rows {
		if t := rows[i].Type; i == 0 || t != last {
			last = t
			if !slices.Contains(types, t) {
				if types = append(types, t); len(types) > fewTypes {
					return types
				}
			}
		}
	}
	slices.Sort(types)
	return types
}

// sortByUser orders rows by user alone.
func sortByUser(rows []Row) {
	width := min(16, bits.Len(uint(len(rows)/8)))
	shift := 32 - width
	bucket := func(r *Row) uint32 { return binary.BigEndian.Uint32(r.User[:4]) >> shift }
	ends := make([]int, 1<<width+1) // first how many, then where each begins
	for i := range rows {
		ends[bucket(&rows[i])+1]++
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	out := make([]Row, len(rows))
	for i := range rows {
		b := bucket(&rows[i])
		out[ends[b]] = rows[i]
		ends[b]++
	}
	begin := 0
	for _, end := range ends[:len(ends)-1] {
		if end-begin > 1 {
			slices.SortStableFunc(out[begin:end], func(a, b Row) int { return a.User.Compare(b.User) })
		}
		begin = end
	}
	copy(rows, out)
}

// gather brings the rows of each type together, in the order of types.
func gather(rows []Row, types []Sym) {
	if len(types) < 2 {
		return
	}
	out := make([]Row, 0, len(rows))
	for _, t := range types {
		for i := range rows {
			if rows[i].Type == t {
				out = append(out, rows[i])
			}
		}
	}
	copy(rows, out)
}
