package apppackage

import (
	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
	"github.com/teamsform/teamsform/internal/apppackage/internal/rules"
)

// Validate returns everything that should be otherwise about the package,
// sorted by file and place; none of it stopped the package from being read.
// More than a thousand findings are not listed.
func (p *Package) Validate(o ValidateOptions) []Finding { return o.apply(p.inspect()) }

func (p *Package) inspect() []Finding {
	in := newInspection(p.tree())
	in.pkg = p
	in.manifest()
	if p.Bare {
		return in.out
	}
	in.icons()
	in.localization()
	in.apiDescriptions()
	in.agentTokens()
	in.layout()
	return in.out
}

// ValidateManifest returns what can be said of a manifest without its package:
// nothing about icons, language files or missing files. What looks like a
// placeholder is taken literally.
func ValidateManifest(raw []byte, o ValidateOptions) []Finding {
	p, problems := assemble(content{files: []File{{Name: manifestName, Data: raw}}, bare: true}, nil, Options{}, false)
	return judge(p, problems, o)
}

// Check looks at a package, or at a manifest alone, and validates as much of it
// as can be read. Problems of reading are among the findings, as errors
// whatever the options say; the package is nil when there is no manifest. The
// error is for a path that cannot be read at all.
func Check(path string, o Options, v ValidateOptions) (*Package, []Finding, error) {
	p, problems, err := open(path, o)
	if err != nil {
		return nil, nil, err
	}
	return p, judge(p, problems, v), nil
}

// judge joins what was found while reading and afterwards. What both say is
// said once, as the inspection has it, but as an error.
func judge(p *Package, problems Problems, v ValidateOptions) []Finding {
	type key struct {
		rule, file string
		line       int
	}
	stops := map[key]bool{}
	for _, e := range problems {
		stops[key{e.Code, e.File, e.Line}] = true
	}
	var findings, open []Finding
	if p != nil {
		for _, f := range p.inspect() {
			if k := (key{f.Rule, f.File, f.Line}); stops[k] {
				f.Severity = SeverityError
				findings = append(findings, f)
				stops[k] = false
				continue
			}
			open = append(open, f)
		}
	}
	for _, e := range problems {
		if stops[key{e.Code, e.File, e.Line}] {
			findings = append(findings, e.finding())
		}
	}
	return sortFindings(append(findings, v.adjust(open)...))
}

// finding turns a problem of reading into a finding; all are errors.
func (e *Error) finding() Finding {
	return Finding{
		Rule: e.Code, Layer: RuleOf(e.Code).Layer, Severity: SeverityError,
		File: e.File, Line: e.Line, Column: e.Column, Message: e.Message, Remedy: e.Remedy,
	}
}

// inspection collects the findings on one manifest, or on another JSON file of
// its package. Checks add to it and never stop it.
type inspection struct {
	root *jsondoc.Node // of the file
	file string
	pkg  *Package // nil without a package
	// version is the manifestVersion whose rules apply, "" when none is known.
	version string
	info    map[string]RuleInfo
	out     []Finding
}

func newInspection(root *jsondoc.Node) *inspection {
	in := &inspection{root: root, file: manifestName, info: map[string]RuleInfo{}}
	for _, r := range Rules() {
		in.info[r.ID] = r
	}
	return in
}

// manifest runs the checks that need no other file.
func (in *inspection) manifest() {
	in.schema()
	in.identity()
	in.names()
	in.domains()
	in.capabilities()
	in.permissions()
	in.composeExtensions()
}

// Bounds on the work that a hostile manifest can cause; the schemas allow no
// more than 150 elements anywhere.
const (
	maxElements  = 500
	maxFindings  = 1000
	maxJSONBytes = 4 << 20
)

// few returns the elements of a list that are looked at. That a list is too
// long is for the schema to say.
func few(list *jsondoc.Node) []*jsondoc.Node {
	items := list.List()
	return items[:min(len(items), maxElements)]
}

func fewStrings(list *jsondoc.Node) []string {
	texts := list.Strings()
	return texts[:min(len(texts), maxElements)]
}

// add keeps the first thousand findings; the schema's, which come first, are
// enough for the verdict.
func (in *inspection) add(f Finding) {
	if len(in.out) < maxFindings {
		in.out = append(in.out, f)
	}
}

// report adds a finding about the value at a JSON pointer, or about the nearest
// that exists on the way to it. What the schema already said under the same id
// is not said twice.
func (in *inspection) report(rule, path, message, remedy string) {
	in.reportAs(in.info[rule].Severity, rule, path, message, remedy)
}

func (in *inspection) reportAs(severity Severity, rule, path, message, remedy string) {
	for _, f := range in.out {
		if f.Keyword != "" && f.Rule == rule && f.Path == path && f.File == in.file {
			return
		}
	}
	pos := in.place(path)
	in.add(Finding{
		Rule: rule, Layer: in.info[rule].Layer, Severity: severity, File: in.file, Path: path,
		Line: pos.Line, Column: pos.Column, Message: message, Remedy: remedy,
	})
}

func (in *inspection) place(path string) jsondoc.Pos {
	for {
		if n := in.root.Lookup(path); n != nil {
			return n.Pos
		}
		i := len(path) - 1
		for i > 0 && path[i] != '/' {
			i--
		}
		if i <= 0 {
			return in.root.Place()
		}
		path = path[:i]
	}
}

// within returns an inspection of another file; done hands its findings back.
func (in *inspection) within(file string, root *jsondoc.Node) (other *inspection, done func()) {
	other = &inspection{root: root, file: file, pkg: in.pkg, version: in.version, info: in.info}
	return other, func() {
		for _, f := range other.out {
			in.add(f)
		}
	}
}

// before reports whether the manifest's version is older than the given one.
func (in *inspection) before(version string) bool {
	return in.version != "" && rules.CompareVersions(in.version, version) < 0
}
