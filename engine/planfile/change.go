package planfile

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/jsonscan"
	"github.com/teamsform/teamsform/internal/schema"
)

// Changes and outputs have the shape of Terraform's JSON plan, so that what
// reads those reads these: an address, a type, and a change with its actions,
// the values before and after, which of them are known after the apply, and
// which are not shown. Everything that only we say stands beside it.

// change appends one entry of resource_changes.
func (e *encoder) change(b []byte, c *engine.Change) ([]byte, error) {
	shape, own := shapeOf(c), attrFlags(c)
	b = append(b, '{')
	b = jsonscan.AppendString(name(b, "address"), c.Addr.String())
	if c.Addr.Module != "" {
		b = jsonscan.AppendString(name(b, "module_address"), moduleOf(c))
	}
	b = jsonscan.AppendString(name(b, "name"), c.Addr.Name)
	if c.Addr.HasKey {
		b = jsonscan.AppendString(name(b, "index"), c.Addr.Key)
	}
	var err error
	for _, f := range e.names.of(reflect.TypeFor[engine.Change]()) {
		part := reflect.ValueOf(c).Elem().Field(f.index)
		if f.name == "address" || f.name == "attrs" || absent(part) {
			continue
		}
		b = name(b, f.name)
		if b, err = e.value(b, part, c.Kind); err != nil {
			return nil, err
		}
	}
	if b, err = appendPlain(name(b, "change"), shape); err != nil {
		return nil, err
	}
	if own != nil {
		if b, err = e.value(name(b, "attributes"), reflect.ValueOf(own), c.Kind); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// shape is Terraform's change.
type shape struct {
	Actions         []string       `json:"actions"`
	Before          any            `json:"before"`
	After           any            `json:"after"`
	AfterUnknown    any            `json:"after_unknown,omitempty"`
	BeforeSensitive any            `json:"before_sensitive,omitempty"`
	AfterSensitive  any            `json:"after_sensitive,omitempty"`
	Importing       map[string]any `json:"importing,omitempty"`
}

// shapeOf gives a change in Terraform's form. A value that is absent has no
// entry; an object that does not exist is null.
func shapeOf(c *engine.Change) shape {
	before, after := map[string]any{}, map[string]any{}
	unknown, hidden := map[string]any{}, map[string]any{}
	for _, a := range c.Attrs {
		if a.Before != nil {
			before[a.Attr.Name] = a.Before
		}
		if a.After != nil {
			after[a.Attr.Name] = a.After
		}
		if u := unknownIn(a.After); u != nil {
			unknown[a.Attr.Name] = u
		}
		if a.Sensitive {
			hidden[a.Attr.Name] = true
		}
	}
	s := shape{Actions: actionsOf(c), Before: before, After: after}
	if len(unknown) > 0 {
		s.AfterUnknown = unknown
	}
	if len(hidden) > 0 {
		s.BeforeSensitive, s.AfterSensitive = hidden, hidden
	}
	if c.Adopting && c.ID != "" {
		s.Importing = map[string]any{"id": c.ID}
	}
	if c.Action == engine.Create {
		s.Before = nil
	}
	if c.Action == engine.Delete {
		s.After = nil
	}
	return s
}

// actionsOf gives the action in Terraform's words.
func actionsOf(c *engine.Change) []string {
	switch c.Action {
	case engine.Create:
		return []string{"create"}
	case engine.Update, engine.Reset:
		if c.Reason == engine.ReasonReplaced {
			return []string{"delete", "create"}
		}
		return []string{"update"}
	case engine.Delete:
		return []string{"delete"}
	case engine.Forget:
		return []string{"forget"}
	case engine.LetGo:
		if len(c.Unowned) == 0 {
			return []string{"forget"}
		}
	case engine.Adopt, engine.Move, engine.Record:
	}
	return []string{"no-op"}
}

// unknownIn says where a value holds what is known only after the apply: true
// in place of it, as Terraform does; nil where there is nothing.
func unknownIn(v any) any {
	switch v := v.(type) {
	case schema.Ref:
		return true
	case []any:
		out := make([]any, len(v))
		found := false
		for i, e := range v {
			out[i] = false
			if u := unknownIn(e); u != nil {
				out[i], found = u, true
			}
		}
		if found {
			return out
		}
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if u := unknownIn(e); u != nil {
				out[k] = u
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// attrFlag is what is said of an attribute beside its values: an AttrChange
// without them. Prior is JSON.
type attrFlag struct {
	Name        string
	LastApplied json.RawMessage
	Drifted     bool
	Defaults    bool
	Restored    bool
	Sensitive   bool
}

// attrFlags lists the attributes of a change in order.
func attrFlags(c *engine.Change) []attrFlag {
	if c.Attrs == nil {
		return nil
	}
	out := make([]attrFlag, 0, len(c.Attrs))
	for _, a := range c.Attrs {
		f := attrFlag{Name: a.Attr.Name, Drifted: a.Drifted, Defaults: a.Defaults, Restored: a.Restored, Sensitive: a.Sensitive}
		if a.Prior != nil {
			f.LastApplied, _ = appendPlain(nil, a.Prior) // plain data always has JSON
		}
		out = append(out, f)
	}
	return out
}

// changeFields are those of an entry that are not fields of engine.Change.
func changeFields() []string {
	return []string{"module_address", "name", "index", "change", "attributes"}
}

// decodeChange reads an entry of resource_changes.
func (d *decoder) decodeChange(raw json.RawMessage) (*engine.Change, error) {
	fields, err := fieldsOf(raw)
	if err != nil {
		return nil, err
	}
	var values shapeJSON
	if err := strict(fields["change"], &values); err != nil {
		return nil, wrongf("change: %s", err)
	}
	flags := fields["attributes"]
	for _, name := range changeFields() {
		delete(fields, name)
	}
	c := &engine.Change{}
	if err := d.fields(fields, reflect.ValueOf(c).Elem(), nil); err != nil {
		return nil, err
	}
	if c.Kind == nil {
		return nil, wrongf("a change without a type")
	}
	return c, d.attributes(c, values, flags)
}

// shapeJSON is the part of Terraform's change that is read: the rest follows
// from it.
type shapeJSON struct {
	Actions         []string                   `json:"actions"`
	Before          map[string]json.RawMessage `json:"before"`
	After           map[string]json.RawMessage `json:"after"`
	AfterUnknown    json.RawMessage            `json:"after_unknown"`
	BeforeSensitive json.RawMessage            `json:"before_sensitive"`
	AfterSensitive  json.RawMessage            `json:"after_sensitive"`
	Importing       json.RawMessage            `json:"importing"`
}

// attributes puts values and flags together again.
func (d *decoder) attributes(c *engine.Change, s shapeJSON, raw json.RawMessage) error {
	if raw == nil {
		if len(s.Before)+len(s.After) > 0 {
			return wrongf("a change with values and without attributes")
		}
		return nil
	}
	var flags []attrFlag
	if err := d.value(raw, reflect.ValueOf(&flags).Elem(), c.Kind); err != nil {
		return err
	}
	c.Attrs = make([]engine.AttrChange, 0, len(flags))
	var seen []string
	for _, f := range flags {
		attr := c.Kind.Attr(f.Name)
		if attr == nil || slices.Contains(seen, f.Name) {
			return wrongf("%s has no attribute %q, or it stands twice", c.Kind.Name, f.Name)
		}
		seen = append(seen, f.Name)
		a := engine.AttrChange{Attr: attr, Drifted: f.Drifted, Defaults: f.Defaults, Restored: f.Restored, Sensitive: f.Sensitive}
		var err error
		for _, v := range []struct {
			to  *any
			raw json.RawMessage
		}{{&a.Before, s.Before[f.Name]}, {&a.After, s.After[f.Name]}, {&a.Prior, f.LastApplied}} {
			if *v.to, err = plainOf(attr, v.raw); err != nil {
				return err
			}
		}
		c.Attrs = append(c.Attrs, a)
	}
	for _, side := range []map[string]json.RawMessage{s.Before, s.After} {
		for name := range side {
			if !slices.Contains(seen, name) {
				return wrongf("the attribute %q has a value and does not stand among the attributes", name)
			}
		}
	}
	return nil
}

func moduleOf(c *engine.Change) string {
	parts := strings.Split(c.Addr.Module, ".")
	return "module." + strings.Join(parts, ".module.")
}
