package packageview_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/cmd/view/packageview"
	"github.com/teamsform/teamsform/internal/apppackage"
	"github.com/teamsform/teamsform/internal/ops/packages"
)

func TestDetectGraphics(t *testing.T) {
	terminal := view.Style{Terminal: true, Color: true}
	tests := []struct {
		style view.Style
		env   map[string]string
		want  packageview.Graphics
	}{
		{terminal, nil, packageview.NoGraphics},
		{terminal, map[string]string{"COLORTERM": "truecolor"}, packageview.HalfBlocks},
		{terminal, map[string]string{"COLORTERM": "24bit"}, packageview.HalfBlocks},
		{terminal, map[string]string{"COLORTERM": "yes"}, packageview.NoGraphics},
		{terminal, map[string]string{"TERM": "xterm-kitty"}, packageview.Kitty},
		{terminal, map[string]string{"KITTY_WINDOW_ID": "1"}, packageview.Kitty},
		{terminal, map[string]string{"TERM_PROGRAM": "iTerm.app", "COLORTERM": "truecolor"}, packageview.ITerm},
		{terminal, map[string]string{"TERM_PROGRAM": "WezTerm"}, packageview.ITerm},
		{terminal, map[string]string{"TERM_PROGRAM": "Apple_Terminal"}, packageview.NoGraphics},
		{terminal, map[string]string{"TERM_PROGRAM": "iTerm.app", "TMUX": "x", "COLORTERM": "truecolor"}, packageview.HalfBlocks},
		{terminal, map[string]string{"KITTY_WINDOW_ID": "1", "TERM": "screen-256color"}, packageview.NoGraphics},
		{view.Style{Color: true}, map[string]string{"TERM": "xterm-kitty"}, packageview.NoGraphics},
		{view.Style{Terminal: true}, map[string]string{"COLORTERM": "truecolor"}, packageview.NoGraphics},
	}
	for _, tt := range tests {
		got := packageview.DetectGraphics(tt.style, func(name string) (string, bool) { v, ok := tt.env[name]; return v, ok })
		if got != tt.want {
			t.Errorf("%+v %v: %d, not %d", tt.style, tt.env, got, tt.want)
		}
	}
}

func icon(t *testing.T, size int, at func(x, y int) color.Color) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			m.Set(x, y, at(x, y))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func shown(t *testing.T, graphics packageview.Graphics, colorIcon, outline []byte) string {
	t.Helper()
	manifest := `{"id":"6d3f0d5e-8a4b-4f6e-9c1d-2b7a51e0c8f4","version":"1.0.0","name":{"short":"A"},"icons":{"color":"c.png","outline":"o.png"}}`
	p, err := apppackage.ReadFS(fstest.MapFS{"manifest.json": {Data: []byte(manifest)}, "c.png": {Data: colorIcon}, "o.png": {Data: outline}}, apppackage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := packageview.Show(&b, view.Style{}, graphics, &packages.Shown{Path: "p", Package: p}); err != nil {
		t.Fatal(err)
	}
	_, pictures, _ := strings.Cut(b.String(), "\nColor icon\n")
	return pictures
}

func TestIcons(t *testing.T) {
	quarters := icon(t, 192, func(x, y int) color.Color {
		return color.NRGBA{R: uint8(x / 96 * 200), G: uint8(y / 96 * 200), B: 10, A: 255}
	})
	faint := icon(t, 32, func(int, int) color.Color { return color.NRGBA{R: 255, G: 255, B: 255} })
	if got := shown(t, packageview.NoGraphics, quarters, faint); got != "" {
		t.Errorf("drawn without being asked: %q", got)
	}
	blocks := shown(t, packageview.HalfBlocks, quarters, faint)
	first, second, ok := strings.Cut(blocks, "\n\nOutline icon\n")
	rows := strings.Split(first, "\n")
	if !ok || len(rows) != 8 || strings.Count(rows[0], "▀") != 16 || strings.Count(second, "▀") != 4*8 {
		t.Errorf("%d rows\n%s", len(rows), blocks)
	}
	if !strings.HasPrefix(rows[0], "\x1b[38;2;0;0;10m\x1b[48;2;0;0;10m▀") || !strings.HasSuffix(rows[7], "\x1b[38;2;200;200;10m\x1b[48;2;200;200;10m▀\x1b[0m") {
		t.Errorf("colours: %q", rows)
	}
	if !strings.HasPrefix(second, "\x1b[38;2;102;102;102m") { // the ground
		t.Errorf("transparent: %q", second)
	}
	want := base64.StdEncoding.EncodeToString(faint)
	if got := shown(t, packageview.ITerm, quarters, faint); !strings.Contains(got, "\x1b]1337;File=inline=1;height=4;preserveAspectRatio=1:"+want+"\a") {
		t.Errorf("%q", got)
	}
	// Damaged pictures are left out.
	if got := shown(t, packageview.HalfBlocks, []byte("no"), faint); strings.Contains(got, "▀▀") || strings.Contains(got, "Color icon") {
		t.Errorf("%q", got)
	}
}

// The protocol of kitty takes chunks of at most 4096 bytes, all but the last
// marked.
func TestKitty(t *testing.T) {
	noise := uint32(1)
	big := icon(t, 192, func(int, int) color.Color {
		noise = noise*1664525 + 1013904223
		return color.NRGBA{R: uint8(noise >> 24), G: uint8(noise >> 16), B: uint8(noise >> 8), A: 255}
	})
	got, _, _ := strings.Cut(shown(t, packageview.Kitty, big, big), "\n")
	parts := regexp.MustCompile("\x1b_G([^;]*);([^\x1b]*)\x1b\\\\").FindAllStringSubmatch(got, -1)
	whole := ""
	for i, p := range parts {
		last := i == len(parts)-1
		if len(p[2]) > 4096 || strings.HasSuffix(p[1], "m=1") == last || strings.HasPrefix(p[1], "a=T,f=100,") != (i == 0) {
			t.Errorf("chunk %d of %d: %s with %d bytes", i, len(parts), p[1], len(p[2]))
		}
		whole += p[2]
	}
	if data, err := base64.StdEncoding.DecodeString(whole); err != nil || !bytes.Equal(data, big) || len(parts) < 2 {
		t.Errorf("%d chunks, %v", len(parts), err)
	}
}
