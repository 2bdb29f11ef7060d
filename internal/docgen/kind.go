package docgen

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/internal/schema"
)

// kindPage documents one kind.
func kindPage(k *schema.Kind) string {
	var p page
	p.title("`" + k.Name + "`")
	p.text(escape(k.Doc))
	p.list(kindFacts(k))
	if text := Example(k.Name); text != "" {
		p.heading("Example")
		p.code("hcl", text)
	}
	written, computed, late := split(k.Attrs)
	if k.Generated {
		p.heading("Attributes in plan and state")
		attributes(&p, k, compared(written))
		return p.String()
	}
	p.heading("Attributes")
	overview(&p, written)
	attributes(&p, k, written)
	if len(computed) > 0 {
		p.heading("Computed from files")
		p.text("They cannot be written; other blocks may read them.")
		attributes(&p, k, computed)
	}
	if len(late) > 0 {
		p.heading("Made by the service")
		p.text("They cannot be written. They are known once the object exists, so that an expression may pass them on whole and compute nothing from them.")
		attributes(&p, k, late)
	}
	for _, b := range k.Blocks {
		nested(&p, k, b)
	}
	p.heading("Every block also takes")
	p.text("`for_each`, `when`, `depends_on` and a `lifecycle` block: see [the language](../language.md#meta-arguments) and [the table](blocks.md#in-every-block-of-a-managed-kind).")
	return p.String()
}

// kindFacts says what holds for the kind as a whole.
func kindFacts(k *schema.Kind) []string {
	var facts []string
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	switch {
	case k.Generated:
		add("Not written in a configuration: other blocks make it. Plans and the state show it under the address of the block it comes from.")
	case k.Unlabeled:
		add("Written without a label, at most once.")
	case k.LabelIsKey:
		add("The label is the `%s` unless that is written.", k.KeyAttr)
	}
	switch {
	case k.KeyAttr == "":
	case k.KeyChangeError != "":
		add("Found in the tenant by `%s`. Changing it is an error: %s", k.KeyAttr, escape(k.KeyChangeError))
	default:
		add("Found in the tenant by `%s`, in upper or lower case. Changing it makes a new object, a copy of the old one, and deletes the old one at the end.", k.KeyAttr)
	}
	if k.Reserved != nil && k.Reserved("Global") {
		add("The one named \"Global\" exists in every tenant: it is taken under management and changed, never created or deleted.")
	}
	if k.HasHolders {
		add("One that people or groups outside this configuration still hold is not deleted; the plan names them.")
	}
	if len(k.Models) > 0 {
		add("Only on tenants with `access_model = \"%s\"`.", strings.Join(k.Models, "\"` or `\""))
	}
	return facts
}

// split sorts attributes by where their values come from.
func split(attrs []*schema.Attr) (written, computed, late []*schema.Attr) {
	for _, a := range attrs {
		switch {
		case a.Late:
			late = append(late, a)
		case a.Derived:
			computed = append(computed, a)
		default:
			written = append(written, a)
		}
	}
	return written, computed, late
}

// compared leaves out what only feeds other steps.
func compared(attrs []*schema.Attr) []*schema.Attr {
	var out []*schema.Attr
	for _, a := range attrs {
		if !a.Input {
			out = append(out, a)
		}
	}
	return out
}

func overview(p *page, attrs []*schema.Attr) {
	var rows [][]string
	for _, a := range attrs {
		need := "optional"
		if a.Required {
			need = "required"
		}
		rows = append(rows, []string{fmt.Sprintf("[`%s`](#%s)", a.Name, a.Name), escape(a.Type.Describe()), need, escape(a.Label)})
	}
	p.table([]string{"attribute", "type", "", "in the admin centre"}, rows)
}

func attributes(p *page, k *schema.Kind, attrs []*schema.Attr) {
	for _, a := range attrs {
		p.subheading("`" + a.Name + "`")
		p.text(escape(a.Doc))
		p.list(attributeFacts(k, a))
	}
}

// attributeFacts says what an attribute is called elsewhere and what comes of
// changing or removing it.
func attributeFacts(k *schema.Kind, a *schema.Attr) []string {
	var facts []string
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	need := ""
	if a.Required {
		need = "; required"
	}
	add("Type: %s%s.", escape(a.Type.Describe()), need)
	if a.Label != "" {
		add("In the admin centre: \"%s\".", escape(a.Label))
	}
	if s, ok := a.Type.(schema.String); ok && s.MaxLen > 0 {
		add("At most %d characters.", s.MaxLen)
	}
	if a.Recreate {
		add("A change removes the object and makes it anew.")
	}
	if a.Derived || a.Late || k.Generated || a.Required {
		return facts
	}
	switch {
	case k.KeyAttr == a.Name:
		if k.LabelIsKey {
			add("Not written: the block's label.")
		}
	case a.Input || k.Input:
		if a.Default != nil {
			add("Not written: %s.", value(a.Default))
		}
	case a.Unset == schema.Reset && a.Default != nil:
		add("Removed from the file: goes back to %s. On an object that was adopted, the value stays as it is.", value(a.Default))
	default:
		add("Removed from the file: the value stays as it is and is no longer managed.")
		if a.Default != nil {
			add("With `on_destroy = \"reset\"` it goes back to %s.", value(a.Default))
		}
	}
	return facts
}

func nested(p *page, k *schema.Kind, b *schema.Block) {
	header := b.Name
	for _, label := range b.Labels {
		header += fmt.Sprintf(" %q", strings.ToUpper(label))
	}
	p.heading("Block `" + header + "`")
	if b.Doc != "" {
		p.text(escape(b.Doc))
	}
	var rows [][]string
	for _, a := range b.Attrs {
		need := "optional"
		if a.Required {
			need = "required"
		}
		rows = append(rows, []string{"`" + a.Name + "`", escape(a.Type.Describe()), need, escape(a.Doc)})
	}
	p.table([]string{"attribute", "type", "", "what it is"}, rows)
}

// value gives plain data as a configuration writes it.
func value(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("`%v`", v)
	}
	return "`" + string(raw) + "`"
}
