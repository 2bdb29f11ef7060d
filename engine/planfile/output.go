package planfile

import (
	"bytes"
	"encoding/json"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/schema"
)

// outputShape is one entry of output_changes. Sensitive values are never in a
// plan file; WasKept says that the state still has one, from before the output
// became sensitive.
type outputShape struct {
	Actions         []string        `json:"actions"`
	Before          json.RawMessage `json:"before,omitempty"`
	After           json.RawMessage `json:"after,omitempty"`
	AfterUnknown    any             `json:"after_unknown,omitempty"`
	BeforeSensitive bool            `json:"before_sensitive,omitempty"`
	AfterSensitive  bool            `json:"after_sensitive,omitempty"`
	WasKept         bool            `json:"was_kept,omitempty"`
}

// output appends one entry of output_changes, without its name.
func (e *encoder) output(b []byte, o engine.OutputChange) ([]byte, error) {
	s := outputShape{BeforeSensitive: o.Sensitive, AfterSensitive: o.Sensitive, Actions: []string{"update"}}
	var err error
	if o.Before != nil {
		if s.Before, err = appendPlain(nil, o.Before); err != nil {
			return nil, err
		}
	}
	if s.After, err = appendPlain(nil, o.After); err != nil {
		return nil, err
	}
	switch {
	case o.Before == nil:
		s.Actions = []string{"create"}
	case bytes.Equal(s.Before, s.After):
		s.Actions = []string{"no-op"}
	}
	s.AfterUnknown = unknownIn(o.After)
	if o.Sensitive {
		s.Before, s.After, s.AfterUnknown, s.WasKept = nil, nil, nil, o.Before != nil
	}
	return appendPlain(b, s)
}

// decodeOutput reads what output wrote.
func (d *decoder) decodeOutput(name string, raw json.RawMessage) (engine.OutputChange, error) {
	var s outputShape
	if err := strict(raw, &s); err != nil {
		return engine.OutputChange{}, wrongf("%s", err)
	}
	o := engine.OutputChange{Name: name, Sensitive: s.AfterSensitive}
	switch {
	case s.WasKept:
		o.Before = json.RawMessage("null")
	case s.Before != nil:
		o.Before = json.RawMessage(bytes.Clone(s.Before))
	}
	if o.Sensitive {
		return o, nil
	}
	var err error
	o.After, err = outputValue(s.After, s.AfterUnknown)
	return o, err
}

// outputValue reads evaluated data of any shape. What only looks like a
// reference is an object that somebody wrote: unknown says which ones are.
func outputValue(raw json.RawMessage, unknown any) (any, error) {
	raw = bytes.TrimSpace(raw)
	if unknown == true {
		var r schema.Ref
		if err := strict(raw, &refShape{}); err != nil {
			return nil, wrongf("%s", err)
		}
		return r, json.Unmarshal(raw, &r)
	}
	switch {
	case len(raw) == 0:
		return nil, nil
	case raw[0] == '[':
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return nil, err
		}
		inside, _ := unknown.([]any)
		out := make([]any, len(items))
		for i, item := range items {
			var u any
			if i < len(inside) {
				u = inside[i]
			}
			var err error
			if out[i], err = outputValue(item, u); err != nil {
				return nil, err
			}
		}
		return out, nil
	case raw[0] == '{':
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			return nil, err
		}
		inside, _ := unknown.(map[string]any)
		out := map[string]any{}
		for k, f := range fields {
			var err error
			if out[k], err = outputValue(f, inside[k]); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return scalarOf(raw)
}

// refShape is a reference as the document has it.
type refShape struct {
	Late string `json:"late"`
	Attr string `json:"attr"`
}

// scalarOf reads text, a truth value, a whole number or null.
func scalarOf(raw json.RawMessage) (any, error) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if n, is := v.(json.Number); is {
		return n.Int64()
	}
	return v, nil
}
