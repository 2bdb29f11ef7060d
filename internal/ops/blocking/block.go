package blocking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/teamsform/teamsform/config"
	"github.com/teamsform/teamsform/engine"
	"github.com/teamsform/teamsform/engine/hold"
	"github.com/teamsform/teamsform/internal/addr"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/ops"
	"github.com/teamsform/teamsform/internal/teams"
	"github.com/teamsform/teamsform/state"
)

// Block takes an app, or every custom app, away from everybody at once. It
// makes no plan, judges no guard and needs no lock: the hold is written into the
// state before anything is sent, by comparing and swapping, and an apply that is
// running finds it there. A configuration with mistakes is no obstacle as long
// as it says which state and which tenant are meant.
type Block struct {
	Runtime *ops.Runtime
	Source  ops.Source
	App     string // address of the app; "" with All alone
	All     bool   // every custom app, by the org-wide switch
	Reason  string
	DryRun  bool
}

// Blocked is what a block came to.
type Blocked struct {
	Tenant   engine.TenantInfo // zero when it could not be reached
	Holds    []*hold.Hold      // with what was changed, as far as it went
	Existed  bool              // it was blocked already: the block was completed
	Recorded bool              // the holds are in the state
	DryRun   bool
	Unseen   []hold.Cut // accepted, and not to be seen yet
	Failed   []FailedCut
	// Unreached says why the tenant was not changed at all.
	Unreached hcl.Diagnostics
	Files     map[string]*hcl.File
	Diags     hcl.Diagnostics
}

// FailedCut is a change that the tenant did not accept.
type FailedCut struct {
	hold.Cut
	Err       error
	Forbidden bool // the identity may not do it
}

// Run blocks.
func (b *Block) Run(ctx context.Context) *Blocked {
	out := &Blocked{DryRun: b.DryRun}
	s := open(ctx, b.Runtime, b.Source)
	defer s.Close()
	defer func() { out.Diags, out.Files = s.Diags, s.Files() }()
	if b.App == "" && !b.All {
		s.Wrong("Nothing to block", "Say which app: teamsform block app.NAME --reason TEXT, or --all-custom-apps.")
	}
	if strings.TrimSpace(b.Reason) == "" {
		s.Wrong("Reason missing", "Say why with --reason: every plan shows it until the block ends.")
	}
	if !s.OK() {
		return out
	}
	if s.ReadState(ctx); !s.OK() {
		return out
	}
	s.connectAnyway(ctx, out)
	if out.Holds = b.holds(ctx, s, out); !s.OK() {
		return out
	}
	s.survey(ctx, out)
	if b.DryRun || !s.record(ctx, out, false) {
		return out
	}
	defer b.Runtime.Begin()()
	s.cut(ctx, out)
	s.record(ctx, out, true)
	b.judge(s, out)
	return out
}

// judge reports what a block did not reach: the exit code says so.
func (b *Block) judge(s *session, out *Blocked) {
	out.Unreached = diag.Merge(s.Unreached)
	if len(out.Unreached) > 0 {
		class, _ := diag.Worst(out.Unreached)
		s.Diags = append(s.Diags, diag.WithClass(diag.Error(nil, "Tenant was not changed",
			"The hold is recorded, so that no plan or apply of this configuration gives the app to anybody, but the tenant is as it was: %s. Somebody who can reach it has to run this command again%s.",
			out.Unreached[0].Detail, b.orInTheMeantime(out)), class))
	}
	if len(out.Failed) > 0 {
		class := diag.ClassError
		if out.Failed[0].Forbidden {
			class = diag.ClassSignIn
		}
		s.Diags = append(s.Diags, diag.WithClass(diag.Error(nil, "Not blocked everywhere",
			"The hold is recorded, but %d of the changes in the tenant were refused: %v. Run the command again, or have somebody who may make the changes that are listed.", len(out.Failed), out.Failed[0].Err), class))
	}
}

// orInTheMeantime is what can be said without having read the tenant.
func (b *Block) orInTheMeantime(out *Blocked) string {
	if out.Holds[0].All {
		return ", or in PowerShell: " + teams.Command(teams.OrgSettings, "", "", "custom_app_interaction", false)
	}
	return ""
}

