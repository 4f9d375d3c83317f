package peaks

import (
	"io"

	gomp3 "github.com/hajimehoshi/go-mp3"
)

// decoder decodes whole frames, one call a frame. The module behind it panics
// on some damaged frames and is of no use after an error; then the decoder is
// thrown away and a new one begun.
//
// The module reads as it likes from a stream: it is given exactly what it is
// to decode now, so that it can neither run ahead nor search for frames itself.
type decoder struct {
	d   *gomp3.Decoder
	in  *feed
	pcm []byte
}

// feed is the stream: what is to be decoded, then its end.
type feed struct{ b []byte }

func (f *feed) Read(b []byte) (int, error) {
	if len(f.b) == 0 {
		return 0, io.EOF
	}
	n := copy(b, f.b)
	f.b = f.b[n:]
	return n, nil
}

// decode decodes n frames and gives the samples of the last one: 16 bits,
// little-endian, left and right (the same twice for one channel), good until
// the next call. ok is false when that can't be done.
func (d *decoder) decode(frames []byte, n int) (pcm []byte, ok bool) {
	if n == 0 {
		return nil, false
	}
	defer func() {
		if recover() != nil {
			pcm, ok = nil, false
		}
	}()
	if d.d == nil {
		d.in = &feed{b: frames}
		dec, err := gomp3.NewDecoder(d.in) // decodes the first frame at once
		if err != nil {
			return nil, false
		}
		d.d = dec
	} else {
		d.in.b = frames
	}
	size := 1152 * 4
	if frames[1]&8 == 0 { // MPEG-2
		size = 576 * 4
	}
	if d.pcm == nil {
		d.pcm = make([]byte, size)
	}
	for range n {
		if _, err := io.ReadFull(d.d, d.pcm[:size]); err != nil {
			return nil, false
		}
	}
	return d.pcm[:size], len(d.in.b) == 0
}
