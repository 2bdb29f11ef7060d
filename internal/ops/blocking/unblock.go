package blocking

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/hold"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// Unblock ends a hold. What nobody manages here gets back at once what was taken
// from it; what the files describe is restored by the next apply, as the plan
// then wants it.
type Unblock struct {
	Runtime *ops.Runtime
	Source  ops.Source
	App     string // address of the app; "" with All alone
	All     bool
	DryRun  bool
}

// Unblocked is what an unblock came to.
type Unblocked struct {
	Tenant  engine.TenantInfo
	Holds   []*hold.Hold // that ended, as they were
	Back    []hold.Cut   // given back now; After is what stands there now
	Later   []hold.Cut   // for the next apply
	Left    []LeftCut    // left alone
	Failed  []FailedCut
	Removed bool
	DryRun  bool
	Files   map[string]*hcl.File
	Diags   hcl.Diagnostics
}

// LeftCut is a value that was not given back, and why.
type LeftCut struct {
	hold.Cut
	Why string
}

// Run unblocks.
func (u *Unblock) Run(ctx context.Context) *Unblocked {
	out := &Unblocked{DryRun: u.DryRun}
	s := open(ctx, u.Runtime, u.Source)
	defer s.Close()
	defer func() { out.Diags, out.Files = s.Diags, s.Files() }()
	if u.App == "" && !u.All {
		s.Wrong("Nothing to unblock", "Say which app: teamsform unblock app.NAME, or --all-custom-apps.")
	}
	if !s.OK() {
		return out
	}
	if s.ReadState(ctx); !s.OK() {
		return out
	}
	if out.Holds = u.find(s); !s.OK() {
		return out
	}
	if s.Connect(ctx); !s.OK() {
		return out
	}
	out.Tenant = s.Conn.Info
	if u.sort(ctx, s, out); !s.OK() || u.DryRun {
		return out
	}
	defer u.Runtime.Begin()()
	u.giveBack(ctx, s, out)
	if len(out.Failed) > 0 {
		class := diag.ClassError
		if out.Failed[0].Forbidden {
			class = diag.ClassSignIn
		}
		s.Diags = append(s.Diags, diag.WithClass(diag.Error(nil, "Not given back everywhere",
			"%d of the changes in the tenant were refused: %v. The hold stays, with what is still to be given back. Run the command again.", len(out.Failed), out.Failed[0].Err), class))
		return out // the hold keeps what is still to be given back
	}
	if err := s.editHolds(context.WithoutCancel(ctx), func(st *state.State) error { return s.endHolds(st, out) }); err != nil {
		s.Fail("Hold cannot be ended", err)
		return out
	}
	out.Removed = true
	return out
}

// find finds the holds that are meant.
func (u *Unblock) find(s *session) []*hold.Hold {
	there, err := hold.Of(s.Prior)
	if err != nil {
		s.Fail("State cannot be read", err)
		return nil
	}
	var list []*hold.Hold
	if u.All {
		i := slices.IndexFunc(there, func(h *hold.Hold) bool { return h.All })
		if i < 0 {
			s.Wrong("Not blocked", "Custom apps as a whole are not blocked.%s", blockedNow(there))
			return nil
		}
		list = append(list, there[i])
	}
	if u.App == "" {
		return list
	}
	a, err := addr.Parse(u.App)
	if err != nil || a.Kind != teams.App {
		s.Wrong("Invalid address", "%q is not the address of an app, such as app.helpdesk.", u.App)
		return nil
	}
	key := ""
	if o := s.Prior.Object(a); o != nil {
		key = o.Key
	}
	i := slices.IndexFunc(there, func(h *hold.Hold) bool {
		return !h.All && (key != "" && strings.EqualFold(h.ManifestID, key) || key == "" && h.App == a)
	})
	if i < 0 {
		i = slices.IndexFunc(there, func(h *hold.Hold) bool { return h.App == a && !h.All })
	}
	if i < 0 {
		s.Wrong("Not blocked", "%s is not blocked by a hold.%s An app that the files block is unblocked by removing blocked = true, and apply.", a, blockedNow(there))
		return nil
	}
	if blockedByFiles(s.Config, there[i]) {
		s.Refuse("Blocked by the files too", "%s has blocked = true in the configuration. Remove it first, and repeat this command: otherwise the app would be open until the next apply.", a)
		return nil
	}
	return append(list, there[i])
}

func blockedNow(there []*hold.Hold) string {
	if len(there) == 0 {
		return " Nothing is."
	}
	var names []string
	for _, h := range there {
		names = append(names, h.Title())
	}
	return " Blocked: " + strings.Join(names, ", ") + "."
}

