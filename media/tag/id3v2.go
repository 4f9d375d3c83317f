package tag

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
)

// Flags of the tag header (id3v2.4.0-structure §3.1; 2.2 and 2.3 have the
// first two with the meanings given there).
const (
	tagUnsync   = 0x80
	tagExtended = 0x40 // in 2.2: compressed, by a scheme that was never defined
	tagFooter   = 0x10
)

// header is an ID3v2 header or footer.
type header struct {
	version byte // 2, 3 or 4
	flags   byte
	size    int64 // of what stands between header and footer
}

// parseHeader reads the ten bytes of a header or footer.
func parseHeader(b []byte, magic string) (header, bool) {
	if len(b) < 10 || string(b[:3]) != magic || b[3] < 2 || b[3] > 4 || b[4] == 0xff {
		return header{}, false
	}
	size, ok := syncsafe(b[6:10])
	return header{version: b[3], flags: b[5], size: int64(size)}, ok
}

// syncsafe reads four bytes of seven bits each. ok is false when a high bit is
// set.
func syncsafe(b []byte) (n uint32, ok bool) {
	ok = true
	for _, c := range b[:4] {
		n = n<<7 | uint32(c&0x7f)
		ok = ok && c < 0x80
	}
	return n, ok
}

// id3v2 reads the tag that starts at off and gives its whole length, or 0 when
// there is none. A size beyond the file is not a tag.
func (f *file) id3v2(off int64) (int64, error) {
	if f.size-off < 10 {
		return 0, nil
	}
	var b [10]byte
	if err := f.readAt(b[:], off); err != nil {
		return 0, err
	}
	h, ok := parseHeader(b[:], "ID3")
	if !ok || h.size > f.size-off-10 {
		return 0, nil
	}
	total := 10 + h.size
	if h.version == 4 && h.flags&tagFooter != 0 {
		total += 10
	}
	body, err := f.take(off+10, h.size)
	if err != nil {
		return 0, err
	}
	f.frames(h, body)
	return total, nil
}

// id3v2Before reads the tag whose footer ends at end, and gives its length.
func (f *file) id3v2Before(end int64, foot []byte) (int64, error) {
	h, ok := parseHeader(foot, "3DI")
	if !ok || h.size > end-f.pos-20 {
		return 0, nil
	}
	body, err := f.take(end-10-h.size, h.size)
	if err != nil {
		return 0, err
	}
	f.frames(h, body)
	return h.size + 20, nil
}

// frames walks the frames of a tag's body.
func (f *file) frames(h header, b []byte) {
	if h.version == 2 && h.flags&tagExtended != 0 {
		return
	}
	if h.flags&tagUnsync != 0 && h.version < 4 {
		b = resync(b)
	}
	if h.flags&tagExtended != 0 {
		b = b[extendedSize(h.version, b):]
	}
	for range maxFrames {
		fr, rest, ok := nextFrame(h, b)
		if !ok {
			if b = afterDamage(h, b); b == nil {
				return
			}
			continue
		}
		b = rest
		if data, ok := f.content(h, fr); ok {
			f.frame(fr.id, data)
		}
	}
}

// afterDamage gives b from the next frame on that is of use and fits into the
// tag, where there is no telling how long the one is that b begins with; nil
// for padding, and where no other follows.
func afterDamage(h header, b []byte) []byte {
	if len(b) == 0 || b[0] == 0 {
		return nil
	}
	name := 4
	if h.version == 2 {
		name = 3
	}
	for i := 1; i+10 < len(b); i++ {
		if c := b[i]; c != 'T' && c != 'C' && c != 'U' && c != 'A' && c != 'P' || !isFrameID(b[i:i+name]) {
			continue
		}
		fr, rest, ok := nextFrame(h, b[i:])
		if ok && useful(fr.id) && (len(rest) == 0 || rest[0] == 0 || len(rest) >= name && isFrameID(rest[:name])) {
			return b[i:]
		}
	}
	return nil
}

// extendedSize gives the length of the extended header that b starts with, or
// 0 when it makes no sense.
func extendedSize(version byte, b []byte) int {
	if len(b) < 6 {
		return 0
	}
	var n int64
	if version == 4 {
		s, ok := syncsafe(b)
		if !ok {
			return 0
		}
		n = int64(s) // counts itself
	} else {
		n = int64(binary.BigEndian.Uint32(b)) + 4
	}
	if n < 6 || n > int64(len(b)) {
		return 0
	}
	return int(n)
}

// rawFrame is a frame as stored.
type rawFrame struct {
	id     string // as of 2.3 and 2.4
	format byte   // second byte of its flags
	data   []byte
}

// nextFrame cuts the next frame off b. ok is false at the padding, at the end,
// and where there is no telling how to go on.
func nextFrame(h header, b []byte) (fr rawFrame, rest []byte, ok bool) {
	head := 10
	if h.version == 2 {
		head = 6
	}
	if len(b) < head || b[0] == 0 {
		return rawFrame{}, nil, false
	}
	var size int64
	if h.version == 2 {
		size = int64(b[3])<<16 | int64(b[4])<<8 | int64(b[5])
		fr.id = longID(b[:3])
		if !isFrameID(b[:3]) {
			return rawFrame{}, nil, false
		}
	} else {
		if !isFrameID(b[:4]) {
			return rawFrame{}, nil, false
		}
		size = frameSize(h, b)
		fr.format = b[9]
		fr.id = string(b[:4])
		if b[3] == 0 || b[3] == ' ' { // a 2.2 name carried over by old programs
			fr.id = longID(b[:3])
		}
	}
	if size > int64(len(b)-head) {
		return rawFrame{}, nil, false
	}
	fr.data = b[head : head+int(size)]
	return fr, b[head+int(size):], true
}

