package packageview

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

// Diff says what an update means, for people.
func Diff(w io.Writer, s view.Style, v *packages.Compared) error {
	var b strings.Builder
	c := v.Comparison
	fmt.Fprintf(&b, "%s\n", s.Bold(heading(v)))
	for _, f := range c.Findings {
		fmt.Fprintf(&b, "  %s %s: %s %s\n      %s\n", severity(s, f.Severity), place(f), clean(f.Message), s.Faint("("+f.Rule+")"), clean(f.Remedy))
	}
	fmt.Fprintf(&b, "\n%s %s\n", s.Bold("Do people have to accept it?"), consentSentence(v))
	for _, change := range c.Changes {
		fmt.Fprintf(&b, "  %s %s%s\n", mark(s, change), clean(change.Message), s.Faint(reason(v, change)))
	}
	section(&b, s, "What changes", differences(c), "nothing")
	if len(c.NotCompared) > 0 {
		section(&b, s, "Not compared", c.NotCompared, "")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func heading(v *packages.Compared) string {
	c := v.Comparison
	name := clean(cmp.Or(v.New.Manifest.Name.Short, v.New.Manifest.ID, "The app"))
	switch {
	case c.Same:
		return fmt.Sprintf("%s %s: the same content, nothing to update", name, clean(c.NewVersion))
	case c.Order == 0:
		return fmt.Sprintf("%s %s: other content under the same version", name, clean(c.NewVersion))
	}
	return fmt.Sprintf("%s %s -> %s", name, clean(c.OldVersion), clean(c.NewVersion))
}

// consentSentence answers whether people are asked again.
func consentSentence(v *packages.Compared) string {
	by := ""
	if v.List != nil {
		by = fmt.Sprintf(" By the list of %s alone.", v.List.Date)
	}
	switch v.Comparison.Consent {
	case apppackage.ConsentRequired:
		return "Yes: whoever has the app keeps the old version until they accept." + by
	case apppackage.ConsentPossible:
		return "Perhaps: only older lists of Microsoft name these changes." + by
	case apppackage.ConsentUnknown:
		return "Unknown: too little is known of the old version." + by
	case apppackage.ConsentNone:
	}
	return "No: nothing that any list names; it installs by itself." + by
}

func mark(s view.Style, c apppackage.Change) string {
	switch c.Consent {
	case apppackage.ConsentRequired:
		return s.Red("asks    ")
	case apppackage.ConsentPossible:
		return s.Yellow("may ask ")
	case apppackage.ConsentNone, apppackage.ConsentUnknown:
	}
	return "note    "
}

// reason names the rule of a change, and the lists that have it with dates.
func reason(v *packages.Compared, c apppackage.Change) string {
	if c.Rule == "" {
		return ""
	}
	return fmt.Sprintf(" (%s; %s)", c.Rule, dates(v, c.Lists))
}

func dates(v *packages.Compared, ids []string) string {
	if len(ids) == 0 {
		return "in no list by name"
	}
	var out []string
	for _, l := range v.Lists {
		for _, id := range ids {
			if l.ID == id {
				out = append(out, l.ID+" of "+l.Date)
			}
		}
	}
	return strings.Join(out, ", ")
}

func differences(c apppackage.Comparison) []string {
	var out []string
	for _, d := range c.Differences {
		out = append(out, d.Text)
	}
	return out
}

// DiffMarkdown says the same for a pull request.
func DiffMarkdown(w io.Writer, v *packages.Compared) error {
	var b strings.Builder
	c := v.Comparison
	fmt.Fprintf(&b, "### %s\n\n", escape(heading(v)))
	for _, f := range c.Findings {
		fmt.Fprintf(&b, "- **%s** %s; %s (`%s`)\n", f.Severity, escape(f.Message), escape(f.Remedy), f.Rule)
	}
	if len(c.Findings) > 0 {
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "**Do people have to accept it?** %s\n\n", consentSentence(v))
	if len(c.Changes) > 0 {
		b.WriteString("| people are asked | change | rule | lists |\n| --- | --- | --- | --- |\n")
		for _, change := range c.Changes {
			asked := map[apppackage.Consent]string{apppackage.ConsentRequired: "yes", apppackage.ConsentPossible: "perhaps", apppackage.ConsentNone: "no"}[change.Consent]
			rule, lists := "", ""
			if change.Rule != "" {
				rule, lists = "`"+change.Rule+"`", dates(v, change.Lists)
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", asked, escape(change.Message), rule, lists)
		}
		b.WriteString("\n")
	}
	bullets(&b, "What changes", differences(c))
	bullets(&b, "Not compared", c.NotCompared)
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

func bullets(b *strings.Builder, name string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "%s:\n\n", name)
	for _, line := range lines {
		fmt.Fprintf(b, "- %s\n", escape(line))
	}
	b.WriteString("\n")
}

// escape keeps texts of packages from becoming markup.
func escape(text string) string {
	var b strings.Builder
	for _, r := range clean(text) {
		if strings.ContainsRune("\\`*_{}[]<>|#~@!", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// DiffJSON says the same for programs.
func DiffJSON(w io.Writer, v *packages.Compared) error {
	type rule struct {
		Rule    string   `json:"rule"`
		Path    string   `json:"path"`
		Verdict string   `json:"verdict"`
		Lists   []string `json:"lists"`
		Message string   `json:"message"`
	}
	type change struct {
		Path    string `json:"path"`
		Kind    string `json:"kind"` // added, removed, changed
		Old     string `json:"old"`  // JSON, cut where long
		New     string `json:"new"`
		Message string `json:"message"`
	}
	type list struct {
		ID       string `json:"id"`
		Date     string `json:"date"`
		Audience string `json:"audience"`
		Current  bool   `json:"current"`
		Source   string `json:"source"`
	}
	type consent struct {
		Verdict  string   `json:"verdict"`
		JudgedBy string   `json:"judged_by,omitempty"` // the list that judged alone
		Rules    []rule   `json:"rules"`
		Notes    []string `json:"notes"`
	}
	type version struct {
		Old         string    `json:"old"`
		New         string    `json:"new"`
		Order       string    `json:"order"` // higher, same, lower
		SameContent bool      `json:"same_content"`
		Next        string    `json:"next,omitempty"` // to propose
		Findings    []finding `json:"findings"`
	}
	c := v.Comparison
	doc := struct {
		Format      string   `json:"format"`
		Consent     consent  `json:"consent"`
		Changes     []change `json:"changes"`
		Version     version  `json:"version"`
		NotCompared []string `json:"not_compared"`
		Lists       []list   `json:"lists"`
	}{
		Format: format, Consent: consent{Verdict: string(c.Consent), Rules: []rule{}, Notes: []string{}}, Changes: []change{}, NotCompared: orEmpty(c.NotCompared),
		Version: version{c.OldVersion, c.NewVersion, order(c.Order), c.Same, c.Next, findingsJSON(c.Findings)},
	}
	if v.List != nil {
		doc.Consent.JudgedBy = v.List.ID
	}
	for _, x := range c.Changes {
		if x.Rule == "" {
			doc.Consent.Notes = append(doc.Consent.Notes, x.Message)
			continue
		}
		doc.Consent.Rules = append(doc.Consent.Rules, rule{x.Rule, x.Path, string(x.Consent), orEmpty(x.Lists), x.Message})
	}
	for _, d := range c.Differences {
		doc.Changes = append(doc.Changes, change{d.Path, string(d.Kind), d.Old, d.New, d.Text})
	}
	for _, l := range v.Lists {
		doc.Lists = append(doc.Lists, list{l.ID, l.Date, l.Audience, l.Current, l.Source})
	}
	return writeJSON(w, doc)
}

func order(n int) string {
	switch {
	case n > 0:
		return "higher"
	case n < 0:
		return "lower"
	}
	return "same"
}