// sort says what becomes of each value that the holds changed.
func (u *Unblock) sort(ctx context.Context, s *session, out *Unblocked) {
	var others []*hold.Hold // that stay
	there, _ := hold.Of(s.Prior)
	for _, h := range there {
		if !slices.ContainsFunc(out.Holds, func(x *hold.Hold) bool { return x.Addr() == h.Addr() }) {
			others = append(others, h)
		}
	}
	still := hold.Held(others, s.Conn.Info.AccessModel, nil)
	now := map[string]map[string]engine.Object{}
	for _, h := range out.Holds {
		for _, c := range h.Cuts {
			k := s.Kinds.Kind(c.Kind)
			if k == nil {
				out.Left = append(out.Left, LeftCut{c, "this version does not know it"})
				continue
			}
			if s.owns(c) {
				out.Later = append(out.Later, c)
				continue
			}
			if now[c.Kind] == nil {
				list, err := s.listed(ctx, k)
				if err != nil {
					s.Fail("The tenant could not be read", err)
					return
				}
				now[c.Kind] = list
			}
			back, why := givenBack(k, c, now[c.Kind], still)
			if why != "" {
				out.Left = append(out.Left, LeftCut{c, why})
				continue
			}
			c.Before, c.After = now[c.Kind][schema.FoldKey(c.Key)].Attrs[c.Attr], back
			out.Back = append(out.Back, c)
		}
	}
}

func (s *session) listed(ctx context.Context, k *schema.Kind) (map[string]engine.Object, error) {
	list := map[string]engine.Object{}
	err := s.Reading.Collections(s.Kinds)[k.Name].List(ctx, engine.Scope{}, func(o engine.Object) error {
		list[schema.FoldKey(o.Key)] = o
		return nil
	})
	return list, err
}

// owns reports whether the state manages a value, so that the next apply sets
// it.
func (s *session) owns(c hold.Cut) bool {
	for _, o := range s.Prior.Objects {
		if o.Kind == c.Kind && !o.Retiring && schema.FoldKey(o.Key) == schema.FoldKey(c.Key) {
			return slices.Contains(o.Owned, c.Attr)
		}
	}
	return false
}

// givenBack is the value after a hold, or why there is none.
func givenBack(k *schema.Kind, c hold.Cut, now map[string]engine.Object, still schema.Held) (back any, why string) {
	o, there := now[schema.FoldKey(c.Key)]
	if !there {
		return nil, "it does not exist any more"
	}
	attr := k.Attr(c.Attr)
	is, told := o.Attrs[c.Attr]
	if attr == nil || !told {
		return nil, "its value is not known"
	}
	switch {
	case attr.GiveBack != nil:
		back = attr.GiveBack(c.Before, c.After, is)
	case attr.Type.Equal(is, c.After):
		back = c.Before
	default:
		back = is
	}
	if kept, changed := k.Withhold(o.ID, schema.Attrs{c.Attr: back}, still); len(changed) > 0 {
		back = kept[c.Attr]
	}
	if attr.Type.Equal(is, back) {
		return nil, "it has back already what was taken, or somebody has changed it since"
	}
	return back, ""
}

func (u *Unblock) giveBack(ctx context.Context, s *session, out *Unblocked) {
	writing := teams.NewWriting(s.Reading, s.Conn.Graph, s.Conn.Control, s.Config.Dir)
	back := out.Back
	out.Back = nil
	for _, c := range back {
		if err := s.send(ctx, writing, c, c.After); err != nil {
			out.Failed = append(out.Failed, FailedCut{c, err, teams.IsForbidden(err)})
			continue
		}
		out.Back = append(out.Back, c)
	}
}

// endHolds removes holds from a document. What the next apply is to restore is
// recorded there as it stands in the tenant, so that the plan calls it a change
// and not somebody else's doing.
func (s *session) endHolds(st *state.State, out *Unblocked) error {
	for _, h := range out.Holds {
		held := hold.Held([]*hold.Hold{h}, s.Conn.Info.AccessModel, nil)
		for _, o := range st.Objects {
			k := s.Kinds.Kind(o.Kind)
			if k == nil || !slices.ContainsFunc(h.Cuts, func(c hold.Cut) bool {
				return c.Kind == o.Kind && schema.FoldKey(c.Key) == schema.FoldKey(o.Key)
			}) {
				continue
			}
			attrs, _, err := k.Decode(o.KindVersion, o.Attrs)
			if err != nil {
				return fmt.Errorf("%s in the state: %w", o.Addr, err)
			}
			kept, changed := k.Withhold(o.ID, attrs, held)
			if len(changed) == 0 {
				continue
			}
			if o.Attrs, err = replaceAttrs(o.Attrs, kept, changed); err != nil {
				return fmt.Errorf("%s in the state: %w", o.Addr, err)
			}
		}
		h.Remove(st)
	}
	return nil
}

// replaceAttrs changes some attributes of a record and leaves the others
// verbatim.
func replaceAttrs(raw json.RawMessage, attrs schema.Attrs, names []string) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, there := fields[name]; !there {
			continue
		}
		value, err := json.Marshal(attrs[name])
		if err != nil {
			return nil, err
		}
		fields[name] = value
	}
	return json.Marshal(fields)
}
