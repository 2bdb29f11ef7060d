package apppackage

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// maxZipBytes is where Microsoft's tools refuse to upload a package.
const maxZipBytes = 10 << 20

// reference is a place that names a file of the package. The place is a JSON
// pointer in the file from; name is as written there.
type reference struct {
	from, pointer, name string
}

// manifestReferences returns the places of the manifest that name a file.
func (in *inspection) manifestReferences() []reference {
	var out []reference
	add := func(pointer string) {
		if n := in.root.Lookup(pointer); n != nil && n.Kind == jsondoc.String {
			out = append(out, reference{manifestName, pointer, n.Text})
		}
	}
	each := func(list string, members ...string) {
		for i := range few(in.root.Lookup(list)) {
			for _, member := range members {
				add(jsondoc.Item(list, i) + member)
			}
		}
	}
	add("/icons/color")
	add("/icons/outline")
	add("/icons/color32x32")
	add("/localizationInfo/defaultLanguageFile")
	each("/localizationInfo/additionalLanguages", "/file")
	each("/configurableTabs", "/sharePointPreviewImage")
	each("/composeExtensions", "/apiSpecificationFile")
	for i := range few(in.root.Get("composeExtensions")) {
		each(jsondoc.Item("/composeExtensions", i)+"/commands", "/apiResponseRenderingTemplateFile")
	}
	each("/meetingExtensionDefinition/scenes", "/file", "/preview")
	each("/activities/activityIcons", "/iconFile")
	each("/copilotAgents/declarativeAgents", "/file")
	each("/agenticUserTemplates", "/file")
	each("/agentConnectors", "/toolSource/remoteMcpServer/mcpToolDescription/file")
	return out
}

// agentReferences returns the places of a declarative agent's file that name
// further files, relative to it.
func agentReferences(file string, agent *jsondoc.Node) []reference {
	var out []reference
	add := func(pointer string) {
		if n := agent.Lookup(pointer); n != nil && n.Kind == jsondoc.String {
			out = append(out, reference{file, pointer, n.Text})
		}
	}
	for i := range few(agent.Get("actions")) {
		add(jsondoc.Item("/actions", i) + "/file")
	}
	for i, capability := range few(agent.Get("capabilities")) {
		for j := range few(capability.Get("files")) {
			add(jsondoc.Item(jsondoc.Item("/capabilities", i)+"/files", j) + "/file")
		}
	}
	return out
}

