package settings

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/teamsform/teamsform/config/internal/eval"
	"github.com/teamsform/teamsform/config/internal/problem"
	"github.com/teamsform/teamsform/internal/diag"
	"github.com/teamsform/teamsform/internal/schema"
	"github.com/zclconf/go-cty/cty"
)

// GuardName is one guard: what it is called, what trips it, and whether its
// limit may be a share.
type GuardName struct {
	Name    string
	Doc     string
	Share   bool
	Default []Limit // all of them hold
}

// GuardNames lists the guards that a guard block and --allow may name.
func GuardNames() []GuardName {
	none := []Limit{{}}
	share := func(p float64) Limit { return Limit{Share: true, Percent: p} }
	return []GuardName{
		{"deletions", "Objects or rows deleted or unassigned.", true, []Limit{{Count: 10}, share(10)}},
		{"delete_app", "Apps that leave the catalog.", false, none},
		{"people_losing_access", "People who could discover or use an app and no longer can.", true, none},
		{"membership_changes", "Rows that change because the directory changed.", true, []Limit{share(25)}},
		{"org_switch", "Changes of custom_app_interaction.", false, none},
		{"upload_for_all", "Uploading that becomes possible through the Global policy.", false, none},
		{"publish_open", "Restricted apps that would be visible before their restriction.", false, none},
		{"reset_global", "Resets of a Global policy or of org_settings.", false, none},
		{"consent", "Updates that ask people for consent again, not accepted.", false, none},
		{"takeover", "Rows of others that get another policy.", false, none},
		{"adopt", "Existing objects that enter the state without an import block.", false, none},
		{"lock_out", "Steps that take from the signed-in identity what it works with.", false, none},
	}
}

// LimitsText gives limits that all hold as people write them: "10 and 10%".
func LimitsText(limits []Limit) string {
	texts := make([]string, len(limits))
	for i, l := range limits {
		texts[i] = l.String()
	}
	return strings.Join(texts, " and ")
}

func guardNames() []string {
	var out []string
	for _, g := range GuardNames() {
		out = append(out, g.Name)
	}
	return out
}

// GuardSpec says what a guard block holds.
func GuardSpec() *eval.Spec {
	s := &eval.Spec{What: "guard block"}
	for _, g := range GuardNames() {
		s.Attrs = append(s.Attrs, &schema.Attr{Name: g.Name, Type: limitType{share: g.Share}, Doc: g.Doc + " Not written: " + LimitsText(g.Default) + "."})
	}
	s.Attrs = append(s.Attrs, &schema.Attr{Name: "allow", Type: schema.StringList{Of: schema.String{Check: CheckGuardName, What: "name of a guard"}, Set: true}, Doc: "Guards that may trip."})
	return s
}

// CheckGuardName says what is wrong with the name of a guard, or "".
func CheckGuardName(s string) string {
	if slices.Contains(guardNames(), s) {
		return ""
	}
	hint := diag.DidYouMean(s, guardNames())
	if hint == "" {
		hint = " The guards are: " + strings.Join(guardNames(), ", ") + "."
	}
	return "There is no guard " + strconv.Quote(s) + "." + hint
}

func (r *Reader) readGuard(b *hclsyntax.Block) {
	g := &Guard{Limits: map[string]Limit{}, Ranges: map[string]hcl.Range{}, Range: *eval.DefRange(b)}
	r.out.Guard = g
	sh := r.Check(b.Body, GuardSpec())
	if !r.early(b.Body) {
		return
	}
	got := r.Attributes(sh, r.Context)
	g.Ranges = got.Ranges
	for name, v := range got.Attrs {
		switch v := v.(type) {
		case string:
			g.Limits[name], _ = ParseLimit(v)
		case []any:
			for _, e := range v {
				g.Allow = append(g.Allow, e.(string))
			}
		}
	}
}

// limitType is a count such as 50 or "50", or a share such as "10%". Plain
// data is the text.
type limitType struct {
	schema.String
	share bool
}

// Decode implements schema.Type.
func (t limitType) Decode(v cty.Value) (any, []schema.Problem) {
	out, problems := schema.String{What: t.Describe()}.Decode(v)
	if len(problems) > 0 {
		return nil, problems
	}
	limit, ok := ParseLimit(out.(string))
	if !ok || limit.Share && !t.share {
		return nil, []schema.Problem{{Summary: problem.Limit, Detail: "Expected " + t.Describe() + ", not " + strconv.Quote(out.(string)) + "."}}
	}
	return out, nil
}

// Describe implements schema.Type.
func (t limitType) Describe() string {
	if t.share {
		return `a count such as 50, or a share such as "10%"`
	}
	return "a count such as 0 or 5"
}

// ParseLimit reads a count such as 50 or a share such as 10%.
func ParseLimit(s string) (Limit, bool) {
	if text, ok := strings.CutSuffix(s, "%"); ok {
		p, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		return Limit{Share: true, Percent: p}, err == nil && p >= 0 && p <= 100 && !math.IsNaN(p)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return Limit{Count: n}, err == nil && n >= 0
}
