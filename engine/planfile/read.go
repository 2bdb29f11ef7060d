package planfile

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/jsonscan"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/table"
)

// MaxSize bounds the bytes of a plan file: some ten million rows.
const MaxSize = 2 << 30

// ReadOptions say how a plan file is read.
type ReadOptions struct {
	Name    string           // of the file, for messages
	Kinds   *schema.Registry // the types of this program
	Strings *table.Strings   // shared with the state that the plan is applied to
}

// Read reads a plan file. Errors about its content are hcl.Diagnostics with
// file, line and remedy, whose summaries are those of errors.go.
func Read(r io.Reader, o ReadOptions) (*File, error) {
	if o.Name == "" {
		o.Name = "plan"
	}
	if o.Strings == nil {
		o.Strings = table.NewStrings()
	}
	limited := &bounded{r: r, left: MaxSize}
	d := &reader{
		Scanner: jsonscan.New(limited, 0), name: o.Name, seen: map[string]bool{},
		decoder: decoder{names: newNames(), kinds: o.Kinds, strings: o.Strings},
		f:       &File{Plan: &engine.Plan{}, Strings: o.Strings},
	}
	err := d.document()
	if limited.over {
		return nil, d.problem(SummaryNotPlan, "%s is larger than any plan (%d bytes).", o.Name, MaxSize)
	}
	if err != nil {
		return nil, d.explain(err)
	}
	return d.f, nil
}

// bounded stops reading after so many bytes.
type bounded struct {
	r    io.Reader
	left int64
	over bool
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.over = true
		return 0, io.EOF
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	return n, err
}

// reader fills a File from a document. Fields may come in any order; only the
// digest ends what it covers.
type reader struct {
	*jsonscan.Scanner
	decoder
	name string
	f    *File
	seen map[string]bool

	digest, computed string
}

func (d *reader) document() error {
	start := d.Start(4096)
	if len(bytes.TrimSpace(start)) == 0 {
		return d.problem(SummaryNotPlan, "%s is empty.", d.name)
	}
	if bytes.HasPrefix(start, []byte("PK\x03\x04")) {
		return d.problem(SummaryNotPlan, "%s is a zip file, such as Terraform writes. A plan of teamsform is made with \"teamsform plan --out FILE\".", d.name)
	}
	if bytes.TrimSpace(start)[0] != '{' {
		return d.problem(SummaryNotPlan, "%s is not JSON. A plan is made with \"teamsform plan --out FILE\".", d.name)
	}
	byName := map[string]section{}
	for _, s := range d.names.sections(d.f) {
		byName[s.name] = s
	}
	if err := d.Take('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := d.More('}', first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := d.field(byName); err != nil {
			return err
		}
	}
	if d.Peek() != 0 || !d.Ended() {
		return wrongf("something follows the end of the document")
	}
	if err := d.Err(); err != nil {
		return err
	}
	return d.finish()
}

