package picture

import (
	"context"
	"image"
	"io"
)

// The widths that are made of a wide picture, in pixels: banners, three times
// as wide as high.
const (
	Wide   = 1500
	Narrow = 750
	aspect = 3
)

// lying is the first orientation of EXIF that swaps width and height.
const lying = 5

// MakeWide is Make for banners: Sizes holds a JPEG for each of Wide and Narrow,
// the middle of the picture. Colour is not told.
func (m *Maker) MakeWide(ctx context.Context, r io.Reader) (Result, error) {
	return m.make(ctx, r, widths)
}

func blank(w, h int) *image.RGBA { return image.NewRGBA(image.Rect(0, 0, w, h)) }

// widths makes the result of a banner.
func widths(src image.Image, orientation int) (Result, error) {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if orientation >= lying {
		w, h = h, w
	}
	high := max(1, min(h, w/aspect))
	wide := min(w, aspect*high)
	k := max(1, wide/Wide)
	wide, high = wide/k, max(1, high/k)
	if orientation >= lying {
		wide, high = high, wide
	}
	img := turn(rowsOf(src, wide, high, k).all(blank), orientation)
	out := Result{Sizes: make(map[int][]byte, 2)}
	for _, width := range []int{Wide, Narrow} {
		if from := img.Rect.Size(); from.X > width {
			img = shrinkTo(blank(width, max(1, (from.Y*width+from.X/2)/from.X)), img)
		}
		var err error
		if out.Sizes[width], err = encode(img, 85); err != nil {
			return Result{}, err
		}
	}
	return out, nil
}
