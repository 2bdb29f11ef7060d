package apppackage

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// manifestName is the name that the service looks for at the top level.
const manifestName = "manifest.json"

// Options say how to read a package of the user's.
type Options struct {
	Values  map[string]string // fills the ${{NAME}} placeholders of text files
	Version string            // stands in for the version in the manifest, "" leaves that
	Limits  *Limits           // nil, and fields that are 0, mean DefaultLimits
}

func (o Options) limits() Limits {
	if o.Limits == nil {
		return DefaultLimits()
	}
	return o.Limits.orDefault()
}

// File is one file of a package. Name is the path inside it, parts separated
// by /. Text files carry no byte order mark and have their placeholders filled.
type File struct {
	Name string
	Data []byte
}

// Package is an app package as it is published.
type Package struct {
	Manifest     Manifest
	Raw          []byte   // manifest.json as published: filled, without byte order mark
	Files        []File   // every file, manifest.json too, sorted by name
	Digest       string   // "sha256:<hex>" over the sorted names and contents
	UnusedValues []string // Options.Values that no placeholder asked for, sorted
	Ignored      []string // files left out because operating systems put them there, sorted
	Bare         bool     // only manifest.json was given; nothing is known of the other files

	root *jsondoc.Node
}

// Open reads a package from a folder or a .zip file and fills its
// placeholders. An error that names problems of the package is of type
// Problems; any other says why the path could not be read. A .json file is the
// manifest of a package that is Bare, which can be looked at and compared but
// not published.
func Open(path string, o Options) (*Package, error) {
	p, problems, err := open(path, o)
	if err != nil {
		return nil, err
	}
	return orProblems(p, problems)
}

// ReadFS reads a package from a file system whose root holds manifest.json.
func ReadFS(fsys fs.FS, o Options) (*Package, error) {
	c, problems, err := readFolder(fsys, o.limits())
	if err != nil {
		return nil, err
	}
	return orProblems(assemble(c, problems, o, true))
}

// Read reads the bytes of a zip as a tenant receives them: within the default
// limits, and with anything that looks like a placeholder taken literally.
func Read(zip []byte) (*Package, error) {
	c, problems := readZip(zip, DefaultLimits())
	return orProblems(assemble(c, problems, Options{}, false))
}

func orProblems(p *Package, problems Problems) (*Package, error) {
	if err := problems.asError(); err != nil {
		return nil, err
	}
	return p, nil
}

// Look is Open for those who only want to see: it returns as much of the
// package as there is beside the problems. The package is nil when it has no
// manifest that can be read. The error is for a path that cannot be read.
func Look(path string, o Options) (*Package, Problems, error) { return open(path, o) }

func open(path string, o Options) (*Package, Problems, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open package: %w", err)
	}
	if info.IsDir() {
		root, err := os.OpenRoot(path)
		if err != nil {
			return nil, nil, fmt.Errorf("open package: %w", err)
		}
		defer root.Close()
		c, problems, err := readFolder(root.FS(), o.limits())
		if err != nil {
			return nil, nil, err
		}
		p, problems := assemble(c, problems, o, true)
		return p, problems.under(path), nil
	}
	data, problem, err := readWhole(path, info, o.limits())
	if err != nil {
		return nil, nil, err
	}
	if problem != nil {
		return nil, Problems{problem}, nil
	}
	if isManifest(path, data) {
		p, problems := bare(data, o)
		return p, problems, nil
	}
	c, problems := readZip(data, o.limits())
	p, problems := assemble(c, problems, o, true)
	return p, problems.under(path), nil
}

// isManifest tells a manifest given alone from a zip.
func isManifest(name string, data []byte) bool {
	return strings.EqualFold(filepath.Ext(name), ".json") && !bytes.HasPrefix(data, []byte("PK"))
}

// ParseManifest reads the text of a manifest without its package.
func ParseManifest(raw []byte, o Options) (*Package, Problems) { return bare(raw, o) }

func bare(raw []byte, o Options) (*Package, Problems) {
	if limit := o.limits().ManifestBytes; int64(len(raw)) > limit {
		return nil, Problems{tooBig(manifestName, "the manifest", limit)}
	}
	return assemble(content{files: []File{{Name: manifestName, Data: raw}}, bare: true}, nil, o, true)
}

