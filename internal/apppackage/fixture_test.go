package apppackage_test

import (
	"bytes"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/teamsform/teamsform/internal/apppackage"
)

// picture returns a PNG of one color.
func picture(width, height int, c color.Color) string {
	var b bytes.Buffer
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, c)
		}
	}
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.String()
}

var (
	brown      = color.NRGBA{R: 120, G: 80, B: 40, A: 255}
	faintWhite = color.NRGBA{R: 255, G: 255, B: 255, A: 3}
)

// preview takes long to compress, hence once.
var preview = sync.OnceValue(func() string { return picture(1024, 768, brown) })

// fixture returns a package of ours in which nothing is wrong: "bot" has tabs,
// a bot and a message extension of that bot; "api" has a message extension of
// an API, and an agent. Both are translated.
func fixture(t testing.TB, name string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	dir := os.DirFS("testdata/" + name)
	err := fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(dir, path)
		out[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	pictures := map[string]string{"color.png": picture(192, 192, brown), "outline.png": picture(32, 32, faintWhite)}
	if name == "bot" {
		pictures = map[string]string{
			"icons/color.png": picture(192, 192, brown), "icons/outline.png": picture(32, 32, faintWhite), "icons/small.png": picture(32, 32, brown),
			"icons/ready.png": picture(32, 32, brown), "icons/preview.png": preview(),
		}
	}
	for path, data := range pictures {
		out[path] = &fstest.MapFile{Data: []byte(data)}
	}
	return out
}

// edit changes one value of a JSON file: the pointer may end in "-" to append,
// and a nil value takes the member out.
type edit struct {
	pointer string
	value   any
}

func (e edit) apply(t testing.TB, doc any) any {
	t.Helper()
	parts := strings.Split(strings.TrimPrefix(e.pointer, "/"), "/")
	return e.step(t, doc, parts)
}

func (e edit) step(t testing.TB, at any, parts []string) any {
	if len(parts) == 0 {
		return copyOf(t, e.value)
	}
	part := strings.ReplaceAll(parts[0], "~1", "/")
	switch at := at.(type) {
	case map[string]any:
		if len(parts) == 1 && e.value == nil {
			if _, ok := at[part]; !ok {
				t.Fatalf("%s is not there", e.pointer)
			}
			delete(at, part)
			return at
		}
		at[part] = e.step(t, at[part], parts[1:])
		return at
	case []any:
		if part == "-" {
			return append(at, copyOf(t, e.value))
		}
		i, err := strconv.Atoi(part)
		if err != nil || i >= len(at) {
			t.Fatalf("%s leads nowhere", e.pointer)
		}
		if len(parts) == 1 && e.value == nil {
			return slices.Delete(at, i, i+1)
		}
		at[i] = e.step(t, at[i], parts[1:])
		return at
	case nil:
		return e.step(t, map[string]any{}, parts)
	}
	t.Fatalf("%s leads through %T", e.pointer, at)
	return nil
}

// copyOf keeps later edits from changing the value of an earlier one.
func copyOf(t testing.TB, v any) (out any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// change edits a JSON file of a package.
func change(t testing.TB, fsys fstest.MapFS, file string, edits ...edit) {
	t.Helper()
	var doc any
	if err := json.Unmarshal(fsys[file].Data, &doc); err != nil {
		t.Fatal(err)
	}
	for _, e := range edits {
		doc = e.apply(t, doc)
	}
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	fsys[file] = &fstest.MapFile{Data: data}
}

func validate(t testing.TB, fsys fs.FS, o apppackage.ValidateOptions) []apppackage.Finding {
	t.Helper()
	p, err := apppackage.ReadFS(fsys, apppackage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Validate(o)
}

// ruleIDs returns the distinct ids, sorted.
func ruleIDs(findings []apppackage.Finding) []string {
	ids := map[string]bool{}
	for _, f := range findings {
		ids[f.Rule] = true
	}
	return slices.Sorted(maps.Keys(ids))
}

func crcOf(data []byte) string {
	sum := crc32.ChecksumIEEE(data)
	return string([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}

func writeAll(t testing.TB, dir string, fsys fstest.MapFS) {
	t.Helper()
	if err := os.CopyFS(dir, fsys); err != nil {
		t.Fatal(err)
	}
}
