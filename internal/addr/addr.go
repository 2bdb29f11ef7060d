package addr

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Instance is the address of one object. It is comparable, so it can be a map
// key. The zero Instance is no address.
type Instance struct {
	Module string // "" or the module path with dots, such as "net" or "net.inner"
	Kind   string // block type, such as "setup_policy"
	Name   string // label; "" for kinds without one (org_settings)
	Key    string // for_each key
	HasKey bool   // tells the key "" from no key
}

// New returns the address kind.name.
func New(kind, name string) Instance { return Instance{Kind: kind, Name: name} }

// WithKey returns the instance of a for_each block with the given key.
func (a Instance) WithKey(key string) Instance {
	a.Key, a.HasKey = key, true
	return a
}

// Block returns the address without its for_each key.
func (a Instance) Block() Instance {
	a.Key, a.HasKey = "", false
	return a
}

// IsZero reports whether a is no address.
func (a Instance) IsZero() bool { return a.Kind == "" }

// String gives the form that users write, such as module.net.app.x["k"].
func (a Instance) String() string {
	var b strings.Builder
	if a.Module != "" {
		for part := range strings.SplitSeq(a.Module, ".") {
			b.WriteString("module.")
			b.WriteString(part)
			b.WriteByte('.')
		}
	}
	b.WriteString(a.Kind)
	if a.Name != "" {
		b.WriteByte('.')
		b.WriteString(a.Name)
	}
	if a.HasKey {
		b.WriteByte('[')
		b.WriteString(strconv.Quote(a.Key))
		b.WriteByte(']')
	}
	return b.String()
}

// Compare orders addresses by module, kind, name and key: the order of the
// state file and of every output.
func Compare(a, b Instance) int {
	if c := cmp.Compare(a.Module, b.Module); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Kind, b.Kind); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Name, b.Name); c != 0 {
		return c
	}
	if a.HasKey != b.HasKey {
		if b.HasKey {
			return -1
		}
		return 1
	}
	return cmp.Compare(a.Key, b.Key)
}

// MarshalText makes addresses JSON strings.
func (a Instance) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText wrote; "" is the zero Instance.
func (a *Instance) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*a = Instance{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// Parse reads an address as String writes it. Errors say what was expected.
func Parse(s string) (Instance, error) {
	var a Instance
	rest := s
	for strings.HasPrefix(rest, "module.") {
		name, tail, ok := strings.Cut(rest[len("module."):], ".")
		if !ok || !isName(name) {
			return Instance{}, fmt.Errorf("%q is not an address: after module.NAME a kind is expected, such as module.base.app.helpdesk", s)
		}
		if a.Module != "" {
			a.Module += "."
		}
		a.Module += name
		rest = tail
	}
	body, key, hasKey, err := cutKey(rest)
	if err != nil {
		return Instance{}, fmt.Errorf("%q is not an address: %w", s, err)
	}
	a.Key, a.HasKey = key, hasKey
	kind, name, dotted := strings.Cut(body, ".")
	if !isName(kind) || dotted && !isName(strings.TrimPrefix(name, "~")) {
		return Instance{}, fmt.Errorf("%q is not an address: expected KIND.NAME or KIND.NAME[\"KEY\"], such as app.helpdesk", s)
	}
	a.Kind, a.Name = kind, name
	return a, nil
}

// cutKey splits a trailing ["key"] off s.
func cutKey(s string) (body, key string, has bool, err error) {
	i := strings.IndexByte(s, '[')
	if i < 0 {
		return s, "", false, nil
	}
	if !strings.HasSuffix(s, "]") {
		return "", "", false, fmt.Errorf("the bracket of the key is not closed")
	}
	key, err = strconv.Unquote(s[i+1 : len(s)-1])
	if err != nil || s[i+1] != '"' {
		return "", "", false, fmt.Errorf("the key must be a quoted string, as in %s[\"key\"]", s[:i])
	}
	return s[:i], key, true, nil
}

// isName reports whether s is an HCL identifier over ASCII, as labels here are.
func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != ""
}
