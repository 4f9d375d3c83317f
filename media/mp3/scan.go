package mp3

import (
	"bytes"
	"encoding/binary"
	"io"
)

// How far and how often the walker looks ahead. They bound what rubbish costs.
const (
	// chainLength is how many headers must follow one another before a
	// frame is believed.
	chainLength = 3
	// maxFreeSize bounds a free-format frame: 640 kbit/s at 8 kHz, the most
	// that any encoder writes.
	maxFreeSize = 72*640000/8000 + 1
	// leastFreeSize leaves room for a byte of main data whatever the mode.
	leastFreeSize = headerSize + crcSize + 32 + 1
	// chainSpan is the farthest byte that a chain looks at.
	chainSpan = chainLength*maxFreeSize + 8
	// maxFreeSearches is how often the distance of free-format frames is
	// looked for, the only search that looks at every byte ahead. One is
	// enough in a sound file; random bytes ask for four in a megabyte.
	maxFreeSearches = 4096
)

// Scan reads a file of so many bytes once, tags at its end first, and gives the
// index of its frames. It takes time in proportion to the size, whatever the
// bytes are, and holds a 64 KiB window of the file besides the index.
//
// A frame belongs when it follows another one and looks like the first. The
// first, and the first behind damage, must begin a chain of three headers, or
// a shorter one that ends exactly where the audio does. Where two formats are
// joined in one file the first one counts. A last frame that is cut off is
// left out.
//
// Errors are ErrNotAudio (a *FormatError when the format is known), ErrLayer,
// ErrEmpty, ErrUnsupported, or what r answered.
func Scan(r io.ReaderAt, size int64) (*Index, error) {
	if size <= 0 {
		return nil, ErrEmpty
	}
	s := &scanner{w: newWindow(r, size)}
	defer s.w.close()
	x, err := s.scan()
	if s.w.err != nil {
		return nil, s.w.err // what came of unseen bytes means nothing
	}
	if err != nil {
		return nil, err
	}
	x.fileSize = size
	return x, nil
}

// scanner walks through one file.
type scanner struct {
	w        *window
	head     header // what frames of this file look like, once known
	freeSize int    // of a free-format frame without padding
	sizes    [32]uint16
	searches int  // for the distance of free-format frames, so far
	cutFirst bool // a header was seen whose frame goes beyond the end
	stray    info // of a header frame that no frame follows directly
	strayOf  header
	c        *collector
	damaged  bool
	cut      bool
	clean    bool // nothing but tags stands behind the last frame
}

func (s *scanner) scan() (*Index, error) {
	w := s.w
	start, broken := skipTags(w, 0)
	trimTags(w, start)
	if start >= w.end {
		return nil, ErrEmpty
	}
	head := w.view(start, int(min(sniffSize, w.end-start)))
	name, sure := sniff(head)
	if sure {
		return nil, &FormatError{Format: name}
	}
	pos, ok := s.first(start)
	switch {
	case !ok && (broken || s.cutFirst || s.strayOf != 0):
		return nil, ErrEmpty
	case !ok && name != "":
		return nil, &FormatError{Format: name}
	case !ok:
		return nil, ErrNotAudio
	case s.head.layer() != 3:
		return nil, ErrLayer
	}
	s.sizes = frameSizes(s.head, s.freeSize)

	// The frame of a Xing, Info or VBRI header is no sound.
	size := s.size(s.head)
	frame := w.view(pos, size)
	in, hasInfo := parseInfo(s.head, frame[:min(size, len(frame))])
	at, ok := s.at(pos)
	if hasInfo {
		pos += int64(size)
		at, ok = s.at(pos)
	} else if (s.strayOf^s.head)&sameBits == 0 {
		in = s.stray
	}
	if !ok {
		return nil, ErrEmpty
	}
	s.head = at.head
	s.c = newCollector(s.head, s.freeSize, w.end)
	s.c.promised = in.promised
	if err := s.walk(at); err != nil {
		return nil, err
	}
	if s.c.all == 0 {
		return nil, ErrEmpty
	}
	clean := s.clean || s.c.next == w.end
	x, err := s.c.finish()
	if err != nil {
		return nil, err
	}
	x.damaged, x.cut = s.damaged, s.cut
	x.trust(in, clean)
	return x, nil
}

