package graph

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// object builds one JSON object, keeping the order of its properties. Listings
// of many thousand people are built with it, hence no map and no reflection.
type object struct {
	out   []byte
	first bool
	sel   []string
}

// begin opens an object in dst. Properties outside sel (nil: none are) are
// left out.
func begin(dst []byte, sel []string) *object {
	return &object{out: append(dst, '{'), first: true, sel: sel}
}

func (o *object) end() []byte { return append(o.out, '}') }

func (o *object) key(name string) {
	if !o.first {
		o.out = append(o.out, ',')
	}
	o.first = false
	o.out = append(o.out, '"')
	o.out = append(o.out, name...)
	o.out = append(o.out, '"', ':')
}

// always writes a text property whatever is selected.
func (o *object) always(name, value string) {
	o.key(name)
	o.out = appendText(o.out, value)
}

func (o *object) text(name, value string) {
	if selected(o.sel, name) {
		o.always(name, value)
	}
}

// textOrNull writes null for an empty text.
func (o *object) textOrNull(name, value string) {
	if value == "" {
		o.raw(name, "null")
		return
	}
	o.text(name, value)
}

func (o *object) boolean(name string, value bool) {
	if value {
		o.raw(name, "true")
	} else {
		o.raw(name, "false")
	}
}

// raw writes encoded JSON.
func (o *object) raw(name, value string) {
	if selected(o.sel, name) {
		o.key(name)
		o.out = append(o.out, value...)
	}
}

// appendText adds a JSON string. Plain ASCII, the usual case, is copied.
func appendText(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string cannot fail
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// selection reads $select and refuses names that the type does not have.
func selection(c *wire.Call, typeName string, known []string) ([]string, error) {
	sel := parseSelect(c.Query.Get("$select"))
	for _, name := range sel {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
			return nil, wire.Errorf(400, "Request_BadRequest", "Could not find a property named '%s' on type 'microsoft.graph.%s'.", name, typeName)
		}
	}
	return sel, nil
}
