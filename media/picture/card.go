package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/vector"
)

// The size of a card, in pixels: what programs that show a link ask for (The
// Open Graph protocol names none; all of them take 1.91 to 1).
const (
	CardWidth  = 1200
	CardHeight = 630
)

// The places on a card, in pixels.
const (
	artSide  = 438
	artLeft  = 72
	artTop   = (CardHeight - artSide) / 2
	corner   = 28
	waveFrom = artLeft + artSide + 62
	waveTo   = CardWidth - artLeft
	waveTall = 330
	bar      = 8
	barGap   = 5
)

// Card draws the picture that other sites show beside a link to a track: its
// artwork beside its waveform, in the artwork's colour, as a JPEG of CardWidth
// by CardHeight. There are no letters on it: a font with all of Korean would be
// larger than the program.
//
// art is a JPEG that Make made, or nil; then a drawing in the colour of the name
// stands for it. wave has the loudness of each column, up to 255; nil where
// there is none yet. It takes some 6 MB while it works.
func Card(art io.Reader, tint Tint, wave []byte) ([]byte, error) {
	out := image.NewRGBA(image.Rect(0, 0, CardWidth, CardHeight))
	cover, err := coverOf(art, tint)
	if err != nil {
		return nil, err
	}
	ground(out, cover)
	place := image.Rect(artLeft, artTop, artLeft+artSide, artTop+artSide)
	frame(out, place, fitted(cover))
	bars(out, wave, tint)
	return encode(out, 88)
}

// coverOf decodes the artwork, or draws one.
func coverOf(art io.Reader, tint Tint) (*image.RGBA, error) {
	if art == nil {
		return rings(tint), nil
	}
	data, err := io.ReadAll(io.LimitReader(art, 4<<20))
	if err != nil {
		return nil, fmt.Errorf("read artwork: %w", err)
	}
	size, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if size.Width > Large || size.Height > Large {
		return nil, fmt.Errorf("%w: artwork of %d by %d", ErrDamaged, size.Width, size.Height)
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	side := min(size.Width, size.Height)
	out := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out, nil
}

// StandIn draws what stands for artwork that there is none of, in the colour of a
// name: a square JPEG.
func StandIn(tint Tint) ([]byte, error) {
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, rings(tint), &jpeg.Options{Quality: 88}); err != nil {
		return nil, fmt.Errorf("encode stand-in: %w", err)
	}
	return buf.Bytes(), nil
}

// rings stand for artwork that there is none of.
func rings(tint Tint) *image.RGBA {
	const side = artSide
	out := image.NewRGBA(image.Rect(0, 0, side, side))
	ink := []color.RGBA{oklch(.4, .1, tint.Hue), oklch(.62, .14, tint.Hue), oklch(.84, .11, tint.Hue+35)}
	draw.Draw(out, out.Rect, image.NewUniform(ink[0]), image.Point{}, draw.Src)
	z := new(vector.Rasterizer)
	for i := range 9 {
		z.Reset(side, side)
		disc(z, side*.36, side*.62, float32((9-i)*side)*.115)
		z.Draw(out, out.Rect, image.NewUniform(ink[i%3]), image.Point{})
	}
	return out
}

