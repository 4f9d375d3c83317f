package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
)

// sizes makes the result from a decoded picture.
func sizes(src image.Image, orientation int) (Result, error) {
	img := turn(shrink(square(src), Large), orientation)
	out := Result{Sizes: make(map[int][]byte, 3)}
	var last []byte
	for _, s := range []struct{ side, quality int }{{Large, 85}, {Medium, 85}, {Small, 82}} {
		small := shrink(img, s.side)
		if small != img || last == nil {
			var buf bytes.Buffer
			if err := jpeg.Encode(&buf, small, &jpeg.Options{Quality: s.quality}); err != nil {
				return Result{}, fmt.Errorf("encode picture: %w", err)
			}
			last = buf.Bytes()
		}
		out.Sizes[s.side] = last
		img = small
	}
	out.Colour = colour(img)
	return out, nil
}

// square gives the middle square of src on white, with a side of less than
// twice Large: larger pictures are averaged over squares of k by k pixels. It
// works in strips, so that it takes little beside src.
func square(src image.Image) *image.RGBA {
	side := min(src.Bounds().Dx(), src.Bounds().Dy())
	k := max(1, side/Large)
	return middle(src, side/k, side/k, k)
}

// middle gives w by h squares of k by k pixels from the middle of src.
func middle(src image.Image, w, h, k int) *image.RGBA {
	b := src.Bounds()
	corner := b.Min.Add(image.Pt((b.Dx()-w*k)/2, (b.Dy()-h*k)/2))

	how := draw.Over
	if o, ok := src.(interface{ Opaque() bool }); ok && o.Opaque() {
		how = draw.Src
	}
	if whole, ok := src.(*image.RGBA); ok && k == 1 && how == draw.Src && whole.Rect == image.Rect(0, 0, w, h) {
		return whole // which nobody else has
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	strip := out
	if k > 1 {
		strip = image.NewRGBA(image.Rect(0, 0, w*k, k))
	}
	for y := 0; y < h; y++ {
		if how == draw.Over {
			draw.Draw(strip, strip.Rect, image.White, image.Point{}, draw.Src)
		}
		draw.Draw(strip, strip.Rect, src, corner.Add(image.Pt(0, y*k)), how)
		if k == 1 {
			break // the strip is the whole picture
		}
		average(out.Pix[y*out.Stride:][:4*w], strip, k)
	}
	return out
}

// average fills a row with the means of the k by k squares of strip.
func average(row []byte, strip *image.RGBA, k int) {
	half := uint32(k * k / 2)
	for x := 0; x < len(row); x += 4 {
		var r, g, b uint32
		for y := range k {
			px := strip.Pix[y*strip.Stride+x*k:][:4*k]
			for i := 0; i < len(px); i += 4 {
				r += uint32(px[i])
				g += uint32(px[i+1])
				b += uint32(px[i+2])
			}
		}
		n := uint32(k * k)
		row[x], row[x+1], row[x+2], row[x+3] = byte((r+half)/n), byte((g+half)/n), byte((b+half)/n), 0xff
	}
}

// shrink scales a square down to a side, or gives it back when it is no larger.
func shrink(img *image.RGBA, side int) *image.RGBA {
	if img.Rect.Dx() <= side {
		return img
	}
	return shrinkTo(img, side, side)
}

// shrinkTo scales a picture down to a width and a height.
func shrinkTo(img *image.RGBA, w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if k := img.Rect.Dx() / w; k*w == img.Rect.Dx() && k*h == img.Rect.Dy() { // as good to the eye, and several times as fast
		for y := range h {
			strip := &image.RGBA{Pix: img.Pix[y*k*img.Stride:], Stride: img.Stride}
			average(out.Pix[y*out.Stride:][:4*w], strip, k)
		}
		return out
	}
	cover(out, img)
	return out
}

// cover scales a picture down to no less than a third: each pixel is the mean of
// what it covers, parts of pixels by how much of them. That is a few times as
// fast as what also sharpens, and a library has thousands.
func cover(out, img *image.RGBA) {
	from, to := img.Rect.Dx(), out.Rect.Dx()
	across, down := spansOf(from, to), spansOf(img.Rect.Dy(), out.Rect.Dy())
	// Rows are summed up first, with weights that come to unit, and then columns.
	sums := make([]uint32, 4*from)
	for y, s := range down {
		clear(sums)
		for i, weight := range s.weights[:s.n] {
			px := img.Pix[(s.first+i)*img.Stride:][:4*from]
			for x := 0; x+3 < len(px) && x+3 < len(sums); x += 4 {
				sums[x] += weight * uint32(px[x])
				sums[x+1] += weight * uint32(px[x+1])
				sums[x+2] += weight * uint32(px[x+2])
			}
		}
		row := out.Pix[y*out.Stride:][:4*to]
		for x, s := range across {
			r, g, b := uint32(unit*unit/2), uint32(unit*unit/2), uint32(unit*unit/2)
			at := sums[4*s.first:]
			for i, weight := range s.weights[:s.n] {
				r += weight * at[4*i]
				g += weight * at[4*i+1]
				b += weight * at[4*i+2]
			}
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = byte(r/(unit*unit)), byte(g/(unit*unit)), byte(b/(unit*unit)), 0xff
		}
	}
}

// unit is the weight of a whole pixel of what is made: unit squared times 255
// fits into 32 bits.
const unit = 1 << 12

// span is what a pixel covers of the row that it is made of.
type span struct {
	first   int
	n       int
	weights [maxSpan]uint32
}

// maxSpan is how many pixels one covers at most that is as wide as three,
// beginning within one.
const maxSpan = 4

func spansOf(from, to int) []span {
	spans := make([]span, to)
	for i := range spans {
		spans[i] = spanOf(i, from, to)
	}
	return spans
}

// spanOf gives what pixel i of so many covers of so many others.
func spanOf(i, from, to int) span {
	begin, end := i*from, (i+1)*from // in parts of 1/to pixels
	s := span{first: begin / to}
	var left uint32 = unit
	for p := s.first; p*to < end && s.n < maxSpan; p++ {
		part := min(end, (p+1)*to) - max(begin, p*to)
		s.weights[s.n] = uint32(unit * part / from)
		left -= s.weights[s.n]
		s.n++
	}
	s.weights[s.n/2] += left // what rounding took
	return s
}

// turn applies an orientation of EXIF.
func turn(img *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return img
	}
	right, low := img.Rect.Dx()-1, img.Rect.Dy()-1
	w, h := right, low // of what comes out
	if orientation >= lying {
		w, h = low, right
	}
	out := image.NewRGBA(image.Rect(0, 0, w+1, h+1))
	for y := 0; y <= h; y++ {
		for x := 0; x <= w; x++ {
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = right - x
			case 3:
				sx, sy = right-x, low-y
			case 4:
				sy = low - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, low-x
			case 7:
				sx, sy = right-y, low-x
			case 8:
				sx, sy = right-y, x
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], img.Pix[img.PixOffset(sx, sy):][:4])
		}
	}
	return out
}

