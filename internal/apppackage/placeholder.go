package apppackage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// placeholder is the form that Microsoft's tools write into manifest templates.
var placeholder = regexp.MustCompile(`\$\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}`)

// holdsPlaceholders says which files are templates: the text files of a
// package, which are the manifest, the language files and an agent's files.
func holdsPlaceholders(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".json", ".yaml", ".yml", ".txt":
		return true
	}
	return false
}

// fill replaces the placeholders of all text files. A value is put in as text
// once and not searched again; in a .json file it is escaped, so that no value
// can end the string around it. unused lists values that no file asked for.
func fill(files []File, values map[string]string, limits Limits) (filled []File, unused []string, problems Problems) {
	used := map[string]bool{}
	for _, f := range files {
		if holdsPlaceholders(f.Name) {
			data, more := fillFile(f, values, used, limits)
			problems = append(problems, more...)
			f.Data = data
		}
		filled = append(filled, f)
	}
	for name := range values {
		if !used[name] {
			unused = append(unused, name)
		}
	}
	slices.Sort(unused)
	return filled, unused, problems
}

func fillFile(f File, values map[string]string, used map[string]bool, limits Limits) ([]byte, Problems) {
	var out bytes.Buffer
	var problems Problems
	missing := map[string]bool{}
	last := 0
	for _, m := range placeholder.FindAllSubmatchIndex(f.Data, -1) {
		name := string(f.Data[m[2]:m[3]])
		value, ok := values[name]
		if !ok {
			if !missing[name] {
				missing[name] = true
				problems = append(problems, unfilled(f, name, m[0]))
			}
			continue
		}
		used[name] = true
		out.Write(f.Data[last:m[0]])
		out.WriteString(asText(f.Name, value))
		last = m[1]
		if int64(out.Len()) > limits.FileBytes {
			return f.Data, append(problems, tooBig(f.Name, "the file with its values filled in", limits.FileBytes))
		}
	}
	if last == 0 {
		return f.Data, problems
	}
	out.Write(f.Data[last:])
	return out.Bytes(), problems
}

func asText(file, value string) string {
	if strings.ToLower(path.Ext(file)) != ".json" {
		return value
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return value // a string always encodes
	}
	quoted := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return string(quoted[1 : len(quoted)-1])
}

func unfilled(f File, name string, at int) *Error {
	before := f.Data[:at]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return &Error{
		Code: "PlaceholderUnfilled", File: f.Name, Line: line, Column: column,
		Message: fmt.Sprintf("the placeholder %s has no value", name),
		Remedy:  fmt.Sprintf("add %s to the values of the app", name),
	}
}
