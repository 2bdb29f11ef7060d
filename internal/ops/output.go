package ops

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/internal/diag"
)

// Output reads output values out of the state. It never writes and never
// locks.
type Output struct {
	Runtime *Runtime
	Source  Source
	Name    string // "" for all
}

// OutputValue is one output.
type OutputValue struct {
	Name      string
	Value     json.RawMessage // nil when it is not kept
	Sensitive bool            // never kept
}

// Outputs is what the state holds.
type Outputs struct {
	Values []OutputValue // by name
	Files  map[string]*hcl.File
	Diags  hcl.Diagnostics
}

// Run reads the values of the last apply. Sensitive outputs are listed without
// a value: the state does not hold it.
func (o *Output) Run(ctx context.Context) *Outputs {
	s := open(ctx, o.Runtime, o.Source, 0)
	defer s.close()
	out := &Outputs{}
	defer func() { out.Diags, out.Files = s.diags, s.files() }()
	if !s.ok() {
		return out
	}
	if s.readState(ctx); !s.ok() {
		return out
	}
	values := s.outputs()
	if o.Name == "" {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if v := values[name]; v.Value != nil || v.Sensitive {
				out.Values = append(out.Values, v)
			}
		}
		return out
	}
	v, known := values[o.Name]
	switch {
	case !known:
		names := slices.Sorted(maps.Keys(values))
		s.wrong("Unknown output", "There is no output %q.%s Declare it with an output block and apply, or see all with teamsform output.", o.Name, diag.DidYouMean(o.Name, names))
	case v.Sensitive:
		s.wrong("Sensitive output", "The output %q is sensitive, and sensitive values are not kept in the state. Take it from where the configuration has it.", o.Name)
	case v.Value == nil:
		s.wrong("Output without a value", "The output %q stands in the configuration, and no apply has recorded it yet. Run teamsform apply.", o.Name)
	default:
		out.Values = []OutputValue{v}
	}
	return out
}

// outputs joins what the state holds with what the configuration declares.
func (s *session) outputs() map[string]OutputValue {
	out := map[string]OutputValue{}
	if s.prior != nil {
		for name, raw := range s.prior.Outputs {
			out[name] = OutputValue{Name: name, Value: raw}
		}
	}
	for _, o := range s.cfg.Outputs {
		v := out[o.Name]
		v.Name = o.Name
		if o.Sensitive {
			v.Sensitive, v.Value = true, nil
		}
		out[o.Name] = v
	}
	return out
}
