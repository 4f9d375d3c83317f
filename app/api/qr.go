package api

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"

	"earshot/app/api/wire"
)

// drawQR draws a text as a QR code (ISO/IEC 18004): runs of dark modules, row by
// row.
func drawQR(text string) (wire.QR, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return wire.QR{}, fmt.Errorf("draw a QR code: %w", err)
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool {
		r, _, _, _ := code.At(x, y).RGBA()
		return r == 0
	}
	var b strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for x < size && dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return wire.QR{Size: size, Path: b.String()}, nil
}
