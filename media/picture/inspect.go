package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// format is one of the kinds of picture that are taken. They are called by
// name, not through package image: what other packages register there is not
// for strangers.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// probe is what is known of a picture before it is decoded.
type probe struct {
	format        format
	width, height int
	orientation   int // of EXIF, 1 to 8
}

// signLength is how many first bytes tell what a file is.
const signLength = 12

func isJPEG(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) }
func isPNG(b []byte) bool  { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) }
func isGIF(b []byte) bool {
	return bytes.HasPrefix(b, []byte("GIF87a")) || bytes.HasPrefix(b, []byte("GIF89a"))
}
func isWebP(b []byte) bool {
	return len(b) >= signLength && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP"
}

// recognised says whether a file that begins so may be a picture.
func recognised(head []byte) bool { return isJPEG(head) || isPNG(head) || isGIF(head) || isWebP(head) }

// inspect says what data is and whether decoding it is affordable, with so much
// memory.
func inspect(data []byte, most int64) (probe, error) {
	p := probe{orientation: 1}
	var memory func(image.Config) int64 // bytes a pixel
	passes := int64(1)
	switch {
	case isJPEG(data):
		p.format = format{jpeg.DecodeConfig, jpeg.Decode}
		j := inspectJPEG(data)
		p.orientation, passes = j.orientation, max(1, j.scans)
		memory = func(image.Config) int64 { return j.bytesPerPixel() }
	case isPNG(data):
		p.format = format{png.DecodeConfig, png.Decode}
		p.orientation = exifOrientation(pngChunk(data, "eXIf"))
		memory = func(c image.Config) int64 { return pngBytesPerPixel(c.ColorModel, len(data) > 28 && data[28] != 0) }
	case isGIF(data):
		p.format = format{gif.DecodeConfig, gif.Decode} // Decode gives the first frame only
		memory = func(image.Config) int64 { return 1 }
	case isWebP(data):
		p.format = format{webp.DecodeConfig, webp.Decode}
		p.orientation = exifOrientation(riffChunk(data, "EXIF"))
		memory = func(image.Config) int64 { return 8 } // lossless, with a copy in between; or colour, alpha and its copy
	default:
		return probe{}, ErrNotPicture
	}
	c, err := p.format.config(bytes.NewReader(data))
	if err != nil {
		return probe{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	p.width, p.height = c.Width, c.Height
	pixels := int64(c.Width) * int64(c.Height)
	switch {
	case c.Width <= 0 || c.Height <= 0:
		return probe{}, fmt.Errorf("%w: no pixels", ErrDamaged)
	case pixels > MaxPixels, c.Width > maxSide, c.Height > maxSide, pixels*memory(c) > most, pixels*passes > maxWork:
		return probe{}, fmt.Errorf("%w: %dx%d", ErrTooManyPixels, c.Width, c.Height)
	}
	return p, nil
}

// pngBytesPerPixel is what image/png takes; interlaced pictures are put
// together from parts as large as half of them.
func pngBytesPerPixel(m color.Model, interlaced bool) int64 {
	n := int64(4)
	switch m {
	case color.GrayModel:
		n = 1
	case color.Gray16Model:
		n = 2
	case color.RGBA64Model, color.NRGBA64Model:
		n = 8
	default:
		if _, ok := m.(color.Palette); ok {
			n = 1
		}
	}
	if interlaced {
		n += (n + 1) / 2
	}
	return n
}

// jpegFacts is what the markers of a JPEG tell (ITU-T T.81 annex B).
type jpegFacts struct {
	orientation int
	scans       int64
	progressive bool
	components  int
	samples     int64 // of a largest block of pixels, over all components
	block       int64 // pixels of it
}

// bytesPerPixel is what image/jpeg takes, rounded up: a byte a sample, four
// more for the coefficients of a progressive picture, and a second picture
// for four components.
func (j jpegFacts) bytesPerPixel() int64 {
	if j.block == 0 {
		return 3
	}
	n := j.samples
	if j.progressive {
		n *= 5
	}
	n = (n + j.block - 1) / j.block
	if j.components == 4 {
		n += 4
	}
	return n
}

// inspectJPEG walks the markers. It stops where they stop making sense; the
// decoder will not get further.
func inspectJPEG(b []byte) jpegFacts {
	j := jpegFacts{orientation: 1}
	sawExif := false
	for i := 2; ; {
		// Go to the next marker: 0xFF and anything but 0, 0xFF and a restart.
		k := bytes.IndexByte(b[i:], 0xff)
		if k < 0 || i+k+1 >= len(b) {
			return j
		}
		i += k + 1
		m := b[i]
		if m == 0xff {
			continue
		}
		i++
		if m == 0 || m == 1 || m >= 0xd0 && m <= 0xd8 { // no segment
			continue
		}
		if m == 0xd9 || i+2 > len(b) {
			return j
		}
		n := int(binary.BigEndian.Uint16(b[i:]))
		if n < 2 || i+n > len(b) {
			return j
		}
		seg := b[i+2 : i+n]
		i += n
		switch {
		case m == 0xda:
			j.scans++
		case m == 0xc0 || m == 0xc1 || m == 0xc2:
			j.frame(seg)
			j.progressive = m == 0xc2
		case m == 0xe1 && !sawExif && bytes.HasPrefix(seg, []byte("Exif\x00\x00")):
			j.orientation, sawExif = exifOrientation(seg), true
		}
	}
}

// frame reads the sampling factors of a frame header.
func (j *jpegFacts) frame(b []byte) {
	if j.components != 0 || len(b) < 6 || len(b) < 6+3*int(b[5]) {
		return
	}
	j.components = int(b[5])
	var h, v int64
	for i := range j.components {
		f := b[6+3*i+1]
		h, v = max(h, int64(f>>4)), max(v, int64(f&15))
		j.samples += int64(f>>4) * int64(f&15)
	}
	j.block = h * v
}

// exifOrientation finds tag 0x0112 in the first directory of Exif data (Exif
// 2.32 §4.6.4), 1 where there is none. The "Exif\0\0" in front may be missing.
func exifOrientation(b []byte) int {
	b = bytes.TrimPrefix(b, []byte("Exif\x00\x00"))
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	n := int(order.Uint16(b[at:]))
	b = b[at+2:]
	for ; n > 0 && len(b) >= 12; n-- {
		const short = 3
		if order.Uint16(b) == 0x0112 && order.Uint16(b[2:]) == short {
			if o := int(order.Uint16(b[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
		b = b[12:]
	}
	return 1
}

// pngChunk gives the data of the first chunk of a name.
func pngChunk(b []byte, name string) []byte {
	for b = b[8:]; len(b) >= 12; {
		n := int64(binary.BigEndian.Uint32(b))
		if n > int64(len(b)-12) {
			return nil
		}
		if string(b[4:8]) == name {
			return b[8 : 8+n]
		}
		b = b[12+n:]
	}
	return nil
}

// riffChunk gives the data of the first chunk of a name in a WebP file.
func riffChunk(b []byte, name string) []byte {
	for b = b[12:]; len(b) >= 8; {
		n := int64(binary.LittleEndian.Uint32(b[4:]))
		if n > int64(len(b)-8) {
			return nil
		}
		if string(b[:4]) == name {
			return b[8 : 8+n]
		}
		b = b[min(8+n+n&1, int64(len(b))):]
	}
	return nil
}
