package view

import (
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// Value prints a value as a configuration would write it. What the service
// makes, what is sensitive, and lists of people, which are read later, are told
// in brackets or by their address.
func Value(w io.Writer, v cty.Value) error {
	var b strings.Builder
	writeValue(&b, v, "")
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// writeValue writes v; indent is that of the line that it starts on.
func writeValue(b *strings.Builder, v cty.Value, indent string) {
	if config.IsSensitive(v) {
		b.WriteString("(sensitive value)")
		return
	}
	if r, ok := schema.RefOf(v); ok {
		if r.Attr == "" {
			b.WriteString(r.String())
		} else {
			b.WriteString("(known after apply)")
		}
		return
	}
	v, _ = v.Unmark()
	switch ty := v.Type(); {
	case !v.IsKnown():
		b.WriteString("(unknown)")
	case v.IsNull():
		b.WriteString("null")
	case ty.IsSetType():
		b.WriteString("toset(")
		writeList(b, v, indent)
		b.WriteString(")")
	case ty.IsListType(), ty.IsTupleType():
		writeList(b, v, indent)
	case ty.IsMapType(), ty.IsObjectType():
		writeObject(b, v, indent)
	case ty == cty.Bool:
		b.WriteString(strconv.FormatBool(v.True()))
	case ty == cty.Number:
		b.WriteString(v.AsBigFloat().Text('f', -1))
	case ty == cty.String:
		b.Write(hclwrite.TokensForValue(v).Bytes())
	default:
		b.WriteString("(" + ty.FriendlyName() + ")")
	}
}

func writeList(b *strings.Builder, v cty.Value, indent string) {
	if v.LengthInt() == 0 {
		b.WriteString("[]")
		return
	}
	b.WriteString("[\n")
	for it := v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		b.WriteString(indent + "  ")
		writeValue(b, e, indent+"  ")
		b.WriteString(",\n")
	}
	b.WriteString(indent + "]")
}

// writeObject writes names in order, with the signs of equality below each
// other.
func writeObject(b *strings.Builder, v cty.Value, indent string) {
	fields := v.AsValueMap()
	if len(fields) == 0 {
		b.WriteString("{}")
		return
	}
	names, width := map[string]string{}, 0
	for name := range fields {
		names[name] = name
		if !hclsyntax.ValidIdentifier(name) {
			names[name] = string(hclwrite.TokensForValue(cty.StringVal(name)).Bytes())
		}
		width = max(width, len([]rune(names[name])))
	}
	b.WriteString("{\n")
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		b.WriteString(indent + "  " + names[name] + strings.Repeat(" ", width-len([]rune(names[name]))) + " = ")
		writeValue(b, fields[name], indent+"  ")
		b.WriteByte('\n')
	}
	b.WriteString(indent + "}")
}
