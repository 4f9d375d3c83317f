package app_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// TestPictureOfAPersonHasItsColour: whoever shows a person's page knows the
// colour of the picture, as long as there is one.
func TestPictureOfAPersonHasItsColour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	m := image.NewRGBA(image.Rect(0, 0, 640, 640))
	for i := range 640 * 640 {
		m.Set(i%640, i/640, color.RGBA{200, 30, 40, 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	check := func(what, want string) {
		t.Helper()
		var own, seen struct{ Colour string }
		mina.get("/api/me").want(200).into(&own)
		h.visitor().get("/api/users/" + mina.me.ID).want(200).into(&seen)
		if own != seen || len(own.Colour) != len(want) || want != "" && (own.Colour[1] < 'b' || own.Colour[3] > '3') {
			t.Errorf("%s: the colour is %q to oneself and %q to others, want %q or nearly so", what, own.Colour, seen.Colour, want)
		}
	}
	check("without a picture", "")
	mina.put("/api/me/picture", b.Bytes()).want(200)
	check("with one", "#c81e28")
	mina.delete("/api/me/picture").want(200)
	check("without it again", "")
}
