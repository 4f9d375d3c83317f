package app

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is the light border of a QR code, in modules (ISO/IEC 18004 wants four;
// phones do with two, and terminals are small).
const quiet = 2

// drawQR draws a text as a QR code where w is a terminal that knows colours.
func drawQR(w io.Writer, text string) {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "" || os.Getenv("TERM") == "dumb" {
		return
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return
	}
	if picture, err := qrText(text); err == nil {
		fmt.Fprintf(w, "\n%s", picture)
	}
}

// qrText draws a QR code with half blocks, two modules in each character. Both
// colours are said, so that it can be read on a light and on a dark terminal.
func qrText(text string) (string, error) {
	code, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool {
		if x < 0 || y < 0 || x >= size || y >= size {
			return false
		}
		r, _, _, _ := code.At(x, y).RGBA()
		return r == 0
	}
	const black, reset = "\x1b[30;107m", "\x1b[0m" // on bright white (ECMA-48 section 8.3.117)
	var b strings.Builder
	for y := -quiet; y < size+quiet; y += 2 {
		b.WriteString("  " + black)
		for x := -quiet; x < size+quiet; x++ {
			switch top, bottom := dark(x, y), dark(x, y+1); {
			case top && bottom:
				b.WriteRune('█')
			case top:
				b.WriteRune('▀')
			case bottom:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteString(reset + "\n")
	}
	return b.String(), nil
}
