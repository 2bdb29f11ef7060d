package docgen

import (
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/config"
)

// diagnosticsPage lists what the program says about a configuration.
func diagnosticsPage() string {
	var p page
	p.title("Diagnostics of a configuration")
	p.text("What the program says about a configuration, in the order in which it reads one. The first line of a message is one of these summaries, always worded the same; what follows names the thing and the way out. Besides these there are mistakes of syntax and failed function calls, in the words of the language library, and the rules of each kind of block.")
	var rows [][]string
	for _, d := range config.Diagnostics() {
		severity := "error"
		if d.Warning {
			severity = "warning"
		}
		rows = append(rows, []string{escape(d.Summary), severity, escape(d.When), escape(d.Remedy)})
	}
	p.table([]string{"summary", "", "when", "way out"}, rows)
	return p.String()
}

// functionsPage lists the functions of the language.
func functionsPage() string {
	var p page
	p.title("Functions")
	p.text("Expressions may call these. They carry Terraform's names and do what Terraform's documentation says of them. None reads a clock, randomness, the environment or the network: the same files always give the same plan. `file`, `fileset`, `filesha256` and `templatefile` read below the configuration's folder only.")
	var items []string
	for _, name := range config.FunctionNames() {
		items = append(items, "`"+name+"`")
	}
	p.text(strings.Join(items, ", "))
	return p.String()
}

// guardsPage lists the guards.
func guardsPage() string {
	var p page
	p.title("Guards")
	p.text("The names that a `guard` block may limit or allow. A limit is a count; where the table says so it may also be a share, such as \"10%\".")
	var rows [][]string
	for _, g := range config.GuardNames() {
		share := ""
		if g.Share {
			share = "yes"
		}
		rows = append(rows, []string{fmt.Sprintf("`%s`", g.Name), escape(g.Doc), share})
	}
	p.table([]string{"guard", "counts", "share"}, rows)
	return p.String()
}
