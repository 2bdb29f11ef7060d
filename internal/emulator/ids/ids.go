package ids

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"strings"
)

// ID is one GUID as 16 bytes in text order, so that sorting the bytes sorts
// the text.
type ID [16]byte

// ErrMalformed says that a text is not a GUID.
var ErrMalformed = errors.New("not a GUID of the form 00000000-0000-0000-0000-000000000000")

// Parse reads a GUID in either letter case, without braces.
func Parse(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, ErrMalformed
	}
	compact := s[0:8] + s[9:13] + s[14:18] + s[19:23] + s[24:36]
	if _, err := hex.Decode(id[:], []byte(compact)); err != nil {
		return ID{}, ErrMalformed
	}
	return id, nil
}

// String gives the lower-case text form.
func (id ID) String() string { return string(id.Append(make([]byte, 0, 36))) }

// Append adds the lower-case text form to dst.
func (id ID) Append(dst []byte) []byte {
	for i, part := range [5][]byte{id[0:4], id[4:6], id[6:8], id[8:10], id[10:16]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

// IsZero tells whether the identifier was never set.
func (id ID) IsZero() bool { return id == ID{} }

// Compare orders identifiers as their text is ordered.
func Compare(a, b ID) int { return bytes.Compare(a[:], b[:]) }

// Derive gives the identifier that the tenant uses for something that came
// without one: a name-based (version 5, SHA-1) GUID in the tenant's name
// space. The name counts without regard to letter case.
func Derive(tenant ID, kind, name string) ID {
	h := sha1.New()
	h.Write(tenant[:])
	h.Write([]byte(kind))
	h.Write([]byte{0})
	h.Write([]byte(strings.ToLower(name)))
	var id ID
	copy(id[:], h.Sum(nil))
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}
