package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"strings"
	"testing"
)

// TestCardIsOfItsParts looks for the artwork, a bar for each column and the tint
// where they belong.
func TestCardIsOfItsParts(t *testing.T) {
	t.Parallel()
	art := image.NewRGBA(image.Rect(0, 0, 300, 300))
	for i := range art.Pix {
		art.Pix[i] = []byte{30, 90, 220, 255}[i%4]
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, art, nil); err != nil {
		t.Fatal(err)
	}
	wave := bytes.Repeat([]byte{255}, 400)
	clear(wave[:200]) // nothing in the first half
	card, err := Card(&b, TintOf(0x1e5adc), wave)
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(card))
	if err != nil || img.Bounds() != image.Rect(0, 0, CardWidth, CardHeight) {
		t.Fatalf("%v, %v", img.Bounds(), err)
	}
	near := func(x, y int, want color.RGBA) bool {
		r, g, b, _ := img.At(x, y).RGBA()
		return math.Abs(float64(r>>8)-float64(want.R))+math.Abs(float64(g>>8)-float64(want.G))+math.Abs(float64(b>>8)-float64(want.B)) < 60
	}
	if !near(artLeft+artSide/2, CardHeight/2, color.RGBA{30, 90, 220, 255}) {
		t.Error("the artwork is not in its place")
	}
	bright := func(from, to int) (n int) {
		for x := from; x < to; x++ {
			if r, g, _, _ := img.At(x, CardHeight/2-60).RGBA(); r>>8 > 120 && g>>8 > 120 {
				n++
			}
		}
		return n
	}
	middle := (waveFrom + waveTo) / 2
	if silent, loud := bright(waveFrom, middle-20), bright(middle+20, waveTo); silent > 0 || loud < 80 {
		t.Errorf("%d bright pixels in silence, %d in sound", silent, loud)
	}
	for _, none := range [][]byte{nil, {}, {0}, {255}, bytes.Repeat([]byte{9}, 5000)} {
		if _, err := Card(nil, Tint{}, none); err != nil {
			t.Errorf("a waveform of %d columns: %v", len(none), err)
		}
	}
}

func TestCardRefusesWhatWasNotMadeHere(t *testing.T) {
	t.Parallel()
	var large bytes.Buffer
	if err := jpeg.Encode(&large, image.NewGray(image.Rect(0, 0, Large+1, 10)), nil); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"too large": large.String(), "no picture": "GIF89a", "empty": ""} {
		if _, err := Card(strings.NewReader(data), Tint{}, nil); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTintIsTheHue(t *testing.T) {
	t.Parallel()
	for rgb, want := range map[uint32]float64{0xff0000: 29, 0x00ff00: 142, 0x0000ff: 264} {
		if got := TintOf(rgb); math.Abs(got.Hue-want) > 3 || got.Vivid != 1 {
			t.Errorf("%06x: got %v, want about %v", rgb, got, want)
		}
		back := oklch(.6, .15, TintOf(rgb).Hue)
		again := TintOf(uint32(back.R)<<16 | uint32(back.G)<<8 | uint32(back.B))
		if math.Abs(again.Hue-want) > 8 {
			t.Errorf("%06x: as a colour of that hue it has %v", rgb, again.Hue)
		}
	}
	if grey := TintOf(0x808080); grey.Vivid > .05 {
		t.Errorf("grey is %v vivid", grey.Vivid)
	}
}

func BenchmarkCard(b *testing.B) {
	wave := bytes.Repeat([]byte{40, 200, 120, 255}, 100)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Card(nil, Tint{Hue: 200, Vivid: 1}, wave); err != nil {
			b.Fatal(err)
		}
	}
}
