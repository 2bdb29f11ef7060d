package rules

import (
	"net/netip"
	"strings"
)

const (
	unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
	subDelims  = "!$&'()*+,;="
	pathChars  = unreserved + subDelims + ":@"
)

// isURI reports whether s is an absolute URI by RFC 3986, fragment allowed.
func isURI(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || !isScheme(scheme) {
		return false
	}
	rest, fragment, _ := strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	if !made(fragment, pathChars+"/?") || !made(query, pathChars+"/?") {
		return false
	}
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		authority, path := after, ""
		if i := strings.IndexByte(after, '/'); i >= 0 {
			authority, path = after[:i], after[i:]
		}
		return isAuthority(authority) && made(path, pathChars+"/")
	}
	return rest != "" && made(rest, pathChars+"/")
}

func isScheme(s string) bool {
	if s == "" || !strings.ContainsRune(unreserved[:52], rune(s[0])) {
		return false
	}
	return strings.Trim(s, unreserved[:62]+"+-.") == ""
}

func isAuthority(s string) bool {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		if !made(s[:i], unreserved+subDelims+":") {
			return false
		}
		s = s[i+1:]
	}
	host, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i >= 0 && !strings.HasSuffix(s, "]") {
		host, port = s[:i], s[i+1:]
	}
	if strings.Trim(port, "0123456789") != "" {
		return false
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		return ok && err == nil && addr.Is6() && addr.Zone() == ""
	}
	return made(host, unreserved+subDelims)
}

// made reports whether s consists of the characters and of %XX escapes.
func made(s, characters string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			if strings.IndexByte(characters, s[i]) < 0 {
				return false
			}
			continue
		}
		if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
			return false
		}
		i += 2
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
