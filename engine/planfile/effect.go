package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	strs "strings"

	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/internal/table"
)

// Effect is a digest of what a plan would do in the tenant: its operations in
// order, with the values they expect and send, and its rows. When it was made,
// from which serial of the state, and what it only shows or records do not
// count, so that a plan made again has the same effect unless something that
// matters has changed.
func Effect(p *engine.Plan, strings *table.Strings) (string, error) {
	e := &encoder{newNames(), strings}
	sum := sha256.New()
	var line []byte
	for _, op := range p.Ops {
		own := redactOp(op)
		own.Seq, own.Record = 0, engine.Draft{}
		var err error
		if line, err = e.object(line[:0], reflect.ValueOf(own).Elem(), nil); err != nil {
			return "", fmt.Errorf("effect of the plan: %w", err)
		}
		sum.Write(append(line, '\n'))
	}
	for _, op := range p.RowOps {
		own := *op
		own.Seq = 0
		var err error
		if line, err = e.rowOpHead(line[:0], &own); err != nil {
			return "", fmt.Errorf("effect of the plan: %w", err)
		}
		sum.Write(append(line, '\n'))
		for _, r := range op.Rows {
			if line, err = e.rowChange(line[:0], op, r); err != nil {
				return "", fmt.Errorf("effect of the plan: %w", err)
			}
			sum.Write(append(line, '\n'))
		}
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// Differing names what two plans do differently in the tenant: addresses of
// objects, and policies of people. It is empty for plans of the same effect, or
// where only the order differs.
func Differing(x, y *engine.Plan, strings *table.Strings) []string {
	e := &encoder{newNames(), strings}
	seen := map[string][2]string{}
	for side, p := range []*engine.Plan{x, y} {
		for _, op := range p.Ops {
			own := redactOp(op)
			own.Seq, own.Record = 0, engine.Draft{}
			line, _ := e.object(nil, reflect.ValueOf(own).Elem(), nil) // it was written before
			both := seen[op.Addr.String()]
			both[side] += string(line)
			seen[op.Addr.String()] = both
		}
		for _, op := range p.RowOps {
			name := "the " + strs.ReplaceAll(strings.Name(op.Type), "_", " ") + " " + strconv.Quote(strings.Name(op.Policy)) + " of people"
			both := seen[name]
			for _, r := range op.Rows {
				line, _ := e.rowChange(nil, op, r)
				both[side] += string(line)
			}
			seen[name] = both
		}
	}
	var out []string
	for name, both := range seen {
		if both[0] != both[1] {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
