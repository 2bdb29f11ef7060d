package graph

import (
	"net/http"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/store"
	"github.com/teamsform/teamsform/internal/emulator/wire"
)

// userProperties are the properties that $select may name; the ones of
// defaultUser come without it.
func userProperties() []string {
	return append(defaultUser(), "accountEnabled", "userType", "deletedDateTime", "department", "employeeId", "externalUserState",
		"mailNickname", "onPremisesSyncEnabled", "usageLocation", "otherMails", "proxyAddresses", "assignedLicenses", "assignedPlans", "createdDateTime")
}

func defaultUser() []string {
	return []string{
		"businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
		"preferredLanguage", "surname", "userPrincipalName", "id",
	}
}

// writeUser adds a user to dst. typed adds @odata.type, for mixed lists.
func writeUser(dst []byte, u store.User, sel []string, typed bool) []byte {
	if sel == nil {
		sel = defaultUser()
	}
	o := begin(dst, sel)
	if typed {
		o.always("@odata.type", "#microsoft.graph.user")
	}
	o.text("id", u.ID.String())
	o.raw("businessPhones", "[]")
	o.text("displayName", u.Name)
	given, surname, two := strings.Cut(u.Name, " ")
	if !two {
		given = ""
	}
	o.textOrNull("givenName", given)
	o.raw("jobTitle", "null")
	o.textOrNull("mail", u.Mail)
	o.raw("mobilePhone", "null")
	o.raw("officeLocation", "null")
	o.raw("preferredLanguage", "null")
	o.textOrNull("surname", surname)
	o.text("userPrincipalName", u.UPN)
	if len(sel) == len(defaultUser()) && sel[0] == "businessPhones" {
		return o.end()
	}
	return writeRareUser(o, u)
}

// writeRareUser adds the properties that come only when $select names them.
func writeRareUser(o *object, u store.User) []byte {
	o.boolean("accountEnabled", u.Enabled)
	kind, state := "Member", ""
	if u.Guest {
		kind, state = "Guest", "Accepted"
	}
	o.text("userType", kind)
	o.textOrNull("externalUserState", state)
	local, _, _ := strings.Cut(u.UPN, "@")
	o.text("mailNickname", local)
	for _, name := range []string{"deletedDateTime", "department", "employeeId", "onPremisesSyncEnabled", "usageLocation", "createdDateTime"} {
		o.raw(name, "null")
	}
	for _, name := range []string{"otherMails", "proxyAddresses", "assignedLicenses", "assignedPlans"} {
		o.raw(name, "[]")
	}
	return o.end()
}

func (s *Server) listUsers(c *wire.Call) error {
	sel, err := selection(c, "user", userProperties())
	if err != nil {
		return err
	}
	size, err := pageSize(c)
	if err != nil {
		return err
	}
	if err := refuseOptions(c, "$search", "$orderby", "$skip", "$expand"); err != nil {
		return err
	}
	found, filtered, err := s.filteredUsers(c)
	if err != nil {
		return err
	}
	after, err := positionID(c)
	if err != nil {
		return err
	}
	l := &listing{}
	count := -1
	add := func(u store.User) bool {
		if l.n == size {
			l.more = true
			return false
		}
		l.items = writeUser(l.add(), u, sel, false)
		l.last = store.Member{ID: u.ID}
		return true
	}
	if filtered {
		if wantsCount(c) {
			count = len(found)
		}
		for _, u := range found {
			if (after == nil || ids.Compare(u.ID, *after) > 0) && !add(u) {
				break
			}
		}
		return l.write(c, usersContext(c), count)
	}
	l.items = make([]byte, 0, 256*size)
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		if wantsCount(c) {
			count = tx.CountUsers()
		}
		tx.Users(after, add)
		return nil
	})
	if err != nil {
		return err
	}
	return l.write(c, usersContext(c), count)
}

func usersContext(c *wire.Call) string {
	if sel := c.Query.Get("$select"); sel != "" {
		return "users(" + sel + ")"
	}
	return "users"
}

