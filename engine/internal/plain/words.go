package plain

import (
	"fmt"
	"strings"
)

// Count writes a number with its noun.
func Count(n int, one, many string) string { return fmt.Sprint(n) + " " + OneOrMany(n, one, many) }

// OneOrMany is the word that fits a number.
func OneOrMany(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Sample names the first five.
func Sample(names []string) string {
	if len(names) > 5 {
		return strings.Join(names[:5], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}
