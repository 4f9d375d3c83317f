package api

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// qrSVG draws a text as a QR code (ISO/IEC 18004) with the quiet zone around
// it: dark on white, whatever the page looks like, as cameras want it. It is
// empty for a text too long for one.
func qrSVG(text string) string {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return ""
	}
	const quiet = 4
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			run := 0
			for x+run < size {
				if r, _, _, _ := code.At(x+run, y).RGBA(); r != 0 {
					break
				}
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	whole := size + 2*quiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`,
		whole, whole, whole, whole, path.String())
}
