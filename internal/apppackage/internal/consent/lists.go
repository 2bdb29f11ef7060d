package consent

import (
	_ "embed" // the lists
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// List is one state of the documented list.
type List struct {
	ID       string   `json:"id"`       // "A4"
	Date     string   `json:"date"`     // a year, a month or a day
	Audience string   `json:"audience"` // whom the page is for
	Source   string   `json:"source"`
	Note     string   `json:"note"`
	Current  bool     `json:"current"` // it holds today: what it names surely asks again
	Rules    []string `json:"rules"`   // a rule, or rule:on and rule:off where the direction counts
}

// Has reports whether the list names a change. direction is "on", "off", or ""
// for a rule that has none.
func (l List) Has(rule, direction string) bool {
	return slices.Contains(l.Rules, rule) || direction != "" && slices.Contains(l.Rules, rule+":"+direction)
}

//go:embed lists.json
var lists []byte

// Load returns the lists, oldest first.
func Load() ([]List, error) {
	var out []List
	if err := json.Unmarshal(lists, &out); err != nil {
		return nil, fmt.Errorf("read the lists of consent rules: %w", err)
	}
	return out, nil
}

// Find returns the list that a user means: by id, by date, or by a year that
// has one. Where a year has several, that for developers is meant: it is the
// older of the two kinds, and what was cited as the list of its year.
func Find(all []List, name string) (List, bool) {
	for _, l := range all {
		if strings.EqualFold(l.ID, name) || l.Date == name {
			return l, true
		}
	}
	for _, l := range all {
		if year, _, _ := strings.Cut(l.Date, "-"); year == name && len(name) == 4 {
			return l, true
		}
	}
	return List{}, false
}

// Rules returns the ids of all rules of all lists, sorted.
func Rules() []string {
	all, err := Load()
	if err != nil {
		return nil
	}
	var out []string
	for _, l := range all {
		for _, rule := range l.Rules {
			id, _, _ := strings.Cut(rule, ":")
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
