package planfile

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"reflect"
	"slices"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/jsonscan"
	"github.com/teamsform/teamsform/internal/schema"
)

// Write writes a plan as a document and sets f.Digest. Values that come from
// sensitive variables are left out. It streams: a plan of a million rows is
// never in memory as text.
func Write(w io.Writer, f *File) error {
	shown, err := withoutSecrets(f)
	if err != nil {
		return err
	}
	digest := sha256.New()
	d := &document{encoder: encoder{newNames(), f.Strings}, out: bufio.NewWriterSize(io.MultiWriter(w, digest), 64<<10)}
	if err := d.write(shown); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	if err := d.out.Flush(); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	f.Digest = "sha256:" + hex.EncodeToString(digest.Sum(nil))
	if _, err := fmt.Fprintf(w, "\"digest\":%q}\n", f.Digest); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// document writes the sections of one plan.
type document struct {
	encoder
	out  *bufio.Writer
	line []byte // scratch
}

func (d *document) write(f *File) error {
	effect, err := Effect(f.Plan, f.Strings)
	if err != nil {
		return err
	}
	p := f.Plan
	line := append(d.line, '{')
	line = jsonscan.AppendString(name(line, "format_version"), FormatVersion)
	for _, v := range []struct {
		name string
		is   bool
	}{{"complete", len(p.Incomplete) == 0}, {"applyable", Applyable(p)}} {
		line = fmt.Appendf(name(line, v.name), "%v", v.is)
	}
	line = jsonscan.AppendString(name(line, "effect_digest"), effect)
	line = append(name(line, "types"), '{')
	for _, k := range kindsOf(p) {
		line = fmt.Appendf(name(line, k.Name), "%d", k.Version)
	}
	if err := d.flush(append(line, "},\n"...)); err != nil {
		return err
	}
	for _, s := range d.names.sections(f) {
		if absent(s.value) && !slices.Contains(required(), s.name) {
			continue
		}
		if err := d.section(s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// Applyable reports whether an apply would do anything, and nothing in the plan
// itself stands in its way.
func Applyable(p *engine.Plan) bool {
	return len(p.Incomplete)+len(p.Refusals)+len(p.Refusing()) == 0 && (!p.Empty() || p.ToRecord() > 0)
}

func (d *document) flush(line []byte) error {
	_, err := d.out.Write(line)
	d.line = line[:0]
	return err
}

// section writes one field of the document and the comma behind it.
func (d *document) section(s section) error {
	line := append(jsonscan.AppendString(d.line, s.name), ':')
	var err error
	switch s.shape {
	case list:
		err = d.list(line, s.value)
	case lists:
		err = d.lists(line, s.value)
	case outputs:
		err = d.outputs(line, s.value.Interface().([]engine.OutputChange))
	case batches:
		err = d.batches(line, s.value.Interface().([]*engine.RowOp))
	case oneLine:
		if line, err = d.value(line, s.value, nil); err == nil {
			err = d.flush(line)
		}
	}
	if err != nil {
		return err
	}
	return d.flush(append(d.line, ",\n"...))
}

// list writes one element a line.
func (d *document) list(line []byte, v reflect.Value) error {
	line = append(line, '[')
	for i := range v.Len() {
		if i > 0 {
			line = append(line, ',')
		}
		var err error
		if line, err = d.value(append(line, '\n'), v.Index(i), nil); err != nil {
			return err
		}
		if err := d.flush(line); err != nil {
			return err
		}
		line = d.line
	}
	if v.Len() > 0 {
		line = append(line, '\n')
	}
	return d.flush(append(line, ']'))
}

// lists writes an object whose fields are lists.
func (d *document) lists(line []byte, v reflect.Value) error {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	line = append(line, '{')
	first := true
	for _, f := range d.names.of(v.Type()) {
		part := v.Field(f.index)
		if absent(part) {
			continue
		}
		if !first {
			line = append(line, ',')
		}
		first = false
		if err := d.list(append(jsonscan.AppendString(line, f.name), ':'), part); err != nil {
			return err
		}
		line = d.line
	}
	return d.flush(append(line, '}'))
}

func (d *document) outputs(line []byte, list []engine.OutputChange) error {
	line = append(line, '{')
	for i, o := range list {
		if i > 0 {
			line = append(line, ',')
		}
		line = append(jsonscan.AppendString(append(line, '\n'), o.Name), ':')
		var err error
		if line, err = d.output(line, o); err != nil {
			return err
		}
		if err := d.flush(line); err != nil {
			return err
		}
		line = d.line
	}
	return d.flush(append(line, "\n}"...))
}

// batches writes the head of a batch and then its rows, one a line.
func (d *document) batches(line []byte, ops []*engine.RowOp) error {
	line = append(line, '[')
	for i, op := range ops {
		if i > 0 {
			line = append(line, ',')
		}
		var err error
		if line, err = d.rowOpHead(append(line, '\n'), op); err != nil {
			return err
		}
		line = append(line, '[')
		for j, r := range op.Rows {
			if j > 0 {
				line = append(line, ',')
			}
			if line, err = d.rowChange(append(line, '\n'), op, r); err != nil {
				return err
			}
			if err := d.flush(line); err != nil {
				return err
			}
			line = d.line
		}
		line = append(line, "]}"...)
	}
	return d.flush(append(line, "\n]"...))
}

// kindsOf lists the types that a plan concerns, by name.
func kindsOf(p *engine.Plan) []*schema.Kind {
	byName := map[string]*schema.Kind{}
	for _, c := range slices.Concat(p.Changes, p.Recorded, p.Drift) {
		byName[c.Kind.Name] = c.Kind
	}
	for _, op := range p.Ops {
		byName[op.Kind.Name] = op.Kind
	}
	if p.Records != nil {
		for _, r := range slices.Concat(p.Records.Set, p.Records.Drop) {
			byName[r.Kind.Name] = r.Kind
		}
	}
	var out []*schema.Kind
	for _, k := range byName {
		out = append(out, k)
	}
	slices.SortFunc(out, func(x, y *schema.Kind) int { return cmpText(x.Name, y.Name) })
	return out
}