// field reads one field of the document.
func (d *reader) field(byName map[string]section) error {
	d.Peek()
	d.Mark()
	key, err := d.Text()
	if err != nil {
		return err
	}
	if d.computed = ""; key == "digest" {
		d.computed = "sha256:" + hex.EncodeToString(d.Sum())
	}
	d.Release()
	if err := d.Take(':'); err != nil {
		return err
	}
	if d.seen[key] {
		return wrongf("the field %q stands twice", key)
	}
	if len(d.seen) == 0 && key != "format_version" {
		return d.problem(SummaryNotPlan, "%s is JSON, but no plan of teamsform: it does not begin with its format.%s", d.name, foreign(key))
	}
	d.seen[key] = true
	s, known := byName[key]
	switch {
	case known:
		err = d.section(s)
	case key == "digest":
		d.digest, err = d.Text()
	case slices.Contains(derived(), key):
		err = d.derived(key)
	default:
		return d.problem(SummaryDamaged, "%s has a field %q, which this format does not have.", d.name, key)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// foreign tells what a JSON file without our format may be.
func foreign(key string) string {
	if key == "format" || key == "version" {
		return " It may be a state."
	}
	return ""
}

// derived checks what follows from others.
func (d *reader) derived(key string) error {
	raw, err := d.value1()
	if err != nil {
		return err
	}
	switch key {
	case "format_version":
		return d.format(raw)
	case "types":
		var versions map[string]int
		if err := plainly(raw, &versions); err != nil {
			return err
		}
		for name, version := range versions {
			if k := d.kinds.Kind(name); k == nil || k.Version != version {
				return d.problem(SummaryOtherVersion, "%s was made by a teamsform that keeps objects of type %s in another form (version %d). Apply it with the teamsform that made it, or make a new plan.", d.name, name, version)
			}
		}
	}
	return nil
}

// format takes no format but ours, and older ones as they come to exist.
func (d *reader) format(raw json.RawMessage) error {
	var text string
	if err := plainly(raw, &text); err != nil {
		return d.problem(SummaryNotPlan, "%s has no format that a plan has.", d.name)
	}
	major, minor, ok := versionOf(text)
	ourMajor, ourMinor, _ := versionOf(FormatVersion)
	switch {
	case !ok:
		return d.problem(SummaryNotPlan, "%s has the format %q, and no plan has that.", d.name, text)
	case major > ourMajor || major == ourMajor && minor > ourMinor:
		return d.problem(SummaryNewer, "%s has format %s; this teamsform reads formats up to %s. Use the teamsform that made it, or make a new plan.", d.name, text, FormatVersion)
	case text != FormatVersion:
		return d.problem(SummaryOtherVersion, "%s has format %s, which this teamsform does not read any more. Make a new plan.", d.name, text)
	}
	return nil
}

func versionOf(s string) (major, minor int, ok bool) {
	x, y, _ := strings.Cut(s, ".")
	major, errX := strconv.Atoi(x)
	minor, errY := strconv.Atoi(y)
	return major, minor, errX == nil && errY == nil && major >= 0 && minor >= 0
}

// value1 takes one value, of bounded depth.
func (d *reader) value1() (json.RawMessage, error) {
	raw, err := d.Value()
	if err == nil && tooDeep(raw) {
		err = wrongf("nested more than %d deep", maxDepth)
	}
	return raw, err
}

// section reads one section into the plan.
func (d *reader) section(s section) error {
	switch s.shape {
	case list:
		return d.list(s.value)
	case lists:
		return d.lists(s.value)
	case outputs:
		return d.outputs(s.value)
	case batches:
		ops := []*engine.RowOp{}
		err := d.List(func() error {
			op, err := d.rowOp(d.Scanner)
			ops = append(ops, op)
			return err
		})
		s.value.Set(reflect.ValueOf(ops))
		return err
	case oneLine:
	}
	raw, err := d.value1()
	if err != nil {
		return err
	}
	return d.decoder.value(raw, s.value, nil)
}

func (d *reader) list(v reflect.Value) error {
	out := reflect.MakeSlice(v.Type(), 0, 0)
	err := d.List(func() error {
		raw, err := d.value1()
		if err != nil {
			return err
		}
		one := reflect.New(v.Type().Elem()).Elem()
		if err := d.decoder.value(raw, one, nil); err != nil {
			return err
		}
		out = reflect.Append(out, one)
		return nil
	})
	v.Set(out)
	return err
}

func (d *reader) lists(v reflect.Value) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	seen := map[string]bool{}
	return d.Object(func(key string) error {
		fields := d.names.of(v.Type())
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key })
		if i < 0 || seen[key] {
			return wrongf("there is no field %q here, or it stands twice", key)
		}
		seen[key] = true
		return d.list(v.Field(fields[i].index))
	})
}

func (d *reader) outputs(v reflect.Value) error {
	out := []engine.OutputChange{}
	err := d.Object(func(key string) error {
		raw, err := d.value1()
		if err != nil {
			return err
		}
		o, err := d.decodeOutput(key, raw)
		if slices.ContainsFunc(out, func(other engine.OutputChange) bool { return other.Name == key }) {
			return wrongf("the output %q stands twice", key)
		}
		out = append(out, o)
		return err
	})
	v.Set(reflect.ValueOf(out))
	return err
}

// finish checks that all is there, and unchanged.
func (d *reader) finish() error {
	for _, name := range required() {
		if !d.seen[name] {
			return d.problem(SummaryDamaged, "%s has no %q.", d.name, name)
		}
	}
	if d.computed == "" || d.digest != d.computed {
		return d.problem(SummaryDigest, "%s was changed after it was written: its digest does not fit its content. A plan is not edited; make a new one.", d.name)
	}
	d.f.Digest = d.digest
	p := d.f.Plan
	if p.IDs == nil {
		p.IDs = engine.NewLateIDs()
	}
	if p.Records == nil {
		p.Records = &engine.Records{}
	}
	return d.check()
}

// explain words an error for people, with its place.
func (d *reader) explain(err error) error {
	var diags hcl.Diagnostics
	var wrong *jsonscan.Error
	var what *content
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &diags):
		return diags
	case errors.As(err, &wrong) && wrong.CutOff:
		return d.problem(SummaryCutOff, "%s ends in the middle: it was not written or copied whole. Make a new plan.", d.name)
	case errors.As(err, &wrong):
		return d.problem(SummaryDamaged, "%s is not the JSON that teamsform writes: %s.", d.name, wrong.What)
	case errors.As(err, &what), errors.As(err, &syntax), errors.As(err, &typ):
		return d.problem(SummaryDamaged, "%s is not what teamsform writes: %s.", d.name, err)
	}
	return fmt.Errorf("read %s: %w", d.name, err)
}
