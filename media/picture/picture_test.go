package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const limit = 10 << 20

var crimson = color.RGBA{0xc0, 0x20, 0x40, 0xff}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func plain(w, h int, c color.Color) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

// flag is a picture whose middle square has a colour in each quarter: red,
// green, blue, yellow in reading order.
func flag(w, h int) *image.RGBA {
	img := plain(w, h, color.White)
	s := min(w, h)
	x, y := (w-s)/2, (h-s)/2
	for i, c := range []color.RGBA{{255, 0, 0, 255}, {0, 200, 0, 255}, {0, 0, 255, 255}, {255, 255, 0, 255}} {
		r := image.Rect(0, 0, s/2, s/2).Add(image.Pt(x+i%2*(s/2), y+i/2*(s/2)))
		draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
	}
	return img
}

func exif(order binary.AppendByteOrder, mark string, orientation uint16) []byte {
	b := []byte(mark)
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	entry := func(tag, kind uint16, value uint16) {
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, kind)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, value)
		b = order.AppendUint16(b, 0)
	}
	entry(0x0100, 3, 77)
	entry(0x0112, 3, orientation)
	return append(order.AppendUint32(b, 0), "GPS 37.5665N 126.978E"...)
}

// withExif puts an APP1 segment behind the start of a JPEG.
func withExif(b, data []byte) []byte {
	seg := append([]byte("Exif\x00\x00"), data...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(seg)+2))
	return slices.Concat(b[:2], head, seg, b[2:])
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decoded(t testing.TB, b []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("what was made is no JPEG: %v", err)
	}
	return img
}

// near reports whether two colours look alike.
func near(a, b color.Color) bool {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	d := func(x, y uint32) bool { return max(x, y)-min(x, y) <= 14<<8 }
	return d(ar, br) && d(ag, bg) && d(ab, bb)
}

func TestEveryFormat(t *testing.T) {
	t.Parallel()
	deep := image.NewNRGBA64(image.Rect(0, 0, 320, 200))
	draw.Draw(deep, deep.Rect, image.NewUniform(crimson), image.Point{}, draw.Src)
	grey := image.NewGray(image.Rect(0, 0, 320, 200))
	draw.Draw(grey, grey.Rect, image.NewUniform(color.Gray{0x55}), image.Point{}, draw.Src)
	indexed := image.NewPaletted(image.Rect(0, 0, 320, 200), color.Palette{color.Transparent, crimson})
	draw.Draw(indexed, indexed.Rect, image.NewUniform(crimson), image.Point{}, draw.Src)
	animation := &gif.GIF{Image: []*image.Paletted{indexed, image.NewPaletted(indexed.Rect, palette.Plan9)}, Delay: []int{1, 1}}
	var moving bytes.Buffer
	if err := gif.EncodeAll(&moving, animation); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		data []byte
		want color.RGBA
	}{
		{"jpeg", jpegOf(t, plain(320, 200, crimson)), crimson},
		{"progressive jpeg", file(t, "progressive.jpg"), crimson},
		{"jpeg for print", file(t, "cmyk.jpg"), crimson},
		{"png", pngOf(t, plain(320, 200, crimson)), crimson},
		{"png of 16 bits", pngOf(t, deep), crimson},
		{"grey png", pngOf(t, grey), color.RGBA{0x55, 0x55, 0x55, 255}},
		{"indexed png", pngOf(t, indexed), crimson},
		{"transparent png lies on white", pngOf(t, plain(320, 200, color.RGBA{})), color.RGBA{255, 255, 255, 255}},
		{"half transparent png", pngOf(t, plain(320, 200, color.NRGBA{0xc0, 0x20, 0x40, 0x80})), color.RGBA{0xdf, 0x8f, 0x9f, 255}},
		{"first frame of a gif", moving.Bytes(), crimson},
		{"lossy webp", file(t, "lossy.webp"), crimson},
		{"lossless webp", file(t, "lossless.webp"), crimson},
		{"webp with alpha", file(t, "alpha.webp"), color.RGBA{0xdf, 0x8f, 0x9f, 255}},
	}
	m := NewMaker(limit)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := m.Make(t.Context(), bytes.NewReader(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			for size, side := range map[int]int{Small: 100, Medium: 200, Large: 200} { // 320x200 is not enlarged
				img := decoded(t, got.Sizes[size])
				if d := img.Bounds().Size(); d != image.Pt(side, side) {
					t.Errorf("size %d measures %v, want %d", size, d, side)
				}
				if c := img.At(side/2, side/2); !near(c, tt.want) {
					t.Errorf("size %d is %v, want %v", size, c, tt.want)
				}
			}
			c := color.RGBA{byte(got.Colour >> 16), byte(got.Colour >> 8), byte(got.Colour), 255}
			if !near(c, tt.want) {
				t.Errorf("colour is #%06x, want near %v", got.Colour, tt.want)
			}
		})
	}
}

