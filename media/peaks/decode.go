package peaks

import (
	"io"

	gomp3 "github.com/hajimehoshi/go-mp3"
)

// decoder decodes whole frames, one call a frame. The module behind it panics
// on some damaged frames and is of no use after an error; then the decoder is
// thrown away and a new one begun.
//
// The module reads as it likes from a stream: it is given exactly one frame at
// a time, so that it can neither run ahead nor search for frames itself.
type decoder struct {
	d   *gomp3.Decoder
	in  *feed
	pcm []byte
}

// feed is the stream: the frame to be decoded, then its end.
type feed struct{ b []byte }

func (f *feed) Read(b []byte) (int, error) {
	if len(f.b) == 0 {
		return 0, io.EOF
	}
	n := copy(b, f.b)
	f.b = f.b[n:]
	return n, nil
}

// decode gives the samples of a frame: 16 bits, little-endian, left and right
// (the same twice for one channel), good until the next call. ok is false when
// the frame can't be decoded.
func (d *decoder) decode(frame []byte) (pcm []byte, ok bool) {
	defer func() {
		if recover() != nil {
			pcm, ok = nil, false
		}
	}()
	if d.d == nil {
		d.in = &feed{b: frame}
		dec, err := gomp3.NewDecoder(d.in) // decodes the frame at once
		if err != nil {
			return nil, false
		}
		d.d = dec
	} else {
		d.in.b = frame
	}
	samples := 1152
	if frame[1]&8 == 0 { // MPEG-2
		samples = 576
	}
	if d.pcm == nil {
		d.pcm = make([]byte, 1152*4)
	}
	n, err := io.ReadFull(d.d, d.pcm[:samples*4])
	return d.pcm[:n], err == nil && len(d.in.b) == 0
}
