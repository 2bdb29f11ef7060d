package apppackage

import "slices"

// Receive reads the bytes of a zip as a tenant receives them and judges them by
// the rules alone that the service holds. The package is nil when there are any
// findings: the service refuses it for them.
//
// What only this program refuses (keys that occur twice, UTF-16, and whatever
// makes a zip unsafe to read) is refused here too: a tenant that took such a
// package could not give it back.
func Receive(zip []byte) (*Package, []Finding) {
	c, problems := readZip(zip, DefaultLimits())
	p, problems := assemble(c, problems, Options{}, false)
	refused := OfService(judge(p, problems, ValidateOptions{}))
	for _, e := range problems {
		said := slices.ContainsFunc(refused, func(f Finding) bool { return f.Rule == e.Code && f.File == e.File && f.Line == e.Line })
		if !said {
			refused = append(refused, e.finding())
		}
	}
	if len(refused) > 0 {
		return nil, refused
	}
	return p, nil
}

// OfService returns the findings for which the service refuses a package: errors
// of the schema, and of the rules that have a code of the service.
func OfService(findings []Finding) []Finding {
	var out []Finding
	for _, f := range findings {
		if f.Severity == SeverityError && (f.Layer == LayerSchema || f.Layer == LayerService) {
			out = append(out, f)
		}
	}
	return out
}

// Target names the place of a finding as the service does: "bots[0].botId" in
// the manifest, the file for anything else.
func (f Finding) Target() string {
	switch {
	case f.File == manifestName && f.Path != "":
		return dotted(f.Path)
	case f.File == "":
		return manifestName
	}
	return f.File
}