// ground fills a card with the artwork, out of focus and dark.
func ground(out, cover *image.RGBA) {
	b := cover.Bounds()
	band := b.Dx() * CardHeight / CardWidth
	from := image.Rect(b.Min.X, b.Min.Y+(b.Dy()-band)/2, b.Max.X, b.Min.Y+(b.Dy()+band)/2)
	// Scaled down and up again, that is a blur; in two steps it takes next to no
	// memory.
	tiny, larger := image.NewRGBA(image.Rect(0, 0, 9, 5)), image.NewRGBA(image.Rect(0, 0, CardWidth/15, CardHeight/15))
	draw.CatmullRom.Scale(tiny, tiny.Rect, cover, from, draw.Src, nil)
	draw.CatmullRom.Scale(larger, larger.Rect, tiny, tiny.Rect, draw.Src, nil)
	draw.ApproxBiLinear.Scale(out, out.Rect, larger, larger.Rect, draw.Src, nil)
	for i := 0; i < len(out.Pix); i += 4 {
		// No lighter than what the wave is read on.
		light := (299*int(out.Pix[i]) + 587*int(out.Pix[i+1]) + 114*int(out.Pix[i+2])) / 1000
		part := 150
		if light > 90 {
			part = 150 * 90 / light
		}
		for c := range 3 {
			out.Pix[i+c] = byte(int(out.Pix[i+c])*part/256 + 8)
		}
		out.Pix[i+3] = 255
	}
}

// fitted gives the artwork in the size that it has on a card.
func fitted(art *image.RGBA) *image.RGBA {
	if art.Rect.Dx() == artSide {
		return art
	}
	out := image.NewRGBA(image.Rect(0, 0, artSide, artSide))
	if art.Rect.Dx() > artSide {
		cover(out, art.Rect.Size(), rowsIn(art))
	} else {
		draw.ApproxBiLinear.Scale(out, out.Rect, art, art.Rect, draw.Src, nil)
	}
	return out
}

// frame puts the artwork in its place, with round corners and a shadow below.
func frame(out *image.RGBA, place image.Rectangle, art *image.RGBA) {
	const soft, drop = 44, 12
	half := float64(place.Dx()) / 2
	// away is how far a point lies outside of the round square, below 0 inside.
	away := func(x, y float64) float64 {
		x, y = math.Abs(x)-half+corner, math.Abs(y)-half+corner
		return min(max(x, y), 0) + math.Hypot(max(x, 0), max(y, 0)) - corner
	}
	around := place.Inset(-soft - drop).Intersect(out.Rect)
	for y := around.Min.Y; y < around.Max.Y; y++ {
		for x := around.Min.X; x < around.Max.X; x++ {
			dx, dy := float64(x-place.Min.X)+.5-half, float64(y-place.Min.Y)+.5-half
			inside := min(1, max(0, .5-away(dx, dy)))
			px := out.Pix[out.PixOffset(x, y):][:4]
			if inside < 1 {
				shade := min(1, max(0, 1-away(dx, dy-drop)/soft))
				for c := range 3 {
					px[c] = byte(float64(px[c]) * (1 - .5*shade*shade))
				}
			}
			if inside > 0 {
				from := art.Pix[art.PixOffset(x-place.Min.X, y-place.Min.Y):][:4]
				for c := range 3 {
					px[c] = byte(float64(px[c])*(1-inside) + float64(from[c])*inside)
				}
			}
		}
	}
}

// bars draws the waveform, mirrored around the middle.
func bars(out *image.RGBA, wave []byte, tint Tint) {
	n := (waveTo - waveFrom + barGap) / (bar + barGap)
	high, low := oklch(.88, .1*tint.Vivid, tint.Hue), oklch(.74, .1*tint.Vivid, tint.Hue)
	top := 48
	for _, v := range wave {
		top = max(top, int(v))
	}
	place := image.Rect(waveFrom, (CardHeight-waveTall)/2, waveTo, (CardHeight+waveTall)/2)
	upper, lower := vector.NewRasterizer(place.Dx(), place.Dy()), vector.NewRasterizer(place.Dx(), place.Dy())
	const middle = waveTall * 2 / 3
	for i := range n {
		level := .04 // where nothing is known yet, a line of dots
		if len(wave) > 0 {
			loudest := 0
			for _, v := range wave[i*len(wave)/n : max((i+1)*len(wave)/n, i*len(wave)/n+1)] {
				loudest = max(loudest, int(v))
			}
			level = max(level, float64(loudest)/float64(top))
		}
		x := float32(i * (bar + barGap))
		tall := float32(level) * (middle - 4)
		pill(upper, x, middle-2-tall, bar, tall)
		pill(lower, x, middle+3, bar, tall/2)
	}
	upper.Draw(out, place, image.NewUniform(high), image.Point{})
	low.R, low.G, low.B, low.A = low.R/2, low.G/2, low.B/2, 128
	lower.Draw(out, place, image.NewUniform(low), image.Point{})
}

