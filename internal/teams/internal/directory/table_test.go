package directory

import (
	"fmt"
	"testing"

	"github.com/teamsform/teamsform/internal/table"
	"pgregory.net/rapid"
)

// A table of names answers like a map, however additions and questions mix.
func TestNameTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var names nameTable
		model := map[table.ID]string{}
		for i := range rapid.IntRange(0, 40).Draw(t, "steps") {
			id := table.ID{15: byte(rapid.IntRange(0, 9).Draw(t, "id"))}
			if rapid.Bool().Draw(t, "add") {
				name := fmt.Sprintf("user%d@contoso.example", id[15])
				names.add(id, name)
				model[id] = name
				continue
			}
			if got := names.get(id); got != model[id] {
				t.Fatalf("step %d: %s is called %q, want %q", i, id, got, model[id])
			}
		}
	})
}
