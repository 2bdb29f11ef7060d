package apppackage

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// content is what a folder or zip holds, before anyone looks into the files.
type content struct {
	files   []File
	ignored []string
	bare    bool // the manifest alone
}

// readZip takes the files out of a zip. What the headers say about sizes is
// used only to refuse early; what is read is bounded by the limits whatever the
// headers say, and archive/zip compares the checksum at the end of each entry.
func readZip(data []byte, limits Limits) (content, Problems) {
	var c content
	if int64(len(data)) > limits.ZipBytes {
		return c, Problems{tooBig("", "the zip file", limits.ZipBytes)}
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return c, Problems{{
			Code: "NotAZip", Message: "this is not a zip file: " + strings.TrimPrefix(err.Error(), "zip: "),
			Remedy: "a package is a .zip with manifest.json at its top level, or a folder",
		}}
	}
	if len(r.File) > limits.Entries {
		return c, Problems{tooMany(limits.Entries)}
	}
	var problems Problems
	names := newRegister()
	total := int64(0)
	for _, entry := range r.File {
		file, problem := readEntry(entry, limits, limits.TotalBytes-total)
		switch {
		case problem != nil:
			problems = append(problems, problem)
			if problem.Code == codeTooBig {
				return content{}, problems
			}
		case file == nil: // a folder
		case isLitter(file.Name):
			c.ignored = append(c.ignored, file.Name)
		default:
			if problem := names.add(file.Name); problem != nil {
				problems = append(problems, problem)
				continue
			}
			total += int64(len(file.Data))
			c.files = append(c.files, *file)
		}
	}
	return c, problems
}

// readEntry returns nil without a problem for a folder.
func readEntry(entry *zip.File, limits Limits, left int64) (*File, *Error) {
	name := strings.TrimSuffix(entry.Name, "/")
	if problem := checkName(name, limits); problem != nil {
		return nil, problem
	}
	mode := entry.Mode()
	switch {
	case mode&fs.ModeSymlink != 0:
		return nil, symlink(name)
	case strings.HasSuffix(entry.Name, "/"):
		return nil, nil
	case !mode.IsRegular():
		return nil, irregular(name)
	case entry.Flags&1 != 0:
		return nil, &Error{Code: "EncryptedEntry", File: name, Message: "the entry is encrypted", Remedy: "build the zip without a password"}
	}
	if isLitter(name) {
		return &File{Name: name}, nil
	}
	data, problem := readBounded(name, func() (io.ReadCloser, error) { return entry.Open() }, limits, left)
	if problem != nil {
		return nil, problem
	}
	if size := int64(len(data)); size > limits.RatioFloor && size/limits.Ratio > int64(entry.CompressedSize64) {
		return nil, &Error{
			Code: codeTooBig, File: name,
			Message: fmt.Sprintf("%d bytes come out of %d compressed ones, as in a zip bomb", size, entry.CompressedSize64),
			Remedy:  "a package needs no file that compresses this well; take it out",
		}
	}
	return &File{Name: name, Data: data}, checkNested(name, data)
}

// readBounded reads at most the smaller of the file limit and what is left of
// the total, and fails when there is more.
func readBounded(name string, open func() (io.ReadCloser, error), limits Limits, left int64) ([]byte, *Error) {
	r, err := open()
	if err != nil {
		return nil, unreadable(name, err)
	}
	defer r.Close()
	limit, what := limits.FileBytes, "the file"
	if name == manifestName {
		limit = min(limit, limits.ManifestBytes)
	}
	if left < limit {
		limit, what = left, "the package with this file"
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case int64(len(data)) > limit && left <= limit:
		return nil, tooBig(name, what, limits.TotalBytes)
	case int64(len(data)) > limit:
		return nil, tooBig(name, what, limit)
	case err != nil:
		return nil, unreadable(name, err)
	}
	return data, nil
}

const codeTooBig = "TooBig"

func tooBig(name, what string, limit int64) *Error {
	return &Error{
		Code: codeTooBig, File: name, Message: fmt.Sprintf("%s is larger than %d bytes", what, limit),
		Remedy: "a package holds a manifest, icons and small text files; take out what does not belong",
	}
}

func tooMany(limit int) *Error {
	return &Error{
		Code: codeTooBig, Message: fmt.Sprintf("the package has more than %d entries", limit),
		Remedy: "name the folder that holds manifest.json and nothing else besides the files it names",
	}
}

func symlink(name string) *Error {
	return &Error{Code: "SymbolicLink", File: name, Message: "this is a symbolic link", Remedy: "put the file itself there"}
}

func irregular(name string) *Error {
	return &Error{Code: "IrregularFile", File: name, Message: "this is neither a file nor a folder", Remedy: "take it out of the package"}
}

func unreadable(name string, err error) *Error {
	reason := strings.TrimPrefix(err.Error(), "zip: ")
	return &Error{Code: "UnreadableEntry", File: name, Message: "the file cannot be read: " + reason, Remedy: "check the file, or build the zip again"}
}
