package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/teamsform/teamsform/internal/teamsadmin"
)

// What masking does.
//
// Every name, address and id of the tenant is replaced by one that is made
// from a digest of the tenant's id and the thing's own id. So the same person
// has the same pseudonym in every masked snapshot of the tenant, two snapshots
// can be compared, and who holds what stays true. Lists keep the order of the
// real names.
//
// The digest hides nothing from somebody who knows an id already: they can
// make its pseudonym and look for it. Ids of people are not secret inside an
// organisation, so a masked snapshot is fit to be shown outside of it, not to
// keep colleagues from finding each other in it.
//
// What is kept: versions, states, numbers, switches, ranks, the names that
// Microsoft gave (Global, FirstLineWorker), ids of Microsoft's and the store's
// apps, which are the same everywhere. Any other text of a policy or setting is
// dropped, since it may name anybody.

// maskedDomain is where masked people are.
const maskedDomain = "masked.example"

// masker makes the pseudonyms of one tenant.
type masker struct {
	tenant string
	ids    map[string]string // in lower case -> masked, for texts inside policies and settings
}

func (m *masker) digest(kind, id string) []byte {
	sum := sha256.Sum256([]byte(m.tenant + "\x00" + kind + "\x00" + strings.ToLower(id)))
	return sum[:16]
}

// word is the part of a pseudonym that tells one thing from another.
func (m *masker) word(kind, id string) string { return hex.EncodeToString(m.digest(kind, id)[:8]) }

// guid is a GUID of version 8 in place of another.
func (m *masker) guid(kind, id string) string {
	b := m.digest(kind+" id", id)
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	masked := fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
	m.ids[strings.ToLower(id)] = masked
	return masked
}

// Mask replaces everything that tells whose tenant it is and who is in it.
func (t *Tenant) Mask() {
	m := &masker{tenant: t.id, ids: map[string]string{}}
	t.id, t.name = m.guid("tenant", t.id), "Masked tenant"
	for i := range t.users {
		u := &t.users[i]
		word := m.word("user", u.id)
		u.name, u.upn = "User "+word, "user-"+word+"@"+maskedDomain
		if u.guest {
			u.upn = "guest-" + word + "#EXT#@" + maskedDomain
		}
		u.id = m.guid("user", u.id)
	}
	for i := range t.groups {
		g := &t.groups[i]
		word := m.word("group", g.id)
		g.name = "Group " + word
		if g.mail != "" {
			g.mail = "group-" + word + "@" + maskedDomain
		}
		g.id = m.guid("group", g.id)
	}
	for i := range t.apps {
		a := &t.apps[i]
		for j := range a.versions {
			a.versions[j].name = "App " + m.word("app", a.id)
		}
		a.id, a.manifestID = m.guid("app", a.id), m.guid("manifest", a.manifestID)
	}
	for i := range t.policies {
		p := &t.policies[i]
		p.name = m.policyName(p.typ, p.name)
		p.values = m.values(p.values, nil)
	}
	t.org = m.values(t.org, "")
	t.userAt, t.groupAt, t.policyAt = nil, nil, nil // of the names and ids before
}

// policyName keeps the names that are the same in every tenant.
func (m *masker) policyName(typ teamsadmin.PolicyType, name string) string {
	if teamsadmin.SameName(name, teamsadmin.Global) || teamsadmin.SameName(name, "FirstLineWorker") {
		return name
	}
	return "Policy " + m.word("policy "+string(typ), name)
}

// values masks the properties of a policy or of the organisation. Texts that
// are dropped become blank, which is null for a policy; among the settings of
// an organisation texts are never null.
func (m *masker) values(values map[string]rawValue, blank any) map[string]rawValue {
	out := make(map[string]rawValue, len(values))
	for name, raw := range values {
		var v any
		if json.Unmarshal(raw, &v) != nil {
			v = nil
		}
		in := place{blank: blank, own: blank != nil || strings.EqualFold(name, "PrivateCatalogApps")}
		masked, err := json.Marshal(m.value(v, "", in))
		if err != nil {
			masked = rawValue("null")
		}
		out[name] = masked
	}
	return out
}

// place says where a value stands.
type place struct {
	blank any  // what takes the place of a text that is dropped
	own   bool // ids here may be of the organisation's own apps even when the catalog does not have them any more
}

// value masks one JSON value. Key is the name that it has in the object around
// it.
func (m *masker) value(v any, key string, in place) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = m.value(inner, k, in)
		}
		return v
	case []any:
		for i, inner := range v {
			v[i] = m.value(inner, "", in)
		}
		return v
	case string:
		return m.inner(v, key, in)
	}
	return v
}

// isPlain tells whether a text says nothing about an organisation: the two
// modes of an app list, and colours.
func isPlain(s string) bool {
	digits, colour := strings.CutPrefix(s, "#")
	return s == "" || s == "AllowedAppList" || s == "BlockedAppList" ||
		colour && len(digits) <= 8 && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
}

// inner masks a text: an id gets its pseudonym, or stays when it is that of an
// app that everybody has. Other texts are dropped.
func (m *masker) inner(s, key string, in place) any {
	if masked, ok := m.ids[strings.ToLower(s)]; ok {
		return masked
	}
	switch {
	case strings.EqualFold(key, "Id") && in.own:
		return m.guid("app", s)
	case strings.EqualFold(key, "Id"), isPlain(s):
		return s
	}
	return in.blank
}
