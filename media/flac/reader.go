package flac

import (
	"bytes"
	"fmt"
	"io"
)

// Reader gives sound as samples, once, from its beginning to its end.
type Reader struct {
	src  io.Reader
	buf  []byte
	r, w int   // what of buf is there and not used
	err  error // what src ended with
	s    streamInfo
	d    decoder

	based bool  // base and fixed are known
	clean bool  // nothing was skipped before the first frame
	base  int64 // number of the first sample
	fixed int64 // samples in a block, where frames are numbered by blocks

	total   int64 // samples of one channel
	given   int64
	silence int64 // to be given before the block
	at      int   // first sample of the block that was not given
	block   int   // samples in the block
	holes   int
	debt    int // work spent on what was no frame, beyond what was passed
}

// NewReader reads the stream r, from "fLaC" on, which has so many samples of
// one channel: more are not given, and silence where there are fewer.
func NewReader(r io.Reader, samples int64) (*Reader, error) {
	var b [8 + infoSize]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return nil, ended(err)
	}
	if string(b[:4]) != "fLaC" {
		return nil, ErrFormat
	}
	s, ok := parseInfo(b[8:])
	if !ok || b[4]&0x7f != blockInfo || b[5] != 0 || b[6] != 0 || b[7] != infoSize {
		return nil, fmt.Errorf("%w: it does not begin with STREAMINFO", ErrDamaged)
	}
	for last := b[4]&0x80 != 0; !last; {
		if _, err := io.ReadFull(r, b[:4]); err != nil {
			return nil, ended(err)
		}
		last = b[0]&0x80 != 0
		if _, err := io.CopyN(io.Discard, r, int64(b[1])<<16|int64(b[2])<<8|int64(b[3])); err != nil {
			return nil, ended(err)
		}
	}
	return newReader(r, s, samples), nil
}

func ended(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("%w: cut off in its metadata", ErrDamaged)
	}
	return err
}

func newReader(r io.Reader, s streamInfo, samples int64) *Reader {
	return &Reader{src: r, s: s, total: samples, clean: true, buf: make([]byte, 32<<10)}
}

// SampleRate is in Hz.
func (r *Reader) SampleRate() int { return r.s.rate }

// Channels is 1 to 8.
func (r *Reader) Channels() int { return r.s.channels }

// Holes is how many stretches could not be decoded so far.
func (r *Reader) Holes() int { return r.holes }

// Read fills dst with whole rounds of samples of all channels, at least one,
// full scale being ±1. At the end it gives 0 and io.EOF. What is damaged is
// silence.
func (r *Reader) Read(dst []float32) (int, error) {
	room := int64(len(dst) / r.s.channels)
	if room == 0 {
		return 0, io.ErrShortBuffer
	}
	for r.silence == 0 && r.at == r.block && r.given < r.total {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := min(room, r.total-r.given)
	switch {
	case n == 0:
		return 0, io.EOF
	case r.silence > 0:
		n = min(n, r.silence)
		clear(dst[:n*int64(r.s.channels)])
		r.silence -= n
	default:
		n = min(n, int64(r.block-r.at))
		r.convert(dst, int(n))
		r.at += int(n)
	}
	r.given += n
	return int(n) * r.s.channels, nil
}

func (r *Reader) convert(dst []float32, n int) {
	scale := 1 / float32(int64(1)<<(r.s.bits-1))
	channels := r.s.channels
	for c := range channels {
		for i, v := range r.d.out[c][r.at : r.at+n] {
			dst[i*channels+c] = float32(v) * scale
		}
	}
}

// next decodes the next frame, or sets the silence that stands for the rest.
func (r *Reader) next() error {
	rest := func() error {
		if r.err != io.EOF && r.err != io.ErrUnexpectedEOF {
			return r.err
		}
		r.silence = r.total - r.given
		r.holes++
		return nil
	}
	skipped := false
	for {
		ok, err := r.sync()
		if err != nil {
			return err
		}
		if !ok {
			return rest()
		}
		b := r.buf[r.r:r.w]
		h, ok := parseHeader(b[:min(len(b), maxHeader)], &r.s)
		if !ok {
			r.skip(1)
			skipped = true
			continue
		}
		limit := r.s.longestFrame()
		n, how := r.d.frame(b[:min(len(b), limit)], h, &r.s)
		if how == short && len(b) < limit && r.err == nil {
			// Twice as much, or a source that gives little at a time would have
			// the frame looked at again for each piece.
			for n := 2 * len(b); r.w-r.r < n && r.err == nil; {
				if err := r.more(); err != nil {
					return err
				}
			}
			continue
		}
		if how != good {
			// To look at every byte of what is no frame again is right for
			// what was damaged, but not for what was made to look like frames.
			skipped = true
			step, spent := 1, cost(n, h, &r.s)
			if r.debt += spent; r.debt > searchWork {
				step = spent
			}
			r.skip(step)
			continue
		}
		r.skip(n)
		if r.place(h, skipped) {
			return nil
		}
	}
}

// place takes the decoded frame to where its number says. It is false when
// that has been given already.
func (r *Reader) place(h header, skipped bool) bool {
	if !r.based {
		r.based = true
		r.fixed = int64(r.s.maxBlock)
		if r.s.minBlock != r.s.maxBlock {
			r.fixed = int64(h.block)
		}
		if r.base = h.position(r.fixed); skipped && r.base <= lateStart*int64(r.s.rate) {
			r.base = 0
		}
	}
	gap := h.position(r.fixed) - r.base - r.given
	if gap < 0 || gap > r.total-r.given {
		return false
	}
	if gap > 0 {
		r.holes++
	}
	r.silence, r.at, r.block = gap, 0, h.block
	return true
}

// skip steps over n bytes of what is there.
func (r *Reader) skip(n int) {
	r.r = min(r.r+n, r.w)
	r.debt = max(0, r.debt-n)
}

// sync goes on to the next byte a frame may begin with, with a header's bytes
// behind it unless the stream ends. ok is false at the end.
func (r *Reader) sync() (ok bool, err error) {
	for {
		i := bytes.IndexByte(r.buf[r.r:r.w], 0xff)
		if i < 0 {
			r.skip(r.w - r.r)
		} else {
			r.skip(i)
		}
		if i >= 0 && (r.w-r.r >= maxHeader || r.err != nil) {
			return true, nil
		}
		if r.err != nil {
			return false, nil
		}
		if err := r.more(); err != nil {
			return false, err
		}
	}
}

// more reads on, into a larger buffer where this one is full. At the end it
// sets r.err; other errors are given.
func (r *Reader) more() error {
	if r.r > 0 {
		r.w = copy(r.buf, r.buf[r.r:r.w])
		r.r = 0
	}
	if r.w == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.w:])
		r.w += n
		if err != nil {
			r.err = err
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				return nil
			}
			return err
		}
		if n > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}
