package packageview

import (
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"io"
	"strings"

	"github.com/teamsform/teamsform/cmd/view"
	"github.com/teamsform/teamsform/internal/apppackage"
)

// Graphics is how a terminal can show pictures.
type Graphics int

// The ways, weakest first.
const (
	NoGraphics Graphics = iota
	HalfBlocks          // two pixels in one character, in true colours
	ITerm               // the inline images of iTerm2
	Kitty               // the graphics protocol of kitty
)

// DetectGraphics says what a terminal can do, from its own environment
// variables. Nothing is asked of the terminal: an answer may never come.
func DetectGraphics(s view.Style, lookupEnv func(string) (string, bool)) Graphics {
	if !s.Terminal || !s.Color {
		return NoGraphics
	}
	lookup := func(name string) string {
		v, _ := lookupEnv(name)
		return v
	}
	multiplexed := lookup("TMUX") != "" || strings.HasPrefix(lookup("TERM"), "screen") || strings.HasPrefix(lookup("TERM"), "tmux")
	switch program := lookup("TERM_PROGRAM"); {
	case multiplexed: // they swallow what they do not know
	case lookup("KITTY_WINDOW_ID") != "" || lookup("TERM") == "xterm-kitty" || program == "ghostty":
		return Kitty
	case program == "iTerm.app" || program == "WezTerm":
		return ITerm
	}
	if v := lookup("COLORTERM"); v == "truecolor" || v == "24bit" {
		return HalfBlocks
	}
	return NoGraphics
}

// icons draws the two icons of a package.
func icons(w io.Writer, s view.Style, graphics Graphics, p *apppackage.Package) error {
	if graphics == NoGraphics || p.Bare {
		return nil
	}
	for _, icon := range []struct {
		name, file string
		rows       int // of text
	}{{"Color icon", p.Manifest.Icons.Color, 8}, {"Outline icon", p.Manifest.Icons.Outline, 4}} {
		f, _ := p.File(icon.file)
		picture, err := apppackage.DecodeIcon(f.Data)
		if err != nil {
			continue // validate says why
		}
		if _, err := fmt.Fprintf(w, "\n%s\n%s\n", s.Bold(icon.name), draw(graphics, f.Data, picture, icon.rows)); err != nil {
			return err
		}
	}
	return nil
}

func draw(graphics Graphics, png []byte, picture image.Image, rows int) string {
	switch graphics {
	case Kitty:
		return kitty(png, rows)
	case ITerm:
		return fmt.Sprintf("\x1b]1337;File=inline=1;height=%d;preserveAspectRatio=1:%s\a", rows, base64.StdEncoding.EncodeToString(png))
	case HalfBlocks:
		return halfBlocks(picture, rows)
	case NoGraphics:
	}
	return ""
}

// kitty sends a PNG in the chunks of at most 4096 bytes that the protocol asks
// for.
func kitty(png []byte, rows int) string {
	const chunk = 4096
	text := base64.StdEncoding.EncodeToString(png)
	var b strings.Builder
	control := fmt.Sprintf("a=T,f=100,q=2,r=%d,", rows)
	for {
		part := text[:min(len(text), chunk)]
		text = text[len(part):]
		more := 0
		if text != "" {
			more = 1
		}
		fmt.Fprintf(&b, "\x1b_G%sm=%d;%s\x1b\\", control, more, part)
		if more == 0 {
			return b.String()
		}
		control = ""
	}
}

// halfBlocks draws a picture with characters whose upper half has one colour
// and whose lower half another. Pixels are means of those that they stand for;
// what is transparent shows the ground, a grey on which white and black are
// both seen.
func halfBlocks(picture image.Image, rows int) string {
	size := rows * 2
	var b strings.Builder
	for y := 0; y < size; y += 2 {
		for x := range size {
			upper, lower := mean(picture, x, y, size), mean(picture, x, y+1, size)
			fmt.Fprintf(&b, "\x1b[38;2;%d;%d;%dm\x1b[48;2;%d;%d;%dm▀", upper.R, upper.G, upper.B, lower.R, lower.G, lower.B)
		}
		b.WriteString("\x1b[0m\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// mean is the mean colour of one of size x size fields of a picture.
func mean(picture image.Image, x, y, size int) color.RGBA {
	const ground = 0x66
	area := picture.Bounds()
	from := image.Pt(area.Min.X+x*area.Dx()/size, area.Min.Y+y*area.Dy()/size)
	to := image.Pt(max(area.Min.X+(x+1)*area.Dx()/size, from.X+1), max(area.Min.Y+(y+1)*area.Dy()/size, from.Y+1))
	var r, g, b, n uint64
	for py := from.Y; py < to.Y; py++ {
		for px := from.X; px < to.X; px++ {
			cr, cg, cb, ca := picture.At(px, py).RGBA()
			rest := uint64(0xFFFF-ca) * ground / 0xFF
			r, g, b, n = r+uint64(cr)+rest, g+uint64(cg)+rest, b+uint64(cb)+rest, n+1
		}
	}
	return color.RGBA{R: uint8(r / n >> 8), G: uint8(g / n >> 8), B: uint8(b / n >> 8), A: 0xFF}
}