// colour gives the most striking colour of a small picture: pixels vote for
// one of 512 boxes of the colour cube with a weight that grows with how
// colourful and how far from black and white they are, and the mean of the
// winning box and its neighbours wins. A picture in grey gives its grey.
func colour(img *image.RGBA) uint32 {
	type box struct{ weight, r, g, b float64 }
	var boxes [8][8][8]box
	for i := 0; i < len(img.Pix); i += 4 {
		r, g, b := img.Pix[i], img.Pix[i+1], img.Pix[i+2]
		hi, lo := max(r, g, b), min(r, g, b)
		chroma := float64(hi-lo) / 255
		light := (float64(hi) + float64(lo)) / 510
		w := 0.01 + chroma*(1-(2*light-1)*(2*light-1))
		x := &boxes[r>>5][g>>5][b>>5]
		x.weight += w
		x.r += w * float64(r)
		x.g += w * float64(g)
		x.b += w * float64(b)
	}
	var best box
	for r := range 8 {
		for g := range 8 {
			for b := range 8 {
				var sum box
				for _, d := range [...][3]int{{0, 0, 0}, {1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}} {
					if x, y, z := r+d[0], g+d[1], b+d[2]; min(x, y, z) >= 0 && max(x, y, z) < 8 {
						n := boxes[x][y][z]
						sum.weight += n.weight
						sum.r += n.r
						sum.g += n.g
						sum.b += n.b
					}
				}
				if sum.weight > best.weight {
					best = sum
				}
			}
		}
	}
	part := func(v float64) uint32 { return uint32(v/best.weight + 0.5) }
	return part(best.r)<<16 | part(best.g)<<8 | part(best.b)
}
