package apppackage

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// maxPixels bounds what is decoded to look at pixels; an outline icon of the
// right size has 1024.
const maxPixels = 4 << 20

// icons checks the pictures that the manifest names.
func (in *inspection) icons() {
	in.picture("/icons/color", "InvalidColorIconHeightAndWidth", 192, 192)
	in.picture("/icons/outline", "InvalidOutlineIconHeightAndWidth", 32, 32)
	in.picture("/icons/color32x32", "InvalidColor32x32IconHeightAndWidth", 32, 32)
	in.transparency()
	for i := range few(in.root.At("activities", "activityIcons")) {
		in.picture(jsondoc.Item("/activities/activityIcons", i)+"/iconFile", "ActivityIconHeightAndWidth", 32, 32)
	}
	for i := range few(in.root.Get("configurableTabs")) {
		in.picture(jsondoc.Item("/configurableTabs", i)+"/sharePointPreviewImage", "SharePointPreviewHeightAndWidth", 1024, 768)
	}
}

func (in *inspection) picture(pointer, rule string, width, height int) {
	f, ok := in.find(reference{manifestName, pointer, in.root.Lookup(pointer).Str()})
	if !ok {
		return // layout says so
	}
	remedy := fmt.Sprintf("make it a PNG of %dx%d pixels", width, height)
	config, err := png.DecodeConfig(bytes.NewReader(f.Data))
	switch {
	case err != nil:
		in.report(rule, pointer, fmt.Sprintf("%s is no PNG%s", f.Name, otherFormat(f.Data)), remedy)
	case config.Width != width || config.Height != height:
		in.report(rule, pointer, fmt.Sprintf("%s has %dx%d pixels, not %dx%d", f.Name, config.Width, config.Height, width, height), remedy)
	}
}

// otherFormat names what a file that should be a PNG really is.
func otherFormat(data []byte) string {
	for _, format := range []struct{ head, name string }{
		{"\xff\xd8\xff", "JPEG"}, {"GIF8", "GIF"}, {"RIFF", "WebP"}, {"<svg", "SVG"}, {"<?xml", "XML or SVG"}, {"BM", "BMP"},
	} {
		if bytes.HasPrefix(data, []byte(format.head)) {
			return " but " + format.name
		}
	}
	return ""
}

// transparency checks that every pixel of the outline icon is invisible or
// white. White of any opacity passes: Microsoft's own icons have such edges.
func (in *inspection) transparency() {
	const pointer = "/icons/outline"
	f, ok := in.find(reference{manifestName, pointer, in.root.Lookup(pointer).Str()})
	if !ok {
		return
	}
	config, err := png.DecodeConfig(bytes.NewReader(f.Data))
	if err != nil || int64(config.Width)*int64(config.Height) > maxPixels {
		return // picture says so
	}
	picture, err := png.Decode(bytes.NewReader(f.Data))
	if err != nil {
		in.report("InvalidOutlineIconTransparency", pointer, fmt.Sprintf("%s is a damaged PNG: %v", f.Name, err), "save it again")
		return
	}
	first, at, n := otherPixels(picture)
	if n == 0 {
		return
	}
	in.report("InvalidOutlineIconTransparency", pointer,
		fmt.Sprintf("%s has %d pixels that are neither transparent nor white, the first at %d,%d with A,R,G,B %d,%d,%d,%d", f.Name, n, at.X, at.Y, first.A, first.R, first.G, first.B),
		"draw it in white (255,255,255) on transparent ground")
}

// otherPixels counts the pixels that an outline icon must not have.
func otherPixels(picture image.Image) (first color.NRGBA, at image.Point, n int) {
	bounds := picture.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := straight(picture.At(x, y))
			if c.A == 0 || c.R == 255 && c.G == 255 && c.B == 255 {
				continue
			}
			if n == 0 {
				first, at = c, image.Pt(x, y)
			}
			n++
		}
	}
	return first, at, n
}

// straight returns a color with alpha not multiplied in. PNG stores it that
// way; going through the multiplied form would turn faint white into grey.
func straight(c color.Color) color.NRGBA {
	switch c := c.(type) {
	case color.NRGBA:
		return c
	case color.NRGBA64:
		return color.NRGBA{R: uint8(c.R >> 8), G: uint8(c.G >> 8), B: uint8(c.B >> 8), A: uint8(c.A >> 8)}
	}
	return color.NRGBAModel.Convert(c).(color.NRGBA)
}
