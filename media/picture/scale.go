package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"sync"
)

// sizes makes the result from a decoded picture.
func sizes(src image.Image, orientation int) (Result, error) {
	var s sheets
	defer s.done()
	img := turn(s.square(src), orientation)
	out := Result{Sizes: make(map[int][]byte, 3)}
	var last []byte
	for _, size := range []struct{ side, quality int }{{Large, 85}, {Medium, 85}, {Small, 82}} {
		small := s.shrink(img, size.side)
		if small != img || last == nil {
			var err error
			if last, err = encode(small, size.quality); err != nil {
				return Result{}, err
			}
		}
		out.Sizes[size.side] = last
		img = small
	}
	out.Colour = colour(img)
	return out, nil
}

// sheets lends the pictures that are made on the way: an import makes thousands.
type sheets []*image.RGBA

// lent are those that are free, by their largest side.
var lent = map[int]*sync.Pool{Large: {}, Medium: {}, Small: {}}

// blank gives a picture of so many pixels, with anything on it.
func (s *sheets) blank(w, h int) *image.RGBA {
	for _, side := range []int{Small, Medium, Large} {
		if w > side || h > side {
			continue
		}
		m, _ := lent[side].Get().(*image.RGBA)
		if m == nil {
			m = &image.RGBA{Pix: make([]byte, 4*side*side)}
		}
		m.Pix, m.Stride, m.Rect = m.Pix[:4*w*h], 4*w, image.Rect(0, 0, w, h)
		*s = append(*s, m)
		return m
	}
	return image.NewRGBA(image.Rect(0, 0, w, h))
}

// done takes all of them back.
func (s *sheets) done() {
	for _, m := range *s {
		for side, pool := range lent {
			if cap(m.Pix) == 4*side*side {
				pool.Put(m)
			}
		}
	}
	*s = nil
}

// square gives the middle square of src on white, with a side of no more than
// Large. Of larger pictures squares of k by k pixels are averaged first. It goes
// from row to row, so that it takes little beside src.
func (s *sheets) square(src image.Image) *image.RGBA {
	side := min(src.Bounds().Dx(), src.Bounds().Dy())
	k := max(1, side/Large)
	rows := rowsOf(src, side/k, side/k, k)
	if side/k <= Large {
		return rows.all(s.blank)
	}
	out := s.blank(Large, Large)
	cover(out, image.Pt(side/k, side/k), rows.row)
	return out
}

// rows are those of the middle of a picture, on white, each pixel the mean of k
// by k.
type rows struct {
	src    image.Image
	corner image.Point
	how    draw.Op
	w, h   int
	k      int
	strip  *image.RGBA // k rows of src
	have   int         // which row is in last
	last   []byte
}

// rowsOf gives h rows of w pixels.
func rowsOf(src image.Image, w, h, k int) *rows {
	b := src.Bounds()
	r := &rows{src: src, corner: b.Min.Add(image.Pt((b.Dx()-w*k)/2, (b.Dy()-h*k)/2)), how: draw.Over, w: w, h: h, k: k, have: -1}
	if o, ok := src.(interface{ Opaque() bool }); ok && o.Opaque() {
		r.how = draw.Src
	}
	return r
}

// all gives them as a picture.
func (r *rows) all(blank func(w, h int) *image.RGBA) *image.RGBA {
	whole := image.Rect(0, 0, r.w, r.h)
	if m, ok := r.src.(*image.RGBA); ok && r.k == 1 && r.how == draw.Src && m.Rect == whole {
		return m // which nobody else has
	}
	out := blank(r.w, r.h)
	if r.k == 1 {
		r.draw(out, r.corner)
		return out
	}
	for y := range r.h {
		r.mean(out.Pix[y*out.Stride:][:4*r.w], y)
	}
	return out
}

// row gives one of them. It is good until the next is asked for.
func (r *rows) row(y int) []byte {
	if y == r.have {
		return r.last
	}
	if r.last == nil {
		r.last = make([]byte, 4*r.w)
	}
	if r.have = y; r.k == 1 {
		r.draw(&image.RGBA{Pix: r.last, Stride: len(r.last), Rect: image.Rect(0, 0, r.w, 1)}, r.corner.Add(image.Pt(0, y)))
	} else {
		r.mean(r.last, y)
	}
	return r.last
}

func (r *rows) mean(row []byte, y int) {
	if r.strip == nil {
		r.strip = image.NewRGBA(image.Rect(0, 0, r.w*r.k, r.k))
	}
	r.draw(r.strip, r.corner.Add(image.Pt(0, y*r.k)))
	average(row, r.strip, r.k)
}

func (r *rows) draw(to *image.RGBA, from image.Point) {
	if r.how == draw.Over {
		draw.Draw(to, to.Rect, image.White, image.Point{}, draw.Src)
	}
	draw.Draw(to, to.Rect, r.src, from, r.how)
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
func (s *sheets) shrink(img *image.RGBA, side int) *image.RGBA {
	if img.Rect.Dx() <= side {
		return img
	}
	return shrinkTo(s.blank(side, side), img)
}

// shrinkTo scales a picture down to another's size.
func shrinkTo(out, img *image.RGBA) *image.RGBA {
	w, h := out.Rect.Dx(), out.Rect.Dy()
	if k := img.Rect.Dx() / w; k*w == img.Rect.Dx() && k*h == img.Rect.Dy() { // as good to the eye, and several times as fast
		for y := range h {
			strip := &image.RGBA{Pix: img.Pix[y*k*img.Stride:], Stride: img.Stride}
			average(out.Pix[y*out.Stride:][:4*w], strip, k)
		}
		return out
	}
	cover(out, img.Rect.Size(), rowsIn(img))
	return out
}

// rowsIn gives the rows of a picture.
func rowsIn(img *image.RGBA) func(y int) []byte {
	return func(y int) []byte { return img.Pix[y*img.Stride:][:4*img.Rect.Dx()] }
}

// cover scales a picture of a size, given by its rows, down to no less than a
// third: each pixel is the mean of what it covers, parts of pixels by how much of
// them. That is a few times as fast as what also sharpens, and a library has
// thousands. It asks for rows from the top, for none after the one below it.
func cover(out *image.RGBA, size image.Point, row func(y int) []byte) {
	from, to := size.X, out.Rect.Dx()
	across, down := spansOf(from, to), spansOf(size.Y, out.Rect.Dy())
	// Rows are summed up first, with weights that come to unit, and then columns.
	sums := make([]uint32, 4*from)
	for y, s := range down {
		clear(sums)
		for i, weight := range s.weights[:s.n] {
			px := row(s.first + i)
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

// encode makes a JPEG of a picture; quality is 1 to 100.
func encode(img image.Image, quality int) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encode picture: %w", err)
	}
	return b.Bytes(), nil
}
