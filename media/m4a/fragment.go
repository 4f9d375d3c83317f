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
		duration, size, ours := t.lastDuration, t.lastSize, false
		return f.children(traf, 0, func(b box) error {
			h, err := f.at(b.off, 40)
			if err != nil || len(h) < 8 {
				return err
			}
			flags := binary.BigEndian.Uint32(h) & 0xffffff
			switch b.kind {
			case "tfhd":
				ours = binary.BigEndian.Uint32(h[4:]) == t.id
				at := 8
				for _, field := range []struct {
					flag uint32
					size int
					to   *uint32
				}{{1, 8, nil}, {2, 4, nil}, {8, 4, &duration}, {16, 4, &size}} {
					if flags&field.flag == 0 {
						continue
					}
					if at+field.size > len(h) {
						return nil
					}
					if field.to != nil {
						*field.to = binary.BigEndian.Uint32(h[at:])
					}
					at += field.size
				}
			case "trun":
				if ours {
					return f.run(b, flags, binary.BigEndian.Uint32(h[4:]), duration, size, t)
				}
			}
			return nil
		})
	})
}

// run adds a trun box (§8.8.8).
func (f *file) run(b box, flags, count, duration, size uint32, t *track) error {
	skip := int64(8)
	for _, flag := range []uint32{1, 4} {
		if flags&flag != 0 {
			skip += 4
		}
	}
	width, sizeAt := 0, 0
	for _, flag := range []uint32{0x100, 0x200, 0x400, 0x800} {
		if flags&flag == 0 {
			continue
		}
		if flag == 0x200 {
			sizeAt = width
		}
		width += 4
	}
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
