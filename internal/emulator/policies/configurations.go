package policies

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// maxName is the longest policy name. No source gives the real bound.
const maxName = 64

// writePolicy adds a policy to dst, its properties in the order in which the
// service gives them.
func writePolicy(dst []byte, p store.Policy) []byte {
	identity, _ := json.Marshal(p.Identity()) // a string cannot fail
	dst = append(append(dst, `{"Identity":`...), identity...)
	for _, f := range store.Fields(p.Type) {
		dst = append(append(append(dst, `,"`...), f.Name...), `":`...)
		dst = append(dst, p.Values[f.Name]...)
	}
	return append(dst, '}')
}

func (s *Server) listPolicies(c *wire.Call) error {
	t, err := policyType(c)
	if err != nil {
		return err
	}
	out := []byte{'['}
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		all, err := tx.Policies(t)
		for i, p := range all {
			if i > 0 {
				out = append(out, ',')
			}
			out = writePolicy(out, p)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.Raw(200, append(out, ']'))
}

func (s *Server) getPolicy(c *wire.Call) error {
	t, err := policyType(c)
	if err != nil {
		return err
	}
	var out []byte
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		p, err := tx.Policy(t, c.Param("name"))
		out = writePolicy(nil, p)
		return err
	})
	if err != nil {
		return err
	}
	return c.Raw(200, out)
}

// createPolicy makes a policy; what the body leaves out is copied from Global.
func (s *Server) createPolicy(c *wire.Call) error {
	t, err := policyType(c)
	if err != nil {
		return err
	}
	identity, values, err := policyBody(c, t)
	if err != nil {
		return err
	}
	name, err := newName(identity)
	if err != nil {
		return err
	}
	var out []byte
	err = s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		if err := acceptsInstalls(tx, t, store.GlobalName, values); err != nil {
			return err
		}
		p, err := tx.CreatePolicy(t, name, values)
		out = writePolicy(nil, p)
		return inEffect(tx, t, err)
	})
	if err != nil && !errors.Is(err, errNoEffect) {
		return err
	}
	return c.Raw(201, out)
}

// updatePolicy changes the properties that the body names and keeps the rest.
func (s *Server) updatePolicy(c *wire.Call) error {
	t, err := policyType(c)
	if err != nil {
		return err
	}
	identity, values, err := policyBody(c, t)
	if err != nil {
		return err
	}
	if identity != "" && !strings.EqualFold(bare(identity), bare(c.Param("name"))) {
		return wire.BadRequest("The body is about policy %q, the path about %q.", identity, c.Param("name"))
	}
	var out []byte
	err = s.store.Update(c.Request.Context(), func(tx *store.Tx) error {
		if err := acceptsInstalls(tx, t, c.Param("name"), values); err != nil {
			return err
		}
		p, err := tx.UpdatePolicy(t, c.Param("name"), values)
		out = writePolicy(nil, p)
		return inEffect(tx, t, err)
	})
	if err != nil && !errors.Is(err, errNoEffect) {
		return err
	}
	return c.Raw(200, out)
}

func (s *Server) deletePolicy(c *wire.Call) error {
	t, err := policyType(c)
	if err != nil {
		return err
	}
	err = s.store.Update(c.Request.Context(), func(tx *store.Tx) error { return inEffect(tx, t, tx.DeletePolicy(t, c.Param("name"))) })
	if err != nil && !errors.Is(err, errNoEffect) {
		return err
	}
	return c.NoContent()
}

func bare(name string) string {
	if len(name) >= 4 && strings.EqualFold(name[:4], "Tag:") {
		return name[4:]
	}
	return name
}

// newName checks the name of a policy that is created. The rules of the real
// service are not known; these keep names that any client can put in a path.
func newName(identity string) (string, error) {
	name := bare(identity)
	switch {
	case name == "":
		return "", wire.BadRequest("Identity is missing.")
	case utf8.RuneCountInString(name) > maxName:
		return "", wire.BadRequest("Identity is longer than %d characters.", maxName)
	case strings.TrimSpace(name) != name:
		return "", wire.BadRequest("Identity begins or ends with a space.")
	case strings.ContainsAny(name, `/\:*?"<>|%#`) || strings.ContainsFunc(name, unicode.IsControl):
		return "", wire.BadRequest("Identity %q has a character that policy names cannot have.", name)
	}
	return name, nil
}

