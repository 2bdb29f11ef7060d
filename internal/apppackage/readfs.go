package apppackage

import (
	"fmt"
	"io"
	"io/fs"
)

// readFolder takes the files of a folder. Links are refused, not followed: what
// is published must be what a reviewer of the folder sees.
func readFolder(fsys fs.FS, limits Limits) (content, Problems, error) {
	var c content
	var problems Problems
	names := newRegister()
	entries, total := 0, int64(0)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("read package folder: %w", err)
		}
		if name == "." {
			return nil
		}
		if entries++; entries > limits.Entries {
			problems = append(problems, tooMany(limits.Entries))
			return fs.SkipAll
		}
		if isLitter(name) {
			c.ignored = append(c.ignored, name)
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		file, problem := readFile(fsys, name, d, limits, limits.TotalBytes-total)
		if problem == nil {
			problem = names.add(name)
		}
		if problem != nil {
			problems = append(problems, problem)
			if problem.Code == codeTooBig {
				return fs.SkipAll
			}
			return nil
		}
		total += int64(len(file.Data))
		c.files = append(c.files, *file)
		return nil
	})
	return c, problems, err
}

func readFile(fsys fs.FS, name string, d fs.DirEntry, limits Limits, left int64) (*File, *Error) {
	switch {
	case d.Type()&fs.ModeSymlink != 0:
		return nil, symlink(name)
	case !d.Type().IsRegular():
		return nil, irregular(name)
	}
	if problem := checkName(name, limits); problem != nil {
		return nil, problem
	}
	data, problem := readBounded(name, func() (io.ReadCloser, error) { return fsys.Open(name) }, limits, left)
	if problem != nil {
		return nil, problem
	}
	return &File{Name: name, Data: data}, checkNested(name, data)
}
