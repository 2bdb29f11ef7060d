package people

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/teamsform/teamsform/internal/emulator/ids"
)

type fileTenant struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type fileUser struct {
	UPN     string `json:"upn"`
	ID      string `json:"id"`
	Name    string `json:"name"`
	Mail    string `json:"mail"`
	Guest   bool   `json:"guest"`
	Enabled *bool  `json:"enabled"`
}

type fileGroup struct {
	Name    string   `json:"name"`
	ID      string   `json:"id"`
	Mail    string   `json:"mail"`
	Members []string `json:"members"`
	Groups  []string `json:"groups"`
}

// reader walks the file once, element by element, so that a file of a million
// users never stands in memory as a tree.
type reader struct {
	data   []byte
	dec    *json.Decoder
	tenant *fileTenant
	object json.RawMessage // the rest of a snapshot
	users  []fileUser
	groups []fileGroup
	userAt []int64 // offsets, for messages
	grpAt  []int64
	start  int64 // offset of the value that is being read
}

// File is a people file that is well formed; whether it makes sense is for
// Resolve to say.
type File struct{ r *reader }

// Read reads a people file.
func Read(data []byte) (*File, error) {
	r, err := read(data)
	if err != nil {
		return nil, err
	}
	if t := r.tenant; t != nil && t.ID != "" {
		if _, err := ids.Parse(t.ID); err != nil {
			return nil, &Error{Message: fmt.Sprintf("tenant id %q is %v", t.ID, err), Remedy: "write a GUID or leave the id out"}
		}
	}
	return &File{r}, nil
}

// Tenant gives the tenant's id and name, empty where the file does not say.
func (f *File) Tenant() (id, name string) {
	if f.r.tenant == nil {
		return "", ""
	}
	return f.r.tenant.ID, f.r.tenant.Name
}

// Objects is the part of a snapshot that is not people, nil if the file has
// none.
func (f *File) Objects() []byte { return f.r.object }

// Resolve checks users and groups. Missing ids are derived from the tenant's.
func (f *File) Resolve(tenant ids.ID) (*Directory, error) {
	return f.r.resolve(&Directory{}, tenant)
}

// Parse is Read and Resolve.
func Parse(data []byte, tenant ids.ID) (*Directory, error) {
	f, err := Read(data)
	if err != nil {
		return nil, err
	}
	return f.Resolve(tenant)
}

func read(data []byte) (*reader, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return nil, &Error{Message: "the file is not UTF-8", Remedy: "save it as UTF-8"}
	}
	r := &reader{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	r.dec.DisallowUnknownFields()
	if err := r.top(); err != nil {
		return nil, r.explain(err)
	}
	return r, nil
}

func (r *reader) top() error {
	if err := r.expect('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for r.dec.More() {
		tok, err := r.dec.Token()
		if err != nil {
			return err
		}
		key, _ := tok.(string)
		if seen[key] {
			return r.here("%q stands twice in the file", "keep one of them", key)
		}
		seen[key] = true
		if err := r.member(key); err != nil {
			return err
		}
	}
	if err := r.expect('}'); err != nil {
		return err
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return r.here("something follows the end of the document", "remove it")
	}
	return nil
}

func (r *reader) member(key string) error {
	switch key {
	case "format":
		r.start = r.dec.InputOffset()
		var format int
		if err := r.dec.Decode(&format); err != nil || format != SnapshotFormat {
			return r.at(r.start, fmt.Sprintf("the file is not of format %d", SnapshotFormat), "make a new snapshot with this version of the program; a people file that is no snapshot has no format")
		}
		return nil
	case "objects":
		return r.dec.Decode(&r.object)
	case "tenant":
		r.start = r.dec.InputOffset()
		return r.dec.Decode(&r.tenant)
	case "users":
		return r.list(func() error {
			var u fileUser
			r.userAt = append(r.userAt, r.start)
			err := r.dec.Decode(&u)
			r.users = append(r.users, u)
			return err
		})
	case "groups":
		return r.list(func() error {
			var g fileGroup
			r.grpAt = append(r.grpAt, r.start)
			err := r.dec.Decode(&g)
			r.groups = append(r.groups, g)
			return err
		})
	}
	return r.here("%q is not known here", "the file has tenant, users and groups", key)
}

func (r *reader) list(element func() error) error {
	if err := r.expect('['); err != nil {
		return err
	}
	for r.dec.More() {
		r.start = r.next()
		if err := element(); err != nil {
			return err
		}
	}
	return r.expect(']')
}

func (r *reader) expect(want json.Delim) error {
	tok, err := r.dec.Token()
	if err != nil {
		return err
	}
	if tok != want {
		return r.here("expected %q", "see the form of the people file in the documentation", want.String())
	}
	return nil
}

// next is the offset of the element that Decode will read.
func (r *reader) next() int64 {
	at := r.dec.InputOffset()
	for at < int64(len(r.data)) && strings.IndexByte(" \t\r\n,", r.data[at]) >= 0 {
		at++
	}
	return at
}

func (r *reader) here(format, remedy string, args ...any) *Error {
	return r.at(r.dec.InputOffset(), fmt.Sprintf(format, args...), remedy)
}

func (r *reader) at(offset int64, message, remedy string) *Error {
	before := r.data[:min(offset, int64(len(r.data)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return &Error{Line: line, Column: column, Message: message, Remedy: remedy}
}

// explain gives an error of the JSON decoder its place.
func (r *reader) explain(err error) error {
	var own *Error
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &syntax):
		// The decoder does not say where in the file, a second look does.
		var all json.RawMessage
		errors.As(json.Unmarshal(r.data, &all), &syntax)
		return r.at(max(syntax.Offset-1, 0), "the file is not valid JSON: "+syntax.Error(), "correct the JSON")
	case errors.As(err, &kind):
		return r.at(r.start, fmt.Sprintf("%s must be a %s, not a %s", kind.Field, kind.Type, kind.Value), "correct the value")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return r.at(int64(len(r.data)), "the file ends too early", "close the brackets and braces that are open")
	}
	return r.at(r.start, strings.TrimPrefix(err.Error(), "json: "),
		"users have upn, id, name, mail, guest, enabled; groups have name, id, mail, members, groups")
}
