package app

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

// Every module of the code is drawn, dark where it is dark, within a light
// border, and no line leaves its colours behind.
func TestQRInTheTerminal(t *testing.T) {
	t.Parallel()
	const text = "http://192.168.178.25:8080/setup#0123456789abcdefghijklmnopqrstuvwxyzABCDEF"
	got, err := qrText(text)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	size := code.Bounds().Dx()
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if len(lines) != (size+2*quiet+1)/2 || len(lines) > 24 {
		t.Errorf("%d lines for %d rows", len(lines), size)
	}
	for n, line := range lines {
		inner, ok := strings.CutPrefix(line, "  \x1b[30;107m")
		inner, reset := strings.CutSuffix(inner, "\x1b[0m")
		if !ok || !reset || strings.Contains(inner, "\x1b") {
			t.Fatalf("line %d is %q", n, line)
		}
		for x, c := range []rune(inner) {
			for half, dark := range []bool{c == '█' || c == '▀', c == '█' || c == '▄'} {
				x, y := x-quiet, 2*n-quiet+half
				want := false
				if x >= 0 && y >= 0 && x < size && y < size {
					r, _, _, _ := code.At(x, y).RGBA()
					want = r == 0
				}
				if dark != want {
					t.Fatalf("the module %d, %d is dark: %v, want %v", x, y, dark, want)
				}
			}
		}
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	drawQR(file, text)
	if at, _ := file.Seek(0, io.SeekEnd); at != 0 {
		t.Error("a code is drawn into a file")
	}
}
