package planfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/jsonscan"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// encoder writes plain data of any shape as JSON on one line. What is zero is
// left out of objects, so that "not there" and "nothing" read alike; an empty
// list or map that is not nil is kept, because to an apply it is a value.
type encoder struct {
	names   *names
	strings *table.Strings
}

// object appends a struct. kind is that of the object that it belongs to.
func (e *encoder) object(b []byte, v reflect.Value, kind *schema.Kind) ([]byte, error) {
	kind = kindIn(v, kind)
	b = append(b, '{')
	var err error
	for _, f := range e.names.of(v.Type()) {
		part := v.Field(f.index)
		if absent(part) {
			continue
		}
		b = name(b, f.name)
		if b, err = e.value(b, part, kind); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return append(b, '}'), nil
}

// name appends the name of a field, after a comma unless it is the first.
func name(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(jsonscan.AppendString(b, name), ':')
}

// kindIn returns the kind that a struct names, or that of what is around it.
func kindIn(v reflect.Value, around *schema.Kind) *schema.Kind {
	if f := v.FieldByName("Kind"); f.IsValid() {
		if k, is := f.Interface().(*schema.Kind); is {
			return k
		}
	}
	return around
}

// absent reports whether a field is left out.
func absent(v reflect.Value) bool {
	if t, is := v.Interface().(time.Time); is {
		return t.IsZero()
	}
	return v.IsZero()
}

// value appends one value.
func (e *encoder) value(b []byte, v reflect.Value, kind *schema.Kind) ([]byte, error) {
	switch x := v.Interface().(type) {
	case addr.Instance:
		return jsonscan.AppendString(b, x.String()), nil
	case table.ID:
		return jsonscan.AppendString(b, x.String()), nil
	case time.Time:
		return jsonscan.AppendString(b, x.UTC().Format(time.RFC3339Nano)), nil
	case time.Duration:
		return jsonscan.AppendString(b, x.String()), nil
	case json.RawMessage:
		return appendRaw(b, x)
	case *schema.Kind:
		return jsonscan.AppendString(b, x.Name), nil
	case *schema.Attr:
		return jsonscan.AppendString(b, x.Name), nil
	case schema.Attrs:
		return appendPlain(b, map[string]any(x))
	case engine.Phase:
		return jsonscan.AppendString(b, phaseName(x)), nil
	case *engine.LateIDs:
		return e.ids(b, x), nil
	case *engine.Change:
		return e.change(b, x)
	case engine.OutputChange:
		return e.output(b, x)
	case hcl.Diagnostics:
		return e.warnings(b, x)
	case table.Row:
		return e.row(b, x), nil
	}
	return e.byShape(b, v, kind)
}

// byShape appends a value that has no form of its own.
func (e *encoder) byShape(b []byte, v reflect.Value, kind *schema.Kind) ([]byte, error) {
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool()), nil
	case reflect.Int, reflect.Int64, reflect.Int32:
		return strconv.AppendInt(b, v.Int(), 10), nil
	case reflect.Uint64, reflect.Uint32, reflect.Uint:
		return strconv.AppendUint(b, v.Uint(), 10), nil
	case reflect.String:
		return jsonscan.AppendString(b, v.String()), nil
	case reflect.Pointer:
		if v.IsNil() {
			return nil, fmt.Errorf("a %s is missing", v.Type().Elem().Name())
		}
		return e.value(b, v.Elem(), kind)
	case reflect.Struct:
		return e.object(b, v, kind)
	case reflect.Slice:
		b = append(b, '[')
		var err error
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = e.value(b, v.Index(i), kind); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case reflect.Map:
		return e.mapping(b, v, kind)
	default:
		return nil, fmt.Errorf("a plan file has no form for %s: give it one in engine/planfile", v.Type())
	}
}

// mapping appends a map with its keys in order.
func (e *encoder) mapping(b []byte, v reflect.Value, kind *schema.Kind) ([]byte, error) {
	if v.Type().Key().Kind() != reflect.String {
		return nil, fmt.Errorf("a plan file has no form for %s: give it one in engine/planfile", v.Type())
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(x, y reflect.Value) int { return bytes.Compare([]byte(x.String()), []byte(y.String())) })
	b = append(b, '{')
	var err error
	for _, k := range keys {
		b = name(b, k.String())
		if b, err = e.value(b, v.MapIndex(k), kind); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// ids appends the remote ids that are known, by address.
func (e *encoder) ids(b []byte, ids *engine.LateIDs) []byte {
	all := ids.All()
	keys := slices.SortedFunc(maps.Keys(all), addr.Compare)
	b = append(b, '{')
	for _, a := range keys {
		b = jsonscan.AppendString(name(b, a.String()), all[a])
	}
	return append(b, '}')
}

// appendPlain appends evaluated data; references come out as {"late": ...}.
func appendPlain(b []byte, v any) ([]byte, error) {
	buf := bytes.NewBuffer(b)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte{'\n'}), nil
}

// appendRaw appends JSON on one line.
func appendRaw(b []byte, raw json.RawMessage) ([]byte, error) {
	if !utf8.Valid(raw) {
		return nil, fmt.Errorf("not UTF-8")
	}
	buf := bytes.NewBuffer(b)
	if err := json.Compact(buf, raw); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
