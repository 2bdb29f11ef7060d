package planfile

import (
	"reflect"
	"slices"

	"github.com/teamsform/teamsform/engine"
)

// section is one field of the document, which stands on lines of its own.
type section struct {
	name  string
	value reflect.Value // of the plan, its header or the source
	shape sectionShape
}

// sectionShape says how the lines of a section are cut.
type sectionShape int

const (
	oneLine sectionShape = iota
	list                 // one element a line
	lists                // an object of lists
	outputs              // an object with one output a line
	batches              // rows, one a line, below the line of their batch
)

// derived are the fields that follow from others. They are for readers; a
// plan is read without them.
func derived() []string {
	return []string{"format_version", "complete", "applyable", "effect_digest", "types"}
}

// required are the fields without which a file is no plan.
func required() []string {
	return []string{"format_version", "timestamp", "tenant", "source", "digest"}
}

// sections lists the fields of a document in order: the header, the source,
// the plan for reading, and then what an apply carries out.
func (n *names) sections(f *File) []section {
	plan := reflect.ValueOf(f.Plan).Elem()
	var out, last []section
	for _, field := range n.of(plan.Type()) {
		v := plan.Field(field.index)
		if header, is := v.Addr().Interface().(*engine.Header); is {
			head := reflect.ValueOf(header).Elem()
			for _, h := range n.of(head.Type()) {
				out = append(out, section{h.name, head.Field(h.index), oneLine})
			}
			out = append(out, section{"source", reflect.ValueOf(&f.Source).Elem(), oneLine})
			continue
		}
		s := section{field.name, v, shapeOfSection(v)}
		if s.shape == batches || s.shape == lists {
			last = append(last, s)
		} else {
			out = append(out, s)
		}
	}
	return slices.Concat(out, last)
}

func shapeOfSection(v reflect.Value) sectionShape {
	switch v.Interface().(type) {
	case []*engine.RowOp:
		return batches
	case []engine.OutputChange:
		return outputs
	case engine.RowRecords, engine.Settlement, *engine.Records:
		return lists
	}
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8 && v.Type().Name() == "" {
		return list
	}
	return oneLine
}