// A frame as the walker sees it.
type frame struct {
	pos   int64
	head  header
	begin int // main_data_begin
}

// walk collects the frames from f on.
func (s *scanner) walk(f frame) error {
	for {
		next := f.pos + int64(s.size(f.head))
		if next > s.w.end {
			s.cut = true
			return nil
		}
		follower, ok := s.at(next)
		if !ok && next < s.w.end {
			var keep bool
			follower, keep, ok = s.stumble(f, next)
			if !keep {
				f = follower
				continue
			}
		}
		if err := s.c.add(f); err != nil || !ok {
			return err
		}
		f = follower
	}
}

// stumble decides what goes on where no frame follows f, which ends at next:
// tags, damage, or rubbish to the end. follower is the next frame, if ok;
// keep says that f itself counts.
func (s *scanner) stumble(f frame, next int64) (follower frame, keep, ok bool) {
	if after, _ := skipTags(s.w, next); after > next {
		if after == s.w.end {
			s.clean = true
			return frame{}, true, false
		}
		if follower, ok = s.at(after); !ok {
			s.damaged = true
			follower, ok = s.find(after)
		}
		return follower, true, ok
	}
	if s.cutHeader(next) {
		s.cut = true
		return frame{}, true, false
	}
	s.damaged = true
	// f may be the damaged one, cut short by the next, so look inside it.
	follower, ok = s.find(f.pos + 1)
	return follower, !ok || follower.pos >= next, ok
}

// cutHeader says whether from pos to the end there is but the beginning of a
// header that fits.
func (s *scanner) cutHeader(pos int64) bool {
	left := s.w.end - pos
	if left >= headerSize {
		return false
	}
	var h header
	for _, v := range s.w.view(pos, int(left)) {
		h = h<<8 | header(v)
	}
	missing := 8 * (headerSize - left)
	return (h<<missing^s.head)&sameBits>>missing == 0
}

// size of a Layer III frame of this file in bytes.
func (s *scanner) size(h header) int { return int(s.sizes[h.slot()]) }

// at reads the frame at pos. ok says that its header fits this file.
func (s *scanner) at(pos int64) (f frame, ok bool) {
	b := s.w.view(pos, 8)
	if len(b) < headerSize {
		return frame{}, false
	}
	f = frame{pos: pos, head: header(binary.BigEndian.Uint32(b))}
	if !f.head.fits(s.head) {
		return frame{}, false
	}
	if len(b) >= 8 { // else it is cut off and will not count
		f.begin = f.head.begin(b)
	}
	return f, true
}

// first finds the first frame from start on, of any layer, and sets head and
// freeSize.
func (s *scanner) first(start int64) (pos int64, ok bool) {
	good := func(pos int64, h header) bool {
		if !h.valid() {
			return false
		}
		s.head, s.freeSize = h, 0
		if h.free() {
			if s.freeSize = s.distance(pos, h); s.freeSize == 0 {
				return false
			}
		}
		if s.chain(pos, h, pos == start, pos == start) {
			return true
		}
		if h.layer() == 3 {
			b := s.w.view(pos, h.size())
			if in, ok := parseInfo(h, b[:min(h.size(), len(b))]); ok {
				s.stray, s.strayOf = in, h
			}
		}
		return false
	}
	return s.search(start, good)
}

// find finds the next frame from pos on that fits and begins a chain.
func (s *scanner) find(pos int64) (frame, bool) {
	good := func(pos int64, h header) bool {
		return h.fits(s.head) && s.chain(pos, h, true, false)
	}
	pos, ok := s.search(pos, good)
	if !ok {
		return frame{}, false
	}
	return s.at(pos)
}

