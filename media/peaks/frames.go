package peaks

import (
	"encoding/binary"
	"errors"
	"io"

	"earshot/media/mp3"
)

// frames takes frames out of a file and packs each anew for the decoder.
//
// A frame's sound ("main data") may begin in the frames before it, up to 511
// bytes back, which is the bit reservoir. Here each frame is put into one of
// the highest bit rate, and what room one has left holds the beginning of the
// next one's main data. So the decoder needs no frames
// to begin with, a hole costs no more than the hole, and it never sees padded
// MPEG-2 frames, checksums and free format, the sizes of which it gets wrong.
// (ISO/IEC 11172-3 §2.4.1 and §2.4.2.7, 13818-3 §2.4.1.7.)
type frames struct {
	x   *mp3.Index
	win window

	reached int    // the frame that held leads up to, -1 for none
	end     int64  // where it must start
	held    []byte // main data before it, the last maxBegin bytes of it at most

	now, ahead unit
	packed     []byte // given out
	carried    int    // bytes of frame carriedFor that were packed with the one before
	carriedFor int
}

// maxBegin is how far main_data_begin reaches: nine bits, eight in MPEG-2.
const (
	maxBegin    = 511
	maxBeginLSF = 255
)

// unit is a frame taken apart.
type unit struct {
	index  int
	ok     bool // false when main data is missing, or the frame makes no sense
	header header
	side   []byte
	data   []byte // its own main data, all of it
}

func newFrames(r io.ReaderAt, x *mp3.Index, chunk int) *frames {
	f := &frames{x: x, win: window{r: r, chunk: chunk}, reached: -1}
	f.now.index, f.ahead.index = -1, -1
	return f
}

// frame packs frame i for the decoder, in one frame or two, good until the
// next call. fresh says that the decoder knows nothing of the frame before. n
// is 0 when frame i can't be had.
func (f *frames) frame(i int, fresh bool) (b []byte, n int, err error) {
	if f.now, f.ahead = f.ahead, f.now; f.now.index != i {
		if err := f.read(&f.now, i); err != nil {
			return nil, 0, err
		}
	}
	// A frame ahead that can't be read is not this one's trouble.
	if i+1 >= f.x.Frames() || f.read(&f.ahead, i+1) != nil {
		f.ahead = unit{index: -1, side: f.ahead.side, data: f.ahead.data}
		f.reached = -1
	}
	u := &f.now
	over, room := u.over()
	if !u.ok || over > min(u.header.reach(), room) {
		f.carriedFor = -1
		return nil, 0, nil
	}
	f.packed = f.packed[:0]
	begin := f.carried
	if fresh || f.carriedFor != i || begin < over {
		begin = over
		if over > 0 {
			// Put a silent frame before it. It takes the sound that overlaps
			// into the first granule away, which is less than a hole.
			f.packed = u.header.append(f.packed)
			f.packed = append(f.packed, make([]byte, len(u.side)+room-over)...)
			f.packed = append(f.packed, u.data[:over]...)
			n++
		}
	}
	f.packed = u.header.append(f.packed)
	f.packed = u.header.appendSide(f.packed, u.side, begin)
	f.packed = append(f.packed, u.data[begin:]...)
	// What is left is for the frame ahead, as much as can be: it may leave as
	// much to the one behind it, which is how a reservoir fills.
	free := room - (len(u.data) - begin)
	f.carried, f.carriedFor = 0, i+1
	if f.ahead.ok {
		f.carried = min(free, u.header.reach(), len(f.ahead.data))
	}
	f.packed = append(f.packed, make([]byte, free-f.carried)...)
	f.packed = append(f.packed, f.ahead.data[:f.carried]...)
	return f.packed, n + 1, nil
}

// over says how many bytes of main data the largest frame does not hold, and
// how many it does.
func (u *unit) over() (over, room int) {
	room = u.header.largest() - 4 - len(u.side)
	return max(0, len(u.data)-room), room
}

