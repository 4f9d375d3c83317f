package layer3

import "encoding/binary"

const (
	maxBegin = 511  // the farthest that main_data_begin reaches back
	maxMain  = 6144 // more than the largest frame that package mp3 knows
	mainMask = 1<<14 - 1
)

// mainData is the main data of a frame behind what the frames before left in
// the bit reservoir (11172-3, 2.4.3.4.1). It is long enough that a damaged
// granule, which may read 2 KB beyond its end, still reads inside it: so no
// bounds are looked at but at the end of a granule.
type mainData struct {
	b    [mainMask + 1 + 8]byte
	held int // bytes of earlier frames
	size int // held, and those of this frame
}

func (m *mainData) reset() { m.held, m.size = 0, 0 }

// add appends the main data of the next frame.
func (m *mainData) add(p []byte) {
	keep := min(m.size, maxBegin)
	copy(m.b[:keep], m.b[m.size-keep:m.size])
	m.held = keep
	m.size = keep + copy(m.b[keep:keep+maxMain], p)
}

// peek gives at least 57 bits from pos on, from the highest down.
func (m *mainData) peek(pos uint) uint64 {
	b := m.b[pos>>3&mainMask:]
	return binary.BigEndian.Uint64(b) << (pos & 7)
}

// bits reads n bits at pos, n from 1 to 32.
func (m *mainData) bits(pos, n uint) uint { return uint(m.peek(pos) >> ((64 - n) & 63)) }
