package peaks

import (
	"encoding/binary"
	"errors"
	"io"

	"earshot/media/mp3"
)

// frames takes frames out of a file and makes each of them whole in itself.
//
// A frame's sound ("main data") may begin in the frames before it, up to 511
// bytes back, which is the bit reservoir. Here each frame is put into a new
// one of the highest bit rate that holds all of its own main data. So the
// decoder needs no frames before it, a hole costs no more than the hole, and
// it never sees the sizes of padded MPEG-2 frames, CRCs and free format, which
// it gets wrong. (ISO/IEC 11172-3 §2.4.1 and §2.4.2.7, 13818-3 §2.4.1.7.)
type frames struct {
	x   *mp3.Index
	win window

	next int    // the frame that reservoir leads up to, -1 for none
	end  int64  // where it must start
	held []byte // main data before it, the last maxBegin bytes of it at most
	out  []byte
}

// maxBegin is how far main_data_begin reaches: nine bits.
const maxBegin = 511

func newFrames(r io.ReaderAt, x *mp3.Index, chunk int) *frames {
	return &frames{x: x, win: window{r: r, chunk: chunk}, next: -1}
}

// frame gives frame i, made whole; good until the next call. ok is false when
// it can't be: main data is missing or too long, or it makes no sense.
func (f *frames) frame(i int) (b []byte, ok bool, err error) {
	if i != f.next {
		f.held = f.held[:0]
		for k := i - f.x.Reservoir(i); k < i; k++ {
			raw, err := f.raw(k)
			if err != nil {
				return nil, false, err
			}
			if p, ok := f.parse(raw); ok {
				f.keep(p.main)
			} else {
				f.held = f.held[:0]
			}
		}
	}
	raw, err := f.raw(i)
	if err != nil {
		return nil, false, err
	}
	f.next = i + 1
	p, ok := f.parse(raw)
	if !ok {
		f.held = f.held[:0]
		return nil, false, nil
	}
	if p.begin <= len(f.held) {
		b, ok = p.whole(f.out[:0], f.held[len(f.held)-p.begin:])
		f.out = b
	} else {
		ok = false
	}
	f.keep(p.main)
	return b, ok, nil
}

// raw gives the bytes of frame i. The reservoir ends where the file breaks
// off: frames may be missing there.
func (f *frames) raw(i int) ([]byte, error) {
	at, n := f.x.FrameOffset(i), f.x.FrameSize(i)
	if at != f.end {
		f.held = f.held[:0]
	}
	f.end = at + int64(n)
	return f.win.get(at, n)
}

// keep adds main data to the reservoir.
func (f *frames) keep(b []byte) {
	f.held = append(f.held, b...)
	if n := len(f.held); n > maxBegin {
		f.held = append(f.held[:0], f.held[n-maxBegin:]...)
	}
}

// parsed is a frame taken apart.
type parsed struct {
	header uint32
	side   []byte
	main   []byte // what stands in this frame, its own or not
	begin  int    // bytes of its main data that stand before it
	need   int    // bytes of its main data
}

// parse takes a frame apart. ok is false for one that makes no sense or is not
// of the index's kind: the file may have changed.
func (f *frames) parse(b []byte) (p parsed, ok bool) {
	if len(b) < 6 {
		return p, false
	}
	p.header = binary.BigEndian.Uint32(b)
	const syncAndLayer, layerIII = 0xffe6 << 16, 0xffe2 << 16
	mpeg1 := p.header&(1<<19) != 0
	if p.header&syncAndLayer != layerIII || p.header&(1<<20) == 0 || p.rate() != f.x.SampleRate() {
		return p, false
	}
	mono := p.header>>6&3 == 3
	b = b[4:]
	if p.header&(1<<16) == 0 {
		b = b[2:] // CRC
	}
	side, granules, channels := 32, 2, 2
	switch {
	case !mpeg1 && mono:
		side, granules, channels = 9, 1, 1
	case !mpeg1:
		side, granules = 17, 1
	case mono:
		side, channels = 17, 1
	}
	if len(b) < side {
		return p, false
	}
	p.side, p.main = b[:side], b[side:]
	// Before the granules stand main_data_begin (9 bits, 8 in MPEG-2), private
	// bits and, in MPEG-1, four bits a channel that say what is shared.
	var at, each int
	if mpeg1 {
		p.begin = int(b[0])<<1 | int(b[1])>>7
		at, each = 9+3+8, 59
		if mono {
			at = 9 + 5 + 4
		}
	} else {
		p.begin = int(b[0])
		at, each = 8+2, 63
		if mono {
			at = 8 + 1
		}
	}
	bits := 0
	for range granules * channels {
		bits += field(p.side, at, 12) // part2_3_length
		at += each
	}
	p.need = (bits + 7) / 8
	return p, true
}

// field reads n bits, 16 at most, from bit at on.
func field(b []byte, at, n int) int {
	v := 0
	for i := at; i < at+n; i++ {
		v = v<<1 | int(b[i/8]>>(7-i%8)&1)
	}
	return v
}

// whole appends to b the frame with all its main data, of which before is what
// stands in front. ok is false when that does not fit even the largest frame.
func (p parsed) whole(b, before []byte) (frame []byte, ok bool) {
	size := p.largest()
	if p.need > len(before)+len(p.main) || 4+len(p.side)+p.need > size {
		return b, false
	}
	const bitrate, padding, protection, emphasis = 0xf << 12, 1 << 9, 1 << 16, 3
	h := p.header&^(bitrate|padding|emphasis) | 14<<12 | protection
	if p.header&(1<<19) != 0 {
		h |= padding
	}
	b = binary.BigEndian.AppendUint32(b, h)
	at := len(b)
	b = append(b, p.side...)
	b[at] = 0 // main_data_begin
	if p.header&(1<<19) != 0 {
		b[at+1] &= 0x7f
	}
	b = append(b, before[:min(len(before), p.need)]...)
	if n := p.need - len(before); n > 0 {
		b = append(b, p.main[:n]...)
	}
	for len(b) < size {
		b = append(b, 0)
	}
	return b, true
}

// largest is the size of a frame like p at the highest bit rate: 320 kbit/s in
// MPEG-1, with padding, and 160 in MPEG-2, without.
func (p parsed) largest() int {
	if p.header&(1<<19) != 0 {
		return 144*320_000/p.rate() + 1
	}
	return 72 * 160_000 / p.rate()
}

// rate is the sampling rate in Hz, 0 for the reserved one.
func (p parsed) rate() int {
	rate := [4]int{44100, 48000, 32000, 0}[p.header>>10&3]
	if p.header&(1<<19) == 0 {
		rate /= 2
	}
	return rate
}

// window reads a file in chunks.
type window struct {
	r     io.ReaderAt
	chunk int
	buf   []byte
	off   int64
}

// get gives n bytes at off, good until the next call. A file that is shorter
// than its index says gives io.ErrUnexpectedEOF.
func (w *window) get(off int64, n int) ([]byte, error) {
	if i := off - w.off; i >= 0 && i+int64(n) <= int64(len(w.buf)) {
		return w.buf[i:][:n], nil
	}
	if size := max(w.chunk, n); cap(w.buf) < size {
		w.buf = make([]byte, size)
	}
	w.buf = w.buf[:cap(w.buf)]
	m, err := w.r.ReadAt(w.buf, off)
	w.buf, w.off = w.buf[:m], off
	if m >= n {
		return w.buf[:n], nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return nil, err
}
