package house

import (
	"slices"
	"strings"
	"testing"
)

// leaves may be imported by everything.
var leaves = []string{"internal/diag", "internal/addr", "internal/schema", "internal/table", "internal/jsonscan", "internal/pending"}

func withLeaves(more ...string) []string { return append(slices.Clone(leaves), more...) }

// mayImport says which parts of the module each part may import. A part is a
// package with all packages below it that have no row of their own; it may
// always import itself. A part is never imported by one that stands in its own
// row: imports run one way. docs/decisions and CONTRIBUTING.md tell why.
var mayImport = map[string][]string{
	// diag <- addr <- schema <- table: the leaves.
	"internal/diag":   {},
	"internal/addr":   {"internal/diag"},
	"internal/schema": {"internal/diag", "internal/addr"},
	"internal/table":  {"internal/diag", "internal/addr", "internal/schema"},
	// What is accepted and not to be seen yet: rules over schema and table.
	"internal/pending": {"internal/diag", "internal/addr", "internal/schema", "internal/table"},
	// A leaf of bytes only.
	"internal/jsonscan": {},

	// The core: files to plain data, what was applied, what would change.
	"config":          withLeaves(),
	"state":           withLeaves(),
	"engine":          withLeaves("config", "state", "engine/hold"),
	"engine/hold":     withLeaves("state"),
	"engine/applying": withLeaves("state", "engine", "engine/hold"),
	"engine/guarding": withLeaves("config", "state", "engine"),
	"engine/planfile": withLeaves("engine"),

	// What is known of packages, access and rollouts, without a tenant.
	"internal/apppackage": withLeaves(),
	"internal/access":     withLeaves(),
	"internal/rollout":    withLeaves(),
	// Published packages on disk.
	"internal/packageshelf": {},

	// The wire.
	"internal/httpx":      {},
	"internal/msgraph":    withLeaves("internal/httpx"),
	"internal/teamsadmin": withLeaves("internal/httpx"),
	"internal/github":     withLeaves(),

	"internal/snapshot": withLeaves("internal/msgraph", "internal/teamsadmin"),

	// The kinds; whole operations; the command line.
	"internal/folder": withLeaves("examples"),
	"internal/teams":  withLeaves("config", "engine", "internal/apppackage", "internal/msgraph", "internal/teamsadmin"),
	"internal/assess": withLeaves("config", "engine", "internal/access", "internal/teams"),
	"internal/ops": withLeaves("internal/folder", "config", "state", "engine", "engine/hold", "engine/applying", "engine/planfile", "engine/guarding", "internal/apppackage", "internal/access", "internal/assess", "internal/rollout",
		"internal/packageshelf", "internal/snapshot", "internal/msgraph", "internal/teamsadmin", "internal/github", "internal/teams"),
	"internal/ops/blocking": withLeaves("config", "state", "engine", "engine/hold", "internal/teams", "internal/ops"),
	"cmd/view":              withLeaves("internal/ops/blocking", "config", "state", "engine", "engine/hold", "engine/applying", "engine/planfile", "internal/access", "internal/assess", "internal/rollout", "internal/apppackage", "internal/teams", "internal/ops"),
	"cmd": withLeaves("cmd/view", "internal/ops/blocking", "config", "state", "engine", "engine/hold", "engine/applying", "engine/planfile", "internal/apppackage", "internal/access", "internal/assess", "internal/rollout",
		"internal/msgraph", "internal/teamsadmin", "internal/github", "internal/teams", "internal/ops", "internal/snapshot", "internal/emulator", "internal/folder"),
	"cmd/teamsform": {"cmd"},

	// The emulated tenant shares no code with what is tested against it.
	"internal/emulator": withLeaves("internal/apppackage"),

	// Documents, examples and tests of the repository.
	"examples":                   {},
	"internal/docgen":            {"config", "internal/schema", "internal/apppackage"},
	"internal/docgen/cmd/names":  {},
	"internal/docgen/cmd/docgen": {"cmd", "internal/docgen", "internal/teams"},
	"internal/house":             {},
	"internal/bench":             {},
	"internal/deps":              {},
}

// partOf returns the row that a package belongs to.
func partOf(pkg string) (string, bool) {
	for name := pkg; ; {
		if _, ok := mayImport[name]; ok {
			return name, true
		}
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return "", false
		}
		name = name[:i]
	}
}

// TestImports checks the imports of every package, tests aside: those may
// import more.
func TestImports(t *testing.T) {
	for name, p := range packages(t) {
		part, ok := partOf(name)
		if !ok {
			t.Errorf("package %s has no row in mayImport: say what it may import", name)
			continue
		}
		for _, path := range p.Imports {
			imported, inside := strings.CutPrefix(path, module+"/")
			if !inside {
				continue
			}
			other, _ := partOf(imported)
			if other != part && !slices.Contains(mayImport[part], other) {
				t.Errorf("%s imports %s, which %s may not: imports run one way (docs/decisions, CONTRIBUTING.md)", name, imported, part)
			}
		}
	}
}

// TestOneWay checks the table itself: no part may, by any way, import itself.
func TestOneWay(t *testing.T) {
	var walk func(path []string)
	walk = func(path []string) {
		for _, next := range mayImport[path[len(path)-1]] {
			if _, ok := mayImport[next]; !ok {
				t.Errorf("%s names %s, which has no row", path[len(path)-1], next)
				continue
			}
			if slices.Contains(path, next) {
				t.Errorf("the table has a circle: %s -> %s", strings.Join(path, " -> "), next)
				continue
			}
			walk(append(path[:len(path):len(path)], next))
		}
	}
	for part := range mayImport {
		walk([]string{part})
	}
}

// TestWriters checks the two rules that the table cannot say: who reaches the
// emulated tenant, and that nobody but main needs the command line.
func TestWriters(t *testing.T) {
	users := map[string][]string{
		"internal/emulator": {"cmd", "internal/emulator"},
		"cmd":               {"cmd/teamsform", "internal/docgen/cmd/docgen"},
		"internal/deps":     {},
	}
	for name, p := range packages(t) {
		part, _ := partOf(name)
		for _, path := range p.Imports {
			imported, _ := strings.CutPrefix(path, module+"/")
			other, _ := partOf(imported)
			if allowed, limited := users[other]; limited && other != part && !slices.Contains(allowed, part) {
				t.Errorf("%s imports %s, which only %s may", name, imported, strings.Join(allowed, ", "))
			}
		}
	}
}
