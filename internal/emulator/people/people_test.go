package people_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teamsform/teamsform/internal/emulator/ids"
	"github.com/teamsform/teamsform/internal/emulator/people"
)

var tenant = ids.ID{0xe1}

func TestParse(t *testing.T) {
	d, err := people.Parse([]byte("\xef\xbb\xbf"+`{
		"groups": [
			{"name": "All", "groups": ["sub"], "id": "00000000-0000-0000-0000-000000000002"},
			{"name": "Sub", "members": ["B@x.example", "a@x.example"], "id": "00000000-0000-0000-0000-000000000001", "mail": "sub@x.example"}
		],
		"users": [
			{"upn": "b@x.example", "id": "00000000-0000-0000-0000-00000000000b", "guest": true, "enabled": false, "name": "Bea", "mail": "bea@y.example"},
			{"upn": "a@x.example", "id": "00000000-0000-0000-0000-00000000000A", "enabled": true}
		]
	}`), tenant)
	if err != nil {
		t.Fatal(err)
	}
	a, b := ids.ID{15: 0xa}, ids.ID{15: 0xb}
	want := &people.Directory{
		Users: []people.User{
			{ID: a, UPN: "a@x.example", Name: "a"},
			{ID: b, UPN: "b@x.example", Name: "Bea", Mail: "bea@y.example", Guest: true, Disabled: true},
		},
		Groups: []people.Group{
			{ID: ids.ID{15: 1}, Name: "Sub", Mail: "sub@x.example", Users: []ids.ID{a, b}},
			{ID: ids.ID{15: 2}, Name: "All", Groups: []ids.ID{{15: 1}}},
		},
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("directory (-want +got):\n%s", diff)
	}
}

func TestTheDefaultIsValid(t *testing.T) {
	d, err := people.Parse(people.Default(), tenant)
	if err != nil || len(d.Users) != 11 || len(d.Groups) != 4 {
		t.Errorf("default organisation: %+v, %v", d, err)
	}
}

func TestProblemsHaveAPlaceAndARemedy(t *testing.T) {
	for name, tc := range map[string]struct {
		file, place, says string
	}{
		"not JSON":            {"{\n  \"users\": [ x ]\n}", "2:14", "not valid JSON"},
		"empty":               {"", "1:1", "ends too early"},
		"cut off":             {"{\"users\": [\n", "2:1", "ends too early"},
		"a list":              {"[]", "1:2", `expected "{"`},
		"users not a list":    {`{"users": {}}`, "1:12", `expected "["`},
		"something after":     {`{} {}`, "1:5", "follows the end"},
		"UTF-16":              {"\xff\xfe{\x00", "", "not UTF-8"},
		"unknown key":         {`{"people": []}`, "1:10", `"people" is not known`},
		"key twice":           {`{"users": [], "users": []}`, "1:22", "twice"},
		"unknown property":    {"{\"users\": [\n {\"upn\": \"a@x.example\", \"phone\": 1}]}", "2:2", `unknown field "phone"`},
		"wrong type":          {"{\"users\": [\n {\"upn\": 7}]}", "2:2", "upn must be a string"},
		"no upn":              {"{\"users\": [\n  {}]}", "2:3", "no upn"},
		"upn without domain":  {"{\"users\": [{\"upn\": \"ada\"}]}", "1:12", "name@domain"},
		"upn with two @":      {`{"users": [{"upn": "a@b@c"}]}`, "1:12", "name@domain"},
		"upn with a space":    {`{"users": [{"upn": "a b@c"}]}`, "1:12", "cannot have"},
		"duplicate user":      {"{\"users\": [{\"upn\": \"a@x.example\"},\n {\"upn\": \"A@X.example\"}]}", "2:2", "twice"},
		"bad id":              {`{"users": [{"upn": "a@x.example", "id": "1"}]}`, "1:12", "not a GUID"},
		"same id":             {`{"users": [{"upn": "a@x.example", "id": "00000000-0000-0000-0000-000000000001"}, {"upn": "b@x.example", "id": "00000000-0000-0000-0000-000000000001"}]}`, "1:82", "same id"},
		"bad tenant id":       {`{"tenant": {"id": "x"}, "users": []}`, "", "tenant id"},
		"group without name":  {`{"groups": [{"members": []}]}`, "1:13", "no name"},
		"duplicate group":     {"{\"groups\": [{\"name\": \"G\"},\n {\"name\": \"g\"}]}", "2:2", "twice"},
		"unknown member":      {`{"groups": [{"name": "G", "members": ["a@x.example"]}]}`, "1:13", "not among the users"},
		"member twice":        {`{"users": [{"upn": "a@x.example"}], "groups": [{"name": "G", "members": ["a@x.example", "A@x.example"]}]}`, "1:48", "member twice"},
		"unknown subgroup":    {`{"groups": [{"name": "G", "groups": ["H"]}]}`, "1:13", "of which there are 0"},
		"ambiguous subgroup":  {`{"groups": [{"name": "G", "groups": ["H"]}, {"name": "H"}, {"name": "H", "id": "00000000-0000-0000-0000-000000000001"}]}`, "1:13", "of which there are 2"},
		"group with bad id":   {`{"groups": [{"name": "G", "id": "1"}]}`, "1:13", "not a GUID"},
		"other format":        {"{\n \"format\": 2}", "2:10", "not of format 1"},
		"format not a number": {`{"format": "1"}`, "1:10", "not of format 1"},
		"objects cut off":     {`{"objects": {`, "1:14", "ends too early"},
		"member of other id":  {`{"groups": [{"name": "G", "members": ["00000000-0000-0000-0000-000000000001"]}]}`, "1:13", "not among the users"},
		"member twice, by id": {`{"users": [{"upn": "a@x.example", "id": "00000000-0000-0000-0000-000000000001"}], "groups": [{"name": "G", "members": ["a@x.example", "00000000-0000-0000-0000-000000000001"]}]}`, "1:94", "member twice"},
		"groups with same id": {`{"groups": [{"name": "G", "id": "00000000-0000-0000-0000-000000000001"}, {"name": "H", "id": "00000000-0000-0000-0000-000000000001"}]}`, "1:74", "same id"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := people.Parse([]byte(tc.file), tenant)
			var bad *people.Error
			if !errors.As(err, &bad) {
				t.Fatalf("error %v", err)
			}
			place := ""
			if bad.Line > 0 {
				place = fmt.Sprintf("%d:%d", bad.Line, bad.Column)
			}
			if place != tc.place || !strings.Contains(bad.Message, tc.says) || bad.Remedy == "" {
				t.Errorf("at %q, want %q: %v", place, tc.place, bad)
			}
		})
	}
}