// refuseOptions answers query options that are not understood, rather than
// pretend.
func refuseOptions(c *wire.Call, names ...string) error {
	for _, name := range names {
		if c.Query.Get(name) == "" {
			continue
		}
		if name == "$search" && !advanced(c) {
			return unsupported("Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'.")
		}
		return wire.Errorf(http.StatusNotImplemented, "NotImplemented", "The emulated tenant does not have %s here.", name)
	}
	return nil
}

// maxFilterValues is the number of values that a directory filter may compare
// with.
const maxFilterValues = 15

// directoryFilter reads a filter that an index can answer: one of the given
// properties compared for equality.
func directoryFilter(c *wire.Call, indexed ...string) (path string, values []string, err error) {
	raw := c.Query.Get("$filter")
	if raw == "" {
		return "", nil, nil
	}
	e, err := parseFilter(raw)
	if err != nil {
		return "", nil, wire.Errorf(400, "Request_BadRequest", "%v", err)
	}
	path, values, ok := equalities(e)
	if !ok || !slices.ContainsFunc(indexed, func(p string) bool { return strings.EqualFold(p, path) }) {
		if needsAdvanced(e) && !(advanced(c) && strings.EqualFold(c.Query.Get("$count"), "true")) {
			return "", nil, unsupported("Operator is not supported because the required parameters ($count=true and the ConsistencyLevel: eventual header) are missing.")
		}
		return "", nil, unsupported("Unsupported or invalid query filter clause specified; the emulated tenant filters by equality on %s.", strings.Join(indexed, ", "))
	}
	if len(values) > maxFilterValues {
		return "", nil, unsupported("Too many child clauses specified in search filter expression containing 'OR' operators: %d. Max allowed: %d.", len(values), maxFilterValues)
	}
	return path, values, nil
}

// needsAdvanced tells whether a filter uses ne or not, which the directory
// answers for advanced queries only.
func needsAdvanced(e expr) bool {
	switch e := e.(type) {
	case notExpr:
		return true
	case compareExpr:
		return e.negate
	case orExpr:
		return slices.ContainsFunc(e.terms, needsAdvanced)
	case andExpr:
		return slices.ContainsFunc(e.terms, needsAdvanced)
	}
	return false
}

// filteredUsers answers $filter; ok tells whether there is one.
func (s *Server) filteredUsers(c *wire.Call) (found []store.User, ok bool, err error) {
	path, values, err := directoryFilter(c, "userPrincipalName", "id")
	if err != nil || path == "" {
		return nil, false, err
	}
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		for _, v := range values {
			u, err := tx.UserByUPN(v)
			if path == "id" {
				var id ids.ID
				if id, err = ids.Parse(v); err != nil {
					return wire.Errorf(400, "Request_BadRequest", "Invalid object identifier '%s'.", v)
				}
				u, err = tx.User(id)
			}
			if err == nil {
				found = append(found, u)
			}
		}
		return nil
	})
	slices.SortFunc(found, func(a, b store.User) int { return ids.Compare(a.ID, b.ID) })
	return slices.CompactFunc(found, func(a, b store.User) bool { return a.ID == b.ID }), true, err
}

func (s *Server) countUsers(c *wire.Call) error {
	n := 0
	err := s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		n = tx.CountUsers()
		return nil
	})
	if err != nil {
		return err
	}
	return plainCount(c, n)
}

func (s *Server) getUser(c *wire.Call) error {
	sel, err := selection(c, "user", userProperties())
	if err != nil {
		return err
	}
	var u store.User
	err = s.store.View(c.Request.Context(), func(tx *store.Tx) error {
		var err error
		if u, err = tx.FindUser(c.Param("id")); err != nil {
			return noSuchResource(c.Param("id"))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return single(c, usersContext(c)+"/$entity", writeUser(nil, u, sel, false))
}

// single answers with one object, which gets the @odata.context in front.
func single(c *wire.Call, context string, object []byte) error {
	out := append([]byte(nil), `{"@odata.context":`...)
	out = appendText(out, c.Root+c.Prefix+"/$metadata#"+context)
	if len(object) > 2 {
		out = append(out, ',')
	}
	return c.Raw(200, append(out, object[1:]...))
}
