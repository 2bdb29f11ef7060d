package stream

import (
	"cmp"
	"fmt"

	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/engine"
)

// Change is what happens to one object. Values are plain data; one that the
// service makes only later is {"late": ADDRESS, "attr": NAME}.
type Change struct {
	Address         string      `json:"address"`
	PreviousAddress string      `json:"previous_address,omitempty"`
	Type            string      `json:"type"`
	Key             string      `json:"key"`  // by which it is found in the tenant
	Name            string      `json:"name"` // what people call it
	ID              string      `json:"id,omitempty"`
	Action          string      `json:"action"`
	Reason          string      `json:"reason"` // a hint; the set is open
	StateOnly       bool        `json:"state_only"`
	Adopting        bool        `json:"adopting"` // enters the state with this change
	Drifted         bool        `json:"drifted"`  // someone else changed it since the last apply
	Retiring        bool        `json:"retiring"` // the object of a former name
	TakenFrom       string      `json:"taken_from,omitempty"`
	Attributes      []Attribute `json:"attributes"`
	Released        []string    `json:"released"`   // attributes that are no longer managed
	Unverified      []string    `json:"unverified"` // attributes that the service does not tell
	Unchanged       int         `json:"unchanged"`  // managed attributes that stay
	Details         []string    `json:"details"`    // what it means beyond the attributes, as sentences
}

// Attribute is one attribute that differs. Absent values are null.
type Attribute struct {
	Name     string `json:"name"`
	Before   any    `json:"before"`
	After    any    `json:"after"`
	Applied  any    `json:"applied,omitempty"` // what was last applied, when someone else changed it since
	Drifted  bool   `json:"drifted"`
	Default  bool   `json:"default"`  // after is the documented default
	Restored bool   `json:"restored"` // after is what was seen at adoption
	// Sensitive: the values are not shown.
	Sensitive bool `json:"sensitive,omitempty"`
}

// Rows count people whose policy changes alike.
type Rows struct {
	Type         string   `json:"type"` // of the policy
	Policy       string   `json:"policy"`
	BeforePolicy string   `json:"before_policy,omitempty"`
	Address      string   `json:"address,omitempty"`
	Action       string   `json:"action"`
	Reason       string   `json:"reason"`
	StateOnly    bool     `json:"state_only"`
	Count        int      `json:"count"`
	Samples      []string `json:"samples"` // sign-in names of the first few
}

type (
	tenantLine struct {
		Tenant tenant `json:"tenant"`
	}
	tenant struct {
		Name                string `json:"name"`
		ID                  string `json:"id"`
		Driver              string `json:"driver"`
		AccessModel         string `json:"access_model"`
		AccessModelVerified bool   `json:"access_model_verified"`
		Identity            string `json:"identity"`
	}
	scopeLine struct {
		Partial    bool     `json:"partial"`
		Needed     []string `json:"needed"`
		LeftOut    []string `json:"left_out"`
		Unverified []string `json:"unverified"`
	}
	changeLine struct {
		Change Change `json:"change"`
	}
	rowsLine struct {
		Rows Rows `json:"rows"`
	}
	noteLine struct {
		Attention note `json:"attention"`
	}
	guardLine struct {
		Guard guard `json:"guard"`
	}
	// guard is what stands in the way of an apply, or would.
	guard struct {
		Name      string   `json:"name,omitempty"` // as a guard block names it; absent for other protections
		Text      string   `json:"text"`
		Refuses   bool     `json:"refuses"` // an apply is refused because of it
		Enforced  bool     `json:"enforced"`
		AllowedBy string   `json:"allowed_by,omitempty"`
		Limit     string   `json:"limit,omitempty"`
		Origin    string   `json:"limit_from,omitempty"`
		Count     int      `json:"count"`
		Base      int      `json:"base,omitempty"`
		Objects   []string `json:"objects"`
		Samples   []string `json:"samples"`
	}
	note struct {
		Rule    string `json:"rule,omitempty"`
		Address string `json:"address,omitempty"`
		Text    string `json:"text"`
	}
	unmanagedLine struct {
		Unmanaged unmanaged `json:"unmanaged"`
	}
	unmanaged struct {
		Type      string `json:"type"`
		Key       string `json:"key"`
		Name      string `json:"name,omitempty"`
		ManagedBy string `json:"managed_by,omitempty"`
	}
	outputsLine struct {
		Outputs map[string]output `json:"outputs"`
	}
	output struct {
		Action    string `json:"action,omitempty"` // at plan: create, update, delete, noop
		Before    any    `json:"before,omitempty"`
		Value     any    `json:"value,omitempty"` // absent when sensitive
		Sensitive bool   `json:"sensitive"`
	}
)

