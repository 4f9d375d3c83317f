package ui

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
)

var updateIcons = flag.Bool("update", false, "draw the icons of installed apps anew")

// drawMark draws icon.svg at a size. full leaves the corners square, for
// devices that cut their own shape.
func drawMark(size int, full bool) *image.Paletted {
	// The mark's lines, in the drawing's 64 units: x, from, to.
	lines := [][3]float64{{15, 27, 37}, {26.3, 18, 46}, {37.7, 24, 40}, {49, 29.5, 34.5}}
	const grain = 8 // samples a pixel, each way
	ground, white := color.RGBA{0x0a, 0x6a, 0x6a, 0xff}, color.RGBA{0xff, 0xff, 0xff, 0xff}
	// Shades from ground to white, and from nothing to ground: few, so that files are small.
	const shades = 24
	palette := color.Palette{}
	for i := range shades + 1 {
		part := float64(i) / shades
		mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*part)) }
		palette = append(palette, color.RGBA{mix(ground.R, white.R), mix(ground.G, white.G), mix(ground.B, white.B), 0xff})
	}
	for i := range shades {
		palette = append(palette, color.NRGBA{ground.R, ground.G, ground.B, uint8(255 * i / shades)})
	}
	out := image.NewPaletted(image.Rect(0, 0, size, size), palette)
	for y := range size {
		for x := range size {
			in, on := 0, 0
			for sy := range grain {
				for sx := range grain {
					px := (float64(x) + (float64(sx)+0.5)/grain) * 64 / float64(size)
					py := (float64(y) + (float64(sy)+0.5)/grain) * 64 / float64(size)
					dx, dy := max(16-px, px-48, 0), max(16-py, py-48, 0)
					if full || math.Hypot(dx, dy) <= 16 {
						in++
					}
					for _, l := range lines {
						if math.Hypot(px-l[0], py-min(max(py, l[1]), l[2])) <= 3 {
							on++
							break
						}
					}
				}
			}
			const all = grain * grain
			if in < all {
				out.SetColorIndex(x, y, uint8(shades+1+min(in*shades/all, shades-1)))
			} else {
				out.SetColorIndex(x, y, uint8(on*shades/all))
			}
		}
	}
	return out
}

// TestIconsAreTheMark keeps the pictures for devices that take no SVG drawn
// like icon.svg. With -update it draws them.
func TestIconsAreTheMark(t *testing.T) {
	t.Parallel()
	for _, icon := range []struct {
		name string
		size int
		full bool
	}{{"app-192.png", 192, false}, {"app-512.png", 512, false}, {"mask-512.png", 512, true}, {"touch-180.png", 180, true}} {
		path := filepath.Join("icons", icon.name)
		want := drawMark(icon.size, icon.full)
		if *updateIcons {
			var b bytes.Buffer
			if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, want); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("%s: %v", icon.name, err)
		}
		if got.Bounds() != want.Bounds() {
			t.Fatalf("%s: %v, want %v", icon.name, got.Bounds(), want.Bounds())
		}
		for y := range icon.size {
			for x := range icon.size {
				r, g, b, a := got.At(x, y).RGBA()
				wr, wg, wb, wa := want.At(x, y).RGBA()
				if r != wr || g != wg || b != wb || a != wa {
					t.Fatalf("%s differs from the mark at %d, %d; draw it with go test ./ui -run Icons -update", icon.name, x, y)
				}
			}
		}
		if len(file) > 12_000 {
			t.Errorf("%s: %d bytes", icon.name, len(file))
		}
	}
}
