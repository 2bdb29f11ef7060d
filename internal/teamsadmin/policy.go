package teamsadmin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Policy is a policy as the service has it: a name, and properties that are kept as they came, known or not.
type Policy struct {
	Name string // without "Tag:"
	// Properties by name in the service's spelling (AllowSideLoading), without Identity.
	Properties map[string]json.RawMessage
}

// AppRef is an app in a list of a policy. ID is a catalog id, or a short text for some of Microsoft's own apps. Order
// counts from 1 in ordered lists and is 0 in others.
type AppRef struct {
	ID    string `json:"Id"`
	Order int    `json:"Order,omitempty"`
}

// BareName strips the "Tag:" that the service puts before the names of policies an organisation made.
func BareName(name string) string {
	if len(name) >= 4 && strings.EqualFold(name[:4], "Tag:") {
		return name[4:]
	}
	return name
}

// SameName reports whether a and b name the same policy.
func SameName(a, b string) bool { return strings.EqualFold(BareName(a), BareName(b)) }

// Property returns the property of that name in any case.
func (p Policy) Property(name string) (json.RawMessage, bool) {
	if raw, ok := p.Properties[name]; ok {
		return raw, true
	}
	for key, raw := range p.Properties {
		if strings.EqualFold(key, name) {
			return raw, true
		}
	}
	return nil, false
}

// Bool returns a yes-or-no property. Known is false when it is absent, null or something else.
func (p Policy) Bool(name string) (value, known bool) {
	raw, _ := p.Property(name)
	var v *bool
	if json.Unmarshal(raw, &v) != nil || v == nil {
		return false, false
	}
	return *v, true
}

// Text returns a text property; null is an empty text. Known is false when it is absent or something else.
func (p Policy) Text(name string) (value string, known bool) {
	raw, _ := p.Property(name)
	var v *string
	switch {
	case json.Unmarshal(raw, &v) != nil:
		return "", false
	case v == nil:
		return "", true
	}
	return *v, true
}

// Apps returns a list of apps in their order; null is an empty list. Known is false when it is absent or something
// else.
func (p Policy) Apps(name string) (apps []AppRef, known bool) {
	raw, _ := p.Property(name)
	if raw = bytes.TrimSpace(raw); len(raw) > 0 && raw[0] == '{' {
		raw = slices.Concat([]byte("["), raw, []byte("]")) // a list of one has been seen to lose its brackets
	}
	if json.Unmarshal(raw, &apps) != nil {
		return nil, false
	}
	slices.SortStableFunc(apps, func(a, b AppRef) int { return a.Order - b.Order })
	return apps, true
}

// IsAppList reports whether the property of that name is a list of apps, and whether their order counts.
func IsAppList(name string) (list, ordered bool) {
	switch strings.ToLower(name) {
	case "pinnedappbarapps", "pinnedmessagebarapps", "pinnedcallingbarapps":
		return true, true
	case "apppresetlist", "apppresetmeetinglist", "additionalcustomizationapps",
		"defaultcatalogapps", "globalcatalogapps", "privatecatalogapps":
		return true, false
	}
	return false, false
}

// BoolValue is the wire form of a yes-or-no property.
func BoolValue(v bool) json.RawMessage {
	if v {
		return json.RawMessage("true")
	}
	return json.RawMessage("false")
}

// TextValue is the wire form of a text property.
func TextValue(v string) json.RawMessage { return encode(v) }

// AppsValue is the wire form of a list of apps, whole: their order from 1 when it counts, never null.
func AppsValue(ids []string, ordered bool) json.RawMessage {
	apps := make([]AppRef, len(ids))
	for i, id := range ids {
		apps[i].ID = id
		if ordered {
			apps[i].Order = i + 1
		}
	}
	return encode(apps)
}

// encode writes v without escaping <, > and &; v is of a type that always encodes.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return json.RawMessage("null")
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// wireProperties checks properties on their way out. A list of apps must be an array of objects with an Id: a list
// sent as text is dropped by the service without a word. Where order counts, Order is written from 1.
func wireProperties(props map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(props)+1)
	for name, raw := range props {
		if strings.EqualFold(name, "Identity") {
			return nil, fmt.Errorf("the name of a policy is not one of its properties")
		}
		if !json.Valid(raw) {
			return nil, fmt.Errorf("property %s is not JSON", name)
		}
		out[name] = raw
		if list, ordered := IsAppList(name); list {
			whole, err := wireList(raw, ordered)
			if err != nil {
				return nil, fmt.Errorf("property %s: %w", name, err)
			}
			out[name] = whole
		}
	}
	return out, nil
}

// wireList gives a list its form for the wire, keeping fields of its elements that are not known here.
func wireList(raw json.RawMessage, ordered bool) (json.RawMessage, error) {
	var elements []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return nil, fmt.Errorf("want a list of apps: %w", err)
	}
	if elements == nil {
		elements = []map[string]json.RawMessage{}
	}
	for _, e := range elements {
		var id string
		if json.Unmarshal(e["Id"], &id) != nil || id == "" {
			return nil, fmt.Errorf("want an Id in every element of the list")
		}
	}
	if ordered {
		slices.SortStableFunc(elements, func(a, b map[string]json.RawMessage) int { return order(a) - order(b) })
		for i, e := range elements {
			e["Order"] = encode(i + 1)
		}
	}
	return encode(elements), nil
}

// order is an element's Order, or 0 without one, which puts it first; elements of equal order stay as they are.
func order(e map[string]json.RawMessage) int {
	var n int
	if json.Unmarshal(e["Order"], &n) != nil {
		return 0
	}
	return n
}
