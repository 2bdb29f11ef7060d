package apppackage

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// The forms without which an app cannot be named in a tenant or ordered
// against its other versions.
var (
	guidForm    = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)
	versionForm = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)
)

// readManifest reads manifest.json into a tree, past faults that other readers
// do not see: those are returned beside it.
func readManifest(text []byte) (*jsondoc.Node, Problems, *Error) {
	root, tolerated, err := jsondoc.ParseLenient(text)
	var syntax *jsondoc.SyntaxError
	var problems Problems
	for _, t := range tolerated {
		problems = append(problems, syntaxProblem(manifestName, t))
	}
	switch {
	case errors.As(err, &syntax):
		return nil, problems, syntaxProblem(manifestName, syntax)
	case root.Kind != jsondoc.Object:
		return nil, problems, &Error{
			Code: "Serialization_FileNotValidJson", File: manifestName, Line: root.Pos.Line, Column: root.Pos.Column,
			Message: fmt.Sprintf("the manifest is a JSON %s", root.Kind), Remedy: "it must be an object: { ... }",
		}
	}
	return root, problems, nil
}

func syntaxProblem(file string, s *jsondoc.SyntaxError) *Error {
	e := &Error{Code: "Serialization_FileNotValidJson", File: file, Line: s.Pos.Line, Column: s.Pos.Column, Message: s.Message}
	switch s.Reason {
	case jsondoc.TrailingComma:
		e.Code, e.Remedy = "Serialization_TrailingCommaInManifestJsonFile", "take the comma out"
	case jsondoc.DuplicateKey:
		e.Code, e.Remedy = "DuplicateKey", "keep one of the two: readers disagree on which one counts"
	case jsondoc.Comment:
		e.Remedy = "take the comment out"
	case jsondoc.Encoding:
		e.Code, e.Remedy = "NotUtf8", "save the file as UTF-8"
	default:
		e.Remedy = "correct the JSON there or just before"
	}
	return e
}

// checkEssentials looks for what everything else hangs on: the identity, the
// version and the icons.
func checkEssentials(p *Package) Problems {
	var problems Problems
	add := func(code string, at *jsondoc.Node, message, remedy string) {
		pos := at.Place()
		if at == nil {
			pos = p.root.Place()
		}
		problems = append(problems, &Error{Code: code, File: manifestName, Line: pos.Line, Column: pos.Column, Message: message, Remedy: remedy})
	}
	id, version := p.root.Get("id"), p.root.Get("version")
	switch {
	case p.Manifest.ID == "":
		add("CommonAppIdIsRequiredField", id, `"id" is missing or empty`, "add the app's GUID; once published it must never change")
	case !guidForm.MatchString(p.Manifest.ID):
		add("CommonAppIdIsNotGuid", id, fmt.Sprintf(`"id" is %.80q, which is not a GUID`, p.Manifest.ID), "write eight-four-four-four-twelve hexadecimal digits, as in 0b0c6e1c-2d0a-4a3e-9a3a-5f0d7a0f6e11")
	}
	switch {
	case p.Manifest.Version == "":
		add("VersionCannotBeEmpty", version, `"version" is missing or empty`, `add one such as "1.0.0"`)
	case !dottedNumbers.MatchString(p.Manifest.Version):
		add("VersionContainsOnlyNumbersDotSeparated", version, fmt.Sprintf(`"version" is %.80q, which is not MAJOR.MINOR.PATCH`, p.Manifest.Version), `write three numbers separated by dots, such as "1.0.0"`)
	}
	if p.Bare {
		return problems
	}
	icons := p.root.Get("icons")
	for _, icon := range []struct{ key, size string }{{"color", "192x192"}, {"outline", "32x32"}} {
		n := icons.Get(icon.key)
		name := n.Str()
		if name == "" {
			at := icons
			if n != nil {
				at = n
			}
			add("SchemaError_Required", at, fmt.Sprintf(`"icons" names no %s icon`, icon.key), fmt.Sprintf("add %q with the path of a PNG of %s pixels in the package", icon.key, icon.size))
			continue
		}
		if _, ok := p.File(name); !ok {
			add("Serialization_FileMissing", n, fmt.Sprintf("the %s icon %.80q is not in the package", icon.key, name), "add the file, or correct the path")
		}
	}
	return problems
}
