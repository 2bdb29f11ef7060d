// Package people reads the people file: the users and groups of an emulated
// tenant. It checks everything that the tenant relies on and says where a
// file is wrong.
//
//	{
//	  "tenant": {"id": "...", "name": "Contoso"},
//	  "users":  [{"upn": "ada@contoso.example", "name": "Ada", "mail": "...", "id": "...", "guest": false, "enabled": true}],
//	  "groups": [{"name": "Support", "mail": "...", "id": "...", "members": ["ada@contoso.example"], "groups": ["Nested"]}]
//	}
//
// A snapshot of a tenant is such a file with "format" and "objects" beside
// them: policies, assignments, apps and settings, which a fresh tenant starts
// with. This package keeps them as they are.
//
// A member may be named by its id as well, which is what groups of one name
// need. Only users[].upn and groups[].name are required. An id that is missing is
// derived from the tenant id and the name (package ids), so that it is the
// same each time.
//
// It imports the emulator's ids package and the standard library only.
package people
