package docgen

import (
	"strings"

	"github.com/teamsform/teamsform/config"
)

// diagnosticsPage lists what the program says about a configuration.
func diagnosticsPage() string {
	var p page
	p.title("Diagnostics")
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
	p.heading("Of kinds, plans and states")
	p.text("What plan, apply and the commands around them say beyond that.")
	rows = nil
	for _, m := range messages() {
		rows = append(rows, []string{escape(m.summary), escape(m.when), escape(m.remedy)})
	}
	p.table([]string{"summary", "when", "way out"}, rows)
	return p.String()
}

// functionsPage lists the functions of the language.
func functionsPage() string {
	var p page
	p.title("Functions")
	p.text("Expressions may call these. They carry Terraform's names and do what Terraform's documentation says of them. None reads a clock, randomness, the environment or the network: the same files always give the same plan. Those that read files read below the configuration's folder only.")
	var rows [][]string
	for _, f := range config.Functions() {
		rows = append(rows, []string{"`" + signature(f) + "`", "`" + f.Returns + "`"})
	}
	p.table([]string{"function", "gives"}, rows)
	return p.String()
}

// signature gives a function as it is called, with the types of its parameters.
func signature(f config.FunctionInfo) string {
	var params []string
	for _, param := range f.Params {
		params = append(params, param.Name+" "+param.Type)
	}
	if f.Variadic != nil {
		params = append(params, f.Variadic.Name+" "+f.Variadic.Type+" ...")
	}
	return f.Name + "(" + strings.Join(params, ", ") + ")"
}
