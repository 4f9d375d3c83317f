package picture

import (
	"image"
	"image/color"
	"testing"
)

// TestShrinkingKeepsLight shrinks squares of all sides to those that are made:
// white stays white, every part counts as much as any other, and a slope is one.
func TestShrinkingKeepsLight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, least, to int }{{1199, 601, Large}, {599, 301, Medium}, {299, 101, Small}} {
		for from := c.least; from <= c.from; from++ {
			counted := make([]uint32, from)
			for i := range c.to {
				s := spanOf(i, from, c.to)
				sum := uint32(0)
				for k, w := range s.weights[:s.n] {
					sum += w
					counted[s.first+k] += w
				}
				if sum != unit {
					t.Fatalf("%d to %d: the weights of pixel %d come to %d", from, c.to, i, sum)
				}
			}
			want := float64(unit) * float64(c.to) / float64(from)
			for i, n := range counted {
				if d := float64(n) - want; d < -8 || d > 8 {
					t.Fatalf("%d to %d: pixel %d counts %d, others %.0f", from, c.to, i, n, want)
				}
			}
		}
	}
	slope := image.NewRGBA(image.Rect(0, 0, 250, 250))
	for y := range 250 {
		for x := range 250 {
			slope.SetRGBA(x, y, color.RGBA{byte(x), byte(y), 0xff, 0xff})
		}
	}
	small := new(sheets).shrink(slope, Small)
	for y := range Small {
		for x := range Small {
			// The middle of what it covers.
			px, py := (float64(x)+0.5)*2.5-0.5, (float64(y)+0.5)*2.5-0.5
			c := small.RGBAAt(x, y)
			if d := float64(c.R) - px; d < -1 || d > 1 || c.B != 0xff || c.A != 0xff {
				t.Fatalf("at %d, %d: %v, want about %.1f across", x, y, c, px)
			}
			if d := float64(c.G) - py; d < -1 || d > 1 {
				t.Fatalf("at %d, %d: %v, want about %.1f down", x, y, c, py)
			}
		}
	}
}
