package flac

import "encoding/binary"

// How the channels of a frame are written (RFC 9639, 9.1.3).
const (
	independent = iota
	leftSide
	sideRight
	midSide
)

const (
	maxChannels = 8
	maxBlock    = 65535 // samples of one channel in a frame
	maxHeader   = 16    // bytes of a frame's header, with its checksum
)

// header is the header of a frame (RFC 9639, 9.1).
type header struct {
	variable bool // blocks differ in length, and number counts samples; else it counts blocks
	number   int64
	block    int // samples of one channel
	stereo   int // independent, leftSide, sideRight or midSide
	size     int // bytes of the header
}

// isSync says whether a frame may begin with b.
func isSync(b []byte) bool { return b[0] == 0xff && b[1]&0xfe == 0xf8 }

var rates = [12]int{0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000}
var depths = [8]int{0, 8, 12, -1, 16, 20, 24, 32}

// parseHeader reads the header b begins with. ok is false where there is none,
// where it is cut or damaged, and where it does not belong to the stream s.
func parseHeader(b []byte, s *streamInfo) (h header, ok bool) {
	if len(b) < 6 || !isSync(b) || b[3]&1 != 0 {
		return header{}, false
	}
	h.variable = b[1]&1 != 0
	channels := int(b[3]>>4) + 1
	switch {
	case channels > 11:
		return header{}, false
	case channels > maxChannels:
		h.stereo = channels - maxChannels
		channels = 2
	}
	depth := depths[b[3]>>1&7]
	if channels != s.channels || depth != 0 && depth != s.bits {
		return header{}, false
	}
	at := 4
	if h.number, at = codedNumber(b, at); at == 0 {
		return header{}, false
	}
	// What follows is at most two bytes for the size, two for the rate, and
	// the checksum.
	var tail [5]byte
	n := copy(tail[:], b[at:])
	used := 0
	switch code := b[2] >> 4; {
	case code == 0:
		return header{}, false
	case code == 1:
		h.block = 192
	case code <= 5:
		h.block = 576 << (code - 2)
	case code == 6:
		h.block = int(tail[0]) + 1
		used = 1
	case code == 7:
		h.block = int(binary.BigEndian.Uint16(tail[:])) + 1
		used = 2
	default:
		h.block = 256 << (code - 8)
	}
	rate := s.rate
	switch code := b[2] & 15; {
	case code == 0:
	case code < 12:
		rate = rates[code]
	case code == 12:
		rate = int(tail[used]) * 1000
		used++
	case code == 13:
		rate = int(binary.BigEndian.Uint16(tail[used:]))
		used += 2
	case code == 14:
		rate = int(binary.BigEndian.Uint16(tail[used:])) * 10
		used += 2
	default:
		return header{}, false
	}
	if used >= n || rate != s.rate || h.block > s.maxBlock {
		return header{}, false
	}
	at += used
	h.size = at + 1
	return h, crc8(b[:at]) == b[at]
}

// codedNumber reads a number written as UTF-8 writes characters, of up to 36
// bits (RFC 9639, 9.1.5). next is 0 where there is none.
func codedNumber(b []byte, at int) (n int64, next int) {
	c := b[at]
	if c < 0x80 {
		return int64(c), at + 1
	}
	more := 0
	for more < 7 && c&(0x80>>more) != 0 {
		more++
	}
	more-- // bytes that follow
	if more < 1 || more > 6 || len(b) < at+1+more {
		return 0, 0
	}
	n = int64(c & (0x3f >> more))
	for _, v := range b[at+1 : at+1+more] {
		if v&0xc0 != 0x80 {
			return 0, 0
		}
		n = n<<6 | int64(v&0x3f)
	}
	return n, at + 1 + more
}

// What comes of trying to decode a frame.
type outcome int

const (
	good  outcome = iota
	bad           // no frame, or a damaged one
	short         // its end is not there
)

// decoder decodes frames.
type decoder struct {
	out  [maxChannels][]int32
	side []int64 // the side channel of 32-bit sound, which takes 33
}

// frame decodes the frame that b begins with, whose header is h, to d.out. It
// gives how many bytes it takes, or how many were looked at in vain.
func (d *decoder) frame(b []byte, h header, s *streamInfo) (n int, _ outcome) {
	r := bitReader{b: b, next: h.size}
	for c := range s.channels {
		if cap(d.out[c]) < h.block {
			d.out[c] = make([]int32, h.block)
		}
		d.out[c] = d.out[c][:h.block]
		depth := uint(s.bits)
		if h.stereo == leftSide && c == 1 || h.stereo == sideRight && c == 0 || h.stereo == midSide && c == 1 {
			depth++
		}
		var ok bool
		if depth > 32 {
			if cap(d.side) < h.block {
				d.side = make([]int64, h.block)
			}
			d.side = d.side[:h.block]
			ok = subframe(&r, d.side, depth)
		} else {
			ok = subframe(&r, d.out[c], depth)
		}
		switch {
		case r.short:
			return len(b), short
		case !ok:
			return r.align(), bad
		}
	}
	n = r.align()
	if n+2 > len(b) {
		return len(b), short
	}
	if crc16(b[:n]) != binary.BigEndian.Uint16(b[n:]) {
		return n, bad
	}
	d.unite(h.stereo, s.bits)
	return n + 2, good
}

// unite makes left and right of what the two channels were written as.
func (d *decoder) unite(stereo, bits int) {
	if stereo == independent {
		return
	}
	a, b := d.out[0], d.out[1]
	b = b[:len(a)]
	if bits == 32 {
		side := d.side[:len(a)]
		for i, s := range side {
			switch stereo {
			case leftSide:
				b[i] = int32(int64(a[i]) - s)
			case sideRight:
				a[i] = int32(int64(b[i]) + s)
			case midSide:
				m := int64(a[i])<<1 | s&1
				a[i], b[i] = int32((m+s)>>1), int32((m-s)>>1)
			}
		}
		return
	}
	switch stereo {
	case leftSide:
		for i := range a {
			b[i] = a[i] - b[i]
		}
	case sideRight:
		for i := range a {
			a[i] += b[i]
		}
	case midSide:
		for i := range a {
			s := b[i]
			m := a[i]<<1 | s&1
			a[i], b[i] = (m+s)>>1, (m-s)>>1
		}
	}
}