func readWhole(path string, info fs.FileInfo, limits Limits) ([]byte, *Error, error) {
	if !info.Mode().IsRegular() {
		return nil, irregular(path), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open package: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limits.ZipBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read package: %w", err)
	}
	return data, nil, nil
}

// under names the package in problems that have no file inside it.
func (p Problems) under(path string) Problems {
	for _, e := range p {
		if e.File == "" {
			e.File = path
		}
	}
	return p
}

// assemble makes a package of the files, as far as it gets: where the manifest
// parses there is a package, whatever the problems.
func assemble(c content, problems Problems, o Options, fillIn bool) (*Package, Problems) {
	if len(problems) > 0 {
		return nil, problems
	}
	slices.SortFunc(c.files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	slices.Sort(c.ignored)
	for i := range c.files {
		if holdsPlaceholders(c.files[i].Name) {
			c.files[i].Data = jsondoc.TrimBOM(c.files[i].Data)
		}
	}
	p := &Package{Files: c.files, Ignored: c.ignored, Bare: c.bare}
	manifest, problem := findManifest(c.files)
	if problem != nil {
		return nil, Problems{problem}
	}
	if fillIn {
		p.Files, p.UnusedValues, problems = fill(c.files, o.Values, o.limits())
	}
	if o.Version != "" {
		if raised, err := SetVersion(p.Files[manifest].Data, o.Version); err == nil { // else the faults are found below
			p.Files[manifest].Data = raised
		}
	}
	p.Raw = p.Files[manifest].Data
	p.Digest = digest(p.Files)
	root, tolerated, problem := readManifest(p.Raw)
	if problem != nil {
		if len(problems) > 0 { // an unquoted placeholder leaves no JSON
			return nil, problems
		}
		return nil, Problems{problem}
	}
	p.root = root
	p.Manifest = decodeManifest(root)
	// What these faults lead to further on would say less.
	if len(problems) == 0 {
		problems = tolerated
	}
	if len(problems) == 0 {
		problems = checkEssentials(p)
	}
	return p, problems
}

// findManifest returns the index of manifest.json, or what is there instead.
func findManifest(files []File) (int, *Error) {
	hint := "put manifest.json, spelled in lower case, at the top level of the package"
	for i, f := range files {
		if f.Name == manifestName {
			return i, nil
		}
		switch dir, base := path.Split(f.Name); {
		case base == manifestName && strings.Count(dir, "/") == 1:
			hint = fmt.Sprintf("it is inside the folder %q; zip what the folder holds, not the folder (or name the folder as the package)", strings.TrimSuffix(dir, "/"))
		case strings.EqualFold(f.Name, manifestName):
			hint = fmt.Sprintf("%q must be spelled manifest.json", f.Name)
		}
	}
	return 0, &Error{Code: "Serialization_FileMissing", File: manifestName, Message: "the package has no manifest.json at its top level", Remedy: hint}
}

// tree returns the parsed manifest, also for a package that was put together by
// hand; there it is an empty object when Raw is none.
func (p *Package) tree() *jsondoc.Node {
	if p.root != nil {
		return p.root
	}
	if root, _, problem := readManifest(p.Raw); problem == nil {
		return root
	}
	return &jsondoc.Node{Kind: jsondoc.Object, Pos: jsondoc.Pos{Line: 1, Column: 1}}
}

// File returns the file of that name. A leading "./" and the like do not count.
func (p *Package) File(name string) (File, bool) {
	name = path.Clean(name)
	i, ok := slices.BinarySearchFunc(p.Files, name, func(f File, n string) int { return strings.Compare(f.Name, n) })
	if !ok {
		return File{}, false
	}
	return p.Files[i], true
}

// digest is over names and contents with their lengths, so that no two sets of
// files share one by moving bytes from a name into a content. Files are sorted.
func digest(files []File) string {
	h := sha256.New()
	var length [8]byte
	write := func(data []byte) {
		binary.BigEndian.PutUint64(length[:], uint64(len(data)))
		h.Write(length[:])
		h.Write(data)
	}
	for _, f := range files {
		write([]byte(f.Name))
		write(f.Data)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
