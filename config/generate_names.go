package config

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/people"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// Labels for blocks that are written. A label depends only on what its object
// is called and on whether another is called alike, so that the next export
// gives the same ones.

// Named is an object that needs a label.
type Named struct {
	Key  string // tells it from others; stable
	Name string // what people call it; need not be unique
}

// labelLength is how much of a name goes into a label.
const labelLength = 48

// Labels gives each object a label of its own, by key: its name in lower case
// with "_" for what an identifier cannot hold. Where several come to the same,
// those whose name is more than that get a part of the digest of their key.
// word stands before names that no identifier can start with, or in their
// place.
func Labels(word string, objects []Named) map[string]string {
	objects = slices.Clone(objects)
	slices.SortFunc(objects, func(a, b Named) int { return cmp.Compare(a.Key, b.Key) })
	alike, exact := map[string]int{}, map[string]int{}
	for _, o := range objects {
		l := label(word, o.Name)
		alike[l]++
		if schema.FoldKey(o.Name) == l {
			exact[l]++
		}
	}
	out, taken := map[string]string{}, map[string]bool{}
	var rest []Named
	for _, o := range objects {
		l := label(word, o.Name)
		if alike[l] == 1 || exact[l] == 1 && schema.FoldKey(o.Name) == l {
			out[o.Key], taken[l] = l, true
			continue
		}
		rest = append(rest, o)
	}
	for _, o := range rest {
		l := label(word, o.Name)
		sum := sha256.Sum256([]byte(o.Key))
		digest := hex.EncodeToString(sum[:])
		n := 6
		for taken[l+"_"+digest[:n]] && n < len(digest) {
			n++
		}
		l += "_" + digest[:n]
		out[o.Key], taken[l] = l, true
	}
	return out
}

// label makes an identifier of a name.
func label(word, name string) string {
	var b strings.Builder
	gap := false
	for _, r := range cty.NormalizeString(name) {
		switch {
		case unicode.Is(unicode.M, r): // an accent that stands by itself
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
		default:
			gap = true
		}
	}
	runes := []rune(b.String())
	l := strings.TrimRight(string(runes[:min(len(runes), labelLength)]), "_")
	if usable(l) {
		return l
	}
	if l == "" || !usable(word+"_"+l) {
		return word
	}
	return word + "_" + l
}

// usable reports whether HCL takes a label as it is, also in a reference.
func usable(l string) bool {
	return hclsyntax.ValidIdentifier(l) && cty.NormalizeString(l) == l
}

// Expressible reports whether a text can be written in a configuration and
// comes out the same: HCL keeps texts in one of Unicode's normal forms.
func Expressible(s string) bool { return cty.NormalizeString(s) == s }

// PersonName returns how a list of people can name somebody: by the sign-in
// name, or by the object id where the name cannot stand in a list.
func PersonName(upn, id string) string {
	if _, complaint := people.Parse(upn); complaint != "" || !Expressible(upn) {
		return id
	}
	return upn
}

// WritePeople returns the CSV file of a users block.
func WritePeople(names []string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	records := [][]string{{"upn"}}
	for _, n := range names {
		records = append(records, []string{n})
	}
	err := w.WriteAll(records)
	return b.Bytes(), err
}