// Plan implements view.Run.
func (l *Lines) Plan(p *engine.Plan, o view.PlanOptions) error {
	t := p.Header.Tenant
	l.write("tenant", levelInfo, fmt.Sprintf("Tenant %q (%s)", t.Name, t.ID), tenantLine{tenant{
		t.Name, t.ID, t.Driver, t.AccessModel, t.ModelVerified, t.Identity,
	}})
	if p.Partial || len(p.Unverified) > 0 {
		line := scopeLine{Partial: p.Partial, Needed: []string{}, LeftOut: []string{}, Unverified: list(p.Unverified)}
		for _, a := range p.Needed {
			line.Needed = append(line.Needed, a.String())
		}
		for _, a := range p.Dropped {
			line.LeftOut = append(line.LeftOut, a.String())
		}
		l.write("scope", levelInfo, "Not everything was looked at", line)
	}
	for _, c := range p.Drift {
		l.change("drift", c, false)
	}
	for _, g := range p.DriftRows {
		l.rows("drift_rows", g, false)
	}
	l.notes(p)
	for _, c := range p.Changes {
		l.change("planned_change", c, false)
	}
	for _, g := range p.RowGroups {
		l.rows("planned_rows", g, false)
	}
	for _, c := range p.Recorded {
		l.change("planned_change", c, true)
	}
	for _, g := range p.RowsNoted {
		l.rows("planned_rows", g, true)
	}
	for _, u := range p.Unmanaged {
		l.write("unmanaged", levelInfo, fmt.Sprintf("%s %q is not managed here", u.Kind, u.Key), unmanagedLine{unmanaged{u.Kind, u.Key, u.Name, u.Elsewhere}})
	}
	l.pending(p)
	l.plannedOutputs(p)
	l.summary(p, o)
	return l.err
}

// notes writes what needs attention, refusals first. Guards that are not hit
// are not worth a line.
func (l *Lines) notes(p *engine.Plan) {
	for _, n := range p.Refusals {
		g := guard{Name: n.Rule, Text: n.Text, Refuses: true, Enforced: true, Count: 1, Objects: []string{}, Samples: []string{}}
		if !n.Addr.IsZero() {
			g.Objects = append(g.Objects, n.Addr.String())
		}
		l.write("guard", levelError, n.Text, guardLine{g})
	}
	for i := range p.Guards {
		if v := &p.Guards[i]; v.Tripped {
			l.guard(v)
		}
	}
	for _, n := range p.Attention {
		l.write("attention", levelWarn, n.Text, noteLine{noteOf(n)})
	}
}

func (l *Lines) guard(v *engine.Verdict) {
	g := guard{
		Name: v.Guard, Text: v.Text, Refuses: v.Refuses(), Enforced: v.Enforced, AllowedBy: string(v.AllowedBy),
		Limit: v.Limit, Origin: string(v.Origin), Count: v.Count, Base: v.Base, Objects: []string{}, Samples: list(v.Samples),
	}
	for _, a := range v.Objects {
		g.Objects = append(g.Objects, a.String())
	}
	level := levelWarn
	if g.Refuses {
		level = levelError
	}
	l.write("guard", level, v.Text, guardLine{g})
}

func noteOf(n engine.Note) note { return note{n.Rule, n.Addr.String(), n.Text} }

func (l *Lines) change(typ string, c *engine.Change, stateOnly bool) {
	out := Change{
		Address: c.Addr.String(), Type: c.Kind.Name, Key: c.Key, Name: cmp.Or(c.Name, c.Key), ID: c.ID,
		Action: string(c.Action), Reason: string(c.Reason), StateOnly: stateOnly,
		Adopting: c.Adopting, Drifted: c.Drifted, Retiring: c.Retiring, TakenFrom: c.TakenFrom,
		Attributes: []Attribute{}, Released: list(c.Unowned), Unverified: list(c.Unverified), Unchanged: c.Hidden, Details: list(c.Details),
	}
	if c.From != c.Addr {
		out.PreviousAddress = c.From.String()
	}
	for _, a := range c.Attrs {
		if a.Sensitive {
			a.Before, a.After, a.Prior = nil, nil, nil
		}
		out.Attributes = append(out.Attributes, Attribute{a.Attr.Name, a.Before, a.After, a.Prior, a.Drifted, a.Defaults, a.Restored, a.Sensitive})
	}
	verb := "plan to " + string(c.Action)
	if typ == "drift" {
		verb = "changed by someone else"
	}
	l.write(typ, levelInfo, out.Address+": "+verb, changeLine{out})
}

