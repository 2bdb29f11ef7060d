package store

import (
	"encoding/json"
	"slices"
	"strings"
)

// listElement is an element of a policy's app list.
type listElement struct {
	ID    string `json:"Id"`
	Order int    `json:"Order"`
}

// Flag reads a boolean property; false if there is none.
func (p Policy) Flag(name string) bool {
	var v bool
	_ = json.Unmarshal(p.Values[name], &v) // checked when it was written
	return v
}

// AppIDs reads a list property: the ids in their order.
func (p Policy) AppIDs(name string) []string {
	var list []listElement
	_ = json.Unmarshal(p.Values[name], &list) // checked when it was written
	slices.SortStableFunc(list, func(a, b listElement) int { return a.Order - b.Order })
	out := make([]string, 0, len(list))
	for _, e := range list {
		out = append(out, e.ID)
	}
	return out
}

// Allows tells whether a permission policy lets people use a custom app. On a
// tenant with the newer access model permission policies say nothing.
func Allows(p Policy, catalogID string) bool {
	var mode string
	_ = json.Unmarshal(p.Values["PrivateCatalogAppsType"], &mode) // checked when it was written
	listed := slices.ContainsFunc(p.AppIDs("PrivateCatalogApps"), func(id string) bool { return strings.EqualFold(id, catalogID) })
	return listed == (mode == "AllowedAppList")
}
