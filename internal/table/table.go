package table

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"strings"
)

// ID is a directory object id (a GUID) in its 16 bytes.
type ID [16]byte

var errID = errors.New("not an object id (8-4-4-4-12 hexadecimal digits)")

// ParseID reads a GUID in either case, with or without braces left out.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, errID
	}
	var digits [32]byte
	n := copy(digits[:], s[:8])
	n += copy(digits[n:], s[9:13])
	n += copy(digits[n:], s[14:18])
	n += copy(digits[n:], s[19:23])
	copy(digits[n:], s[24:])
	if _, err := hex.Decode(id[:], digits[:]); err != nil {
		return ID{}, errID
	}
	return id, nil
}

// AppendTo appends the canonical lower-case GUID to b.
func (id ID) AppendTo(b []byte) []byte {
	b = hex.AppendEncode(b, id[0:4])
	b = append(b, '-')
	b = hex.AppendEncode(b, id[4:6])
	b = append(b, '-')
	b = hex.AppendEncode(b, id[6:8])
	b = append(b, '-')
	b = hex.AppendEncode(b, id[8:10])
	b = append(b, '-')
	return hex.AppendEncode(b, id[10:16])
}

// String gives the canonical lower-case GUID.
func (id ID) String() string { return string(id.AppendTo(make([]byte, 0, 36))) }

// Compare orders ids by their bytes, which is the order of their text.
func (id ID) Compare(other ID) int { return bytes.Compare(id[:], other[:]) }

// Sym is an interned name. 0 is "no name".
type Sym uint32

// Strings interns names that compare without regard to case, such as policy
// names: equal names have equal symbols. The spelling first seen is kept. All
// tables that are compared with each other share one Strings. It is not safe
// for concurrent use.
type Strings struct {
	syms  map[string]Sym
	names []string
}

// NewStrings returns an interner. The given names get the lowest symbols in
// their order, so that rows sort by policy type alike in every run.
func NewStrings(first ...string) *Strings {
	s := &Strings{syms: map[string]Sym{"": 0}, names: []string{""}}
	for _, name := range first {
		s.Sym(name)
	}
	return s
}

// Sym returns the symbol of name, making one if needed.
func (s *Strings) Sym(name string) Sym {
	if sym, ok := s.syms[name]; ok {
		return sym
	}
	folded := strings.ToLower(name)
	sym, ok := s.syms[folded]
	if !ok {
		sym = Sym(len(s.names))
		s.names = append(s.names, name)
		s.syms[folded] = sym
	}
	s.syms[name] = sym
	return sym
}

// Exact returns the symbol of a name whose case matters, such as an address.
// It is never the symbol of a folded name.
func (s *Strings) Exact(name string) Sym {
	if name == "" {
		return 0
	}
	key := "\x00" + name // no policy name holds a NUL
	sym, ok := s.syms[key]
	if !ok {
		sym = Sym(len(s.names))
		s.names = append(s.names, name)
		s.syms[key] = sym
	}
	return sym
}

// Name returns the spelling of sym.
func (s *Strings) Name(sym Sym) string { return s.names[sym] }

// Row says that one user holds one policy directly. The key is (Type, User).
type Row struct {
	User    ID
	Type    Sym // policy type, such as "setup_policy"
	Policy  Sym // policy name
	Addr    Sym // address of the block that wants or wanted it; 0 in a listing
	Adopted Sym // policy held when the row was adopted; 0 when we created it
}

// CompareKey orders rows by policy type, then user.
func CompareKey(a, b Row) int {
	if c := cmp.Compare(a.Type, b.Type); c != 0 {
		return c
	}
	return a.User.Compare(b.User)
}

// Merge walks up to three sorted tables in key order and calls f once per key
// with the row of each side, or nil. It stops at the first error.
func Merge(prior, desired, actual []Row, f func(p, d, a *Row) error) error {
	for len(prior)+len(desired)+len(actual) > 0 {
		var low *Row
		for _, side := range [][]Row{prior, desired, actual} {
			if len(side) > 0 && (low == nil || CompareKey(side[0], *low) < 0) {
				low = &side[0]
			}
		}
		key := *low
		p, d, a := head(&prior, key), head(&desired, key), head(&actual, key)
		if err := f(p, d, a); err != nil {
			return err
		}
	}
	return nil
}

// head takes the first row of side if it has the given key.
func head(side *[]Row, key Row) *Row {
	if len(*side) == 0 || CompareKey((*side)[0], key) != 0 {
		return nil
	}
	row := &(*side)[0]
	*side = (*side)[1:]
	return row
}
