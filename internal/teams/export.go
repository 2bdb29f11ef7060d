package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/msgraph"
)

// What writing a tenant down needs beyond listing it.

// Unknowns is an optional ability of a collection: it tells which properties
// the service has of each object that no attribute stands for. They are read,
// kept and never written; an export says so rather than drop them in silence.
type Unknowns interface {
	Unknown(ctx context.Context) ([]UnknownProperties, error)
}

// UnknownProperties are those of one object.
type UnknownProperties struct {
	Key        string                     // natural key
	Properties map[string]json.RawMessage // by the service's name
}

// Names returns the names of the properties that have a value, and of those
// that are null or empty, sorted.
func (u UnknownProperties) Names() (set, empty []string) {
	for _, name := range slices.Sorted(maps.Keys(u.Properties)) {
		if slices.Contains([]string{"", "null", "[]", "{}", `""`}, string(bytes.TrimSpace(u.Properties[name]))) {
			empty = append(empty, name)
		} else {
			set = append(set, name)
		}
	}
	return set, empty
}

// knownProperties lists the properties that a codec reads and writes, in lower
// case.
func knownProperties(codec policyCodec) map[string]bool {
	known := map[string]bool{"description": true}
	switch c := codec.(type) {
	case setupCodec:
		for _, property := range c.switches() {
			known[strings.ToLower(property)] = true
		}
		for _, property := range c.lists() {
			known[strings.ToLower(property)] = true
		}
	case permissionCodec:
		for _, property := range c.classes() {
			known[strings.ToLower(property)] = true
			known[strings.ToLower(property)+"type"] = true
		}
	}
	// Bookkeeping of the service itself.
	for _, name := range []string{"identity", "key", "configid", "configmetadata"} {
		known[name] = true
	}
	return known
}

// Unknown implements Unknowns.
func (c *policies) Unknown(ctx context.Context) ([]UnknownProperties, error) {
	list, err := c.fetch(ctx)
	if err != nil {
		return nil, err
	}
	known := knownProperties(c.codec)
	out := make([]UnknownProperties, 0, len(list))
	for _, p := range list {
		out = append(out, UnknownProperties{p.Name, without(p.Properties, known)})
	}
	return out, nil
}

// Unknown implements Unknowns.
func (c *orgSettings) Unknown(ctx context.Context) ([]UnknownProperties, error) {
	org, err := c.org.get(ctx, c.admin.OrgAppSettings)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{"issideloadedappsinteractionenabled": true} // org.CustomAppInteraction
	return []UnknownProperties{{OrgSettings, without(org.Properties, known)}}, nil
}

func without(properties map[string]json.RawMessage, known map[string]bool) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, raw := range properties {
		if !known[strings.ToLower(name)] {
			out[name] = raw
		}
	}
	return out
}

// GroupName is what the directory says of a group.
type GroupName struct {
	Found  bool
	Name   string
	Unique bool // no other group has that name
}

// GroupNames looks groups up by id, and then by their names to see whether
// these tell them apart.
func (t *Reading) GroupNames(ctx context.Context, ids []string) (map[string]GroupName, error) {
	byID := make([]msgraph.GroupQuery, len(ids))
	for i, id := range ids {
		byID[i].ID = id
	}
	found, err := t.graph.ResolveGroups(ctx, byID)
	if err != nil {
		return nil, err
	}
	out := map[string]GroupName{}
	var byName []msgraph.GroupQuery
	for i, id := range ids {
		if len(found[i]) != 1 {
			continue
		}
		name := found[i][0].DisplayName
		out[id] = GroupName{Found: true, Name: name}
		if name != "" {
			byName = append(byName, msgraph.GroupQuery{Name: name})
		}
	}
	alike, err := t.graph.ResolveGroups(ctx, byName)
	if err != nil {
		return nil, err
	}
	for i, q := range byName {
		for id, g := range out {
			if g.Name == q.Name {
				g.Unique = len(alike[i]) == 1
				out[id] = g
			}
		}
	}
	return out, nil
}