func TestMembersByID(t *testing.T) {
	d, err := people.Parse([]byte(`{
		"users": [{"upn": "o'neill@x.example", "id": "00000000-0000-0000-0000-00000000000a"}],
		"groups": [
			{"name": "G", "id": "00000000-0000-0000-0000-000000000001"}, {"name": "g", "id": "00000000-0000-0000-0000-000000000002"},
			{"name": "H", "id": "00000000-0000-0000-0000-000000000003", "groups": ["00000000-0000-0000-0000-000000000002"], "members": ["00000000-0000-0000-0000-00000000000A"]}
		]
	}`), tenant)
	if err != nil {
		t.Fatal(err)
	}
	want := people.Group{ID: ids.ID{15: 3}, Name: "H", Users: []ids.ID{{15: 0xa}}, Groups: []ids.ID{{15: 2}}}
	if diff := cmp.Diff(want, d.Groups[2]); diff != "" {
		t.Error(diff)
	}
}

func TestObjectsStayAsTheyAre(t *testing.T) {
	for file, want := range map[string]string{
		`{"users": []}`: "",
		`{"format": 1, "objects": {"a" : [1]}, "users": []}`: `{"a" : [1]}`,
	} {
		f, err := people.Read([]byte(file))
		if err != nil || string(f.Objects()) != want {
			t.Errorf("%s: %s, %v", file, f.Objects(), err)
		}
	}
}

func TestTenantOfTheFile(t *testing.T) {
	f, err := people.Read([]byte(`{"tenant": {"id": "00000000-0000-0000-0000-000000000001", "name": "X"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if id, name := f.Tenant(); id != "00000000-0000-0000-0000-000000000001" || name != "X" {
		t.Errorf("tenant %q %q", id, name)
	}
}

// FuzzParse looks for input that breaks the reader, or that it accepts without
// keeping its promises.
func FuzzParse(f *testing.F) {
	f.Add(string(people.Default()))
	f.Add(`{"tenant":null,"users":[null],"groups":[{}]}`)
	f.Add(`{"users":[{"upn":"a@b","id":"00000000-0000-0000-0000-000000000001"}],"groups":[{"name":"g","groups":["g"],"members":["A@B"]}]}`)
	f.Add("{\"users\":[\n,\n]}")
	f.Add(`{"format":1,"users":[{"upn":"a@b"}],"groups":[{"name":"g","groups":["00000000-0000-0000-0000-000000000001"]}],"objects":{"org":null}}`)
	f.Fuzz(func(t *testing.T, file string) {
		d, err := people.Parse([]byte(file), tenant)
		if err != nil {
			var bad *people.Error
			if !errors.As(err, &bad) {
				t.Fatalf("error without place or remedy: %v", err)
			}
			return
		}
		for i, u := range d.Users {
			if u.UPN == "" || i > 0 && ids.Compare(d.Users[i-1].ID, u.ID) >= 0 {
				t.Fatalf("user %d out of order or without a name", i)
			}
		}
		for i, g := range d.Groups {
			if g.Name == "" || i > 0 && ids.Compare(d.Groups[i-1].ID, g.ID) >= 0 {
				t.Fatalf("group %d out of order or without a name", i)
			}
		}
	})
}
