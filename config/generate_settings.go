package config

import "github.com/teamsform/teamsform/internal/schema"

// Absent returns what a folder without a configuration stands for: an emulated
// tenant beside it.
func Absent(dir string) *Config {
	c := newLoader(Options{Dir: dir}).cfg
	c.Settings = Settings{Root: localRoot, State: State{Type: "local", Path: defaultStatePath}}
	c.Tenant = Tenant{
		Driver: DriverEmulated, AccessModel: ModelPolicies, Cloud: "global",
		Path: defaultTenantPath, PolicyTransport: "powershell",
	}
	return c
}

// DefaultTenantPath and DefaultStatePath say where the database of an emulated
// tenant and the state lie below a folder that says nothing else.
const (
	DefaultTenantPath = defaultTenantPath
	DefaultStatePath  = defaultStatePath
)

// SettingsBlocks returns the blocks that lead to the tenant of c under the name
// of c. The state, and where an emulated tenant keeps its database, are left to
// their defaults: both belong to the folder that the blocks are written into.
func (c *Config) SettingsBlocks() []NewBlock {
	t := c.Tenant
	tenant := NewBlock{Type: typeTenant}
	add := func(name, value, usual string) {
		if value != usual {
			tenant.Args = append(tenant.Args, NewArg{name, value})
		}
	}
	add("driver", t.Driver, "")
	add("id", t.ID, "")
	add("access_model", t.AccessModel, "")
	if t.Driver == DriverMicrosoft365 {
		add("cloud", t.Cloud, "global")
		add("ca_file", t.CAFile, "")
		add("policy_transport", t.PolicyTransport, "powershell")
	}
	return []NewBlock{
		{Type: typeSettings, Args: []NewArg{{"root", c.Settings.Root}}},
		tenant,
	}
}

// ReferenceBlocks of the directory.

// GroupBlock returns a block for a group: by name where that is unique, else
// by id.
func GroupBlock(label, id, name string, unique bool) NewBlock {
	b := NewBlock{Type: typeGroup, Label: label}
	if unique && Expressible(name) {
		b.Args = []NewArg{{"name", name}}
		return b
	}
	b.Comments = []string{name}
	b.Args = []NewArg{{"object_id", id}}
	return b
}

// UsersBlock returns a block for people: from a CSV file, or named in place.
func UsersBlock(label, csvFile string, names []string) NewBlock {
	if csvFile != "" {
		return NewBlock{Type: typeUsers, Label: label, Args: []NewArg{{"csv", csvFile}}}
	}
	items := make([]any, len(names))
	for i, n := range names {
		items[i] = n
	}
	return NewBlock{Type: typeUsers, Label: label, Args: []NewArg{{"upns", items}}}
}

// ImportBlock returns a block that takes an object under management.
func ImportBlock(to schema.Ref, id string) NewBlock {
	return NewBlock{Type: typeImport, Args: []NewArg{{"to", to}, {"id", id}}}
}