// pill adds a bar with soft corners.
func pill(z *vector.Rasterizer, x, y, w, h float32) {
	r := min(w/2, h/2, 3)
	z.MoveTo(x+r, y)
	z.LineTo(x+w-r, y)
	z.QuadTo(x+w, y, x+w, y+r)
	z.LineTo(x+w, y+h-r)
	z.QuadTo(x+w, y+h, x+w-r, y+h)
	z.LineTo(x+r, y+h)
	z.QuadTo(x, y+h, x, y+h-r)
	z.LineTo(x, y+r)
	z.QuadTo(x, y, x+r, y)
	z.ClosePath()
}

// arc is how far the handles of a curve stand from its ends to make a quarter
// of a circle of radius 1.
const arc = .5523

// disc adds a circle.
func disc(z *vector.Rasterizer, x, y, r float32) {
	k := r * arc
	z.MoveTo(x, y-r)
	z.CubeTo(x+k, y-r, x+r, y-k, x+r, y)
	z.CubeTo(x+r, y+k, x+k, y+r, x, y+r)
	z.CubeTo(x-k, y+r, x-r, y+k, x-r, y)
	z.CubeTo(x-r, y-k, x-k, y-r, x, y-r)
	z.ClosePath()
}

// Tint is the colour that something wears: that of its artwork.
type Tint struct {
	Hue   float64 // degrees of OKLCH
	Vivid float64 // 0 for grey to 1
}

// TintOf is the tint of a colour, 0xRRGGBB.
func TintOf(rgb uint32) Tint {
	linear := func(v uint32) float64 { return math.Pow(float64(v&0xff)/255, 2.2) }
	r, g, b := linear(rgb>>16), linear(rgb>>8), linear(rgb)
	// OKLab (Ottosson, "A perceptual color space for image processing", 2020).
	l := math.Cbrt(.4122214708*r + .5363325363*g + .0514459929*b)
	m := math.Cbrt(.2119034982*r + .6806995451*g + .1073969566*b)
	s := math.Cbrt(.0883024619*r + .2817188376*g + .6299787005*b)
	x, y := 1.9779984951*l-2.428592205*m+.4505937099*s, .0259040371*l+.7827717662*m-.808675766*s
	hue := math.Atan2(y, x) * 180 / math.Pi
	return Tint{Hue: math.Mod(hue+360, 360), Vivid: min(1, math.Hypot(x, y)/.06)}
}

// oklch makes a colour of a lightness, a chroma and a hue in degrees; what no
// screen can show is cut off.
func oklch(light, chroma, hue float64) color.RGBA {
	x, y := chroma*math.Cos(hue*math.Pi/180), chroma*math.Sin(hue*math.Pi/180)
	cube := func(v float64) float64 { return v * v * v }
	lms := [3]float64{
		cube(light + .3963377774*x + .2158037573*y),
		cube(light - .1055613458*x - .0638541728*y),
		cube(light - .0894841775*x - 1.291485548*y),
	}
	part := func(l, m, s float64) uint8 {
		v := l*lms[0] + m*lms[1] + s*lms[2]
		if v <= .0031308 { // sRGB (IEC 61966-2-1)
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - .055
		}
		return uint8(math.Round(255 * min(1, max(0, v))))
	}
	return color.RGBA{
		part(4.0767416621, -3.3077115913, .2309699292), part(-1.2684380046, 2.6097574011, -.3413193965),
		part(-.0041960863, -.7034186147, 1.707614701), 255,
	}
}