// search goes over all places from pos on where a sync word stands.
func (s *scanner) search(pos int64, good func(pos int64, h header) bool) (int64, bool) {
	for {
		b := s.w.view(pos, chainSpan)
		if len(b) < headerSize {
			return 0, false
		}
		// Look at as much as can be judged without moving the window.
		n := len(b) - headerSize + 1
		if pos+int64(len(b)) < s.w.end {
			n = len(b) - chainSpan + 1
		}
		for i := 0; i < n; i++ {
			if b[i] != 0xFF {
				skip := bytes.IndexByte(b[i:n], 0xFF)
				if skip < 0 {
					break
				}
				i += skip
			}
			// Most that is no header is told by the sync and the bit rate.
			if b[i+1] < 0xE0 || b[i+2] >= 0xF0 {
				continue
			}
			h := header(binary.BigEndian.Uint32(b[i:]))
			if good(pos+int64(i), h) {
				return pos + int64(i), true
			}
		}
		pos += int64(n)
	}
}

// chain says whether enough headers follow one another from pos on. One that
// ends exactly with the audio may be shorter, a single frame where lone says
// so. One that the end of the file cuts off, of two at least, is believed
// where cut says so.
func (s *scanner) chain(pos int64, h header, lone, cut bool) bool {
	next := pos
	for n := 1; ; n++ {
		size := h.size()
		if h.free() {
			size = s.freeSize + h.pad()
		}
		next += int64(size)
		if n == chainLength {
			return true
		}
		if next == s.w.end {
			return n > 1 || lone
		}
		b := s.w.view(next, headerSize)
		if len(b) < headerSize {
			s.cutFirst = s.cutFirst || cut
			return cut && n > 1
		}
		h = header(binary.BigEndian.Uint32(b))
		if !h.fits(s.head) {
			return false
		}
	}
}

// distance finds the size of the free-format frames, without padding, of
// which one begins at pos: where a header like it stands as far from the next
// one as that from a third, or from the end. 0 when there is none.
func (s *scanner) distance(pos int64, h header) int {
	if h.layer() != 3 || s.searches == maxFreeSearches {
		return 0
	}
	s.searches++
	b := s.w.view(pos, chainSpan)
	ends := pos+int64(len(b)) == s.w.end
	like := func(i int) (header, bool) {
		if i+headerSize > len(b) {
			return 0, false
		}
		g := header(binary.BigEndian.Uint32(b[i:]))
		return g, g.fits(h)
	}
	for d := leastFreeSize; d <= maxFreeSize && d < len(b); d++ {
		skip := bytes.IndexByte(b[d:], 0xFF)
		if skip < 0 {
			break
		}
		d += skip
		second, ok := like(d)
		size := d - h.pad()
		if !ok || size < leastFreeSize || d > maxFreeSize {
			continue
		}
		third := d + size + second.pad()
		if ends && third == len(b) {
			return size
		}
		if _, ok := like(third); ok {
			return size
		}
	}
	return 0
}

// trust takes from the header what the frames bear out. clean says that the
// last frame ends where the audio does.
func (x *Index) trust(in info, clean bool) {
	x.promised = in.promised
	if !in.tagged {
		return
	}
	spf := x.head.samples()
	x.delay, x.padding = in.delay, in.padding
	lost := in.promised - x.frames
	switch {
	case in.promised == 0:
	case lost > 0 && clean && len(x.runs) > 1:
		// They are missing in the middle.
	case lost > 0: // at the end, and the padding with them
		x.padding = int(max(0, int64(in.padding)-int64(lost)*int64(spf)))
	case lost < 0: // more was joined behind it
		x.padding = 0
	}
	x.tagged = int64(x.delay)+int64(x.padding) < int64(x.frames)*int64(spf)
	if !x.tagged {
		x.delay, x.padding = 0, 0
	}
}
