package apppackage_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/teamsform/teamsform/internal/apppackage"
)

const examplePath = "../../examples/quickstart/packages/helpdesk"

// minimal is the least manifest that reads.
const minimal = `{"id":"0b0c6e1c-2d0a-4a3e-9a3a-5f0d7a0f6e11","version":"1.0.0","icons":{"color":"c.png","outline":"o.png"}}`

func minimalFS(changes map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, data := range map[string]string{"manifest.json": minimal, "c.png": "c", "o.png": "o"} {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	for name, data := range changes {
		if data == "-" {
			delete(fsys, name)
			continue
		}
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return fsys
}

type entry struct{ name, data string }

// makeZip writes entries as given, in the given order.
func makeZip(t *testing.T, method uint16, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(e.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func minimalZip(t *testing.T, more ...entry) []byte {
	return makeZip(t, zip.Deflate, append([]entry{{"o.png", "o"}, {"manifest.json", minimal}, {"c.png", "c"}}, more...)...)
}

func codes(err error) []string {
	var out []string
	for _, e := range apppackage.ProblemsOf(err) {
		out = append(out, e.Code)
	}
	return out
}

func TestExampleReads(t *testing.T) {
	p, err := apppackage.Open(examplePath, apppackage.Options{Values: map[string]string{"UNUSED": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"UNUSED"}, p.UnusedValues); diff != "" {
		t.Error(diff)
	}
	want := apppackage.Manifest{
		Schema:          "https://developer.microsoft.com/json-schemas/teams/v1.17/MicrosoftTeams.schema.json",
		ManifestVersion: "1.17",
		ID:              "6d3f0d5e-8a4b-4f6e-9c1d-2b7a51e0c8f4",
		Version:         "1.0.0",
		Name:            apppackage.Text{Short: "Helpdesk", Full: "Contoso Helpdesk"},
		Description:     p.Manifest.Description,
		Developer: apppackage.Developer{
			Name: "Contoso", WebsiteURL: "https://www.contoso.example",
			PrivacyURL: "https://www.contoso.example/privacy", TermsOfUseURL: "https://www.contoso.example/terms",
		},
		Icons:       apppackage.Icons{Color: "color.png", Outline: "outline.png"},
		AccentColor: "#1F6F78",
		StaticTabs: []apppackage.StaticTab{{
			EntityID: "tickets", Name: "My tickets", ContentURL: "https://helpdesk.contoso.example/tickets",
			WebsiteURL: "https://helpdesk.contoso.example/tickets", Scopes: []string{"personal"},
		}},
		Bots:         []apppackage.Bot{{BotID: "a2f41c7b-5d0e-4b93-8e66-0f9c3d7158ab", Scopes: []string{"personal", "team"}}},
		ValidDomains: []string{"helpdesk.contoso.example"},
		Permissions:  []string{"identity", "messageTeamMembers"},
	}
	if diff := cmp.Diff(want, p.Manifest); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
}

// Folder, zip of any order and compression, and our own zip have one digest.
func TestDigestIsOfContent(t *testing.T) {
	folder, err := apppackage.Open(examplePath, apppackage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	own, err := folder.Zip()
	if err != nil {
		t.Fatal(err)
	}
	again, _ := folder.Zip()
	if !bytes.Equal(own, again) {
		t.Error("two zips of one package differ")
	}
	var entries []entry
	for _, f := range folder.Files {
		entries = append(entries, entry{f.Name, string(f.Data)})
	}
	slices.Reverse(entries)
	for name, data := range map[string][]byte{
		"own":     own,
		"stored":  makeZip(t, zip.Store, entries...),
		"deflate": makeZip(t, zip.Deflate, append(entries, entry{"__MACOSX/._x", "litter"})...),
	} {
		p, err := apppackage.Read(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p.Digest != folder.Digest || !strings.HasPrefix(p.Digest, "sha256:") || len(p.Digest) != 71 {
			t.Errorf("%s: digest %s, folder has %s", name, p.Digest, folder.Digest)
		}
	}
	entries[0].data += " "
	p, err := apppackage.Read(makeZip(t, zip.Store, entries...))
	if err != nil || p.Digest == folder.Digest {
		t.Errorf("a changed byte keeps the digest (%v)", err)
	}
}

func TestDigestSeparatesNamesFromContents(t *testing.T) {
	read := func(name, data string) string {
		p, err := apppackage.ReadFS(minimalFS(map[string]string{name: data}), apppackage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p.Digest
	}
	if read("x.txt1", "2") == read("x.txt", "12") {
		t.Error("a byte moved from name to content keeps the digest")
	}
}

func TestOpenZipAndFolderAgree(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "pkg"), minimalFS(map[string]string{".DS_Store": "x", "__MACOSX/a": "y", "sub/desktop.ini": "z"})); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pkg.zip"), minimalZip(t), 0o600); err != nil {
		t.Fatal(err)
	}
	folder, err := apppackage.Open(filepath.Join(dir, "pkg"), apppackage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	zipped, err := apppackage.Open(filepath.Join(dir, "pkg.zip"), apppackage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if folder.Digest != zipped.Digest {
		t.Error("folder and zip differ")
	}
	if diff := cmp.Diff([]string{".DS_Store", "__MACOSX", "sub/desktop.ini"}, folder.Ignored); diff != "" {
		t.Error(diff)
	}
	if _, err := apppackage.Open(filepath.Join(dir, "absent"), apppackage.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent path: %v", err)
	}
}

func TestManifestProblems(t *testing.T) {
	tests := []struct {
		name    string
		changes map[string]string
		code    string
		place   string // line:column
		text    string // must occur in message or remedy
	}{
		{"none", map[string]string{"manifest.json": "-"}, "Serialization_FileMissing", "0:0", "top level"},
		{"one down", map[string]string{"manifest.json": "-", "app/manifest.json": minimal}, "Serialization_FileMissing", "0:0", `inside the folder "app"`},
		{"two down", map[string]string{"manifest.json": "-", "a/b/manifest.json": minimal, "a/x.txt": "x"}, "Serialization_FileMissing", "0:0", "spelled in lower case, at the top level"},
		{"upper case", map[string]string{"manifest.json": "-", "Manifest.json": minimal}, "Serialization_FileMissing", "0:0", `"Manifest.json" must be spelled`},
		{"trailing comma", map[string]string{"manifest.json": "{\n  \"a\": 1,\n}"}, "Serialization_TrailingCommaInManifestJsonFile", "2:9", "comma"},
		{"duplicate key", map[string]string{"manifest.json": "{\n\"id\": 1,\n  \"id\": 2}"}, "DuplicateKey", "3:3", "line 2, column 1"},
		{"comment", map[string]string{"manifest.json": "{ // x\n}"}, "Serialization_FileNotValidJson", "1:3", "comment"},
		{"not an object", map[string]string{"manifest.json": " []"}, "Serialization_FileNotValidJson", "1:2", "array"},
		{"empty", map[string]string{"manifest.json": ""}, "Serialization_FileNotValidJson", "1:1", "ends"},
		{"UTF-16", map[string]string{"manifest.json": "\xff\xfe{\x00}\x00"}, "NotUtf8", "1:1", "UTF-16"},
		{"UTF-16 without mark", map[string]string{"manifest.json": "\x00{\x00}"}, "NotUtf8", "1:1", "UTF-16"},
		{"Latin-1", map[string]string{"manifest.json": "{\n\"é\xe9\":1}"}, "NotUtf8", "2:3", "0xE9"},
		{"no id", map[string]string{"manifest.json": strings.Replace(minimal, `"id"`, `"idd"`, 1)}, "CommonAppIdIsRequiredField", "1:1", "GUID"},
		{"id no GUID", map[string]string{"manifest.json": strings.Replace(minimal, "0b0c6e1c", "helpdesk", 1)}, "CommonAppIdIsNotGuid", "1:7", "helpdesk-2d0a"},
		{"no version", map[string]string{"manifest.json": strings.Replace(minimal, "1.0.0", "", 1)}, "VersionCannotBeEmpty", "1:56", "1.0.0"},
		{"version of words", map[string]string{"manifest.json": strings.Replace(minimal, "1.0.0", "one", 1)}, "VersionContainsOnlyNumbersDotSeparated", "1:56", "three numbers"},
		{"version with letters", map[string]string{"manifest.json": strings.Replace(minimal, "1.0.0", "1.0.0-rc1", 1)}, "VersionContainsOnlyNumbersDotSeparated", "1:56", "1.0.0-rc1"},
		{"no color", map[string]string{"manifest.json": strings.Replace(minimal, "color", "colour", 1)}, "SchemaError_Required", "1:72", "192x192"},
		{"outline not there", map[string]string{"o.png": "-"}, "Serialization_FileMissing", "1:99", `"o.png" is not in the package`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := apppackage.ReadFS(minimalFS(tt.changes), apppackage.Options{})
			problems := apppackage.ProblemsOf(err)
			if len(problems) != 1 {
				t.Fatalf("want one problem, have %v", err)
			}
			e := problems[0]
			if place := fmt.Sprintf("%d:%d", e.Line, e.Column); e.Code != tt.code || place != tt.place || !strings.Contains(e.Error(), tt.text) || e.Remedy == "" {
				t.Errorf("have %s at %s: %v", e.Code, place, e)
			}
			if e.File != "manifest.json" {
				t.Errorf("file %q", e.File)
			}
			var single *apppackage.Error
			if !errors.As(err, &single) {
				t.Error("errors.As finds no *Error")
			}
		})
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, err := apppackage.ReadFS(minimalFS(map[string]string{"manifest.json": "{}"}), apppackage.Options{})
	want := []string{"CommonAppIdIsRequiredField", "VersionCannotBeEmpty", "SchemaError_Required", "SchemaError_Required"}
	if diff := cmp.Diff(want, codes(err)); diff != "" {
		t.Error(diff)
	}
}

func TestByteOrderMarkIsTolerated(t *testing.T) {
	with, err := apppackage.ReadFS(minimalFS(map[string]string{"manifest.json": "\xef\xbb\xbf" + minimal}), apppackage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	without, err := apppackage.ReadFS(minimalFS(nil), apppackage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if string(with.Raw) != minimal || with.Digest != without.Digest {
		t.Error("the mark is part of the content")
	}
}

func TestPlaceholders(t *testing.T) {
	manifest := strings.Replace(minimal, `{"id"`, "{\"name\": {\"short\": \"é ${{NAME}}\"},\n \"host\": \"${{ HOST }}/${{NAME}}\", \"n\": ${{N}}, \"id\"", 1)
	files := map[string]string{"manifest.json": manifest, "fr.json": `{"name.short": "${{FR}}"}`, "c.png": "${{IN_BINARY}}", "notes.txt": "${{NAME}}", "UP.JSON": `"${{NAME}}"`}
	t.Run("filled", func(t *testing.T) {
		values := map[string]string{"NAME": "a\"b\\\n<c>", "HOST": "${{NAME}}", "N": "7", "FR": "x", "Z": "", "Y": ""}
		p, err := apppackage.ReadFS(minimalFS(files), apppackage.Options{Values: values})
		if err != nil {
			t.Fatal(err)
		}
		if p.Manifest.Name.Short != "é a\"b\\\n<c>" {
			t.Errorf("name %q", p.Manifest.Name.Short)
		}
		if want := `"host": "${{NAME}}/a\"b\\\n<c>", "n": 7,`; !strings.Contains(string(p.Raw), want) {
			t.Errorf("%s\nlacks %s", p.Raw, want)
		}
		if f, _ := p.File("c.png"); string(f.Data) != "${{IN_BINARY}}" {
			t.Errorf("binary file changed: %s", f.Data)
		}
		if f, _ := p.File("./notes.txt"); string(f.Data) != "a\"b\\\n<c>" {
			t.Errorf("text file: %s", f.Data)
		}
		if f, _ := p.File("UP.JSON"); string(f.Data) != `"a\"b\\\n<c>"` {
			t.Errorf("JSON file in capitals: %s", f.Data)
		}
		if diff := cmp.Diff([]string{"Y", "Z"}, p.UnusedValues); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("missing", func(t *testing.T) {
		_, err := apppackage.ReadFS(minimalFS(files), apppackage.Options{Values: map[string]string{"NAME": "x"}})
		var got []string
		for _, e := range apppackage.ProblemsOf(err) {
			got = append(got, fmt.Sprintf("%s %s:%d:%d %s", e.Code, e.File, e.Line, e.Column, e.Message))
		}
		want := []string{
			"PlaceholderUnfilled fr.json:1:17 the placeholder FR has no value",
			"PlaceholderUnfilled manifest.json:2:11 the placeholder HOST has no value",
			"PlaceholderUnfilled manifest.json:2:40 the placeholder N has no value",
		}
		// That the unquoted one leaves no valid JSON is not said as well.
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a tenant fills nothing", func(t *testing.T) {
		p, err := apppackage.Read(makeZip(t, zip.Store, entry{"manifest.json", strings.Replace(minimal, "{", `{"name":{"short":"${{A}}"},`, 1)}, entry{"c.png", ""}, entry{"o.png", ""}))
		if err != nil || p.Manifest.Name.Short != "${{A}}" {
			t.Errorf("%v %v", p, err)
		}
	})
}

func TestHostileNames(t *testing.T) {
	for _, name := range []string{
		"../evil", "a/../../evil", "/etc/passwd", `C:\x`, "c:x", `a\b`, "a//b", "./a", "a/./b", "a\x00b", "a\nb", "\xff.txt", strings.Repeat("n", 600), "n" + strings.Repeat("é", 300),
	} {
		_, err := apppackage.Read(minimalZip(t, entry{name, "x"}))
		if diff := cmp.Diff([]string{"UnsafePath"}, codes(err)); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
		if err != nil && (strings.Contains(err.Error(), "\x00") || !utf8.ValidString(err.Error())) {
			t.Errorf("%q reaches the message unescaped", name)
		}
	}
}

func TestHostileEntries(t *testing.T) {
	withMode := func(mode fs.FileMode) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		h := &zip.FileHeader{Name: "link"}
		h.SetMode(mode)
		f, _ := w.CreateHeader(h)
		_, _ = f.Write([]byte("/etc/passwd"))
		_ = w.Close()
		return b.Bytes()
	}
	inner := string(minimalZip(t))
	tests := map[string]struct {
		zip  []byte
		code string
	}{
		"symlink":             {withMode(fs.ModeSymlink | 0o777), "SymbolicLink"},
		"device":              {withMode(fs.ModeDevice | 0o600), "IrregularFile"},
		"nested by name":      {minimalZip(t, entry{"x.zip", "no zip"}), "NestedArchive"},
		"nested by content":   {minimalZip(t, entry{"x.png", inner}), "NestedArchive"},
		"duplicate":           {minimalZip(t, entry{"c.png", "other"}), "DuplicateEntry"},
		"duplicate manifest":  {minimalZip(t, entry{"manifest.json", "{}"}), "DuplicateEntry"},
		"duplicate by case":   {minimalZip(t, entry{"C.PNG", "other"}), "DuplicateEntry"},
		"file is a folder":    {minimalZip(t, entry{"c.png/x", "other"}), "DuplicateEntry"},
		"no zip":              {[]byte("hello"), "NotAZip"},
		"empty":               {nil, "NotAZip"},
		"truncated":           {minimalZip(t)[:60], "NotAZip"},
		"bomb":                {minimalZip(t, entry{"x.txt", strings.Repeat("a", 8<<20)}), "TooBig"},
		"file too big":        {minimalZip(t, entry{"x.txt", strings.Repeat("a", 17<<20)}), "TooBig"},
		"manifest too big":    {makeZip(t, zip.Deflate, entry{"manifest.json", strings.Repeat(" ", 2<<20)}), "TooBig"},
		"too many":            {minimalZip(t, slices.Repeat([]entry{{"x/", ""}}, 2100)...), "TooBig"},
		"lying size":          {lyingZip(t, 0xFFFFFFF0, []byte("hello")), "UnreadableEntry"},
		"lying size, smaller": {lyingZip(t, 5, bytes.Repeat([]byte("a"), 20<<20)), "UnreadableEntry"},
		"encrypted":           {encrypted(t), "EncryptedEntry"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := apppackage.Read(tt.zip)
			if diff := cmp.Diff([]string{tt.code}, codes(err)); diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
	_, err := apppackage.Read(minimalZip(t, entry{"../a", ""}, entry{"x.zip", ""}, entry{"/b", ""}))
	if diff := cmp.Diff([]string{"UnsafePath", "NestedArchive", "UnsafePath"}, codes(err)); diff != "" {
		t.Errorf("not all problems: %s", diff)
	}
	bomb := strings.Repeat("a", 17<<20)
	_, err = apppackage.Read(minimalZip(t, entry{"a", bomb}, entry{"b", bomb}, entry{"../c", ""}))
	if diff := cmp.Diff([]string{"TooBig"}, codes(err)); diff != "" {
		t.Errorf("reads on after the first bomb: %s", diff)
	}
	if _, err := apppackage.Read(minimalZip(t, entry{"knowledge.docx", inner})); err != nil {
		t.Errorf("an Office document is no nested package: %v", err)
	}
}

// lyingZip holds one entry whose headers claim a size that is not so.
func lyingZip(t *testing.T, claimed uint64, data []byte) []byte {
	t.Helper()
	var packed, out bytes.Buffer
	f, _ := flate.NewWriter(&packed, 6)
	_, _ = f.Write(data)
	_ = f.Close()
	w := zip.NewWriter(&out)
	e, err := w.CreateRaw(&zip.FileHeader{
		Name: "manifest.txt", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(data),
		CompressedSize64: uint64(packed.Len()), UncompressedSize64: claimed,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = e.Write(packed.Bytes())
	_ = w.Close()
	return out.Bytes()
}

func encrypted(t *testing.T) []byte {
	data := makeZip(t, zip.Store, entry{"x", "y"})
	at := bytes.Index(data, []byte("PK\x01\x02"))
	flags := binary.LittleEndian.Uint16(data[at+8:])
	binary.LittleEndian.PutUint16(data[at+8:], flags|1)
	return data
}

func TestLimits(t *testing.T) {
	big := strings.Repeat("a", 250)
	tests := map[string]struct {
		limits apppackage.Limits
		says   string // "" when it must read
	}{
		"total":            {apppackage.Limits{TotalBytes: 300}, "package with this file is larger than 300"},
		"total, just":      {apppackage.Limits{TotalBytes: int64(len(minimal)) + 252}, ""},
		"total, just not":  {apppackage.Limits{TotalBytes: int64(len(minimal)) + 251}, "larger than"},
		"file":             {apppackage.Limits{FileBytes: 249}, "the file is larger than 249"},
		"file, just":       {apppackage.Limits{FileBytes: 250}, ""},
		"manifest":         {apppackage.Limits{ManifestBytes: int64(len(minimal)) - 1}, "the file is larger than"},
		"manifest, just":   {apppackage.Limits{ManifestBytes: int64(len(minimal))}, ""},
		"entries":          {apppackage.Limits{Entries: 3}, "more than 3 entries"},
		"entries, just":    {apppackage.Limits{Entries: 4}, ""},
		"name":             {apppackage.Limits{NameBytes: 13}, ""},
		"name, just not":   {apppackage.Limits{NameBytes: 12}, "longer than 12"},
		"with the default": {apppackage.Limits{}, ""},
	}
	for name, tt := range tests {
		_, err := apppackage.ReadFS(minimalFS(map[string]string{"x": big, "manifest.json": minimal}), apppackage.Options{Limits: &tt.limits})
		switch {
		case tt.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)):
			t.Errorf("%s: %v", name, err)
		}
	}
	path := filepath.Join(t.TempDir(), "p.zip")
	data := minimalZip(t)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for entries, want := range map[int][]string{3: nil, 2: {"TooBig"}} {
		_, err := apppackage.Open(path, apppackage.Options{Limits: &apppackage.Limits{Entries: entries}})
		if diff := cmp.Diff(want, codes(err)); diff != "" {
			t.Errorf("zip of at most %d entries: %v", entries, err)
		}
	}
	for size, want := range map[int64][]string{int64(len(data)): nil, int64(len(data)) - 1: {"TooBig"}} {
		_, err := apppackage.Open(path, apppackage.Options{Limits: &apppackage.Limits{ZipBytes: size}})
		if diff := cmp.Diff(want, codes(err)); diff != "" {
			t.Errorf("zip of at most %d: %v", size, err)
		}
		if problems := apppackage.ProblemsOf(err); len(problems) > 0 && problems[0].File != path {
			t.Errorf("the problem is in %q", problems[0].File)
		}
	}
}

func TestFolderLinksAreRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, minimalFS(nil)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/hostname", filepath.Join(dir, "link.txt")); err != nil {
		t.Skip("this system makes no symbolic links:", err)
	}
	_, err := apppackage.Open(dir, apppackage.Options{})
	if diff := cmp.Diff([]string{"SymbolicLink"}, codes(err)); diff != "" {
		t.Error(diff)
	}
}

func TestManifestToleratesWrongTypes(t *testing.T) {
	manifest := strings.Replace(minimal, "{", `{"name":7,"bots":{"x":1},"staticTabs":["x",{"entityId":3,"name":"n"}],"validDomains":[1,"d"],"webApplicationInfo":[],"localizationInfo":"x","new":{},`, 1)
	p, err := apppackage.ReadFS(minimalFS(map[string]string{"manifest.json": manifest}), apppackage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := apppackage.Manifest{
		ID: "0b0c6e1c-2d0a-4a3e-9a3a-5f0d7a0f6e11", Version: "1.0.0", Icons: apppackage.Icons{Color: "c.png", Outline: "o.png"},
		StaticTabs: []apppackage.StaticTab{{Name: "n"}}, ValidDomains: []string{"d"},
	}
	if diff := cmp.Diff(want, p.Manifest); diff != "" {
		t.Error(diff)
	}
}

// What is read, written and read again is the same package.
func TestZipRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fsys := minimalFS(rapid.MapOf(rapid.StringMatching(`[a-d]{1,3}/[a-d]{1,3}\.(txt|json|bin)`), rapid.StringMatching(`[ -#%-~é]{0,40}`)).Draw(t, "files"))
		p, err := apppackage.ReadFS(fsys, apppackage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		data, err := p.Zip()
		if err != nil {
			t.Fatal(err)
		}
		back, err := apppackage.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p.Files, back.Files); diff != "" || back.Digest != p.Digest {
			t.Fatalf("digests %s, %s; files:\n%s", p.Digest, back.Digest, diff)
		}
	})
}

func FuzzRead(f *testing.F) {
	t := &testing.T{}
	f.Add(minimalZip(t))
	f.Add(lyingZip(t, 0xFFFFFFF0, []byte("hello")))
	f.Add(encrypted(t))
	f.Add(minimalZip(t, entry{"../x", "y"}))
	f.Add(minimalZip(t, entry{"twice.txt", "\xef\xbb\xbf\xef\xbb\xbfx"}))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := apppackage.Read(data)
		if (p == nil) == (err == nil) {
			t.Fatalf("%v with %v", p, err)
		}
		if err != nil {
			if len(apppackage.ProblemsOf(err)) == 0 {
				t.Fatalf("no problems in %v", err)
			}
			return
		}
		out, err := p.Zip()
		if err != nil {
			t.Fatal(err)
		}
		back, err := apppackage.Read(out)
		if err != nil || back.Digest != p.Digest {
			t.Fatalf("round trip: %v", err)
		}
	})
}
