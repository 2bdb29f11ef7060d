package planfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// decoder reads what encoder wrote. It takes nothing that it does not know: an
// apply would leave it out without a word.
type decoder struct {
	names   *names
	kinds   *schema.Registry
	strings *table.Strings
	rows    cells
}

// maxDepth bounds how deep values are nested: deeper than any attribute.
const maxDepth = 40

// content is a plan file that does not hold what it should.
type content struct{ what string }

func (c *content) Error() string { return c.what }

func wrongf(format string, args ...any) error { return &content{fmt.Sprintf(format, args...)} }

// strict is json.Unmarshal that refuses fields which it does not know.
func strict(raw json.RawMessage, into any) error {
	if len(raw) == 0 {
		return errors.New("it is missing")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// fieldsOf splits an object.
func fieldsOf(raw json.RawMessage) (map[string]json.RawMessage, error) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' {
		return nil, wrongf("expected an object")
	}
	var fields map[string]json.RawMessage
	return fields, json.Unmarshal(raw, &fields)
}

// object reads a struct.
func (d *decoder) object(raw json.RawMessage, v reflect.Value, kind *schema.Kind) error {
	fields, err := fieldsOf(raw)
	if err != nil {
		return err
	}
	return d.fields(fields, v, kind)
}

// fields fills a struct. Its kind comes first: values are read by it.
func (d *decoder) fields(given map[string]json.RawMessage, v reflect.Value, kind *schema.Kind) error {
	known := d.names.of(v.Type())
	set := func(f field) error {
		raw, has := given[f.name]
		if !has {
			return nil
		}
		if err := d.value(raw, v.Field(f.index), kind); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		return nil
	}
	own := reflect.TypeFor[*schema.Kind]()
	for _, f := range known {
		if f.typ == own {
			if err := set(f); err != nil {
				return err
			}
			kind = v.Field(f.index).Interface().(*schema.Kind)
		}
	}
	for _, f := range known {
		if f.typ == own {
			continue
		}
		if err := set(f); err != nil {
			return err
		}
	}
	for name := range given {
		if !slices.ContainsFunc(known, func(f field) bool { return f.name == name }) {
			return wrongf("there is no field %q here", name)
		}
	}
	return nil
}

// value reads one value into v.
func (d *decoder) value(raw json.RawMessage, v reflect.Value, kind *schema.Kind) error {
	var got any
	var err error
	switch v.Interface().(type) {
	case addr.Instance:
		got, err = textAs(raw, addr.Parse)
	case table.ID:
		got, err = textAs(raw, table.ParseID)
	case time.Time:
		got, err = textAs(raw, func(s string) (time.Time, error) {
			t, err := time.Parse(time.RFC3339Nano, s)
			return t.UTC(), err
		})
	case time.Duration:
		got, err = textAs(raw, time.ParseDuration)
	case json.RawMessage:
		got = json.RawMessage(bytes.Clone(raw))
	case *schema.Kind:
		got, err = textAs(raw, d.kind)
	case *schema.Attr:
		got, err = textAs(raw, func(s string) (*schema.Attr, error) { return attrOf(kind, s) })
	case schema.Attrs:
		got, err = attrsOf(kind, raw)
	case engine.Phase:
		got, err = textAs(raw, phaseOf)
	case *engine.LateIDs:
		got, err = idsOf(raw)
	case *engine.Change:
		got, err = d.decodeChange(raw)
	case hcl.Diagnostics:
		got, err = warningsOf(raw)
	case table.Row:
		got, err = d.row(raw)
	default:
		return d.byShape(raw, v, kind)
	}
	if err != nil {
		return err
	}
	v.Set(reflect.ValueOf(got))
	return nil
}

// byShape reads a value that has no form of its own.
func (d *decoder) byShape(raw json.RawMessage, v reflect.Value, kind *schema.Kind) error {
	switch v.Kind() {
	case reflect.Bool, reflect.String:
		return plainly(raw, v.Addr().Interface())
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint64, reflect.Uint32, reflect.Uint:
		return plainly(raw, v.Addr().Interface())
	case reflect.Pointer:
		to := reflect.New(v.Type().Elem())
		if err := d.value(raw, to.Elem(), kind); err != nil {
			return err
		}
		v.Set(to)
		return nil
	case reflect.Struct:
		return d.object(raw, v, kind)
	case reflect.Slice:
		var items []json.RawMessage
		if err := plainly(raw, &items); err != nil {
			return err
		}
		out := reflect.MakeSlice(v.Type(), len(items), len(items))
		for i, item := range items {
			if err := d.value(item, out.Index(i), kind); err != nil {
				return fmt.Errorf("%d: %w", i, err)
			}
		}
		v.Set(out)
		return nil
	case reflect.Map:
		return d.mapping(raw, v, kind)
	default:
		return fmt.Errorf("a plan file has no form for %s: give it one in engine/planfile", v.Type())
	}
}

func (d *decoder) mapping(raw json.RawMessage, v reflect.Value, kind *schema.Kind) error {
	fields, err := fieldsOf(raw)
	if err != nil {
		return err
	}
	out := reflect.MakeMapWithSize(v.Type(), len(fields))
	for name, f := range fields {
		one := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(f, one, kind); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		out.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), one)
	}
	v.Set(out)
	return nil
}

// plainly is json.Unmarshal that takes no null: what is nothing is left out.
func plainly(raw json.RawMessage, into any) error {
	if bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return wrongf("null is no value here")
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return wrongf("%s", err)
	}
	return nil
}

// textAs reads a text and what it says.
func textAs[T any](raw json.RawMessage, parse func(string) (T, error)) (T, error) {
	var s string
	var none T
	if err := plainly(raw, &s); err != nil {
		return none, err
	}
	v, err := parse(s)
	if err != nil {
		return none, wrongf("%s: %s", strconv.Quote(s), err)
	}
	return v, nil
}

// kind finds a type that this program knows.
func (d *decoder) kind(name string) (*schema.Kind, error) {
	if k := d.kinds.Kind(name); k != nil {
		return k, nil
	}
	return nil, errors.New("this program knows no such type")
}

func attrOf(k *schema.Kind, name string) (*schema.Attr, error) {
	if k == nil {
		return nil, errors.New("an attribute of nothing")
	}
	if a := k.Attr(name); a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("%s has no such attribute", k.Name)
}

// attrsOf reads the values of an object by the types of its attributes.
func attrsOf(k *schema.Kind, raw json.RawMessage) (schema.Attrs, error) {
	fields, err := fieldsOf(raw)
	if err != nil {
		return nil, err
	}
	out := schema.Attrs{}
	for name, f := range fields {
		a, err := attrOf(k, name)
		if err != nil {
			return nil, wrongf("%q: %s", name, err)
		}
		if out[name], err = plainOf(a, f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// plainOf reads one value of an attribute; nothing and null are nil.
func plainOf(a *schema.Attr, raw json.RawMessage) (any, error) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	v, err := a.Type.DecodeJSON(raw)
	if err != nil {
		return nil, wrongf("attribute %s: %s", a.Name, err)
	}
	return v, nil
}

func idsOf(raw json.RawMessage) (*engine.LateIDs, error) {
	var all map[addr.Instance]string
	if err := plainly(raw, &all); err != nil {
		return nil, err
	}
	ids := engine.NewLateIDs()
	for a, id := range all {
		ids.Set(a, id)
	}
	return ids, nil
}

// tooDeep reports whether a value is nested deeper than any plan's.
func tooDeep(raw []byte) bool {
	depth, inText := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
