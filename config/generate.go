package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// Configuration is also written: from plain data, by the same schema that
// reads it. What is written here is text of which every part is quoted by the
// HCL library, and then put into canonical form by it, so that `teamsform fmt`
// has nothing to say about it.

// NewBlock is a block to be written.
type NewBlock struct {
	Comments []string // lines above the block, without "#"
	Type     string
	Label    string // "" for none
	Args     []NewArg
}

// NewArg is one attribute of a block. Value is plain data as package schema
// has it; a [schema.Ref] is written as the reference to that block.
type NewArg struct {
	Name  string
	Value any
}

// lineWidth is the length up to which a list stands on one line.
const lineWidth = 100

// WriteBlocks returns blocks as a file in canonical form. The lines of header
// stand above the first block as comments.
func WriteBlocks(header []string, blocks []NewBlock) ([]byte, error) {
	var b strings.Builder
	comment(&b, header)
	for i, block := range blocks {
		if i > 0 || len(header) > 0 {
			b.WriteByte('\n')
		}
		if err := block.write(&b); err != nil {
			return nil, err
		}
	}
	return hclwrite.Format([]byte(b.String())), nil
}

func (n *NewBlock) write(b *strings.Builder) error {
	comment(b, n.Comments)
	b.WriteString(n.Type)
	if n.Label != "" {
		b.WriteString(" " + quote(n.Label))
	}
	if len(n.Args) == 0 {
		b.WriteString(" {}\n")
		return nil
	}
	b.WriteString(" {\n")
	for _, a := range n.Args {
		text, err := expression(a.Value, len(a.Name)+len("   = "))
		if err != nil {
			return fmt.Errorf("%s of %s %q: %w", a.Name, n.Type, n.Label, err)
		}
		fmt.Fprintf(b, "%s = %s\n", a.Name, text)
	}
	b.WriteString("}\n")
	return nil
}

// comment writes lines as comments. What a tenant says may hold line breaks
// and worse; none of it may end the comment.
func comment(b *strings.Builder, lines []string) {
	for _, line := range lines {
		b.WriteString(strings.TrimRight("# "+OneLine(line), " ") + "\n")
	}
}

// OneLine returns text without control characters and line breaks.
func OneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// quote writes a text so that HCL reads exactly that text.
func quote(s string) string { return string(hclwrite.TokensForValue(cty.StringVal(s)).Bytes()) }

// expression writes plain data. before is how many characters stand on the
// line already.
func expression(v any, before int) (string, error) {
	switch v := v.(type) {
	case bool, int64:
		return fmt.Sprint(v), nil
	case string:
		return quote(v), nil
	case schema.Ref:
		return reference(v), nil
	case []any:
		return listText(v, before)
	case map[string]any:
		return objectText(v, before)
	}
	return "", fmt.Errorf("a value of type %T cannot be written", v)
}

// reference writes a block passed on whole.
func reference(r schema.Ref) string {
	text := r.Addr.Block().String()
	if r.Addr.HasKey {
		text += "[" + quote(r.Addr.Key) + "]"
	}
	return text
}

func listText(items []any, before int) (string, error) {
	texts := make([]string, len(items))
	for i, e := range items {
		var err error
		if texts[i], err = expression(e, 0); err != nil {
			return "", err
		}
	}
	return enclose(texts, "[", "]", "", before), nil
}

func objectText(fields map[string]any, before int) (string, error) {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		written := name
		if !hclsyntax.ValidIdentifier(name) {
			written = quote(name)
		}
		text, err := expression(fields[name], before+len(name)+len("{  = "))
		if err != nil {
			return "", err
		}
		texts = append(texts, written+" = "+text)
	}
	return enclose(texts, "{", "}", " ", before), nil
}

// enclose puts parts into brackets, on one line if they fit.
func enclose(parts []string, left, right, space string, before int) string {
	if len(parts) == 0 {
		return left + right
	}
	line := left + space + strings.Join(parts, ", ") + space + right
	if len(line)+before <= lineWidth && !strings.Contains(line, "\n") {
		return line
	}
	if len(parts) == 1 && left == "{" { // { allow_only = [ over several lines ] }
		return line
	}
	return left + "\n" + strings.Join(parts, ",\n") + ",\n" + right
}
