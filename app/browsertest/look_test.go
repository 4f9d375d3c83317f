package browsertest

import (
	_ "embed"
	"fmt"
)

//go:embed testdata/look.js
var lookScript string

// drawnWaves is true when every waveform that is there has been painted.
const drawnWaves = `[...document.querySelectorAll('.wave-ready canvas')].every((canvas) => canvas.width > 0
	&& Math.abs(canvas.width - canvas.clientWidth * devicePixelRatio) < 2 && !canvas.getContext('2d').isContextLost())`

// faults says what of the page does not fit a screen: see testdata/look.js.
func (w *window) faults(locale string, size screen) []string {
	w.t.Helper()
	return read[[]string](w, fmt.Sprintf("(%s)(%q, %d, %d)", lookScript, locale, size.width, size.height))
}

func (s screen) String() string {
	return fmt.Sprintf("%dx%d", s.width, s.height)
}