// session is one run.
type session struct{ *ops.Session }

func open(ctx context.Context, rt *ops.Runtime, src ops.Source) *session {
	return &session{ops.OpenEmergency(ctx, rt, src)}
}

// connectAnyway opens the tenant; one that cannot be reached does not keep the
// hold from being recorded.
func (s *session) connectAnyway(ctx context.Context, out *Blocked) {
	before := len(s.Diags)
	s.Connect(ctx)
	if s.Conn != nil && s.OK() {
		out.Tenant = s.Conn.Info
		return
	}
	if s.Conn != nil {
		return // the state is of another tenant: nothing goes on
	}
	s.Unreached = append(s.Unreached, s.Diags[before:]...)
	s.Diags = s.Diags[:before]
}

// holds returns the holds that are meant: those there are, or new ones.
func (b *Block) holds(ctx context.Context, s *session, out *Blocked) []*hold.Hold {
	there, err := hold.Of(s.Prior)
	if err != nil {
		s.Fail("State cannot be read", err)
		return nil
	}
	var list []*hold.Hold
	add := func(h *hold.Hold) {
		for _, old := range there {
			if old.Addr() == h.Addr() {
				out.Existed = true
				old.Reason, old.By, old.Since = h.Reason, h.By, h.Since
				if h.CatalogID != "" {
					old.CatalogID = h.CatalogID
				}
				list = append(list, old)
				return
			}
		}
		list = append(list, h)
	}
	fresh := hold.Hold{Reason: strings.TrimSpace(b.Reason), By: s.Runtime.Who, Since: s.Runtime.Clock().UTC()}
	if b.App != "" {
		h := fresh
		if !s.findApp(ctx, b.App, &h) {
			return nil
		}
		add(&h)
	}
	if b.All {
		h := fresh
		h.All = true
		add(&h)
	}
	return list
}

// findApp finds the ids of an app by its address: in the state, else by its
// manifest id in the catalog.
func (s *session) findApp(ctx context.Context, text string, h *hold.Hold) bool {
	a, err := addr.Parse(text)
	if err != nil || a.Kind != teams.App {
		s.Wrong("Invalid address", "%q is not the address of an app, such as app.helpdesk.", text)
		return false
	}
	h.App = a
	if s.Prior != nil {
		if o := s.Prior.Object(a); o != nil {
			h.ManifestID, h.CatalogID = o.Key, o.ID
		}
	}
	for _, inst := range s.Config.Instances {
		if inst.Addr == a && h.ManifestID == "" {
			h.ManifestID, _ = inst.Attrs["manifest_id"].(string)
		}
		if inst.Addr == a {
			h.Name, _ = inst.Attrs["display_name"].(string)
		}
	}
	if h.ManifestID == "" {
		s.Wrong("No such app", "Neither the state nor the files know %s.%s", a, s.knownApps())
		return false
	}
	if s.Conn == nil {
		return true
	}
	err = s.Reading.Collections(s.Kinds)[teams.App].List(ctx, engine.Scope{}, func(o engine.Object) error {
		if strings.EqualFold(o.Key, h.ManifestID) {
			h.CatalogID, h.Name = o.ID, o.Name
		}
		return nil
	})
	if err != nil {
		s.Unreached = append(s.Unreached, diag.FromError("The tenant could not be read", err)...)
	}
	if h.CatalogID == "" {
		s.Diags = append(s.Diags, diag.Warning(nil, "App is not in the catalog", "The organisation's catalog does not list %s (%s). The hold is recorded; as soon as the app is there it counts.", a, h.ManifestID))
	}
	return true
}