// policyBody reads the properties of a policy. Properties that only the
// service sets are ignored; a list that comes as text instead of an array is
// ignored too, without a word, as the real service does.
func policyBody(c *wire.Call, t string) (identity string, values map[string]json.RawMessage, err error) {
	var body map[string]json.RawMessage
	if err := c.DecodeJSON(&body, false); err != nil {
		return "", nil, err
	}
	values = map[string]json.RawMessage{}
	for key, raw := range body {
		switch key {
		case "Identity":
			if json.Unmarshal(raw, &identity) != nil {
				return "", nil, wire.BadRequest("Identity must be text.")
			}
			continue
		case "Key", "ConfigId", "ConfigMetadata":
			continue
		}
		f, ok := field(t, key)
		if !ok {
			return "", nil, wire.BadRequest("%q is not a property of %s.", key, t)
		}
		if f.IsList() && len(raw) > 0 && raw[0] == '"' {
			continue
		}
		if values[key], err = f.normal(raw); err != nil {
			return "", nil, err
		}
	}
	return identity, values, nil
}

// policyField is a field that knows how to check values.
type policyField struct{ store.Field }

func field(t, name string) (policyField, bool) {
	for _, f := range store.Fields(t) {
		if f.Name == name {
			return policyField{f}, true
		}
	}
	return policyField{}, false
}

// normal checks a value and gives the form in which it is kept.
func (f policyField) normal(raw json.RawMessage) (json.RawMessage, error) {
	switch f.Kind {
	case store.Text:
		var v *string
		if json.Unmarshal(raw, &v) != nil {
			return nil, wire.BadRequest("%s must be text or null.", f.Name)
		}
		return json.Marshal(v)
	case store.Bool:
		var v *bool
		if json.Unmarshal(raw, &v) != nil || v == nil {
			return nil, wire.BadRequest("%s must be true or false.", f.Name)
		}
		return json.Marshal(v)
	case store.ListMode:
		var v string
		if json.Unmarshal(raw, &v) != nil || v != "AllowedAppList" && v != "BlockedAppList" {
			return nil, wire.BadRequest("%s must be AllowedAppList or BlockedAppList.", f.Name)
		}
		return json.Marshal(v)
	case store.Apps, store.Ordered, store.Opaque:
	}
	return f.normalList(raw)
}

// normalList checks a list of apps. An Order that is missing becomes the place
// in the list; what the real service makes of it is not known.
func (f policyField) normalList(raw json.RawMessage) (json.RawMessage, error) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || list == nil {
		return nil, wire.BadRequest("%s must be an array.", f.Name)
	}
	out := []byte{'['}
	for i, element := range list {
		var e struct {
			ID    *string `json:"Id"`
			Order *int    `json:"Order"`
		}
		dec := json.NewDecoder(bytes.NewReader(element))
		dec.DisallowUnknownFields()
		if f.Kind != store.Opaque && (dec.Decode(&e) != nil || e.ID == nil || *e.ID == "" || f.Kind == store.Apps && e.Order != nil) {
			return nil, wire.BadRequest("Element %d of %s is not an app reference.", i+1, f.Name)
		}
		if i > 0 {
			out = append(out, ',')
		}
		switch f.Kind {
		case store.Opaque:
			out = append(out, element...)
		case store.Apps:
			out = append(out, marshal(struct{ Id string }{*e.ID})...)
		default:
			order := i + 1
			if e.Order != nil {
				order = *e.Order
			}
			out = append(out, marshal(struct {
				Id    string
				Order int
			}{*e.ID, order})...)
		}
	}
	return append(out, ']'), nil
}

// marshal encodes plain structs, which cannot fail.
func marshal(v any) []byte {
	raw, _ := json.Marshal(v)
	return raw
}
