package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
)

// TestMakeWide makes banners of pictures of all shapes: the middle of each,
// three times as wide as high, never enlarged.
func TestMakeWide(t *testing.T) {
	t.Parallel()
	m := NewMaker(1 << 20)
	for _, c := range []struct{ width, height, wide, high, narrow, low int }{
		{3000, 1000, 1500, 500, 750, 250},
		{3001, 2001, 1500, 500, 750, 250},
		{1600, 1600, 1500, 500, 750, 250},
		{1000, 2000, 999, 333, 750, 250},
		{900, 90, 270, 90, 270, 90},
		{2, 2, 2, 1, 2, 1},
		{1, 40, 1, 1, 1, 1},
		{40, 1, 3, 1, 3, 1},
	} {
		img := image.NewRGBA(image.Rect(0, 0, c.width, c.height))
		for i := range c.width * c.height {
			img.SetRGBA(i%c.width, i/c.width, color.RGBA{byte(255 * (i / c.width) / c.height), 90, 200, 255})
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		made, err := m.MakeWide(context.Background(), &b)
		if err != nil {
			t.Fatalf("%dx%d: %v", c.width, c.height, err)
		}
		wide, narrow := decoded(t, made.Sizes[Wide]), decoded(t, made.Sizes[Narrow])
		if got := wide.Bounds().Size(); got != image.Pt(c.wide, c.high) {
			t.Errorf("%dx%d: the wide one has %v, want %dx%d", c.width, c.height, got, c.wide, c.high)
		}
		if got := narrow.Bounds().Size(); got != image.Pt(c.narrow, c.low) {
			t.Errorf("%dx%d: the narrow one has %v, want %dx%d", c.width, c.height, got, c.narrow, c.low)
		}
		if c.high < 100 {
			continue
		}
		for _, img := range []image.Image{wide, narrow} { // red grows downwards: the middle is half of it
			at := img.Bounds().Size().Div(2)
			if !near(img.At(at.X, at.Y), color.RGBA{127, 90, 200, 255}) {
				t.Errorf("%dx%d: the middle is %v", c.width, c.height, img.At(at.X, at.Y))
			}
		}
	}
}

// TestWideIsTurned: a photograph that lies on its side in the file stands when
// it is cut.
func TestWideIsTurned(t *testing.T) {
	t.Parallel()
	// Upright it is 600 wide and 200 high: the left third red, the rest blue.
	red, blue := color.RGBA{220, 20, 30, 255}, color.RGBA{20, 30, 220, 255}
	for orientation := 1; orientation <= 8; orientation++ {
		upright := func(x, y int) color.RGBA {
			if x < 200 {
				return red
			}
			return blue
		}
		w, h := 600, 200
		if orientation >= lying {
			w, h = h, w
		}
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				var ux, uy int
				switch orientation {
				case 1:
					ux, uy = x, y
				case 2:
					ux, uy = 599-x, y
				case 3:
					ux, uy = 599-x, 199-y
				case 4:
					ux, uy = x, 199-y
				case 5:
					ux, uy = y, x
				case 6:
					ux, uy = 599-y, x
				case 7:
					ux, uy = 599-y, 199-x
				case 8:
					ux, uy = y, 199-x
				}
				img.SetRGBA(x, y, upright(ux, uy))
			}
		}
		made, err := widths(img, orientation)
		if err != nil {
			t.Fatal(err)
		}
		got, err := jpeg.Decode(bytes.NewReader(made.Sizes[Wide]))
		if err != nil {
			t.Fatal(err)
		}
		if size := got.Bounds().Size(); size != image.Pt(600, 200) || !near(got.At(100, 100), red) || !near(got.At(400, 100), blue) {
			t.Errorf("orientation %d: %v, left %v, right %v", orientation, size, got.At(100, 100), got.At(400, 100))
		}
	}
}

func TestMakeWideRefuses(t *testing.T) {
	t.Parallel()
	m := NewMaker(1000)
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"words":      {[]byte("these are only words, and many of them"), ErrNotPicture},
		"a cut PNG":  {[]byte("\x89PNG\r\n\x1a\nnot a whole picture"), ErrDamaged},
		"many bytes": {append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 1000)...), ErrTooLarge},
	} {
		if _, err := m.MakeWide(context.Background(), bytes.NewReader(c.data)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
