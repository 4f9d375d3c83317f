package m4a

import (
	"encoding/binary"
	"errors"
	"io"
)

const (
	maxBoxes = 1 << 19  // boxes looked at in a file; a fragment of one second has some six
	window   = 64 << 10 // bytes read at a time
)

// file reads a file in pieces and counts what it has looked at.
type file struct {
	r     io.ReaderAt
	size  int64
	boxes int
	buf   []byte
	start int64 // in the file, of buf
}

// at gives n bytes at off, up to window of them, or fewer where the file ends.
// They hold until the next call.
func (f *file) at(off int64, n int) ([]byte, error) {
	n = int(max(0, min(int64(n), f.size-off)))
	if off < f.start || off+int64(n) > f.start+int64(len(f.buf)) {
		if f.buf == nil {
			f.buf = make([]byte, window)
		}
		f.buf = f.buf[:max(0, min(window, f.size-off))]
		got, err := f.r.ReadAt(f.buf, off)
		if err != nil && !errors.Is(err, io.EOF) {
			f.buf = f.buf[:0]
			return nil, err
		}
		f.buf, f.start = f.buf[:got], off
		n = min(n, got)
	}
	return f.buf[off-f.start:][:n], nil
}

// box is a box of ISO/IEC 14496-12 §4.2.
type box struct {
	kind string
	at   int64 // where it begins
	off  int64 // of its content
	end  int64
	cut  bool // it says to be longer than what it is in
}

func (b box) len() int64 { return b.end - b.off }

// list goes over the boxes in [off, end) until fn says stop.
func (f *file) list(off, end int64, fn func(box) (more bool, err error)) error {
	for end-off >= 8 {
		if f.boxes++; f.boxes > maxBoxes {
			return nil
		}
		h, err := f.at(off, 16)
		if err != nil {
			return err
		}
		if len(h) < 8 {
			return nil
		}
		size, head := int64(binary.BigEndian.Uint32(h)), int64(8)
		switch {
		case size == 0:
			size = end - off
		case size == 1 && len(h) == 16:
			large := binary.BigEndian.Uint64(h[8:])
			size, head = int64(min(large, 1<<62)), 16
		}
		if size < head {
			return nil
		}
		b := box{kind: string(h[4:8]), at: off, off: off + head, end: off + size}
		if b.end > end {
			b.end, b.cut = end, true
		}
		if b.off > b.end {
			return nil
		}
		more, err := fn(b)
		if err != nil || !more || b.cut {
			return err
		}
		off = b.end
	}
	return nil
}

// children goes over the boxes in b, behind skip bytes of its own.
func (f *file) children(b box, skip int64, fn func(box) error) error {
	return f.list(min(b.off+skip, b.end), b.end, func(c box) (bool, error) { return true, fn(c) })
}

// find gives the first box of a kind in b.
func (f *file) find(b box, skip int64, kind string) (found box, ok bool, err error) {
	err = f.list(min(b.off+skip, b.end), b.end, func(c box) (bool, error) {
		if c.kind == kind {
			found, ok = c, true
		}
		return !ok, nil
	})
	return found, ok, err
}

// metaSkip says how much stands before the boxes of a meta box: it has a
// version (§8.11.1), but not in files of QuickTime.
func (f *file) metaSkip(b box) (int64, error) {
	h, err := f.at(b.off, 8)
	if err != nil || len(h) == 8 && string(h[4:]) == "hdlr" {
		return 0, err
	}
	return 4, nil
}

// table goes over a table's entries of n bytes each, which begin skip bytes
// into b; never over more of them than there are.
func (f *file) table(b box, skip int64, count uint32, n int, fn func([]byte)) error {
	off := b.off + skip
	for left := min(int64(count), max(0, b.end-off)/int64(n)); left > 0; {
		k := min(left, int64(window/n))
		data, err := f.at(off, int(k)*n)
		if err != nil {
			return err
		}
		for i := 0; i+n <= len(data); i += n {
			fn(data[i : i+n])
		}
		if len(data) < int(k)*n {
			return nil
		}
		left -= k
		off += k * int64(n)
	}
	return nil
}
