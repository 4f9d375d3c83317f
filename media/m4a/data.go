package m4a

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Data calls fn for each stretch of the file in which sound stands, in the
// order in which it is heard: without boxes, tags and other tracks. Errors are
// those of Open, or of fn.
func Data(r io.ReaderAt, size int64, fn func(off, n int64) error) error {
	f := &file{r: r, size: size}
	moov, found, err := f.find(box{end: size}, 0, "moov")
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: it is cut", ErrDamaged)
	}
	m, err := f.movie(moov)
	if err != nil {
		return err
	}
	t, err := m.sound()
	if err != nil {
		return err
	}
	s := &stretches{size: size, fn: fn}
	if err := f.chunks(t, s); err != nil {
		return err
	}
	if m.fragmented {
		err := f.list(0, size, func(b box) (bool, error) {
			if b.kind != "moof" {
				return true, nil
			}
			return true, f.runs(b, t, s)
		})
		if err != nil {
			return err
		}
	}
	return s.flush()
}

// stretches puts together what stands side by side.
type stretches struct {
	size   int64 // of the file
	sum    int64
	off, n int64
	fn     func(off, n int64) error
}

func (s *stretches) add(off, n int64) error {
	if off < 0 || n < 0 || off > s.size || n > s.size-off || n > s.size-s.sum {
		return fmt.Errorf("%w: its sound is said to be elsewhere", ErrDamaged)
	}
	s.sum += n
	if off == s.off+s.n {
		s.n += n
		return nil
	}
	err := s.flush()
	s.off, s.n = off, n
	return err
}

func (s *stretches) flush() error {
	if s.n == 0 {
		return nil
	}
	return s.fn(s.off, s.n)
}

// rows reads a table row by row, through a window of its own.
type rows struct {
	file  file
	off   int64
	width int
	left  int64
}

func (f *file) rows(b box, skip int64, count uint32, width int) *rows {
	return &rows{file: file{r: f.r, size: f.size}, off: b.off + skip, width: width,
		left: min(int64(count), max(0, b.len()-skip)/int64(width))}
}

// next gives the next row, or nil behind the last.
func (t *rows) next() ([]byte, error) {
	if t.left == 0 {
		return nil, nil
	}
	b, err := t.file.at(t.off, t.width)
	if err != nil || len(b) < t.width {
		t.left = 0
		return nil, err
	}
	t.left--
	t.off += int64(t.width)
	return b, nil
}

// chunks adds what the tables of a track say (§8.7.3 to 8.7.5).
func (f *file) chunks(t *track, s *stretches) error {
	var heads [3][]byte
	for i, b := range []box{t.sizes, t.toChunk, t.offsets} {
		if b.kind == "" {
			return nil // all is in fragments
		}
		h, err := f.at(b.off, 12)
		if err != nil {
			return err
		}
		if len(h) < 8 || i == 0 && len(h) < 12 {
			return nil
		}
		heads[i] = append([]byte(nil), h...)
	}
	be := binary.BigEndian
	size, frames := int64(be.Uint32(heads[0][4:])), int64(be.Uint32(heads[0][8:]))
	sizes := f.rows(t.sizes, 12, uint32(frames), 4)
	if size == 0 {
		frames = sizes.left
	}
	toChunk := f.rows(t.toChunk, 8, be.Uint32(heads[1][4:]), 12)
	width := 4
	if t.offsets.kind == "co64" {
		width = 8
	}
	offsets := f.rows(t.offsets, 8, be.Uint32(heads[2][4:]), width)

	var each, next, nextEach int64 // frames in a chunk; from which chunk on there are others
	advance := func() error {
		row, err := toChunk.next()
		if row == nil {
			next = 1 << 62
			return err
		}
		next, nextEach = int64(be.Uint32(row)), int64(be.Uint32(row[4:]))
		return nil
	}
	if err := advance(); err != nil {
		return err
	}
	for chunk := int64(1); frames > 0; chunk++ {
		for chunk >= next {
			each = nextEach
			if err := advance(); err != nil {
				return err
			}
		}
		row, err := offsets.next()
		if row == nil {
			return err
		}
		off := int64(be.Uint32(row))
		if width == 8 {
			off = int64(min(be.Uint64(row), 1<<62))
		}
		n := min(each, frames)
		frames -= n
		sum := n * size
		if size == 0 {
			for range n {
				row, err := sizes.next()
				if row == nil {
					return err
				}
				sum += int64(be.Uint32(row))
			}
		}
		if err := s.add(off, sum); err != nil {
			return err
		}
	}
	return nil
}

// runs adds what a moof box says of a track (§8.8.7 and 8.8.8).
func (f *file) runs(moof box, t *track, s *stretches) error {
	return f.children(moof, 0, func(traf box) error {
		if traf.kind != "traf" {
			return nil
		}
		head := fragmentHead{size: t.lastSize, base: moof.at}
		at := head.base
		return f.children(traf, 0, func(b box) error {
			h, err := f.at(b.off, 40)
			if err != nil || len(h) < 8 {
				return err
			}
			flags := binary.BigEndian.Uint32(h) & 0xffffff
			switch b.kind {
			case "tfhd":
				if head.read(h); head.based {
					at = head.base
				}
			case "trun":
				if head.track != t.id {
					return nil
				}
				if flags&1 != 0 && len(h) >= 12 {
					at = head.base + int64(int32(binary.BigEndian.Uint32(h[8:])))
				}
				n, err := f.runSize(b, flags, binary.BigEndian.Uint32(h[4:]), head.size)
				if err != nil {
					return err
				}
				err = s.add(at, n)
				at += n
				return err
			}
			return nil
		})
	})
}

// runSize is how many bytes a trun box tells of.
func (f *file) runSize(b box, flags, count, size uint32) (n int64, err error) {
	if flags&0x200 == 0 {
		return int64(count) * int64(size), nil
	}
	skip, width, sizeAt := runLayout(flags)
	err = f.table(b, skip, count, width, func(e []byte) { n += int64(binary.BigEndian.Uint32(e[sizeAt:])) })
	return n, err
}
