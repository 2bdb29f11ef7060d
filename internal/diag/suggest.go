package diag

import "strings"

// DidYouMean returns ` Did you mean "x"?` for the candidate nearest to given,
// or "" when none is near. Nearness is edit distance: at most a third of the
// length of given, plus one.
func DidYouMean(given string, candidates []string) string {
	if best := Nearest(given, candidates); best != "" {
		return ` Did you mean "` + best + `"?`
	}
	return ""
}

// Nearest returns the candidate nearest to given, or "".
func Nearest(given string, candidates []string) string {
	best, bestDist := "", len(given)/3+2
	for _, c := range candidates {
		if d := distance(strings.ToLower(given), strings.ToLower(c)); d < bestDist {
			best, bestDist = c, d
		}
	}
	return best
}

// distance is the Levenshtein distance over bytes; names here are ASCII.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next := min(row[j]+1, row[j-1]+1, diagonal+cost)
			diagonal, row[j] = row[j], next
		}
	}
	return row[len(b)]
}
