package ui

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// rgb is a colour in linear light, each part from 0 to 1.
type rgb [3]float64

// hexColour reads "#RRGGBB" (sRGB, IEC 61966-2-1).
func hexColour(t *testing.T, s string) rgb {
	t.Helper()
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	var c rgb
	for i := range c {
		v := float64(n>>(16-8*i)&255) / 255
		if v <= 0.04045 {
			c[i] = v / 12.92
		} else {
			c[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return c
}

// oklch gives the colour of OKLCH (CSS Color 4, section 9), cut to what sRGB
// can show.
func oklch(l, c, degrees float64) rgb {
	turn := degrees * math.Pi / 180
	a, b := c*math.Cos(turn), c*math.Sin(turn)
	cube := func(x float64) float64 { return x * x * x }
	x := cube(l + 0.3963377774*a + 0.2158037573*b)
	y := cube(l - 0.1055613458*a - 0.0638541728*b)
	z := cube(l - 0.0894841775*a - 1.2914855480*b)
	out := rgb{
		4.0767416621*x - 3.3077115913*y + 0.2309699292*z,
		-1.2684380046*x + 2.6097574011*y - 0.3413193965*z,
		-0.0041960863*x - 0.7034186147*y + 1.7076147010*z,
	}
	for i := range out {
		out[i] = min(1, max(0, out[i]))
	}
	return out
}

// contrast is the ratio of WCAG 2.2, from 1 to 21.
func contrast(a, b rgb) float64 {
	light := func(c rgb) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] + 0.05 }
	x, y := light(a), light(b)
	return max(x, y) / min(x, y)
}

// pair is a colour on a ground, with the contrast it needs.
type pair struct {
	on, ground string
	want       float64
}

var pairs = []pair{
	{"text", "bg", 4.5}, {"text", "surface", 4.5}, {"text", "sunken", 4.5}, {"muted", "bg", 4.5}, {"muted", "surface", 4.5},
	{"muted", "sunken", 4.5}, {"accent", "bg", 4.5}, {"accent", "surface", 4.5}, {"on-accent", "accent", 4.5},
	{"mark", "bg", 4.5}, {"danger", "bg", 4.5}, {"danger", "surface", 4.5}, {"on-danger", "danger", 4.5}, {"ok", "bg", 4.5}, {"ok", "surface", 4.5},
	{"control", "bg", 3}, {"control", "surface", 3}, {"wave", "bg", 3}, {"wave", "surface", 3}, {"focus", "bg", 3}, {"focus", "surface", 3},
}

// tintedPairs are looked at in every hue that artwork may have.
var tintedPairs = []pair{
	{"text", "tint", 4.5}, {"muted", "tint", 4.5}, {"danger", "tint", 4.5}, {"accent", "tint", 4.5}, {"accent", "bg", 4.5}, {"accent", "surface", 4.5},
	{"on-accent", "accent", 4.5}, {"wave", "tint", 3}, {"wave", "bg", 3}, {"wave", "surface", 3}, {"focus", "tint", 3},
}

var (
	plainToken  = regexp.MustCompile(`(?m)^\t--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);`)
	tintedToken = regexp.MustCompile(`(?m)^\t--([\w-]+): light-dark\((.+?\)|#\w{6}), (oklch.+)\);$`)
	tintedValue = regexp.MustCompile(`^oklch\((\.?\d*) calc\((\.\d+) \* var\(--vivid\)\) var\(--hue\)\)?\)$`)
)

func TestTokensHaveContrast(t *testing.T) {
	t.Parallel()
	css, err := os.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	for theme, which := range map[string]int{"light": 2, "dark": 3} {
		tokens := map[string]rgb{}
		for _, m := range plainToken.FindAllStringSubmatch(string(css), -1) {
			tokens[m[1]] = hexColour(t, m[which])
		}
		check := func(where string, tokens map[string]rgb, pairs []pair) {
			for _, p := range pairs {
				on, ok := tokens[p.on]
				ground, also := tokens[p.ground]
				if !ok || !also {
					t.Fatalf("%s: tokens.css lacks %s or %s", where, p.on, p.ground)
				}
				if got := contrast(on, ground); got < p.want {
					t.Errorf("%s: %s on %s has contrast %.2f, want at least %.1f", where, p.on, p.ground, got, p.want)
				}
			}
		}
		check(theme, tokens, pairs)

		for hue := range 360 {
			for _, vivid := range []float64{0, 0.5, 1} {
				coloured := map[string]rgb{}
				for name, c := range tokens {
					coloured[name] = c
				}
				found := 0
				for _, m := range tintedToken.FindAllStringSubmatch(string(css), -1) {
					found++
					if m[which][0] == '#' {
						coloured[m[1]] = hexColour(t, m[which])
						continue
					}
					v := tintedValue.FindStringSubmatch(m[which])
					if v == nil {
						t.Fatalf("tokens.css: --%s: cannot read %q", m[1], m[which])
					}
					l, _ := strconv.ParseFloat(v[1], 64)
					c, _ := strconv.ParseFloat(v[2], 64)
					coloured[m[1]] = oklch(l, c*vivid, float64(hue))
				}
				if found != 4 {
					t.Fatalf("tokens.css: %d colours of artwork, want 4", found)
				}
				check(fmt.Sprintf("%s, hue %d, vivid %.1f", theme, hue, vivid), coloured, tintedPairs)
			}
		}
	}
}

// TestFacesHaveContrast reads the colours of people without a picture from the
// module that draws them.
func TestFacesHaveContrast(t *testing.T) {
	t.Parallel()
	js, err := os.ReadFile("js/parts/artwork.js")
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`(?m)^const faces = \[(.+)\];$`).FindSubmatch(js)
	if table == nil {
		t.Fatal("js/parts/artwork.js has no table of faces")
	}
	faces := regexp.MustCompile(`\[([\d.]+), ([\d.]+), ([\d.]+), ([\d.]+)\]`).FindAllSubmatch(table[1], -1)
	if len(faces) != 3 {
		t.Fatalf("%d kinds of faces, want 3", len(faces))
	}
	for _, face := range faces {
		var v [4]float64
		for i := range v {
			v[i], _ = strconv.ParseFloat(string(face[i+1]), 64)
		}
		for hue := range 360 {
			if got := contrast(oklch(v[0], v[1], float64(hue)), oklch(v[2], v[3], float64(hue))); got < 4.5 {
				t.Errorf("the letter on a face %s of hue %d has contrast %.2f, want at least 4.5", face[0], hue, got)
			}
		}
	}
}