// find returns the file that a reference means. Names in files of an agent are
// relative to that file, and those of the manifest to the package.
func (in *inspection) find(r reference) (File, bool) {
	name := strings.ReplaceAll(r.name, `\`, "/")
	if f, ok := in.pkg.File(path.Join(path.Dir(r.from), name)); ok {
		return f, true
	}
	return in.pkg.File(name)
}

// layout checks that named files exist, and that others do not.
func (in *inspection) layout() {
	references := in.manifestReferences()
	agents := in.agentFiles()
	for _, r := range references {
		in.named(r)
	}
	for _, file := range agents {
		root := in.parse(file)
		if root == nil {
			continue
		}
		other, done := in.within(file.Name, root)
		for _, r := range agentReferences(file.Name, root) {
			other.named(r)
		}
		done()
	}
	for i, skill := range few(in.root.Get("agentSkills")) {
		folder := path.Clean(skill.Get("folder").Str()) + "/"
		if !slices.ContainsFunc(in.pkg.Files, func(f File) bool { return strings.HasPrefix(f.Name, folder) }) {
			in.report("Serialization_FileMissing", jsondoc.Item("/agentSkills", i)+"/folder", fmt.Sprintf("the package has no folder %q", skill.Get("folder").Str()), "add it, or correct the path")
		}
	}
	in.surplus()
	in.size()
}

// size makes the zip only when it could be too large: compression does not add.
func (in *inspection) size() {
	total := 0
	for _, f := range in.pkg.Files {
		total += len(f.Data)
	}
	if total < maxZipBytes/2 {
		return
	}
	if zip, err := in.pkg.Zip(); err == nil && len(zip) > maxZipBytes {
		in.report("PackageTooLarge", "", fmt.Sprintf("the zip has %d bytes; uploads end at %d", len(zip), maxZipBytes), "make pictures smaller, or take files out")
	}
}

// agentFiles returns the file of the declarative agent, of which there can be
// one, when it exists.
func (in *inspection) agentFiles() []File {
	agent := in.root.At("copilotAgents", "declarativeAgents").Index(0)
	if f, ok := in.find(reference{manifestName, "", agent.Get("file").Str()}); ok {
		return []File{f}
	}
	return nil
}

func (in *inspection) named(r reference) {
	if strings.Contains(r.name, `\`) {
		in.report("PathSeparator", r.pointer, fmt.Sprintf("%s has a backslash", dotted(r.pointer)), "separate folders by /")
	}
	slashed := strings.ReplaceAll(r.name, `\`, "/")
	inside := path.Join(path.Dir(r.from), slashed)
	if path.IsAbs(slashed) || strings.Contains(slashed, ":") || inside == ".." || strings.HasPrefix(inside, "../") {
		in.report("PathOutsidePackage", r.pointer, fmt.Sprintf("%s is %.80q, which is not in the package", dotted(r.pointer), r.name), "put the file into the package and name it relative to its top level")
		return
	}
	if _, ok := in.find(r); !ok {
		in.report("Serialization_FileMissing", r.pointer, fmt.Sprintf("%s names %.80q, which is not in the package", dotted(r.pointer), r.name), "add the file, or correct the path")
	}
}

// surplus reports files that nothing names. Any string of a JSON file that is
// the path of another file counts as naming it: agents and API plugins name
// files in places that this program does not know.
func (in *inspection) surplus() {
	mentioned := map[string]bool{manifestName: true}
	var walk func(from string, n *jsondoc.Node)
	walk = func(from string, n *jsondoc.Node) {
		for _, item := range n.Items {
			walk(from, item)
		}
		for _, m := range n.Members {
			walk(from, m.Value)
		}
		if n.Kind == jsondoc.String && len(n.Text) < 1024 {
			if f, ok := in.find(reference{from, "", n.Text}); ok {
				mentioned[f.Name] = true
			}
		}
	}
	var skills []string
	for _, skill := range few(in.root.Get("agentSkills")) {
		skills = append(skills, path.Clean(skill.Get("folder").Str())+"/")
	}
	for _, f := range in.pkg.Files {
		if strings.EqualFold(path.Ext(f.Name), ".json") && len(f.Data) <= maxJSONBytes {
			if root, err := jsondoc.Parse(f.Data); err == nil {
				walk(f.Name, root)
			}
		}
	}
	for _, f := range in.pkg.Files {
		inSkill := slices.ContainsFunc(skills, func(folder string) bool { return strings.HasPrefix(f.Name, folder) })
		if !mentioned[f.Name] && !inSkill {
			in.add(Finding{
				Rule: "UnreferencedFile", Layer: in.info["UnreferencedFile"].Layer, Severity: in.info["UnreferencedFile"].Severity, File: f.Name,
				Message: "nothing in the package names this file; the store refuses such packages", Remedy: "take it out",
			})
		}
	}
}

// parse reads another JSON file of the package; nil when that fails, which is
// reported once.
func (in *inspection) parse(f File) *jsondoc.Node {
	if len(f.Data) > maxJSONBytes {
		in.report("JsonTooLarge", "", fmt.Sprintf("%s has %d bytes and was not looked into", f.Name, len(f.Data)), "make it smaller")
		return nil
	}
	root, err := jsondoc.Parse(f.Data)
	var syntax *jsondoc.SyntaxError
	var problem *Error
	switch {
	case errors.As(err, &syntax):
		problem = syntaxProblem(f.Name, syntax)
	case root.Kind != jsondoc.Object:
		problem = &Error{Code: "Serialization_FileNotValidJson", File: f.Name, Line: 1, Column: 1, Message: "the file holds a JSON " + root.Kind.String(), Remedy: "it must be an object: { ... }"}
	default:
		return root
	}
	if finding := problem.finding(); !slices.Contains(in.out, finding) {
		in.add(finding)
	}
	return nil
}
