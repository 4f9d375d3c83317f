package layer3

import (
	"errors"
	"io"

	"earshot/media/mp3"
)

// Reader reads the sound of a file from beginning to end: without what its
// encoder put in front and behind, when it has a tag that says so, and exactly
// as many samples as the index counts. It holds a window of the file, not the
// file.
//
// Frames that can't be decoded are holes: the sound before them rings out,
// then there is silence of their length. Where bytes are missing between
// frames the bit reservoir is, too, so that the frames behind may be holes.
// Where frames differ from the first in their number of channels, mono is
// given on both sides, and stereo is mixed to mono.
type Reader struct {
	frames   *frames
	d        Decoder
	channels int
	skip     int   // samples of each channel to pass over yet
	left     int64 // and to give yet
	holes    int
	err      error

	buffer  [2304]float32
	pending []float32
}

// NewReader reads the file that x is the index of.
func NewReader(r io.ReaderAt, x *mp3.Index) *Reader {
	rd := &Reader{frames: newFrames(r, x), channels: x.Channels(), left: x.Samples()}
	if x.Tagged() {
		rd.skip = x.Delay() + mp3.DecoderDelay
	}
	return rd
}

// SampleRate in Hz.
func (r *Reader) SampleRate() int { return r.frames.x.SampleRate() }

// Channels is 1 or 2.
func (r *Reader) Channels() int { return r.channels }

// Holes is how many frames so far could not be decoded.
func (r *Reader) Holes() int { return r.holes }

// Read fills dst with samples of all channels in turn, full scale ±1, and says
// how many values it gave: whole rounds of all channels. dst holds at least
// one. The error is io.EOF at the end, or the file's.
func (r *Reader) Read(dst []float32) (n int, err error) {
	dst = dst[:len(dst)/r.channels*r.channels]
	if len(dst) == 0 {
		return 0, io.ErrShortBuffer
	}
	for n < len(dst) {
		if len(r.pending) == 0 && !r.more() {
			break
		}
		k := copy(dst[n:], r.pending)
		r.pending = r.pending[k:]
		n += k
	}
	if n == 0 {
		return 0, r.err
	}
	return n, nil
}

// more makes samples pending, and says whether there are any.
func (r *Reader) more() bool {
	for len(r.pending) == 0 {
		if r.err == nil && r.left == 0 {
			r.err = io.EOF
		}
		if r.err != nil {
			return false
		}
		r.pending = r.frame()
		k := min(r.skip, len(r.pending)/r.channels)
		r.skip -= k
		r.pending = r.pending[k*r.channels:]
		k = int(min(r.left, int64(len(r.pending)/r.channels)))
		r.left -= int64(k)
		r.pending = r.pending[:k*r.channels]
	}
	return true
}

// frame decodes the next frame. Behind the last one there is what rings out of
// it, where little padding was put behind.
func (r *Reader) frame() []float32 {
	want := r.frames.x.SamplesPerFrame() * r.channels
	frame, gap, err := r.frames.read()
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
		return nil
	}
	if gap {
		r.d.front.main.reset()
	}
	n, ok := 0, true
	if err == nil {
		if h, valid := parseHeader(frame); valid && h.granules*576*r.channels == want {
			n, ok = r.d.Decode(frame, r.buffer[:])
		} else {
			r.d.front.main.reset()
			ok = false
		}
	}
	if !ok {
		r.holes++
	}
	switch {
	case n == 0:
		for at := 0; at < want; at += 576 * r.channels {
			r.d.ring(r.buffer[at:], r.channels)
		}
	case n < want:
		for i := want/2 - 1; i >= 0; i-- {
			r.buffer[2*i], r.buffer[2*i+1] = r.buffer[i], r.buffer[i]
		}
	case n > want:
		for i := range want {
			half := r.buffer[2*i] + r.buffer[2*i+1]
			r.buffer[i] = half / 2
		}
	}
	return r.buffer[:want]
}