func TestMiddleSquareInItsOrientation(t *testing.T) {
	t.Parallel()
	// What stands top left, top right, bottom left, bottom right when shown.
	const r, g, b, y = "red", "green", "blue", "yellow"
	names := func(c color.Color) string {
		switch cr, cg, cb, _ := c.RGBA(); {
		case cr > 0xb000 && cg > 0xb000 && cb > 0xb000:
			return "white"
		case cr > 0xb000 && cg > 0xb000:
			return y
		case cr > 0xb000:
			return r
		case cb > 0xb000:
			return b
		case cg > 0x8000:
			return g
		}
		return fmt.Sprint(c)
	}
	want := [][4]string{1: {r, g, b, y}, 2: {g, r, y, b}, 3: {y, b, g, r}, 4: {b, y, r, g}, 5: {r, b, g, y}, 6: {b, r, y, g}, 7: {y, g, b, r}, 8: {g, y, r, b}}
	for o := 1; o <= 8; o++ {
		order, mark := binary.AppendByteOrder(binary.LittleEndian), "II"
		if o%2 == 0 {
			order, mark = binary.BigEndian, "MM"
		}
		data := withExif(jpegOf(t, flag(1300, 700)), exif(order, mark, uint16(o)))
		got, err := NewMaker(limit).Make(t.Context(), bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for size, bytesOf := range got.Sizes {
			img := decoded(t, bytesOf)
			if d := img.Bounds().Dx(); d != size {
				t.Errorf("orientation %d: size %d measures %d", o, size, d)
			}
			a, z := size/5, size-size/5
			corners := [4]string{names(img.At(a, a)), names(img.At(z, a)), names(img.At(a, z)), names(img.At(z, z))}
			if corners != want[o] {
				t.Errorf("orientation %d, size %d: got %v, want %v", o, size, corners, want[o])
			}
			if bytes.Contains(bytesOf, []byte("Exif")) || bytes.Contains(bytesOf, []byte("GPS")) {
				t.Errorf("orientation %d, size %d: metadata is still there", o, size)
			}
		}
	}
}

func TestOrientationOfOtherFormats(t *testing.T) {
	t.Parallel()
	data := exif(binary.BigEndian, "MM", 6)
	p := pngOf(t, flag(64, 64))
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	chunk = append(append(append(chunk, "eXIf"...), data...), 0, 0, 0, 0)
	if got := exifOrientation(pngChunk(slices.Concat(p[:33], chunk, p[33:]), "eXIf")); got != 6 {
		t.Errorf("png: got %d, want 6", got)
	}
	w := file(t, "lossy.webp")
	chunk = binary.LittleEndian.AppendUint32([]byte("EXIF"), uint32(len(data)))
	w = slices.Concat(w, chunk, data)
	if got := exifOrientation(riffChunk(w, "EXIF")); got != 6 {
		t.Errorf("webp: got %d, want 6", got)
	}
}

// pngHead is a PNG that claims a size and has no pixels.
func pngHead(t testing.TB, w, h uint32) []byte {
	b := pngOf(t, plain(1, 1, crimson))
	binary.BigEndian.PutUint32(b[16:], w)
	binary.BigEndian.PutUint32(b[20:], h)
	return b[:33]
}

func withChecksum(b []byte) []byte {
	binary.BigEndian.PutUint32(b[29:], crc(b[12:29]))
	return b
}

func crc(b []byte) uint32 {
	c := ^uint32(0)
	for _, x := range b {
		c ^= uint32(x)
		for range 8 {
			c = c>>1 ^ 0xedb88320&-(c&1)
		}
	}
	return ^c
}

// jpegHead is a JPEG that claims a size, of a kind of frame (0xc0 baseline,
// 0xc2 progressive), with scans that hold nothing.
func jpegHead(kind byte, w, h uint16, scans int) []byte {
	b := []byte{0xff, 0xd8, 0xff, kind, 0, 17, 8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0}
	for range scans {
		b = append(b, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 0, 0, 0x55)
	}
	return append(b, 0xff, 0xd9)
}

func TestRefused(t *testing.T) {
	t.Parallel()
	good := jpegOf(t, flag(200, 200))
	goodPNG := pngOf(t, flag(200, 200))
	var g bytes.Buffer
	if err := gif.Encode(&g, flag(64, 64), nil); err != nil {
		t.Fatal(err)
	}
	lying := slices.Clone(g.Bytes()) // the first frame is larger than the whole
	lying[6], lying[8] = 8, 8
	wide := slices.Clone(g.Bytes())
	copy(wide[6:], []byte{0xff, 0xff, 0xff, 0xff})
	animated := slices.Concat([]byte("RIFF\x40\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x3f\x00\x00\x3f\x00\x00ANIM\x06\x00\x00\x00"), make([]byte, 60))
	liar := slices.Concat([]byte("RIFF\xf0\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), file(t, "lossy.webp")[12:])
	tests := []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, ErrNotPicture},
		{"one byte", []byte{0xff}, ErrNotPicture},
		{"text", []byte("hello"), ErrNotPicture},
		{"svg", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), ErrNotPicture},
		{"html", []byte("<!doctype html><script>alert(1)</script>"), ErrNotPicture},
		{"bmp", append([]byte("BM"), make([]byte, 100)...), ErrNotPicture},
		{"tiff", append([]byte("II*\x00"), make([]byte, 100)...), ErrNotPicture},
		{"only the first bytes", good[:3], ErrDamaged},
		{"jpeg of half a file", good[:len(good)/2], ErrDamaged},
		{"png of half a file", goodPNG[:len(goodPNG)/2], ErrDamaged},
		{"gif of half a file", g.Bytes()[:g.Len()/2], ErrDamaged},
		{"webp of half a file", file(t, "lossy.webp")[:100], ErrDamaged},
		{"png of 60000x60000", withChecksum(pngHead(t, 60000, 60000)), ErrTooManyPixels},
		{"png of 25000000x1", withChecksum(pngHead(t, 25_000_000, 1)), ErrTooManyPixels},
		{"png of the largest numbers", withChecksum(pngHead(t, 1<<31-1, 1<<31-1)), ErrDamaged},
		{"png of 5001x5000", withChecksum(pngHead(t, 5001, 5000)), ErrTooManyPixels},
		{"png of nothing", withChecksum(pngHead(t, 0, 9)), ErrDamaged},
		{"jpeg of 65535x65535", jpegHead(0xc0, 65535, 65535, 1), ErrTooManyPixels},
		{"progressive jpeg of 4000x4000", jpegHead(0xc2, 4000, 4000, 1), ErrTooManyPixels},
		{"jpeg of 2000x2000 in 100 passes", jpegHead(0xc2, 2000, 2000, 100), ErrTooManyPixels},
		{"gif with a frame larger than itself", lying, ErrDamaged},
		{"gif of 65535x65535", wide, ErrTooManyPixels},
		{"animated webp", animated, ErrDamaged},
		{"webp that says it is one pixel", liar, ErrDamaged},
		{"more bytes than allowed", append(slices.Clone(good), make([]byte, limit)...), ErrTooLarge},
	}
	m := NewMaker(limit)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := m.Make(t.Context(), bytes.NewReader(tt.data)); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// Not in parallel: it measures what is allocated.
func TestWhatItMayCost(t *testing.T) {
	large := jpegOf(t, flag(5000, 5000))
	tests := []struct {
		name string
		data []byte
		most uint64 // MiB allocated in all
	}{
		{"png of 60000x60000", withChecksum(pngHead(t, 60000, 60000)), 1},
		{"jpeg of 65535x65535", jpegHead(0xc0, 65535, 65535, 1), 1},
		{"the largest jpeg", large, 110},
		{"the largest png", pngOf(t, plain(5000, 5000, crimson)), 150},
	}
	m := NewMaker(limit)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := m.Make(t.Context(), bytes.NewReader(tt.data))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			n := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d MiB, %v, %v", n, took, err)
			if n > tt.most {
				t.Errorf("allocated %d MiB, want at most %d", n, tt.most)
			}
		})
	}
}

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	data := jpegOf(t, flag(300, 300))
	m := NewMaker(limit)
	m.turn <- struct{}{} // somebody else is decoding
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := m.Make(ctx, bytes.NewReader(data)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
	}
	// What can be refused without decoding does not wait.
	if _, err := m.Make(t.Context(), strings.NewReader("<svg/>")); !errors.Is(err, ErrNotPicture) {
		t.Errorf("got %v, want %v", err, ErrNotPicture)
	}
	// Who waits has read next to nothing, and does not wait for ever.
	m.patience = 20 * time.Millisecond
	rest := bytes.NewReader(data)
	if _, err := m.Make(t.Context(), rest); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v, want %v", err, ErrBusy)
	}
	if read := len(data) - rest.Len(); read > 100 {
		t.Errorf("%d bytes were read of a picture whose turn had not come", read)
	}
	m.patience = patience
	<-m.turn
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := m.Make(t.Context(), bytes.NewReader(data)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestCancelledWhileDecoding(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, err := inspect(jpegOf(t, flag(300, 300)), maxMemory)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.decode(ctx, jpegOf(t, flag(300, 300))); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestReaderErrorsAreGiven(t *testing.T) {
	t.Parallel()
	r := io.MultiReader(bytes.NewReader(jpegOf(t, flag(9, 9))), iotestErr{})
	if _, err := NewMaker(limit).Make(t.Context(), r); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want %v", err, io.ErrUnexpectedEOF)
	}
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestColour(t *testing.T) {
	t.Parallel()
	accent := plain(100, 100, color.RGBA{0x18, 0x18, 0x1a, 255})
	draw.Draw(accent, image.Rect(20, 20, 60, 60), image.NewUniform(crimson), image.Point{}, draw.Src)
	speck := plain(100, 100, color.RGBA{0x20, 0x60, 0x90, 255})
	draw.Draw(speck, image.Rect(0, 0, 5, 5), image.NewUniform(color.RGBA{255, 0, 0, 255}), image.Point{}, draw.Src)
	for _, tt := range []struct {
		name string
		img  *image.RGBA
		want uint32
	}{
		{"a colour on black", accent, 0xc02040},
		{"a speck does not win", speck, 0x206090},
		{"black", plain(10, 10, color.Black), 0x000000},
		{"white", plain(10, 10, color.White), 0xffffff},
		{"one pixel", plain(1, 1, crimson), 0xc02040},
	} {
		if got := colour(tt.img); got != tt.want {
			t.Errorf("%s: got #%06x, want #%06x", tt.name, got, tt.want)
		}
	}
}

func FuzzMake(f *testing.F) {
	f.Add(withExif(jpegOf(f, flag(30, 20)), exif(binary.LittleEndian, "II", 6)))
	f.Add(pngOf(f, flag(30, 20)))
	f.Add(pngHead(f, 60000, 60000))
	f.Add(jpegHead(0xc2, 300, 200, 3))
	var g bytes.Buffer
	if err := gif.Encode(&g, flag(20, 30), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(g.Bytes())
	for _, name := range []string{"lossy.webp", "lossless.webp", "alpha.webp", "progressive.jpg", "cmyk.jpg"} {
		f.Add(file(f, name))
	}
	m := NewMaker(1 << 20)
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := inspect(b, maxMemory); err == nil && p.width*p.height > 1<<20 {
			return // honest, but slow
		}
		got, err := m.Make(t.Context(), bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, size := range []int{Small, Medium, Large} {
			if d := decoded(t, got.Sizes[size]).Bounds().Size(); d.X != d.Y || d.X > size || d.X == 0 {
				t.Errorf("size %d measures %v", size, d)
			}
		}
		if got.Colour > 0xffffff {
			t.Errorf("colour %x", got.Colour)
		}
	})
}

func BenchmarkMake(b *testing.B) {
	soft := image.NewRGBA(image.Rect(0, 0, 1400, 1400))
	for i := range soft.Pix {
		x, y := i/4%1400, i/4/1400
		soft.Pix[i] = byte((x*7 + y*3 + i%4*50) / 16)
	}
	for _, bb := range []struct {
		name string
		data []byte
	}{
		{"jpeg 500", jpegOf(b, flag(500, 500))},
		{"jpeg 1400", jpegOf(b, soft)},
		{"png 1400", pngOf(b, soft)},
		{"jpeg 4000x3000", jpegOf(b, flag(4000, 3000))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			m := NewMaker(limit)
			for b.Loop() {
				if _, err := m.Make(b.Context(), bytes.NewReader(bb.data)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// On a small machine a picture that would take too much is refused, and one
// that fits is made.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	data := pngOf(t, plain(1500, 1000, crimson)) // 6 MB decoded
	for _, c := range []struct {
		memory int64
		want   error
	}{{0, nil}, {5 << 20, ErrTooManyPixels}, {7 << 20, nil}, {1 << 40, nil}} {
		if _, err := NewMaker(limit).Within(c.memory).Make(t.Context(), bytes.NewReader(data)); !errors.Is(err, c.want) {
			t.Errorf("within %d bytes: got %v, want %v", c.memory, err, c.want)
		}
	}
	if m := NewMaker(limit).Within(1 << 40); m.memory != maxMemory {
		t.Errorf("more than the most: got %d", m.memory)
	}
}
