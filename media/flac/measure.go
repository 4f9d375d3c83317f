package flac

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
)

// searchStep is how much of the file is searched for frames at a time, or as
// much as the longest frame takes, so that no byte is read more than twice.
const searchStep = 128 << 10

func (x *search) step() int64 { return int64(max(searchStep, x.s.longestFrame())) }

// searchWork bounds what may be spent on what looks like frames and is none,
// in bytes looked at.
const searchWork = 32 << 20

// lateStart is how many seconds a file's first frame may be late by its number
// for what was in front of it to count as lost. A file that begins later was
// taken from the middle of a stream.
const lateStart = 10

// search looks for whole frames in a file.
type search struct {
	r    io.ReaderAt
	s    *streamInfo
	size int64
	work int
	d    decoder
	buf  []byte
}

// perByte is more samples than a byte of frames may hold: the longest frame has
// 65,535 in twelve bytes.
const perByte = 8192

var errTooMuchWork = fmt.Errorf("%w: it is full of what looks like frames", ErrDamaged)

// load reads the piece of step bytes from off on and as much behind it
// as a frame takes that begins in it.
func (x *search) load(off int64) ([]byte, error) {
	n := min(x.size-off, x.step()+int64(x.s.longestFrame()))
	if int64(cap(x.buf)) < n {
		x.buf = make([]byte, n)
	}
	b := x.buf[:n]
	n2, err := x.r.ReadAt(b, off)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b[:n2], nil
}

// at tries the frame that b begins with.
func (x *search) at(b []byte) (h header, n int, ok bool, err error) {
	h, ok = parseHeader(b[:min(len(b), maxHeader)], x.s)
	if !ok {
		return header{}, 0, false, nil
	}
	n, how := x.d.frame(b[:min(len(b), x.s.longestFrame())], h, x.s)
	if how != good {
		x.work -= cost(n, h, x.s)
		if x.work < 0 {
			return header{}, 0, false, errTooMuchWork
		}
	}
	return h, n, how == good, nil
}

// cost is what a frame took to try, in bytes looked at.
func cost(n int, h header, s *streamInfo) int { return n + h.block*s.channels/4 + 64 }

// measure finds the first and the last whole frame.
func (f *File) measure() error {
	x := &search{r: f.r, s: &f.info, size: f.end, work: searchWork}
	first, second, at, err := x.first(f.start)
	if err != nil {
		return err
	}
	last, end, err := x.last(at)
	if err != nil {
		return err
	}
	f.fixed = int64(f.info.maxBlock)
	if f.info.minBlock != f.info.maxBlock && second {
		f.fixed = int64(first.block)
	}
	f.base = first.position(f.fixed)
	if at > f.start && f.base <= lateStart*int64(f.SampleRate) {
		f.base = 0
	}
	f.end = end
	f.Samples = last.position(f.fixed) + int64(last.block) - f.base
	if f.Samples <= 0 || f.Samples > 1<<46 {
		return fmt.Errorf("%w: its frames are not in order", ErrDamaged)
	}
	if f.Samples/perByte > end-f.start {
		return fmt.Errorf("%w: its frames say to be further apart than they can be", ErrDamaged)
	}
	f.Bitrate = int(min(float64(end-f.start)*8*float64(f.SampleRate)/float64(f.Samples), math.MaxInt32))
	return nil
}

// position is the number of the frame's first sample.
func (h header) position(fixed int64) int64 {
	if h.variable {
		return h.number
	}
	return h.number * fixed
}

// first finds the first frame from start on, and whether another one follows.
func (x *search) first(start int64) (h header, second bool, at int64, err error) {
	for off := start; off < x.size; off += x.step() {
		b, err := x.load(off)
		if err != nil {
			return header{}, false, 0, err
		}
		for i := 0; i < min(len(b), int(x.step())); i++ {
			j := bytes.IndexByte(b[i:], 0xff)
			if j < 0 {
				break
			}
			i += j
			h, n, ok, err := x.at(b[i:])
			if err != nil {
				return header{}, false, 0, err
			}
			if ok {
				_, second := parseHeader(b[i+n:min(len(b), i+n+maxHeader)], x.s)
				return h, second, off + int64(i), nil
			}
		}
	}
	return header{}, false, 0, ErrEmpty
}

// last finds the last whole frame that does not begin before from, where one
// begins, and its end.
func (x *search) last(from int64) (h header, end int64, err error) {
	for hi := x.size; hi > from; {
		lo := max(from, hi-x.step())
		b, err := x.load(lo)
		if err != nil {
			return header{}, 0, err
		}
		for i := min(len(b), int(hi-lo)); i > 0; {
			i = bytes.LastIndexByte(b[:i], 0xff)
			if i < 0 {
				break
			}
			h, n, ok, err := x.at(b[i:])
			if err != nil {
				return header{}, 0, err
			}
			if ok {
				return h, lo + int64(i+n), nil
			}
		}
		hi = lo
	}
	return header{}, 0, ErrEmpty
}