func (l *Lines) rows(typ string, g *engine.RowGroup, stateOnly bool) {
	l.write(typ, levelInfo, fmt.Sprintf("%s %q: plan to %s, people: %d", g.Type, g.Policy, g.Action, g.Count), rowsLine{Rows{
		g.Type, g.Policy, g.Before, g.Addr, string(g.Action), string(g.Reason), stateOnly, g.Count, list(g.Samples),
	}})
}

// plannedOutputs writes all outputs in one line, if there are any.
func (l *Lines) plannedOutputs(p *engine.Plan) {
	if len(p.Outputs) == 0 {
		return
	}
	line := outputsLine{map[string]output{}}
	for _, o := range p.Outputs {
		out := output{Action: "update", Sensitive: o.Sensitive}
		switch {
		case o.Sensitive && o.Before == nil:
			out.Action = "noop" // never kept, so nothing changes
		case o.Sensitive:
		case !o.Changed():
			out.Action = "noop"
		case o.Before == nil:
			out.Action = "create"
		case o.After == nil:
			out.Action = "delete"
		}
		if !o.Sensitive {
			out.Before, out.Value = o.Before, o.After
		}
		line.Outputs[o.Name] = out
	}
	l.write("outputs", levelInfo, fmt.Sprintf("Outputs: %d", len(p.Outputs)), line)
}

// list gives a list that is [] rather than null in JSON.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

type (
	summaryLine struct {
		Changes summary `json:"changes"`
	}
	// summary counts. Objects and people are counted apart: add, change and
	// remove are objects.
	summary struct {
		Operation string `json:"operation"` // plan, apply, destroy, drift
		Add       int    `json:"add"`
		Change    int    `json:"change"`
		Remove    int    `json:"remove"`
		Record    int    `json:"record"` // changes of the state alone
		Drift     int    `json:"drift"`  // objects and people that someone else changed, where that was asked for
		Rows      rowSum `json:"rows"`
		Refused   bool   `json:"refused"` // an apply would not go on
		// Pending is what is accepted and still becoming visible: by earlier
		// applies in a plan, by all of them after an apply.
		Pending pendSum `json:"pending"`

		Done        *int  `json:"done,omitempty"` // of an apply: steps on objects, and people
		Failed      *int  `json:"failed,omitempty"`
		Held        *int  `json:"held,omitempty"`
		Skipped     *int  `json:"skipped,omitempty"` // people who have left since the plan
		Interrupted *bool `json:"interrupted,omitempty"`
	}
	pendSum struct {
		Changes   int `json:"changes"`
		Deletions int `json:"deletions"`
	}
	rowSum struct {
		Assign    int `json:"assign"` // people who get a policy
		Unassign  int `json:"unassign"`
		Unchanged int `json:"unchanged"`
	}
)

// summary ends what a plan says.
func (l *Lines) summary(p *engine.Plan, o view.PlanOptions) {
	s := sums(p)
	s.Operation = "plan"
	text := fmt.Sprintf("Plan: %d to add, %d to change, %d to remove; people: %d get a policy, %d lose one", s.Add, s.Change, s.Remove, s.Rows.Assign, s.Rows.Unassign)
	if o.Drift {
		s.Operation, text = "drift", fmt.Sprintf("Changed by someone else: %d", s.Drift)
	}
	l.write("change_summary", levelInfo, text, summaryLine{s})
}

func sums(p *engine.Plan) summary {
	s := summary{Record: p.ToRecord(), Drift: len(p.Drift), Refused: len(p.Refusals)+len(p.Refusing()) > 0, Rows: rowSum{Unchanged: p.RowsKept}}
	s.Pending.Changes, s.Pending.Deletions = p.Waiting()
	for _, c := range p.Changes {
		switch c.Action {
		case engine.Create:
			s.Add++
		case engine.Delete:
			s.Remove++
		default:
			s.Change++
		}
	}
	for _, g := range p.RowGroups {
		if g.Action == engine.Delete {
			s.Rows.Unassign += g.Count
		} else {
			s.Rows.Assign += g.Count
		}
	}
	for _, g := range p.DriftRows {
		s.Drift += g.Count
	}
	return s
}
