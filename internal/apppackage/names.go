package apppackage

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

// checkName refuses every path that would mean different files on different
// systems, or none inside the package. Nothing is ever unpacked to disk by this
// package; the names are refused because the tools of others do unpack.
func checkName(name string, limits Limits) *Error {
	reason := ""
	switch {
	case len(name) > limits.NameBytes:
		name = strings.ToValidUTF8(name[:min(len(name), 40)], "\uFFFD") + "..."
		reason = fmt.Sprintf("the path is longer than %d bytes", limits.NameBytes)
	case !utf8.ValidString(name):
		name = strings.ToValidUTF8(name, "\uFFFD")
		reason = "the path is not UTF-8"
	case strings.Contains(name, `\`):
		reason = "the path has a backslash; folders are separated by / in a package"
	case strings.HasPrefix(name, "/"):
		reason = "the path is absolute"
	case strings.Contains(name, ":"):
		reason = "the path has a colon, as a drive letter has"
	case strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r == 0x7F }):
		reason = "the path has a control character"
	case !fs.ValidPath(name) || name == ".":
		reason = "the path leaves the package or has empty parts"
	default:
		return nil
	}
	return &Error{
		Code: "UnsafePath", File: strings.Map(printable, name), Message: reason,
		Remedy: "rename the file, or build the package again with an ordinary zip tool",
	}
}

// printable keeps control characters of hostile names out of terminals.
func printable(r rune) rune {
	if r < 0x20 || r == 0x7F {
		return '\uFFFD'
	}
	return r
}

// isLitter reports whether operating systems and archivers leave such a file
// behind unasked.
func isLitter(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "__MACOSX" {
			return true
		}
	}
	base := path.Base(name)
	switch strings.ToLower(base) {
	case ".ds_store", "thumbs.db", "desktop.ini":
		return true
	}
	return strings.HasPrefix(base, "._")
}

// register notes a name and refuses a second one that differs only by case, and
// a file that has the name of a folder.
type register struct {
	files   map[string]string // folded name -> name
	folders map[string]string
}

func newRegister() *register {
	return &register{files: map[string]string{}, folders: map[string]string{}}
}

func (r *register) add(name string) *Error {
	folded := strings.ToLower(name)
	clash, ok := r.files[folded]
	if !ok {
		clash, ok = r.folders[folded]
	}
	for dir := path.Dir(folded); dir != "." && !ok; dir = path.Dir(dir) {
		clash, ok = r.files[dir]
		r.folders[dir] = name
	}
	if ok {
		return &Error{
			Code: "DuplicateEntry", File: name, Message: fmt.Sprintf("the package also has %q, which is the same name where case does not count", clash),
			Remedy: "keep one of the two",
		}
	}
	r.files[folded] = name
	return nil
}

// checkNested refuses archives inside the package. Office documents are zip
// files too, and agents may carry them as knowledge.
func checkNested(name string, data []byte) *Error {
	ext := strings.ToLower(path.Ext(name))
	switch ext {
	case ".docx", ".xlsx", ".pptx":
		return nil
	}
	if ext != ".zip" && !strings.HasPrefix(string(data[:min(4, len(data))]), "PK\x03\x04") {
		return nil
	}
	return &Error{
		Code: "NestedArchive", File: name, Message: "a zip file stands inside the package",
		Remedy: "name the inner package itself, or take the file out",
	}
}