func (s *session) knownApps() string {
	seen := map[string]bool{}
	if s.Prior != nil {
		for _, o := range s.Prior.Objects {
			if o.Kind == teams.App {
				seen[o.Addr.String()] = true
			}
		}
	}
	for _, inst := range s.Config.Instances {
		if inst.Addr.Kind == teams.App {
			seen[inst.Addr.String()] = true
		}
	}
	if len(seen) == 0 {
		return " They know no app at all: write one as app \"NAME\" { manifest_id = \"...\" }."
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	return " They know: " + strings.Join(names, ", ") + "."
}

// survey adds to the holds what is to be changed in the tenant for their sake.
func (s *session) survey(ctx context.Context, out *Blocked) {
	if s.Conn == nil {
		return
	}
	for _, h := range out.Holds {
		cuts, err := s.cutsOf(ctx, h)
		if err != nil {
			s.Unreached = append(s.Unreached, diag.FromError("The tenant could not be read", err)...)
			return
		}
		for _, c := range cuts {
			// What an earlier block took is what is to come back, not what is there now.
			i := slices.IndexFunc(h.Cuts, func(old hold.Cut) bool { return sameCut(old, c) })
			if i >= 0 {
				h.Cuts[i].After, h.Cuts[i].Done = c.After, false
				continue
			}
			h.Cuts = append(h.Cuts, c)
		}
	}
}

func sameCut(x, y hold.Cut) bool {
	return x.Kind == y.Kind && strings.EqualFold(x.Key, y.Key) && x.Attr == y.Attr
}

// cutsOf lists the values in the tenant that let through what is held.
func (s *session) cutsOf(ctx context.Context, h *hold.Hold) ([]hold.Cut, error) {
	held := hold.Held([]*hold.Hold{h}, s.Conn.Info.AccessModel, nil)
	collections := s.Reading.Collections(s.Kinds)
	var cuts []hold.Cut
	for _, k := range s.Kinds.Kinds() {
		c := collections[k.Name]
		if c == nil || !k.Withholds() || !k.On(s.Conn.Info.AccessModel) || h.All && !k.Unlabeled {
			continue
		}
		err := c.List(ctx, engine.Scope{}, func(o engine.Object) error {
			if k.BuiltIn != nil && k.BuiltIn(o.Key) {
				return nil
			}
			after, changed := k.Withhold(o.ID, o.Attrs, held)
			for _, name := range changed {
				root := ""
				if o.Mark != s.Config.Settings.Root {
					root = o.Mark
				}
				cuts = append(cuts, hold.Cut{Kind: k.Name, Key: o.Key, ID: o.ID, Attr: name, Before: o.Attrs[name], After: after[name], Root: root})
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list of %s: %w", k.Plural, err)
		}
	}
	return cuts, nil
}

// recordTries bounds how often a hold gives way to another write.
const recordTries = 20

// record writes the holds into the state as it is by now, whoever holds the
// lock.
func (s *session) record(ctx context.Context, out *Blocked, again bool) bool {
	ctx = context.WithoutCancel(ctx)
	err := s.editHolds(ctx, func(st *state.State) error {
		for _, h := range out.Holds {
			if err := h.Put(st); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		out.Recorded = true
		return true
	}
	if again {
		s.Diags = append(s.Diags, diag.Warning(nil, "Hold is not up to date", "The block is in force and recorded, but not how far it came: %v. Run the command again.", err))
		return true
	}
	s.Fail("Hold cannot be recorded", fmt.Errorf("%w. Nothing was sent: a block that no plan knows of would be undone by the next apply", err))
	return false
}

// editHolds changes the holds of the present document and nothing else, by
// comparing and swapping.
func (s *session) editHolds(ctx context.Context, edit func(*state.State) error) error {
	for try := 1; ; try++ {
		loaded, err := state.Load(ctx, s.Backend, ops.NewStrings())
		if err != nil {
			return err
		}
		next, raise := s.documentFor(loaded)
		if err := edit(next); err != nil {
			return err
		}
		raise()
		_, err = s.Backend.Write(ctx, loaded.Meta, next)
		var conflict *state.ConflictError
		if err == nil || !errors.As(err, &conflict) || try == recordTries {
			return err
		}
	}
}

// documentFor returns a document to write a hold into: the present one, or a
// first one, of the lineage of a first apply that is running.
func (s *session) documentFor(loaded *state.Loaded) (next *state.State, raise func()) {
	if loaded.State != nil {
		next = loaded.State.Clone()
		return next, next.RaiseForHold
	}
	lineage := s.Runtime.NewID()
	if j := loaded.Journal; j != nil && j.Header.Lineage != "" {
		lineage = j.Header.Lineage
	}
	tenant, name := s.Config.Tenant.ID, ""
	if s.Conn != nil {
		tenant, name = s.Conn.Info.ID, s.Conn.Info.Name
	}
	next = state.New(tenant, s.Config.Tenant.Cloud, lineage, ops.NewStrings())
	next.Tool, next.TenantName = s.Runtime.Tool, name
	return next, func() { next.Serial = 1 }
}

// cutRounds bounds how often the tenant is looked at again: an apply that was
// just sending may have opened something in between.
const cutRounds = 3

// cut changes the tenant and looks whether nothing lets through what is held.
func (s *session) cut(ctx context.Context, out *Blocked) {
	if s.Conn == nil {
		return
	}
	s.NewReading() // what was read before the hold was written says nothing of an apply that is running
	writing := teams.NewWriting(s.Reading, s.Conn.Graph, s.Conn.Control, s.Config.Dir)
	for _, h := range out.Holds {
		for round := 1; ; round++ {
			for i := range h.Cuts {
				if c := &h.Cuts[i]; !c.Done && !failed(out, *c) {
					s.change(ctx, writing, out, c, c.After)
				}
			}
			left, err := s.cutsOf(ctx, h)
			if err != nil {
				s.Unreached = append(s.Unreached, diag.FromError("The tenant could not be read", err)...)
				break
			}
			left = slices.DeleteFunc(left, func(c hold.Cut) bool { return failed(out, c) })
			if len(left) == 0 {
				break
			}
			if round == cutRounds {
				out.Unseen = append(out.Unseen, left...)
				break
			}
			s.again(ctx, h, left)
		}
	}
}

// again takes what is still let through into a hold, to be sent once more.
func (s *session) again(ctx context.Context, h *hold.Hold, left []hold.Cut) {
	for _, c := range left {
		if i := slices.IndexFunc(h.Cuts, func(old hold.Cut) bool { return sameCut(old, c) }); i >= 0 {
			h.Cuts[i].After, h.Cuts[i].Done = c.After, false
		} else {
			h.Cuts = append(h.Cuts, c)
		}
	}
	// What is taken must be in the hold before it is taken.
	if err := s.editHolds(context.WithoutCancel(ctx), h.Put); err != nil {
		s.Diags = append(s.Diags, diag.Warning(nil, "Hold is not up to date", "The block is in force and recorded, but not how far it came: %v. Run the command again.", err))
	}
}

func failed(out *Blocked, c hold.Cut) bool {
	return slices.ContainsFunc(out.Failed, func(f FailedCut) bool { return sameCut(f.Cut, c) })
}

// change sends one value.
func (s *session) change(ctx context.Context, writing *teams.Writing, out *Blocked, c *hold.Cut, value any) {
	err := s.send(ctx, writing, *c, value)
	c.Done = err == nil
	if err != nil {
		out.Failed = append(out.Failed, FailedCut{*c, err, teams.IsForbidden(err)})
	}
}

// send sends one value. A lost answer is no failure: the tenant is looked at
// afterwards.
func (s *session) send(ctx context.Context, writing *teams.Writing, c hold.Cut, value any) error {
	k := s.Kinds.Kind(c.Kind)
	w := writing.Writers(s.Kinds)[c.Kind]
	if k == nil || w == nil {
		return fmt.Errorf("this version cannot change %s", c.Kind)
	}
	op := &engine.Op{
		Phase: engine.Tighten, Kind: k, Action: engine.Update, Addr: addr.New(c.Kind, "~blocked"), Key: c.Key, ID: c.ID,
		Before: map[string]any{c.Attr: c.Before}, After: map[string]any{c.Attr: value},
	}
	var result engine.Result
	if err := w.Apply(ctx, []*engine.Op{op}, func(r engine.Result) { result = r }); err != nil {
		return err
	}
	if result.InDoubt {
		return nil
	}
	return result.Err
}

// blockedByFiles reports whether the files say that an app is blocked.
func blockedByFiles(cfg *config.Config, h *hold.Hold) bool {
	for _, inst := range cfg.Instances {
		if inst.Addr.Kind != teams.App || inst.Attrs["blocked"] != true {
			continue
		}
		if id, _ := inst.Attrs["manifest_id"].(string); strings.EqualFold(id, h.ManifestID) {
			return true
		}
	}
	return false
}