// read takes frame i apart into u.
func (f *frames) read(u *unit, i int) error {
	u.index, u.ok = -1, false
	if i != f.reached {
		f.held = f.held[:0]
		for k := i - f.x.Reservoir(i); k < i; k++ {
			raw, err := f.raw(k)
			if err != nil {
				return err
			}
			f.keep(f.split(raw))
		}
	}
	raw, err := f.raw(i)
	if err != nil {
		return err
	}
	u.index = i
	s := f.split(raw)
	if s.ok && s.begin <= len(f.held) && s.need <= s.begin+len(s.main) {
		u.ok = true
		u.header = s.header
		u.side = append(u.side[:0], s.side...)
		before := f.held[len(f.held)-s.begin:]
		u.data = append(u.data[:0], before[:min(len(before), s.need)]...)
		u.data = append(u.data, s.main[:s.need-len(u.data)]...)
	}
	f.keep(s)
	f.reached = i + 1
	return nil
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

// keep adds the main data in a frame to the reservoir.
func (f *frames) keep(s parts) {
	if !s.ok {
		f.held = f.held[:0]
		return
	}
	f.held = append(f.held, s.main...)
	if n := len(f.held); n > maxBegin {
		f.held = append(f.held[:0], f.held[n-maxBegin:]...)
	}
}

// parts is a frame as it stands in the file.
type parts struct {
	ok     bool
	header header
	side   []byte
	main   []byte // what stands in this frame, its own or not
	begin  int    // bytes of its main data that stand before it
	need   int    // bytes of its main data
}

// split finds the parts of a frame. They are not ok when they make no sense or
// are not of the index's kind: the file may have changed.
func (f *frames) split(b []byte) (p parts) {
	if len(b) < 6 {
		return p
	}
	p.header = header(binary.BigEndian.Uint32(b))
	if !p.header.layerIII() || p.header.rate() != f.x.SampleRate() {
		return p
	}
	b = b[4:]
	if p.header&protected == 0 {
		b = b[2:] // checksum
	}
	side, granules, channels := 32, 2, 2
	switch mono := p.header.mono(); {
	case p.header.lsf() && mono:
		side, granules, channels = 9, 1, 1
	case p.header.lsf():
		side, granules = 17, 1
	case mono:
		side, channels = 17, 1
	}
	if len(b) < side {
		return p
	}
	p.side, p.main = b[:side], b[side:]
	// Before the granules stand main_data_begin, private bits and, in MPEG-1,
	// four bits a channel that say what is shared.
	var at, each int
	if p.header.lsf() {
		p.begin = field(b, 0, 8)
		at, each = 8+channels, 63
	} else {
		p.begin = field(b, 0, 9)
		at, each = 9+7-2*channels+4*channels, 59
	}
	bits := 0
	for range granules * channels {
		bits += field(p.side, at, 12) // part2_3_length
		at += each
	}
	p.need = (bits + 7) / 8
	p.ok = true
	return p
}

// field reads n bits from bit at on.
func field(b []byte, at, n int) int {
	v := 0
	for i := at; i < at+n; i++ {
		v = v<<1 | int(b[i/8]>>(7-i%8)&1)
	}
	return v
}

// header is the first four bytes of a frame.
type header uint32

const (
	mpeg1     header = 1 << 19
	protected header = 1 << 16 // not: the bit is 0 where there is a checksum
	bitrate   header = 15 << 12
	padding   header = 1 << 9
	emphasis  header = 3
)

func (h header) lsf() bool      { return h&mpeg1 == 0 }
func (h header) mono() bool     { return h>>6&3 == 3 }
func (h header) layerIII() bool { return h>>20 == 0xfff && h>>17&3 == 1 }

// rate is the sampling rate in Hz, 0 for the reserved one.
func (h header) rate() int {
	rate := [4]int{44100, 48000, 32000, 0}[h>>10&3]
	if h.lsf() {
		rate /= 2
	}
	return rate
}

// reach is the largest main_data_begin.
func (h header) reach() int {
	if h.lsf() {
		return maxBeginLSF
	}
	return maxBegin
}

// largest is the size of a frame at the highest bit rate: 320 kbit/s in MPEG-1,
// with padding, and 160 in MPEG-2, without.
func (h header) largest() int {
	switch rate := h.rate(); {
	case rate == 0:
		return 0
	case h.lsf():
		return 72 * 160_000 / rate
	default:
		return 144*320_000/rate + 1
	}
}

// append appends the header of a frame of that size, without a checksum.
func (h header) append(b []byte) []byte {
	h = h&^(bitrate|padding|emphasis) | 14<<12 | protected
	if !h.lsf() {
		h |= padding
	}
	return binary.BigEndian.AppendUint32(b, uint32(h))
}

// appendSide appends side info with another main_data_begin.
func (h header) appendSide(b, side []byte, begin int) []byte {
	at := len(b)
	b = append(b, side...)
	if h.lsf() {
		b[at] = byte(begin)
	} else {
		b[at], b[at+1] = byte(begin>>1), byte(begin<<7)|b[at+1]&0x7f
	}
	return b
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