// frameSize gives the size of the frame b starts with. 2.4 says seven bits a
// byte and 2.3 says eight, but old iTunes wrote eight in 2.4, and others seven
// in 2.3: where the two differ, the one after which a frame, the padding or
// the end follows is right.
func frameSize(h header, b []byte) int64 {
	plain := int64(binary.BigEndian.Uint32(b[4:8]))
	seven, ok := syncsafe(b[4:8])
	if !ok || plain < 0x80 {
		return plain
	}
	first, second := plain, int64(seven)
	if h.version == 4 {
		first, second = second, first
	}
	if fit(b, 10+second) > fit(b, 10+first) {
		return second
	}
	return first
}

// fit says how well a frame of b ends at byte n: 0 not at all, 1 before a zero
// that is within a picture more likely, 2 before what looks like padding, 3
// before a frame or at the end.
func fit(b []byte, n int64) int {
	switch {
	case n > int64(len(b)):
		return 0
	case len(b[n:]) < 10 || isFrameID(b[n:][:4]):
		return 3
	case b[n] == 0:
		for _, c := range b[n:min(n+32, int64(len(b)))] {
			if c != 0 {
				return 1
			}
		}
		return 2
	}
	return 0
}

// isFrameID reports whether b looks like a frame's name: capitals and digits,
// and at the fourth place also what 2.2 names in 2.3 tags end with.
func isFrameID(b []byte) bool {
	for i, c := range b {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9' || i == 0) && (i != 3 || c != 0 && c != ' ') {
			return false
		}
	}
	return true
}

// longID gives the later name of a frame of 2.2 that is of use here.
func longID(b []byte) string {
	switch string(b) {
	case "TT2":
		return "TIT2"
	case "TP1":
		return "TPE1"
	case "TP2":
		return "TPE2"
	case "TAL":
		return "TALB"
	case "TCO":
		return "TCON"
	case "TYE":
		return "TYER"
	case "TOR":
		return "TORY"
	case "TRK":
		return "TRCK"
	case "TPA":
		return "TPOS"
	case "COM":
		return "COMM"
	case "ULT":
		return "USLT"
	case "PIC":
		return "PIC"
	}
	return ""
}

// content undoes what a frame's format flags say was done to its data. ok is
// false for encrypted, damaged and unwanted frames.
func (f *file) content(h header, fr rawFrame) (data []byte, ok bool) {
	if !f.wants(fr.id) {
		return nil, false
	}
	b := fr.data
	var compressed, encrypted, unsync bool
	skip := 0
	switch h.version {
	case 3: // id3v2.3.0 §3.3.1
		compressed, encrypted = fr.format&0x80 != 0, fr.format&0x40 != 0
		if compressed {
			skip += 4 // size when unpacked
		}
		if fr.format&0x20 != 0 {
			skip++ // group
		}
	case 4: // id3v2.4.0-structure §4.1.2
		compressed, encrypted = fr.format&0x08 != 0, fr.format&0x04 != 0
		unsync = fr.format&0x02 != 0 || h.flags&tagUnsync != 0
		if fr.format&0x40 != 0 {
			skip++ // group
		}
		if fr.format&0x01 != 0 {
			skip += 4 // data length
		}
	}
	if encrypted || len(b) < skip {
		return nil, false
	}
	b = b[skip:]
	// Some writers set the flag and leave the data alone. Data with a false
	// sync in it, such as any JPEG, was never unsynchronised.
	if unsync && !hasSync(b) {
		b = resync(b)
	}
	if !compressed {
		return b, true
	}
	if f.inflate <= 0 {
		return nil, false
	}
	f.inflate -= 64 << 10 // unpacking nothing is not free either
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, false
	}
	limit := max(0, min(f.inflate, MaxPicture+(64<<10)))
	b, err = io.ReadAll(io.LimitReader(z, int64(limit)))
	f.inflate -= len(b)
	return b, err == nil
}

// hasSync reports whether b holds 0xFF followed by a byte of 0xE0 or more.
func hasSync(b []byte) bool {
	for {
		i := bytes.IndexByte(b, 0xff)
		if i < 0 || i+1 >= len(b) {
			return false
		}
		if b[i+1] >= 0xe0 {
			return true
		}
		b = b[i+1:]
	}
}

// resync undoes unsynchronisation (id3v2.4.0-structure §6.1): the zero after
// each 0xFF goes. It works on a copy, since a frame may be looked at again.
func resync(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for {
		i := bytes.IndexByte(b, 0xff)
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, b[:i+1]...)
		b = b[i+1:]
		if len(b) > 0 && b[0] == 0 {
			b = b[1:]
		}
	}
}
