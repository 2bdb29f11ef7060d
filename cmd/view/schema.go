package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/internal/schema"
)

// Language prints what a configuration may hold: an overview for people.
func Language(w io.Writer, s Style, kinds *schema.Registry) error {
	var b strings.Builder
	section := func(title string) { fmt.Fprintf(&b, "%s\n", s.bold(title)) }
	entry := func(name, doc string) { fmt.Fprintf(&b, "  %-20s %s\n", name, firstSentence(doc)) }
	section("Blocks that manage")
	for _, k := range kinds.Kinds() {
		if !k.Generated {
			entry(k.Name, k.Doc)
		}
	}
	b.WriteString("\n")
	section("Other blocks")
	for _, info := range config.Blocks(kinds) {
		entry(info.Name, info.Doc)
	}
	b.WriteString("\n")
	section("Functions")
	var names []string
	for _, f := range config.Functions() {
		names = append(names, f.Name)
	}
	b.WriteString(wrapped(names, 76))
	b.WriteString("\nAttributes, types and all the rest: teamsform schema --json\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// firstSentence cuts a text at its first full stop or colon, without what
// stands in brackets.
func firstSentence(s string) string {
	for {
		from, rest, open := strings.Cut(s, " (")
		_, after, closed := strings.Cut(rest, ")")
		if !open || !closed {
			break
		}
		s = from + after
	}
	s, _, _ = strings.Cut(s, ". ")
	s, _, _ = strings.Cut(s, ": ")
	return strings.TrimSuffix(s, ".")
}

// wrapped puts words into lines of at most width characters.
func wrapped(words []string, width int) string {
	var b strings.Builder
	line := ""
	for _, w := range words {
		if len(line)+len(w) > width {
			b.WriteString("  " + strings.TrimSpace(line) + "\n")
			line = ""
		}
		line += w + " "
	}
	return b.String() + "  " + strings.TrimSpace(line) + "\n"
}

// schemaFormat is the version of the JSON of `schema --json`.
const schemaFormat = "1.0"

type schemaDoc struct {
	FormatVersion string        `json:"format_version"`
	Kinds         []kindDoc     `json:"kinds"`
	EveryKind     blockDoc      `json:"every_kind"` // what the block of any kind may hold besides
	Blocks        []blockDoc    `json:"blocks"`
	Functions     []functionDoc `json:"functions"`
}

type kindDoc struct {
	Type         string     `json:"type"`
	Version      int        `json:"version"`
	Title        string     `json:"title"`
	Doc          string     `json:"doc"`
	Written      bool       `json:"written"` // in a configuration; else other blocks make it
	Labels       int        `json:"labels"`
	LabelIs      string     `json:"label_is,omitempty"` // attribute that the label stands in for
	Key          string     `json:"key,omitempty"`      // attribute by which the object is found
	Removal      string     `json:"removal"`            // "delete", "let_go" or "unassign"
	RemovalDoc   string     `json:"removal_doc"`
	AccessModels []string   `json:"access_models,omitempty"`
	Attributes   []attrDoc  `json:"attributes"`
	Blocks       []blockDoc `json:"blocks,omitempty"`
}

type blockDoc struct {
	Type       string     `json:"type,omitempty"`
	Labels     []string   `json:"labels,omitempty"`
	Once       bool       `json:"once,omitempty"`
	Doc        string     `json:"doc,omitempty"`
	Attributes []attrDoc  `json:"attributes"`
	Blocks     []blockDoc `json:"blocks,omitempty"`
}

type attrDoc struct {
	Name       string   `json:"name"`
	Label      string   `json:"label,omitempty"` // in the admin centre
	Type       string   `json:"type"`            // for people
	Words      []string `json:"words,omitempty"` // the only texts that it takes
	MaxLength  int      `json:"max_length,omitempty"`
	References []string `json:"references,omitempty"` // block types that it takes
	Source     string   `json:"source"`               // "written", "computed" or "service"
	Required   bool     `json:"required"`
	Default    any      `json:"default,omitempty"`
	Removal    string   `json:"removal,omitempty"` // of the attribute: "reset" or "let_go"
	Recreate   bool     `json:"recreate,omitempty"`
	Doc        string   `json:"doc,omitempty"`
}

type functionDoc struct {
	Name       string     `json:"name"`
	Parameters []paramDoc `json:"parameters"`
	Variadic   *paramDoc  `json:"variadic,omitempty"`
	Returns    string     `json:"returns"`
}

type paramDoc struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// SchemaJSON prints kinds, blocks and functions for programs.
func SchemaJSON(w io.Writer, kinds *schema.Registry) error {
	doc := schemaDoc{FormatVersion: schemaFormat, EveryKind: blockOf(config.EveryBlock())}
	for _, k := range kinds.Kinds() {
		doc.Kinds = append(doc.Kinds, kindOf(k))
	}
	for _, b := range config.Blocks(kinds) {
		doc.Blocks = append(doc.Blocks, blockOf(b))
	}
	for _, f := range config.Functions() {
		d := functionDoc{Name: f.Name, Parameters: []paramDoc{}, Returns: f.Returns}
		for _, p := range f.Params {
			d.Parameters = append(d.Parameters, paramDoc(p))
		}
		if f.Variadic != nil {
			p := paramDoc(*f.Variadic)
			d.Variadic = &p
		}
		doc.Functions = append(doc.Functions, d)
	}
	return writeJSON(w, doc)
}

func kindOf(k *schema.Kind) kindDoc {
	d := kindDoc{
		Type: k.Name, Version: k.Version, Title: k.Title, Doc: k.Doc, Written: !k.Generated, Labels: 1,
		Key: k.KeyAttr, AccessModels: k.Models, Attributes: []attrDoc{},
	}
	if k.Unlabeled || k.Generated {
		d.Labels = 0
	}
	if k.LabelIsKey {
		d.LabelIs = k.KeyAttr
	}
	d.Removal, d.RemovalDoc = removal(k)
	for _, a := range k.Attrs {
		d.Attributes = append(d.Attributes, attrOf(a, k.Input))
	}
	for _, b := range k.Blocks {
		d.Blocks = append(d.Blocks, blockOf(config.BlockInfo{Name: b.Name, Labels: b.Labels, Doc: b.Doc, Attrs: b.Attrs}))
	}
	return d
}

// removal says what taking the block out of the files does.
func removal(k *schema.Kind) (word, doc string) {
	switch {
	case k.Unlabeled:
		return "let_go", "The settings stay as they are, unless lifecycle.on_destroy says otherwise."
	case k.Input || k.RowLike:
		return "unassign", "What it assigned is unassigned. What was there before it was taken over is let go as it stands."
	case k.Reserved != nil:
		return "delete", "An object that was created is deleted. One that was adopted, or that every tenant has, is let go as it stands, unless lifecycle.on_destroy says otherwise."
	}
	return "delete", "An object that was created is deleted. One that was adopted is let go as it stands, unless lifecycle.on_destroy says otherwise."
}

func blockOf(b config.BlockInfo) blockDoc {
	d := blockDoc{Type: b.Name, Labels: b.Labels, Once: b.Once, Doc: b.Doc, Attributes: []attrDoc{}}
	for _, a := range b.Attrs {
		d.Attributes = append(d.Attributes, attrOf(a, true))
	}
	for _, f := range b.Free {
		d.Attributes = append(d.Attributes, attrDoc{Name: f.Name, Type: f.Type, Source: "written", Required: f.Required, Doc: f.Doc})
	}
	for _, inner := range b.Blocks {
		d.Blocks = append(d.Blocks, blockOf(inner))
	}
	return d
}

// attrOf describes an attribute. plain ones are not kept in the tenant, so
// that there is nothing to say about their removal.
func attrOf(a *schema.Attr, plain bool) attrDoc {
	d := attrDoc{
		Name: a.Name, Label: a.Label, Type: a.Type.Describe(), Source: "written", Required: a.Required,
		Default: a.Default, Recreate: a.Recreate, Doc: a.Doc,
	}
	switch t := a.Type.(type) {
	case schema.String:
		d.Words, d.MaxLength = t.Words, t.MaxLen
	case schema.StringList:
		d.Words = t.Of.Words
	case schema.Reference:
		d.References = t.Kinds
	case schema.References:
		d.References, d.Words = t.Kinds, t.Words
	case schema.Apps, schema.AppChoice:
		d.References = []string{"app", "store_app"}
	}
	switch {
	case a.Late:
		d.Source = "service"
	case a.Derived:
		d.Source = "computed"
	case plain || a.Input || a.Required:
	case a.Unset == schema.Reset && a.Default != nil:
		d.Removal = "reset"
	default:
		d.Removal = "let_go"
	}
	return d
}
