package m4a

import (
	"encoding/binary"
)

// fragment adds what a moof box has of a track (§8.8).
func (f *file) fragment(moof box, t *track) error {
	return f.children(moof, 0, func(traf box) error {
		if traf.kind != "traf" {
			return nil
		}
		head := fragmentHead{duration: t.lastDuration, size: t.lastSize}
		return f.children(traf, 0, func(b box) error {
			h, err := f.at(b.off, 40)
			if err != nil || len(h) < 8 {
				return err
			}
			switch b.kind {
			case "tfhd":
				head.read(h)
			case "trun":
				if head.track == t.id {
					return f.run(b, binary.BigEndian.Uint32(h)&0xffffff, binary.BigEndian.Uint32(h[4:]), head.duration, head.size, t)
				}
			}
			return nil
		})
	})
}

// run adds a trun box (§8.8.8).
func (f *file) run(b box, flags, count, duration, size uint32, t *track) error {
	skip, width, sizeAt := runLayout(flags)
	add := func(n uint64, duration, size uint32) {
		t.frames += n
		t.bytes = min(t.bytes+min(n*uint64(size), maxMedia), maxMedia)
		t.media = min(t.media+min(n*uint64(duration), maxMedia), maxMedia)
	}
	if width == 0 {
		add(uint64(count), duration, size)
		return nil
	}
	return f.table(b, skip, count, width, func(e []byte) {
		if flags&0x100 != 0 {
			duration = binary.BigEndian.Uint32(e)
		}
		if flags&0x200 != 0 {
			size = binary.BigEndian.Uint32(e[sizeAt:])
		}
		add(1, duration, size)
	})
}

// fragmentHead is what a tfhd box says (§8.8.7), over what holds where it says
// nothing.
type fragmentHead struct {
	track          uint32
	base           int64 // where its data begins
	based          bool  // it said so itself
	duration, size uint32
}

// read reads the first bytes of the box: version and flags, the track, and the
// fields whose flags are set. A cut one says what is there.
func (d *fragmentHead) read(h []byte) {
	be := binary.BigEndian
	flags, at := be.Uint32(h)&0xffffff, 8
	d.track = be.Uint32(h[4:])
	for _, field := range []struct {
		flag uint32
		size int
	}{{1, 8}, {2, 4}, {8, 4}, {16, 4}} {
		if flags&field.flag == 0 {
			continue
		}
		if at+field.size > len(h) {
			return
		}
		switch field.flag {
		case 1:
			d.base, d.based = int64(min(be.Uint64(h[at:]), 1<<62)), true
		case 8:
			d.duration = be.Uint32(h[at:])
		case 16:
			d.size = be.Uint32(h[at:])
		}
		at += field.size
	}
}

// runLayout tells how the entries of a trun box (§8.8.8) with some flags stand:
// where the first one is, how many bytes each has, and where in it the size is.
func runLayout(flags uint32) (skip int64, width, sizeAt int) {
	skip = 8
	for _, flag := range []uint32{1, 4} {
		if flags&flag != 0 {
			skip += 4
		}
	}
	for _, flag := range []uint32{0x100, 0x200, 0x400, 0x800} {
		if flags&flag == 0 {
			continue
		}
		if flag == 0x200 {
			sizeAt = width
		}
		width += 4
	}
	return skip, width, sizeAt
}
