package people

// Default is the people file of a tenant that was created without one: a
// dozen people, a guest, a disabled account, and nested groups.
func Default() []byte {
	return []byte(`{
  "users": [
    {"upn": "ada@contoso.example", "name": "Ada Holm", "mail": "ada@contoso.example"},
    {"upn": "ben@contoso.example", "name": "Ben Okafor", "mail": "ben@contoso.example"},
    {"upn": "carla@contoso.example", "name": "Carla Nunes", "mail": "carla@contoso.example"},
    {"upn": "dev@contoso.example", "name": "Dev Patel", "mail": "dev@contoso.example"},
    {"upn": "erik@contoso.example", "name": "Erik Lund", "mail": "erik@contoso.example"},
    {"upn": "fatima@contoso.example", "name": "Fatima Aziz", "mail": "fatima@contoso.example"},
    {"upn": "goran@contoso.example", "name": "Goran Petrov", "mail": "goran@contoso.example"},
    {"upn": "hana@contoso.example", "name": "Hana Sato", "mail": "hana@contoso.example"},
    {"upn": "ivy@contoso.example", "name": "Ivy Moreau", "mail": "ivy@contoso.example"},
    {"upn": "jon@contoso.example", "name": "Jon Keller", "mail": "jon@contoso.example", "enabled": false},
    {"upn": "kim_partner.example#EXT#@contoso.example", "name": "Kim Rossi", "mail": "kim@partner.example", "guest": true}
  ],
  "groups": [
    {"name": "Developers", "members": ["ada@contoso.example", "dev@contoso.example"]},
    {"name": "Support", "mail": "support@contoso.example", "members": ["ben@contoso.example", "carla@contoso.example", "erik@contoso.example"]},
    {"name": "Frontline", "members": ["fatima@contoso.example", "goran@contoso.example", "hana@contoso.example"]},
    {"name": "Everyone at work", "groups": ["Developers", "Support", "Frontline"], "members": ["ivy@contoso.example"]}
  ]
}
`)
}
